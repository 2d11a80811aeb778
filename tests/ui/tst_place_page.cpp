// SPDX-License-Identifier: GPL-3.0-or-later
// Place mode in its page: by drag and drop, by keys alone, by rule; what a hover tells; undo; and ten
// thousand variables without a stop of the event loop.
#include "app/models/lane_model.h"
#include "tests/ui/ui_gap.h"
#include "ui/pages/place_details.h"
#include "ui/pages/place_page.h"
#include "ui/theme/theme.h"
#include "ui/widgets/device_lane.h"
#include "ui/widgets/lane_list.h"
#include "ui/widgets/memory_bar.h"
#include "ui/widgets/prompt_strip.h"
#include "ui/widgets/server_chart.h"
#include "ui/workspace.h"

#include <QAbstractItemModelTester>
#include <QDragEnterEvent>
#include <QDragLeaveEvent>
#include <QDropEvent>
#include <QLineEdit>
#include <QListView>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

using namespace wr;
using namespace wr::ui;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG)
constexpr int kLongestGap = 400; // a program that is checked at every access is slower, not worse
#else
constexpr int kLongestGap = 50;
#endif
constexpr int kLong = 60000;

constexpr const char* kScript =
    R"(weights = tf.Variable(tf.random_normal([784, 200], stddev=0.35), name="hidden/weights")
biases = tf.Variable(tf.zeros([200]), name="hidden/biases")
step = tf.Variable(tf.zeros([1]), name="step")
with tf.device("/gpu:0"):
    far = tf.Variable(tf.zeros([1000]), name="far")
for i in range(3):
    layer = tf.Variable(tf.zeros([20]), name=f"layer{i}")
)";

QString manyVariables(int count)
{
    QString text;
    for (int i = 0; i < count; ++i)
        text +=
            QStringLiteral("v%1 = tf.Variable(tf.zeros([64, 4]), name=\"s%2/v%1\")\n").arg(i).arg(i / 100);
    return text;
}

QPoint rowCentre(const DeviceLane* lane, int row)
{
    return lane->list()->visualRect(lane->model()->index(row)).center();
}

void click(DeviceLane* lane, int row, Qt::KeyboardModifiers keys = {})
{
    QTest::mouseClick(lane->list()->viewport(), Qt::LeftButton, keys, rowCentre(lane, row));
}

int rowNamed(const DeviceLane* lane, const QString& name)
{
    for (int row = 0; row < lane->model()->rowCount(); ++row) {
        if (lane->model()->index(row).data().toString() == name)
            return row;
    }
    return -1;
}

/// What a drag from one lane sends to another: the offscreen platform has no drags of its own.
class Drag {
public:
    Drag(const DeviceLane* from, DeviceLane* to, Qt::KeyboardModifiers keys = {})
        : m_data(from->model()->mimeData(from->list()->selectionModel()->selectedIndexes())),
          m_target(to->list()->viewport()), m_at(m_target->rect().center()), m_keys(keys)
    {
        QDragEnterEvent enter(m_at, Qt::MoveAction | Qt::CopyAction, m_data.get(), Qt::LeftButton, keys);
        QApplication::sendEvent(m_target, &enter);
        m_isEntered = enter.isAccepted();
    }
    bool move()
    {
        QDragMoveEvent move(m_at, Qt::MoveAction | Qt::CopyAction, m_data.get(), Qt::LeftButton, m_keys);
        QApplication::sendEvent(m_target, &move);
        return m_isEntered && move.isAccepted();
    }
    bool drop()
    {
        QDropEvent drop(m_at, Qt::MoveAction | Qt::CopyAction, m_data.get(), Qt::LeftButton, m_keys);
        QApplication::sendEvent(m_target, &drop);
        return drop.isAccepted();
    }
    void leave()
    {
        QDragLeaveEvent leave;
        QApplication::sendEvent(m_target, &leave);
    }
    QString text() const { return m_data->text(); }

private:
    std::unique_ptr<QMimeData> m_data;
    QWidget* m_target;
    QPoint m_at;
    Qt::KeyboardModifiers m_keys;
    bool m_isEntered = false;
};

} // namespace

class TestPlacePage : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void init();
    void cleanup();
    void showsLanes();
    void dragPlacesAndUnpins();
    void headerDragsItsScope();
    void hoverTells();
    void invalidDropSaysWhy();
    void altDropMakesARule();
    void keysAlone();
    void escapeEndsAMark();
    void menuTwins();
    void filterAndSelectAll();
    void newLane();
    void rulesAreRemoved();
    void servers();
    void emptyState();
    void followsTheTheme();
    void manyWithoutStops();

private:
    app::Project& project() { return m_workspace->project(); }
    void open(const QString& text)
    {
        project().newFromText(text, QStringLiteral("test"));
        QTRY_VERIFY_WITH_TIMEOUT(m_page->isUpToDate(), kLong);
    }
    DeviceLane* lane(const char* title) { return m_page->lane(QLatin1String(title)); }
    /// The lanes have what was written.
    void settle()
    {
        QTRY_VERIFY_WITH_TIMEOUT(!project().isPlacing(), kLong);
        QTRY_VERIFY_WITH_TIMEOUT(m_page->isUpToDate(), kLong);
    }

    QTemporaryDir m_home;
    std::unique_ptr<Workspace> m_workspace;
    std::unique_ptr<PlacePage> m_page;
    std::unique_ptr<QSignalSpy> m_complaints;
};

void TestPlacePage::initTestCase()
{
    Q_INIT_RESOURCE(icons);
    qputenv("HOME", m_home.path().toUtf8());
    qputenv("XDG_CONFIG_HOME", m_home.path().toUtf8());
    QCoreApplication::setOrganizationName(QStringLiteral("Weightroom"));
    QCoreApplication::setApplicationName(QStringLiteral("place"));
    Theme::instance().setChoice(Theme::Choice::Light, false);
}

void TestPlacePage::init()
{
    m_workspace = std::make_unique<Workspace>();
    m_page = std::make_unique<PlacePage>(m_workspace.get());
    m_complaints = std::make_unique<QSignalSpy>(m_page.get(), &PlacePage::complained);
    m_page->resize(1200, 760);
    m_page->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
    QTRY_VERIFY_WITH_TIMEOUT(!m_workspace->run().devices().isEmpty(), kLong);
    open(QString::fromUtf8(kScript));
    QVERIFY(lane("Auto") != nullptr);
    QVERIFY(lane("/cpu:0") != nullptr);
    QVERIFY(lane("/gpu:0") != nullptr);
}

void TestPlacePage::cleanup()
{
    m_complaints.reset();
    m_page.reset();
    m_workspace.reset();
}

void TestPlacePage::showsLanes()
{
    QCOMPARE(m_page->lanes().first()->title(), QStringLiteral("Auto"));
    const DeviceLane* cpu = lane("/cpu:0");
    QVERIFY2(cpu->bar()->text().contains(QStringLiteral(" of ")), qPrintable(cpu->bar()->text()));
    QCOMPARE(rowNamed(lane("/gpu:0"), QStringLiteral("far")), 0);
    QVERIFY(rowNamed(lane("Auto"), QStringLiteral("hidden/weights")) > 0);
    QVERIFY(!lane("/gpu:0")->list()->accessibleName().isEmpty());
    QVERIFY(m_page->selectionText().contains(QStringLiteral("Nothing")));
    for (DeviceLane* each : m_page->lanes())
        new QAbstractItemModelTester(each->model(), QAbstractItemModelTester::FailureReportingMode::QtTest,
                                     each);
    project().placeVariables({QStringLiteral("step")}, QStringLiteral("/cpu:0"));
    settle();
    QCOMPARE(rowNamed(lane("/cpu:0"), QStringLiteral("step")), 0);
}

void TestPlacePage::dragPlacesAndUnpins()
{
    DeviceLane* automatic = lane("Auto");
    click(automatic, rowNamed(automatic, QStringLiteral("hidden/weights")));
    click(automatic, rowNamed(automatic, QStringLiteral("hidden/biases")), Qt::ControlModifier);
    QCOMPARE(m_page->selectionText(), QStringLiteral("2 variables selected, 628.0 kB"));
    Drag drag(automatic, lane("/cpu:0"));
    QCOMPARE(drag.text(), QStringLiteral("2 variables, 628.0 kB"));
    QVERIFY(drag.move());
    QVERIFY(drag.drop());
    settle();
    const QString before = QString::fromUtf8(kScript);
    QVERIFY(project().script().startsWith(
        QStringLiteral("with tf.device(\"/cpu:0\"):\n    weights = tf.Variable")));
    QCOMPARE(project().script().count(QStringLiteral("with tf.device(\"/cpu:0\")")), 1);
    QVERIFY(rowNamed(lane("/cpu:0"), QStringLiteral("hidden/biases")) >= 0);
    // They stay selected where they went, and go back from there.
    QCOMPARE(lane("/cpu:0")->selectedNames().size(), 2);
    Drag back(lane("/cpu:0"), lane("Auto"));
    QVERIFY(back.move());
    QVERIFY(back.drop());
    settle();
    QCOMPARE(project().script(), before);
    project().undo();
    project().undo();
    QCOMPARE(project().script(), before);
    QVERIFY(!project().canUndo());
    QCOMPARE(m_complaints->size(), 0);
}

void TestPlacePage::headerDragsItsScope()
{
    DeviceLane* automatic = lane("Auto");
    const int header = rowNamed(automatic, QStringLiteral("hidden/"));
    QVERIFY(header >= 0);
    click(automatic, header);
    QCOMPARE(automatic->selectedNames(),
             (QStringList{QStringLiteral("hidden/weights"), QStringLiteral("hidden/biases")}));
    Drag drag(automatic, lane("/gpu:0"));
    QVERIFY(drag.move() && drag.drop());
    settle();
    QCOMPARE(lane("/gpu:0")->model()->variableCount(), 3);
}

void TestPlacePage::hoverTells()
{
    DeviceLane* automatic = lane("Auto");
    DeviceLane* gpu = lane("/gpu:0");
    const QString now = gpu->bar()->text();
    click(automatic, rowNamed(automatic, QStringLiteral("hidden/weights")));
    Drag drag(automatic, gpu);
    QVERIFY(drag.move());
    QCOMPARE(gpu->bar()->text(), QStringLiteral("4.0 kB → 631.2 kB"));
    drag.leave();
    QCOMPARE(gpu->bar()->text(), now);

    // More than fits: said in words, and the drop is still the person's choice.
    MemoryBar bar;
    bar.show({3000, 0, 0, 0}, 5000);
    QVERIFY(!bar.isOver());
    QCOMPARE(bar.text(), QStringLiteral("3.0 kB of 5.0 kB"));
    bar.setFuture(app::LaneBytes{9200, 0, 0, 0});
    QVERIFY(bar.isOver());
    QCOMPARE(bar.text(), QStringLiteral("needs 6.2 kB, 2.0 kB free"));
    QCOMPARE(bar.accessibleDescription(), bar.text());
    bar.setFuture(std::nullopt);
    QVERIFY(!bar.isOver());
}

void TestPlacePage::invalidDropSaysWhy()
{
    DeviceLane* automatic = lane("Auto");
    click(automatic, rowNamed(automatic, QStringLiteral("layer1")));
    Drag drag(automatic, lane("/cpu:0"));
    QVERIFY(!drag.move());
    QVERIFY2(lane("/cpu:0")->message().contains(QStringLiteral("made in the loop on line 6")),
             qPrintable(lane("/cpu:0")->message()));
    QVERIFY(!drag.drop());
    drag.leave();
    QVERIFY(lane("/cpu:0")->message().isEmpty());
    QCOMPARE(project().script(), QString::fromUtf8(kScript));
    // All of the loop together may go.
    click(automatic, rowNamed(automatic, QStringLiteral("layer0")));
    click(automatic, rowNamed(automatic, QStringLiteral("layer2")), Qt::ShiftModifier);
    Drag all(automatic, lane("/cpu:0"));
    QVERIFY(all.move() && all.drop());
    settle();
    QCOMPARE(lane("/cpu:0")->model()->variableCount(), 3);
    // A foreign drag is none of ours.
    QMimeData foreign;
    foreign.setText(QStringLiteral("words"));
    QDragEnterEvent enter(QPoint(10, 10), Qt::CopyAction, &foreign, Qt::LeftButton, {});
    QApplication::sendEvent(lane("/cpu:0"), &enter);
    QVERIFY(!enter.isAccepted());
}

void TestPlacePage::altDropMakesARule()
{
    DeviceLane* automatic = lane("Auto");
    click(automatic, rowNamed(automatic, QStringLiteral("layer0")));
    click(automatic, rowNamed(automatic, QStringLiteral("layer1")), Qt::ControlModifier);
    Drag toAuto(automatic, automatic, Qt::AltModifier);
    QVERIFY(!toAuto.move());
    toAuto.leave();
    Drag drag(automatic, lane("/gpu:0"), Qt::AltModifier);
    QVERIFY(drag.move() && drag.drop());
    QVERIFY(m_page->prompt()->isVisible());
    QCOMPARE(m_page->prompt()->edit()->text(), QStringLiteral("layer*"));
    QVERIFY(m_page->prompt()->verdict().contains(QStringLiteral("3 variables")));
    QCOMPARE(project().script(), QString::fromUtf8(kScript)); // nothing is written before it is looked at
    m_page->prompt()->edit()->selectAll();
    QTest::keyClicks(m_page->prompt()->edit(), QStringLiteral("nobody"));
    QTest::keyClick(m_page->prompt()->edit(), Qt::Key_Return);
    QVERIFY(m_page->prompt()->isVisible());
    m_page->prompt()->edit()->selectAll();
    QTest::keyClicks(m_page->prompt()->edit(), QStringLiteral("*layer?"));
    QTest::keyClick(m_page->prompt()->edit(), Qt::Key_Return);
    QVERIFY(!m_page->prompt()->isVisible());
    settle();
    QCOMPARE(project().script(),
             QString::fromUtf8(kScript) + QStringLiteral("wr.place(\"*layer?\", \"/gpu:0\")\n"));
    QCOMPARE(lane("/gpu:0")->model()->variableCount(), 4);
    project().undo();
    QCOMPARE(project().script(), QString::fromUtf8(kScript));
}

void TestPlacePage::keysAlone()
{
    DeviceLane* automatic = lane("Auto");
    QListView* list = automatic->list();
    list->setFocus();
    list->setCurrentIndex(automatic->model()->index(rowNamed(automatic, QStringLiteral("step"))));
    QTest::keyClick(list, Qt::Key_M);
    QVERIFY2(m_page->markText().contains(QStringLiteral("Enter places on /cpu:0")),
             qPrintable(m_page->markText()));
    QTest::keyClick(list, Qt::Key_Right);
    QVERIFY(m_page->markText().contains(QStringLiteral("/gpu:0")));
    QVERIFY(lane("/gpu:0")->bar()->text().contains(u'→'));
    QTest::keyClick(list, Qt::Key_Tab);
    QTest::keyClick(list, Qt::Key_Backtab);
    QTest::keyClick(list, Qt::Key_Return);
    settle();
    QVERIFY(rowNamed(lane("/gpu:0"), QStringLiteral("step")) >= 0);
    QVERIFY(lane("/gpu:0")->list()->hasFocus());
    QCOMPARE(lane("/gpu:0")->selectedNames(), QStringList{QStringLiteral("step")});
    // And off again.
    QTest::keyClick(lane("/gpu:0")->list(), Qt::Key_X);
    settle();
    QCOMPARE(project().script(), QString::fromUtf8(kScript));
    // The neighbour lane by arrow.
    lane("Auto")->list()->setFocus();
    QTest::keyClick(lane("Auto")->list(), Qt::Key_Right);
    QVERIFY(lane("/cpu:0")->list()->hasFocus());
}

void TestPlacePage::escapeEndsAMark()
{
    DeviceLane* automatic = lane("Auto");
    click(automatic, rowNamed(automatic, QStringLiteral("layer1")));
    QTest::keyClick(automatic->list(), Qt::Key_M);
    QVERIFY(m_page->markText().contains(QStringLiteral("loop")));
    QTest::keyClick(automatic->list(), Qt::Key_Return); // not possible: the reason stays
    QVERIFY(m_page->markText().contains(QStringLiteral("loop")));
    QTest::keyClick(automatic->list(), Qt::Key_Escape);
    QVERIFY(m_page->markText().isEmpty());
    QCOMPARE(project().script(), QString::fromUtf8(kScript));
    // R while marked: a rule instead.
    QTest::keyClick(automatic->list(), Qt::Key_M);
    QTest::keyClick(automatic->list(), Qt::Key_R);
    QVERIFY(m_page->prompt()->isVisible());
    QCOMPARE(m_page->prompt()->edit()->text(), QStringLiteral("layer1"));
    QTest::keyClick(m_page->prompt()->edit(), Qt::Key_Escape);
    QVERIFY(!m_page->prompt()->isVisible());
    QCOMPARE(project().script(), QString::fromUtf8(kScript));
}

void TestPlacePage::menuTwins()
{
    // What a menu calls: a refusal is told, a move is made.
    m_page->place({QStringLiteral("layer1")}, lane("/cpu:0")->lane());
    QCOMPARE(m_complaints->size(), 1);
    QVERIFY(m_complaints->first().first().value<app::Explanation>().why.contains(QStringLiteral("loop")));
    m_page->place({QStringLiteral("step")}, lane("/cpu:0")->lane());
    settle();
    QCOMPARE(m_complaints->size(), 1);
    QVERIFY(rowNamed(lane("/cpu:0"), QStringLiteral("step")) >= 0);
}

void TestPlacePage::filterAndSelectAll()
{
    m_page->filter()->setFocus();
    QTest::keyClicks(m_page->filter(), QStringLiteral("layer"));
    DeviceLane* automatic = lane("Auto");
    QCOMPARE(automatic->model()->variableCount(), 3);
    QCOMPARE(lane("/gpu:0")->model()->variableCount(), 0);
    automatic->list()->setFocus();
    QTest::keyClick(automatic->list(), Qt::Key_A, Qt::ControlModifier);
    QCOMPARE(automatic->selectedNames().size(), 3); // the filtered rows, no others
    QCOMPARE(m_page->selectionText(), QStringLiteral("3 variables selected, 240 B"));
    QTest::keyClick(automatic->list(), Qt::Key_Slash);
    QVERIFY(m_page->filter()->hasFocus());
}

void TestPlacePage::newLane()
{
    m_page->askForLane();
    QLineEdit* edit = m_page->prompt()->edit();
    QVERIFY(m_page->prompt()->verdict().contains(QStringLiteral("already"))); // the one on offer is there
    edit->selectAll();
    QTest::keyClicks(edit, QStringLiteral("/job:ps/task:x"));
    QVERIFY2(m_page->prompt()->verdict().contains(QStringLiteral("task")),
             qPrintable(m_page->prompt()->verdict()));
    QTest::keyClick(edit, Qt::Key_Return);
    QVERIFY(m_page->prompt()->isVisible());
    edit->selectAll();
    QTest::keyClicks(edit, QStringLiteral("/job:ps/task:7"));
    QTest::keyClick(edit, Qt::Key_Return);
    QTRY_VERIFY(lane("/job:ps/task:7") != nullptr);
    settle();
    QCOMPARE(project().script(), QString::fromUtf8(kScript));
    m_page->place({QStringLiteral("step")}, lane("/job:ps/task:7")->lane());
    settle();
    QVERIFY(project().script().contains(QStringLiteral("with tf.device(\"/job:ps/task:7\"):\n    step = ")));
    QCOMPARE(lane("/job:ps/task:7")->model()->variableCount(), 1);
}

void TestPlacePage::rulesAreRemoved()
{
    open(QString::fromUtf8(kScript) + QStringLiteral("wr.place(\"layer*\", \"/gpu:0\")\n"));
    PlaceDetails* details = m_page->details();
    details->setCurrentIndex(PlaceDetails::Rules);
    QTableView* rules = details->table(PlaceDetails::Rules);
    QCOMPARE(rules->model()->rowCount(), 1);
    QSignalSpy asked(m_page.get(), &PlacePage::textRequested);
    emit rules->doubleClicked(rules->model()->index(0, 0));
    QCOMPARE(asked.size(), 1);
    QCOMPARE(asked.first().first().toInt(), static_cast<int>(QString::fromUtf8(kScript).size()));
    // A variable that a rule placed is not unpinned, but the rule removed.
    DeviceLane* gpu = lane("/gpu:0");
    click(gpu, rowNamed(gpu, QStringLiteral("layer1")));
    Drag drag(gpu, lane("Auto"));
    QVERIFY(!drag.move());
    QVERIFY(lane("Auto")->message().contains(QStringLiteral("rule")));
    drag.leave();
    rules->selectRow(0);
    rules->setFocus();
    QTest::keyClick(rules, Qt::Key_Delete);
    settle();
    QCOMPARE(project().script(), QString::fromUtf8(kScript));
    QVERIFY(!rules->isVisible());
}

void TestPlacePage::servers()
{
    open(QString::fromUtf8(kScript) +
         QStringLiteral("with tf.device(\"/job:ps/task:3\"):\n"
                        "    last = tf.Variable(tf.zeros([9]), name=\"last\")\n"));
    PlaceDetails* details = m_page->details();
    details->setCurrentIndex(PlaceDetails::Servers);
    QCOMPARE(details->tasks()->value(), 4);
    QVERIFY2(details->chart()->text().contains(QStringLiteral("Greedy by bytes")),
             qPrintable(details->chart()->text()));
    QCOMPARE(details->chart()->text().count(u'\n'), 2);
    details->tasks()->setValue(2);
    QVERIFY(!details->chart()->text().contains(QStringLiteral("3: ")));
    QVERIFY(!details->chart()->grab().toImage().isNull());
}

void TestPlacePage::emptyState()
{
    project().newFromText(QString(), QStringLiteral("empty"));
    QTRY_VERIFY(!lane("Auto")->isVisible());
    open(QString::fromUtf8(kScript));
    QVERIFY(lane("Auto")->isVisible());
    QCOMPARE(lane("Auto")->model()->variableCount(), 6);
}

void TestPlacePage::followsTheTheme()
{
    const QByteArray folder = qgetenv("WEIGHTROOM_PICTURES"); // to look at
    for (const auto choice : {Theme::Choice::Dark, Theme::Choice::Light}) {
        Theme::instance().setChoice(choice, false);
        QTest::qWait(20);
        const QImage picture = m_page->grab().toImage();
        if (!folder.isEmpty())
            picture.save(QString::fromUtf8(folder) + (choice == Theme::Choice::Dark
                                                          ? QStringLiteral("/place-dark.png")
                                                          : QStringLiteral("/place-light.png")));
        const QPoint inLane =
            lane("Auto")->list()->mapTo(m_page.get(), lane("Auto")->list()->rect().bottomLeft());
        QCOMPARE(picture.pixelColor(inLane + QPoint(20, -20)).lightness() < 128,
                 choice == Theme::Choice::Dark);
    }
    QVERIFY(!LaneList::dragPicture(QStringLiteral("12 variables, 4.2 MB"), m_page.get()).isNull());
}

void TestPlacePage::manyWithoutStops()
{
    constexpr int kCount = 10000;
    // Reading the text into the project is the project's own business; here it is what the page does with it.
    project().newFromText(manyVariables(kCount), QStringLiteral("many"));
    int longest = 0;
    const auto check = [&longest](const UiGap& gap, const char* what) {
        qInfo("%s: longest gap of the event loop %d ms, %d ms beyond the machine's own, in %d beats", what,
              gap.worst(), gap.worstBeyondMachine(), gap.beats());
        longest = std::max(longest, gap.worstBeyondMachine());
    };
    {
        const UiGap gap;
        QTRY_VERIFY_WITH_TIMEOUT(m_page->isUpToDate() && lane("Auto")->model()->variableCount() == kCount,
                                 kLong);
        QTest::qWait(50);
        check(gap, "open");
    }
    DeviceLane* automatic = lane("Auto");
    {
        const UiGap gap;
        m_page->filter()->setText(QStringLiteral("7/v"));
        QTest::qWait(30);
        QCOMPARE(automatic->model()->variableCount(), 1000);
        m_page->filter()->clear();
        QTest::qWait(30);
        check(gap, "filter");
    }
    {
        const UiGap gap;
        automatic->list()->setFocus();
        automatic->list()->selectAll();
        QTest::qWait(30);
        check(gap, "select all");
    }
    {
        const UiGap gap;
        Drag drag(automatic, lane("/cpu:0"));
        QVERIFY(drag.move());
        QTest::qWait(20);
        QVERIFY(drag.drop());
        QTRY_COMPARE_WITH_TIMEOUT(lane("/cpu:0")->model()->variableCount(), kCount, kLong);
        settle();
        QTest::qWait(50);
        check(gap, "place");
    }
    QCOMPARE(project().script().count(QStringLiteral("with tf.device")), 1);
    QVERIFY2(longest <= kLongestGap, qPrintable(QString::number(longest)));
    QCOMPARE(m_complaints->size(), 0);
}

QTEST_MAIN(TestPlacePage)
#include "tst_place_page.moc"
