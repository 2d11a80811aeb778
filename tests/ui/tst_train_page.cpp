// SPDX-License-Identifier: GPL-3.0-or-later
// The Train page by mouse and keys: rules set in the form, runs kept and drawn over each other, scales, zoom,
// what is shown beside the curves, the way back from NaN, a word at the end; and a million steps that stay
// smooth.
#include "app/models/run_list.h"
#include "tests/ui/ui_gap.h"
#include "ui/charts/chart_wall.h"
#include "ui/charts/curve_chart.h"
#include "ui/charts/curve_image.h"
#include "ui/main_window/main_window.h"
#include "ui/main_window/run_notice.h"
#include "ui/pages/run_panel.h"
#include "ui/pages/train_page.h"
#include "ui/pages/training_form.h"
#include "ui/pages/weight_panel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/message_strip.h"
#include "ui/widgets/rate_spin.h"
#include "ui/widgets/surface_view.h"
#include "ui/workspace.h"

#include <QChartView>
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTableView>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

using namespace wr;
using namespace wr::ui;
using app::RunPhase;
using Series = app::MetricHistory::Series;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG)
constexpr int kLongestGap = 1000;
#else
constexpr int kLongestGap = 100; // on machines that do other things as well
#endif
constexpr int kLong = 60000;

constexpr const char* kScript = R"(tf.set_random_seed(3)
x = tf.placeholder(tf.float32, [None, 2], name="x")
y = tf.placeholder(tf.int64, [None], name="y")
w = tf.Variable(tf.random_normal([2, 16], stddev=0.5), name="w")
v = tf.Variable(tf.random_normal([16, 2], stddev=0.5), name="v")
logits = tf.matmul(tf.nn.relu(tf.matmul(x, w)), v)
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), y), tf.float32))
error = 1.0 - accuracy
train_op = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
wr.train(train_op, data=wr.data.moons(train=200, test=50), inputs=x, labels=y, batch_size=10, epochs=5,
         metrics={"accuracy": accuracy, "error": error})
)";

} // namespace

class TestTrainPage : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void setsRules();
    void keepsRuns();
    void zoomsAndScalesAlike();
    void choosesCharts();
    void looksBesideTheCurves();
    void offersTheWayBack();
    void greysTheRateOfASchedule();
    void tellsOfTheEnd();
    void drawsForReports();
    void staysSmoothOverAMillionSteps();
    void cleanupTestCase();

private:
    TrainPage* page() { return m_window->trainPage(); }
    RunPhase phase() { return m_workspace->run().state().phase; }
    void trainOnce()
    {
        m_window->actions().init->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(phase() == RunPhase::Ready && m_workspace->run().state().step == 0 &&
                                     m_workspace->run().state().uninitialized == 0,
                                 kLong);
        m_window->actions().run->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(phase() == RunPhase::Finished, kLong);
        QTRY_COMPARE_WITH_TIMEOUT(m_workspace->history().lastStep(), m_workspace->run().state().step, kLong);
    }
    void open(const QString& script)
    {
        m_workspace->project().newFromText(script, QStringLiteral("moons"));
        QTRY_VERIFY_WITH_TIMEOUT(m_workspace->run().state().canTrain && phase() == RunPhase::Ready, kLong);
    }

    QTemporaryDir m_home;
    std::unique_ptr<Workspace> m_workspace;
    std::unique_ptr<MainWindow> m_window;
};

void TestTrainPage::initTestCase()
{
    Q_INIT_RESOURCE(icons);
    qputenv("HOME", m_home.path().toUtf8());
    qputenv("XDG_CONFIG_HOME", m_home.path().toUtf8());
    QCoreApplication::setOrganizationName(QStringLiteral("Weightroom"));
    QCoreApplication::setApplicationName(QStringLiteral("train-page"));
    Theme::instance().setChoice(Theme::Choice::Light, false);
    m_workspace = std::make_unique<Workspace>();
    m_window = std::make_unique<MainWindow>(m_workspace.get());
    m_window->resize(1300, 860);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    m_window->showPage(MainWindow::Train);
    open(QString::fromUtf8(kScript));
}

void TestTrainPage::setsRules()
{
    page()->side()->setCurrentWidget(page()->form());
    const auto type = [&](const char* keyword, const char* text) {
        auto* field = page()->form()->findChild<QLineEdit*>(QString::fromUtf8(keyword));
        field->setFocus();
        field->selectAll();
        QTest::keyClicks(field, QString::fromUtf8(text));
        QTest::keyClick(field, Qt::Key_Return);
        return field;
    };
    auto* optimizer = page()->form()->findChild<QComboBox*>(QStringLiteral("optimizer"));
    QCOMPARE(optimizer->currentText(), QStringLiteral("GradientDescent"));
    optimizer->setFocus();
    QTest::keyClicks(optimizer, QStringLiteral("Momentum"));
    QVERIFY(m_workspace->project().script().contains(
        QLatin1String("tf.train.MomentumOptimizer(0.1, momentum=0.9)")));
    QTRY_VERIFY_WITH_TIMEOUT(m_workspace->run().state().canTrain, kLong);
    type("learning_rate", "0.2");
    QVERIFY(m_workspace->project().script().contains(QLatin1String("MomentumOptimizer(0.2,")));
    m_workspace->project().undo();
    m_workspace->project().undo();
    QVERIFY(m_workspace->project().script().contains(QLatin1String("GradientDescentOptimizer(0.1)")));
    QTRY_COMPARE_WITH_TIMEOUT(optimizer->currentText(), QStringLiteral("GradientDescent"), kLong);
    type("steps", "30");
    QVERIFY(m_workspace->project().script().contains(QLatin1String("steps=30")));
    QTRY_COMPARE_WITH_TIMEOUT(m_workspace->run().state().totalSteps, 30, kLong);
    auto* flag = page()->form()->findChild<QCheckBox*>(QStringLiteral("checkpoint_best"));
    QTest::mouseClick(flag, Qt::LeftButton, {}, QPoint(10, flag->height() / 2));
    QVERIFY(m_workspace->project().script().contains(QLatin1String("checkpoint_best=True")));
    // What cannot be is refused in words, and the field shows what the script says.
    auto* field = type("patience", "none");
    QVERIFY2(m_window->messages()->text().contains(QLatin1String("patience")),
             qPrintable(m_window->messages()->text()));
    QTRY_COMPARE(field->text(), QString());
    m_workspace->project().undo();
    m_workspace->project().undo();
    QCOMPARE(m_workspace->project().script(), QString::fromUtf8(kScript));
    QTRY_COMPARE_WITH_TIMEOUT(m_workspace->run().state().totalSteps, 100, kLong);
    QTRY_COMPARE(page()->form()->findChild<QLineEdit*>(QStringLiteral("steps"))->text(), QString());
}

void TestTrainPage::keepsRuns()
{
    trainOnce();
    QCOMPARE(m_workspace->runs().rowCount(), 1);
    trainOnce();
    trainOnce();
    QCOMPARE(m_workspace->runs().rowCount(), 3);
    QCOMPARE(page()->lossChart()->drawnRuns(), 2);
    auto* table = page()->runs()->table();
    page()->side()->setCurrentWidget(page()->runs());
    table->selectRow(1);
    table->selectionModel()->select(table->model()->index(2, 0),
                                    QItemSelectionModel::Select | QItemSelectionModel::Rows);
    // Both ran the same script: only results differ.
    QTableWidget* differences = page()->runs()->comparison();
    for (int row = 0; row < differences->rowCount(); ++row)
        QVERIFY(!differences->item(row, 0)->text().contains(QLatin1String("Optimizer")));
    m_workspace->runs().setData(m_workspace->runs().index(2, 0), Qt::Unchecked, Qt::CheckStateRole);
    QCOMPARE(page()->lossChart()->drawnRuns(), 1);
    table->setFocus();
    QTest::keyClick(table, Qt::Key_Delete);
    QTRY_COMPARE(m_workspace->runs().rowCount(), 1);
    QCOMPARE(page()->lossChart()->drawnRuns(), 0);
}

void TestTrainPage::zoomsAndScalesAlike()
{
    const QVector<CurveChart*> charts = page()->charts()->shownCharts();
    QCOMPARE(charts.size(), 3); // loss, accuracy, error
    auto* view = charts[0]->findChild<QChartView*>();
    const QRect area = view->viewport()->rect();
    QTest::mousePress(view->viewport(), Qt::LeftButton, {}, QPoint(area.width() / 3, area.height() / 2));
    QTest::mouseMove(view->viewport(), QPoint(area.width() / 2, area.height() / 2));
    QTest::mouseRelease(view->viewport(), Qt::LeftButton, {},
                        QPoint(area.width() * 2 / 3, area.height() / 2));
    // A rubber band on one chart zooms them all.
    for (CurveChart* chart : charts) {
        QVERIFY(chart->drawnPoints(0) > 0);
        QVERIFY(chart->drawnPoint(0, 0).x() > 10.0);
    }
    QTest::mouseDClick(view->viewport(), Qt::LeftButton, {}, QPoint(area.width() / 2, area.height() / 2));
    for (CurveChart* chart : charts)
        QCOMPARE(chart->drawnPoint(0, 0).x(), 1.0);
    for (const char* const name : {"logValues", "logSteps"}) {
        auto* box = page()->findChild<QCheckBox*>(QString::fromUtf8(name));
        QTest::mouseClick(box, Qt::LeftButton, {}, QPoint(10, box->height() / 2));
        QVERIFY(box->isChecked());
    }
    QVERIFY(charts[0]->isLogScale());
    QVERIFY(!charts[1]->isLogScale()); // an accuracy has its place from 0 to 100
    for (CurveChart* chart : charts)
        QCOMPARE(chart->drawnPoint(0, chart->drawnPoints(0) - 1).x(), 100.0);
    QTest::mouseMove(view->viewport(), QPoint(area.width() / 2, area.height() / 2));
    // The pointer's step is read off everywhere.
    for (CurveChart* chart : charts)
        QTRY_VERIFY(
            chart->findChild<QLabel*>(QStringLiteral("readout"))->text().contains(QLatin1String("step ")));
    for (const char* const name : {"logValues", "logSteps"})
        page()->findChild<QCheckBox*>(QString::fromUtf8(name))->setChecked(false);
}

void TestTrainPage::choosesCharts()
{
    const QList<QAction*> actions = page()->charts()->chartMenu()->actions();
    QCOMPARE(actions.size(), 5); // loss, two metrics, rate, gradient norm
    actions[3]->trigger();
    actions[4]->trigger();
    QCOMPARE(page()->charts()->shownCharts().size(), 5);
    for (CurveChart* chart : page()->charts()->shownCharts()) {
        QTRY_VERIFY(chart->isVisible());
        QTRY_VERIFY(chart->drawnPoints(0) > 0);
        QTRY_VERIFY2(chart->height() >= 120, qPrintable(QString::number(chart->height())));
    }
    actions[3]->trigger();
    actions[4]->trigger();
    QCOMPARE(page()->charts()->shownCharts().size(), 3);
}

void TestTrainPage::looksBesideTheCurves()
{
    auto* surface = page()->findChild<SurfaceView*>();
    page()->side()->setCurrentWidget(surface);
    QTRY_VERIFY_WITH_TIMEOUT(surface->hasSurface(), kLong);
    page()->side()->setCurrentWidget(page()->weights());
    QTRY_COMPARE_WITH_TIMEOUT(page()->weights()->table()->rowCount(), 2, kLong);
    QCOMPARE(page()->weights()->table()->item(0, 0)->text(), QStringLiteral("w"));
}

void TestTrainPage::offersTheWayBack()
{
    QString script = QString::fromUtf8(kScript);
    script.replace(QLatin1String("minimize(loss)"), QLatin1String("minimize(tf.exp(loss * 200.0))"));
    open(script);
    m_window->actions().init->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(m_workspace->run().state().uninitialized, 0, kLong);
    m_window->actions().run->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(m_window->messages()->text().contains(QLatin1String("no finite number")), kLong);
    const qint64 step = m_workspace->run().state().step;
    QPushButton* back = nullptr;
    for (QPushButton* button : m_window->messages()->findChildren<QPushButton*>()) {
        if (button->isVisible() && button->text().contains(QLatin1String("rate 0.01")))
            back = button;
    }
    QVERIFY(back != nullptr);
    QTest::mouseClick(back, Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(std::abs(m_workspace->run().state().learningRate - 0.01) < 1e-9, kLong);
    QVERIFY(step >= 0);
    m_window->actions().pause->trigger();
    m_window->messages()->dismiss();
}

void TestTrainPage::greysTheRateOfASchedule()
{
    QString script = QString::fromUtf8(kScript);
    script.replace(
        QLatin1String("train_op = tf.train.GradientDescentOptimizer(0.1).minimize(loss)"),
        QLatin1String("step = tf.train.get_or_create_global_step()\n"
                      "rate = tf.train.exponential_decay(0.1, step, 10, 0.9)\n"
                      "train_op = tf.train.GradientDescentOptimizer(rate).minimize(loss, global_step=step)"));
    open(script);
    QTRY_VERIFY_WITH_TIMEOUT(!m_window->actions().rate->isEnabled(), kLong);
    QVERIFY2(m_window->actions().rate->toolTip().contains(QLatin1String("line ")),
             qPrintable(m_window->actions().rate->toolTip()));
    open(QString::fromUtf8(kScript));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->actions().rate->isEnabled(), kLong);
}

void TestTrainPage::tellsOfTheEnd()
{
    QSignalSpy told(m_window->notice(), &RunNotice::told);
    m_window->notice()->setShortest(0);
    trainOnce();
    const bool isActive = m_window->isActiveWindow();
    QCOMPARE(told.count(), isActive ? 0 : 1); // somebody who looks need not be told
    QWidget other;
    other.show();
    other.activateWindow();
    QTRY_VERIFY(!m_window->isActiveWindow());
    trainOnce();
    QCOMPARE(told.count(), isActive ? 1 : 2);
    QVERIFY(told.last()[0].toString().contains(QLatin1String("moons")));
    QVERIFY(told.last()[1].toString().contains(QLatin1String("100 steps")));
    m_window->notice()->setShortest(30000);
    m_window->activateWindow();
}

void TestTrainPage::drawsForReports()
{
    const QImage image = curveImage(m_workspace->history(), QStringLiteral("moons"));
    QVERIFY(image.height() > image.width() / 2); // two metrics below the loss
    const QByteArray drawing = curveDrawing(m_workspace->history(), QStringLiteral("moons"));
    QVERIFY(drawing.contains("<svg"));
    QVERIFY(drawing.contains("moons"));
    QVERIFY(drawing.count("<polyline") + drawing.count("<path") > 10);
}

void TestTrainPage::staysSmoothOverAMillionSteps()
{
    constexpr int kSteps = 1'000'000;
    constexpr int kAtOnce = 4000; // of a frame of a fast training
    m_workspace->history().reset();
    const UiGap gap;
    QElapsedTimer timer;
    timer.start();
    for (int step = 1; step <= kSteps;) {
        QVector<app::MetricPoint> points;
        for (int i = 0; i < kAtOnce; ++i, ++step) {
            app::MetricPoint point;
            point.step = step;
            point.loss = 2.0 / std::sqrt(step) + 0.1 * std::sin(step * 0.37);
            point.learningRate = 0.1;
            point.gradientNorm = 1.0 + std::cos(step);
            point.metrics[0] = 0.5F;
            points.append(point);
        }
        m_workspace->history().append(points);
        QCoreApplication::processEvents();
    }
    QTest::qWait(300);
    qInfo("a million steps in %lld ms, longest gap %d ms, %d beyond the machine's own", timer.elapsed(),
          gap.worst(), gap.worstBeyondMachine());
    QCOMPARE(m_workspace->history().pointCount(Series::Loss), kSteps);
    // What is drawn does not grow with what is known.
    QVERIFY(page()->lossChart()->drawnPoints(0) <= 2000);
    QVERIFY2(gap.worstBeyondMachine() <= kLongestGap, qPrintable(QString::number(gap.worstBeyondMachine())));
}

void TestTrainPage::cleanupTestCase()
{
    m_window.reset();
    m_workspace.reset();
}

QTEST_MAIN(TestTrainPage)
#include "tst_train_page.moc"
