// SPDX-License-Identifier: GPL-3.0-or-later
// The Place page: its lanes, what a hover tells, filter, planned lanes, details, and how it looks.
#include "tests/ui/place_stage.h"
#include "ui/pages/place_details.h"
#include "ui/widgets/device_look.h"
#include "ui/widgets/filter_field.h"
#include "ui/widgets/lane_list.h"
#include "ui/widgets/memory_bar.h"
#include "ui/widgets/prompt_strip.h"
#include "ui/widgets/server_chart.h"

#include <QAbstractItemModelTester>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QSplitter>
#include <QTableView>
#include <set>

using namespace wr;
using namespace wr::ui;

class TestPlacePage : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void init();
    void cleanup();
    void showsLanes();
    void hoverTells();
    void filterAndSelectAll();
    void filterLanguage();
    void newLane();
    void rulesAreRemoved();
    void servers();
    void emptyState();
    void layoutIsKept();
    void devicesHaveTheirLooks();
    void followsTheTheme();

private:
    app::Project& project() { return m_stage->project(); }
    PlacePage& page() { return m_stage->page(); }
    DeviceLane* lane(const char* title) { return m_stage->lane(title); }

    QTemporaryDir m_home;
    std::unique_ptr<PlaceStage> m_stage;
};

void TestPlacePage::initTestCase()
{
    PlaceStage::prepare(m_home);
}

void TestPlacePage::init()
{
    m_stage = std::make_unique<PlaceStage>();
    QVERIFY(m_stage->begin());
}

void TestPlacePage::cleanup()
{
    m_stage.reset();
}

void TestPlacePage::showsLanes()
{
    QCOMPARE(page().lanes().first()->title(), QStringLiteral("Auto"));
    const DeviceLane* cpu = lane("/cpu:0");
    QVERIFY2(cpu->bar()->text().contains(QStringLiteral(" of ")), qPrintable(cpu->bar()->text()));
    QCOMPARE(rowNamed(lane("/gpu:0"), QStringLiteral("far")), 0);
    QVERIFY(rowNamed(lane("Auto"), QStringLiteral("hidden/weights")) > 0);
    QVERIFY(!lane("/gpu:0")->list()->accessibleName().isEmpty());
    QVERIFY(page().selectionText().contains(QStringLiteral("Nothing")));
    for (DeviceLane* each : page().lanes())
        new QAbstractItemModelTester(each->model(), QAbstractItemModelTester::FailureReportingMode::QtTest,
                                     each);
    project().placeVariables({QStringLiteral("step")}, QStringLiteral("/cpu:0"));
    QVERIFY(m_stage->settle());
    QCOMPARE(rowNamed(lane("/cpu:0"), QStringLiteral("step")), 0);
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
    bar.setFuture(app::LaneBytes{3000, 0, 0, 0}); // what moves there runs there already
    QCOMPARE(bar.text(), QStringLiteral("3.0 kB of 5.0 kB, as now"));
    bar.setFuture(app::LaneBytes{9200, 0, 0, 0});
    QVERIFY(bar.isOver());
    QCOMPARE(bar.text(), QStringLiteral("needs 6.2 kB, 2.0 kB free"));
    QCOMPARE(bar.accessibleDescription(), bar.text());
    bar.setFuture(std::nullopt);
    QVERIFY(!bar.isOver());
}

void TestPlacePage::filterAndSelectAll()
{
    page().filter()->setFocus();
    QTest::keyClicks(page().filter(), QStringLiteral("layer"));
    DeviceLane* automatic = lane("Auto");
    QCOMPARE(automatic->model()->variableCount(), 3);
    QCOMPARE(lane("/gpu:0")->model()->variableCount(), 0);
    automatic->list()->setFocus();
    QTest::keyClick(automatic->list(), Qt::Key_A, Qt::ControlModifier);
    QCOMPARE(automatic->selectedNames().size(), 3); // the filtered rows, no others
    QCOMPARE(page().selectionText(), QStringLiteral("3 variables selected, 240 B"));
    QTest::keyClick(automatic->list(), Qt::Key_Slash);
    QVERIFY(page().filter()->hasFocus());
}

void TestPlacePage::filterLanguage()
{
    FilterField* field = page().filter();
    field->setText(QStringLiteral("bytes>1k and dev:auto"));
    QVERIFY(field->verdict() == FilterField::Verdict::Fits);
    QCOMPARE(lane("Auto")->model()->variableCount(), 1);
    QCOMPARE(lane("/gpu:0")->model()->variableCount(), 0);
    field->setText(QStringLiteral("ndim>=3"));
    QVERIFY(field->verdict() == FilterField::Verdict::FitsNothing);
    QVERIFY(!field->accessibleDescription().isEmpty());
    field->setText(QStringLiteral("shape:["));
    QVERIFY(field->verdict() == FilterField::Verdict::Wrong);
    QCOMPARE(lane("Auto")->model()->variableCount(), 6); // a typing error hides nothing
    // What is made later goes by the filter too, in lanes that are new.
    field->setText(QStringLiteral("bytes>1k"));
    QVERIFY(m_stage->open(QString::fromUtf8(kPlaceScript) +
                          QStringLiteral("with tf.device(\"/gpu:1\"):\n"
                                         "    a = tf.Variable(tf.zeros([1]), name=\"a\")\n")));
    QCOMPARE(lane("/gpu:1")->model()->variableCount(), 0);
    // Values come, and with them what the filter asks for.
    field->setText(QStringLiteral("state:init"));
    QCOMPARE(lane("Auto")->model()->variableCount(), 0);
    m_stage->workspace().run().initializeAll();
    QTRY_COMPARE_WITH_TIMEOUT(lane("Auto")->model()->variableCount(), 6, kLong);
    QVERIFY(field->verdict() == FilterField::Verdict::Fits);
    field->setFocus();
    QTest::keyClick(field, Qt::Key_Return);
    QVERIFY(lane("Auto")->list()->hasFocus());
}

void TestPlacePage::newLane()
{
    page().askForLane();
    QLineEdit* edit = page().prompt()->edit();
    QVERIFY(page().prompt()->verdict().contains(QStringLiteral("already"))); // the one on offer is there
    edit->selectAll();
    QTest::keyClicks(edit, QStringLiteral("/job:ps/task:x"));
    QVERIFY2(page().prompt()->verdict().contains(QStringLiteral("task")),
             qPrintable(page().prompt()->verdict()));
    QTest::keyClick(edit, Qt::Key_Return);
    QVERIFY(page().prompt()->isVisible());
    edit->selectAll();
    QTest::keyClicks(edit, QStringLiteral("/job:ps/task:7"));
    QTest::keyClick(edit, Qt::Key_Return);
    QTRY_VERIFY(lane("/job:ps/task:7") != nullptr);
    QVERIFY(m_stage->settle());
    QCOMPARE(project().script(), QString::fromUtf8(kPlaceScript));
    page().place({QStringLiteral("step")}, lane("/job:ps/task:7")->lane());
    QVERIFY(m_stage->settle());
    QVERIFY(project().script().contains(QStringLiteral("with tf.device(\"/job:ps/task:7\"):\n    step = ")));
    QCOMPARE(lane("/job:ps/task:7")->model()->variableCount(), 1);
}

void TestPlacePage::rulesAreRemoved()
{
    QVERIFY(m_stage->open(QString::fromUtf8(kPlaceScript) +
                          QStringLiteral("wr.place(\"layer*\", \"/gpu:0\")\n")));
    PlaceDetails* details = page().details();
    details->setCurrentIndex(PlaceDetails::Rules);
    QTableView* rules = details->table(PlaceDetails::Rules);
    QCOMPARE(rules->model()->rowCount(), 1);
    QSignalSpy asked(&page(), &PlacePage::textRequested);
    emit rules->doubleClicked(rules->model()->index(0, 0));
    QCOMPARE(asked.size(), 1);
    QCOMPARE(asked.first().first().toInt(), static_cast<int>(QString::fromUtf8(kPlaceScript).size()));
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
    QVERIFY(m_stage->settle());
    QCOMPARE(project().script(), QString::fromUtf8(kPlaceScript));
    QVERIFY(!rules->isVisible());
}

void TestPlacePage::servers()
{
    QVERIFY(m_stage->open(QString::fromUtf8(kPlaceScript) +
                          QStringLiteral("with tf.device(\"/job:ps/task:3\"):\n"
                                         "    last = tf.Variable(tf.zeros([9]), name=\"last\")\n")));
    PlaceDetails* details = page().details();
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
    for (const QAction* action : page().actions().all())
        QTRY_VERIFY2(!action->isEnabled(), qPrintable(action->objectName()));
    QPushButton* add = nullptr;
    for (QPushButton* button : page().findChildren<QPushButton*>())
        add = button->text() == QStringLiteral("Add a variable") ? button : add;
    QVERIFY(add != nullptr && add->isVisible());
    QTest::mouseClick(add, Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(project().variables().size(), 1, kLong);
    QVERIFY(m_stage->settle());
    QVERIFY(lane("Auto")->isVisible());
    QVERIFY(m_stage->open(QString::fromUtf8(kPlaceScript)));
    QVERIFY(lane("Auto")->isVisible());
    QCOMPARE(lane("Auto")->model()->variableCount(), 6);
}

void TestPlacePage::layoutIsKept()
{
    page().restoreLayoutState(page().layoutState());
    QCOMPARE(page().details()->isVisible(), true);
    const int before = page().details()->height();
    auto* splitter = page().findChild<QSplitter*>();
    splitter->setSizes({300, 320});
    const QByteArray state = page().layoutState();
    QVERIFY(page().details()->height() != before);
    PlaceStage other;
    QVERIFY(other.begin());
    other.page().restoreLayoutState(state);
    QCOMPARE(other.page().findChild<QSplitter*>()->sizes(), splitter->sizes());
}

void TestPlacePage::devicesHaveTheirLooks()
{
    const auto look = [](int lane) {
        const QBrush brush = deviceBrush(lane);
        return std::pair(brush.color().rgb(), static_cast<int>(brush.style()));
    };
    for (const auto choice : {Theme::Choice::Dark, Theme::Choice::Light}) {
        Theme::instance().setChoice(choice, false);
        std::set<std::pair<QRgb, int>> looks;
        for (int lane = kSeveralDevices; lane <= 42; ++lane)
            looks.insert(look(lane));
        QCOMPARE(looks.size(), std::size_t{44});
    }
    for (int i = 0; i < page().lanes().size(); ++i)
        QCOMPARE(page().lanes()[i]->swatch()->lane(), i);
}

void TestPlacePage::followsTheTheme()
{
    const QByteArray folder = qgetenv("WEIGHTROOM_PICTURES"); // to look at
    for (const auto choice : {Theme::Choice::Dark, Theme::Choice::Light}) {
        Theme::instance().setChoice(choice, false);
        QTest::qWait(20);
        const QImage picture = page().grab().toImage();
        if (!folder.isEmpty())
            picture.save(QString::fromUtf8(folder) + (choice == Theme::Choice::Dark
                                                          ? QStringLiteral("/place-dark.png")
                                                          : QStringLiteral("/place-light.png")));
        const QPoint inLane = lane("Auto")->list()->mapTo(&page(), lane("Auto")->list()->rect().bottomLeft());
        QCOMPARE(picture.pixelColor(inLane + QPoint(20, -20)).lightness() < 128,
                 choice == Theme::Choice::Dark);
    }
    QVERIFY(!LaneList::dragPicture(QStringLiteral("12 variables, 4.2 MB"), &page()).isNull());
}

QTEST_MAIN(TestPlacePage)
#include "tst_place_page.moc"
