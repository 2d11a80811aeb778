// SPDX-License-Identifier: GPL-3.0-or-later
// Moves on the Place page: by drag and drop, by keys alone, by the main menu, by rule; refusals; undo.
#include "tests/ui/place_stage.h"
#include "ui/widgets/memory_bar.h"
#include "ui/widgets/prompt_strip.h"

#include <QLineEdit>

using namespace wr;
using namespace wr::ui;

class TestPlaceMoves : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void init();
    void cleanup();
    void dragPlacesAndUnpins();
    void headerDragsItsScope();
    void invalidDropSaysWhy();
    void altDropMakesARule();
    void keysAlone();
    void escapeEndsAMark();
    void menuTwins();
    void actionsOfTheMainMenu();
    void ruleWithoutMark();

private:
    app::Project& project() { return m_stage->project(); }
    PlacePage& page() { return m_stage->page(); }
    DeviceLane* lane(const char* title) { return m_stage->lane(title); }

    QTemporaryDir m_home;
    std::unique_ptr<PlaceStage> m_stage;
};

void TestPlaceMoves::initTestCase()
{
    PlaceStage::prepare(m_home);
}

void TestPlaceMoves::init()
{
    m_stage = std::make_unique<PlaceStage>();
    QVERIFY(m_stage->begin());
}

void TestPlaceMoves::cleanup()
{
    m_stage.reset();
}

void TestPlaceMoves::dragPlacesAndUnpins()
{
    DeviceLane* automatic = lane("Auto");
    click(automatic, rowNamed(automatic, QStringLiteral("hidden/weights")));
    click(automatic, rowNamed(automatic, QStringLiteral("hidden/biases")), Qt::ControlModifier);
    QCOMPARE(page().selectionText(), QStringLiteral("2 variables selected, 628.0 kB"));
    Drag drag(automatic, lane("/cpu:0"));
    QCOMPARE(drag.text(), QStringLiteral("2 variables, 628.0 kB"));
    QVERIFY(drag.move());
    QVERIFY(drag.drop());
    QVERIFY(m_stage->settle());
    const QString before = QString::fromUtf8(kPlaceScript);
    QVERIFY(project().script().startsWith(
        QStringLiteral("with tf.device(\"/cpu:0\"):\n    weights = tf.Variable")));
    QCOMPARE(project().script().count(QStringLiteral("with tf.device(\"/cpu:0\")")), 1);
    QVERIFY(rowNamed(lane("/cpu:0"), QStringLiteral("hidden/biases")) >= 0);
    // They stay selected where they went, and go back from there.
    QCOMPARE(lane("/cpu:0")->selectedNames().size(), 2);
    Drag back(lane("/cpu:0"), lane("Auto"));
    QVERIFY(back.move());
    QVERIFY(back.drop());
    QVERIFY(m_stage->settle());
    QCOMPARE(project().script(), before);
    project().undo();
    project().undo();
    QCOMPARE(project().script(), before);
    QVERIFY(!project().canUndo());
    QCOMPARE(m_stage->complaints().size(), 0);
}

void TestPlaceMoves::headerDragsItsScope()
{
    DeviceLane* automatic = lane("Auto");
    const int header = rowNamed(automatic, QStringLiteral("hidden/"));
    QVERIFY(header >= 0);
    click(automatic, header);
    QCOMPARE(automatic->selectedNames(),
             (QStringList{QStringLiteral("hidden/weights"), QStringLiteral("hidden/biases")}));
    Drag drag(automatic, lane("/gpu:0"));
    QVERIFY(drag.move() && drag.drop());
    QVERIFY(m_stage->settle());
    QCOMPARE(lane("/gpu:0")->model()->variableCount(), 3);
}

void TestPlaceMoves::invalidDropSaysWhy()
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
    QCOMPARE(project().script(), QString::fromUtf8(kPlaceScript));
    // All of the loop together may go.
    click(automatic, rowNamed(automatic, QStringLiteral("layer0")));
    click(automatic, rowNamed(automatic, QStringLiteral("layer2")), Qt::ShiftModifier);
    Drag all(automatic, lane("/cpu:0"));
    QVERIFY(all.move() && all.drop());
    QVERIFY(m_stage->settle());
    QCOMPARE(lane("/cpu:0")->model()->variableCount(), 3);
    // A foreign drag is none of ours.
    QMimeData foreign;
    foreign.setText(QStringLiteral("words"));
    QDragEnterEvent enter(QPoint(10, 10), Qt::CopyAction, &foreign, Qt::LeftButton, {});
    QApplication::sendEvent(lane("/cpu:0"), &enter);
    QVERIFY(!enter.isAccepted());
}

void TestPlaceMoves::altDropMakesARule()
{
    DeviceLane* automatic = lane("Auto");
    click(automatic, rowNamed(automatic, QStringLiteral("layer0")));
    click(automatic, rowNamed(automatic, QStringLiteral("layer1")), Qt::ControlModifier);
    Drag toAuto(automatic, automatic, Qt::AltModifier);
    QVERIFY(!toAuto.move());
    toAuto.leave();
    Drag drag(automatic, lane("/gpu:0"), Qt::AltModifier);
    QVERIFY(drag.move() && drag.drop());
    QVERIFY(page().prompt()->isVisible());
    QCOMPARE(page().prompt()->edit()->text(), QStringLiteral("layer*"));
    QVERIFY(page().prompt()->verdict().contains(QStringLiteral("3 variables")));
    QCOMPARE(project().script(),
             QString::fromUtf8(kPlaceScript)); // nothing is written before it is looked at
    page().prompt()->edit()->selectAll();
    QTest::keyClicks(page().prompt()->edit(), QStringLiteral("nobody"));
    QTest::keyClick(page().prompt()->edit(), Qt::Key_Return);
    QVERIFY(page().prompt()->isVisible());
    page().prompt()->edit()->selectAll();
    QTest::keyClicks(page().prompt()->edit(), QStringLiteral("*layer?"));
    QTest::keyClick(page().prompt()->edit(), Qt::Key_Return);
    QVERIFY(!page().prompt()->isVisible());
    QVERIFY(m_stage->settle());
    QCOMPARE(project().script(),
             QString::fromUtf8(kPlaceScript) + QStringLiteral("wr.place(\"*layer?\", \"/gpu:0\")\n"));
    QCOMPARE(lane("/gpu:0")->model()->variableCount(), 4);
    project().undo();
    QCOMPARE(project().script(), QString::fromUtf8(kPlaceScript));
}

void TestPlaceMoves::keysAlone()
{
    DeviceLane* automatic = lane("Auto");
    QListView* list = automatic->list();
    list->setFocus();
    list->setCurrentIndex(automatic->model()->index(rowNamed(automatic, QStringLiteral("step"))));
    QTest::keyClick(list, Qt::Key_M);
    QVERIFY2(page().markText().contains(QStringLiteral("Enter places on /cpu:0")),
             qPrintable(page().markText()));
    QTest::keyClick(list, Qt::Key_Right);
    QVERIFY(page().markText().contains(QStringLiteral("/gpu:0")));
    QVERIFY(lane("/gpu:0")->bar()->text().contains(u'→'));
    QTest::keyClick(list, Qt::Key_Tab);
    QTest::keyClick(list, Qt::Key_Backtab);
    QTest::keyClick(list, Qt::Key_Return);
    QVERIFY(m_stage->settle());
    QVERIFY(rowNamed(lane("/gpu:0"), QStringLiteral("step")) >= 0);
    QVERIFY(lane("/gpu:0")->list()->hasFocus());
    QCOMPARE(lane("/gpu:0")->selectedNames(), QStringList{QStringLiteral("step")});
    // And off again.
    QTest::keyClick(lane("/gpu:0")->list(), Qt::Key_X);
    QVERIFY(m_stage->settle());
    QCOMPARE(project().script(), QString::fromUtf8(kPlaceScript));
    // The neighbour lane by arrow.
    lane("Auto")->list()->setFocus();
    QTest::keyClick(lane("Auto")->list(), Qt::Key_Right);
    QVERIFY(lane("/cpu:0")->list()->hasFocus());
}

void TestPlaceMoves::escapeEndsAMark()
{
    DeviceLane* automatic = lane("Auto");
    click(automatic, rowNamed(automatic, QStringLiteral("layer1")));
    QTest::keyClick(automatic->list(), Qt::Key_M);
    QVERIFY(page().markText().contains(QStringLiteral("loop")));
    QTest::keyClick(automatic->list(), Qt::Key_Return); // not possible: the reason stays
    QVERIFY(page().markText().contains(QStringLiteral("loop")));
    QTest::keyClick(automatic->list(), Qt::Key_Escape);
    QVERIFY(page().markText().isEmpty());
    QCOMPARE(project().script(), QString::fromUtf8(kPlaceScript));
    // R while marked: a rule instead.
    QTest::keyClick(automatic->list(), Qt::Key_M);
    QTest::keyClick(automatic->list(), Qt::Key_R);
    QVERIFY(page().prompt()->isVisible());
    QCOMPARE(page().prompt()->edit()->text(), QStringLiteral("layer1"));
    QTest::keyClick(page().prompt()->edit(), Qt::Key_Escape);
    QVERIFY(!page().prompt()->isVisible());
    QCOMPARE(project().script(), QString::fromUtf8(kPlaceScript));
}

void TestPlaceMoves::menuTwins()
{
    // What a menu calls: a refusal is told, a move is made.
    page().place({QStringLiteral("layer1")}, lane("/cpu:0")->lane());
    QCOMPARE(m_stage->complaints().size(), 1);
    QVERIFY(
        m_stage->complaints().first().first().value<app::Explanation>().why.contains(QStringLiteral("loop")));
    page().place({QStringLiteral("step")}, lane("/cpu:0")->lane());
    QVERIFY(m_stage->settle());
    QCOMPARE(m_stage->complaints().size(), 1);
    QVERIFY(rowNamed(lane("/cpu:0"), QStringLiteral("step")) >= 0);
}

void TestPlaceMoves::actionsOfTheMainMenu()
{
    const PlaceActions& actions = page().actions();
    QSignalSpy asked(&page(), &PlacePage::pageRequested);
    QVERIFY(!actions.mark->isEnabled());
    QVERIFY(!actions.placeMarked->isEnabled());
    QVERIFY(!actions.unpin->isEnabled());
    QVERIFY(actions.rule->isEnabled());
    QVERIFY(actions.newLane->isEnabled());
    for (const QAction* action : {actions.mark, actions.placeMarked, actions.unpin, actions.rule})
        QVERIFY2(action->text().contains(u'\t'), qPrintable(action->text())); // the key is told
    DeviceLane* automatic = lane("Auto");
    click(automatic, rowNamed(automatic, QStringLiteral("step")));
    QVERIFY(actions.mark->isEnabled());
    QVERIFY(!actions.unpin->isEnabled()); // it has no pin
    actions.mark->trigger();
    QCOMPARE(asked.size(), 1);
    QVERIFY2(actions.placeMarked->text().contains(QStringLiteral("/cpu:0")),
             qPrintable(actions.placeMarked->text()));
    QVERIFY(actions.placeMarked->isEnabled());
    actions.placeMarked->trigger();
    QVERIFY(m_stage->settle());
    QCOMPARE(lane("/cpu:0")->selectedNames(), QStringList{QStringLiteral("step")});
    QVERIFY(!actions.placeMarked->isEnabled());
    QVERIFY(actions.unpin->isEnabled());
    actions.unpin->trigger();
    QVERIFY(m_stage->settle());
    QCOMPARE(project().script(), QString::fromUtf8(kPlaceScript));
    // A part of a loop cannot go: marked, but not placed.
    click(automatic, rowNamed(automatic, QStringLiteral("layer1")));
    actions.mark->trigger();
    QVERIFY(!actions.placeMarked->isEnabled());
    actions.newLane->trigger();
    QVERIFY(page().prompt()->isVisible());
    QCOMPARE(m_stage->complaints().size(), 0);
}

void TestPlaceMoves::ruleWithoutMark()
{
    // Nothing selected: all that is shown where one is, on the first device.
    DeviceLane* automatic = lane("Auto");
    automatic->list()->setFocus();
    automatic->list()->setCurrentIndex({});
    QTest::keyClick(automatic->list(), Qt::Key_R);
    QVERIFY(page().prompt()->isVisible());
    QCOMPARE(page().prompt()->edit()->text(), QStringLiteral("*"));
    QTest::keyClick(page().prompt()->edit(), Qt::Key_Escape);
    // A current row without a selection: that one.
    automatic->list()->selectionModel()->setCurrentIndex(
        automatic->model()->index(rowNamed(automatic, QStringLiteral("layer2"))),
        QItemSelectionModel::NoUpdate);
    automatic->list()->setFocus();
    QTest::keyClick(automatic->list(), Qt::Key_R);
    QCOMPARE(page().prompt()->edit()->text(), QStringLiteral("layer2"));
    QTest::keyClick(page().prompt()->edit(), Qt::Key_Escape);
    // After a move, where it went.
    page().place({QStringLiteral("step")}, lane("/gpu:0")->lane());
    QVERIFY(m_stage->settle());
    automatic->list()->setFocus();
    click(automatic, rowNamed(automatic, QStringLiteral("layer0")));
    click(automatic, rowNamed(automatic, QStringLiteral("layer2")), Qt::ShiftModifier);
    page().actions().rule->trigger();
    QCOMPARE(page().prompt()->edit()->text(), QStringLiteral("layer*"));
    QTest::keyClick(page().prompt()->edit(), Qt::Key_Return);
    QVERIFY(m_stage->settle());
    QVERIFY2(project().script().endsWith(QStringLiteral("wr.place(\"layer*\", \"/gpu:0\")\n")),
             qPrintable(project().script()));
}

QTEST_MAIN(TestPlaceMoves)
#include "tst_place_moves.moc"
