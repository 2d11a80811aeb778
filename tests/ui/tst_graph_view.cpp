// SPDX-License-Identifier: GPL-3.0-or-later
// The model page's three faces by mouse and keys: what is chosen in one is chosen in the others, groups open
// and close, names are found and changed in the graph.
#include "tests/app/graph_scripts.h"
#include "ui/pages/graph_panel.h"
#include "ui/pages/model_page.h"
#include "ui/pages/variable_panel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/graph_view.h"
#include "ui/widgets/script_editor.h"
#include "ui/workspace.h"

#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>
#include <algorithm>

using namespace wr;
using namespace wr::ui;
using Kind = app::GraphBox::Kind;

namespace {

constexpr int kLong = 60000;

} // namespace

class TestGraphView : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void init();
    void showsItsFaces();
    void remembersTheLayout();
    void choosesInAllFaces();
    void opensAndClosesInPlace();
    void zoomsAtThePointer();
    void movesByKeys();
    void finds();
    void renamesAndRemoves();
    void refusesWhatCannotBe();
    void saysWhatIsStale();
    void telegraphsToReaders();
    void offersAMenu();
    void cleanupTestCase();

private:
    void load(const std::string& script);
    GraphPanel* panel() const { return m_page->graph(); }
    GraphView* view() const { return m_page->graph()->view(); }
    int boxNamed(const QString& name) const { return view()->picture().graph->leafNamed.value(name, -1); }
    int groupLabelled(const QString& label) const
    {
        const std::vector<app::GraphBox>& boxes = view()->picture().graph->boxes;
        for (std::size_t i = 1; i < boxes.size(); ++i) {
            if (boxes[i].isGroup() && boxes[i].label == label)
                return static_cast<int>(i);
        }
        return -1;
    }
    void click(int box)
    {
        QTest::mouseClick(view(), Qt::LeftButton, {}, view()->windowRectOf(box).center().toPoint());
    }
    void settle() { QTRY_VERIFY_WITH_TIMEOUT(!panel()->isBusy(), kLong); }
    QStringList selected() const { return m_page->variables()->selectedNames(); }

    QTemporaryDir m_home;
    std::unique_ptr<Workspace> m_workspace;
    std::unique_ptr<ModelPage> m_page;
};

void TestGraphView::initTestCase()
{
    Q_INIT_RESOURCE(icons);
    qputenv("HOME", m_home.path().toUtf8());
    qputenv("XDG_CONFIG_HOME", m_home.path().toUtf8());
    QCoreApplication::setOrganizationName(QStringLiteral("Weightroom"));
    QCoreApplication::setApplicationName(QStringLiteral("graph"));
    Theme::instance().setChoice(Theme::Choice::Light, false);
    m_workspace = std::make_unique<Workspace>();
    m_page = std::make_unique<ModelPage>(m_workspace.get());
    m_page->resize(1400, 860);
    m_page->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
}

void TestGraphView::init()
{
    m_page->setPaneOn(ModelPage::ScriptPane, true);
    m_page->setPaneOn(ModelPage::TablePane, true);
    m_page->setPaneOn(ModelPage::GraphPane, true);
    load(app::kSmallGraph);
}

void TestGraphView::load(const std::string& script)
{
    m_workspace->project().newFromText(QString::fromStdString(script), QStringLiteral("graph"));
    m_workspace->project().parseNow();
    QVERIFY(m_workspace->project().model() != nullptr);
    QTRY_VERIFY_WITH_TIMEOUT(view()->picture().model == m_workspace->project().model() && !panel()->isBusy(),
                             kLong);
    view()->fit();
}

void TestGraphView::showsItsFaces()
{
    m_page->setPaneOn(ModelPage::GraphPane, false);
    QVERIFY(m_page->editor()->isVisible() && m_page->variables()->isVisible() && !panel()->isVisible());
    QTest::keyClick(m_page.get(), Qt::Key_3, Qt::AltModifier);
    QVERIFY(panel()->isVisible());
    QTest::keyClick(m_page.get(), Qt::Key_1, Qt::AltModifier);
    QTest::keyClick(m_page.get(), Qt::Key_2, Qt::AltModifier);
    QVERIFY(!m_page->editor()->isVisible() && !m_page->variables()->isVisible() && panel()->isVisible());
    QTest::keyClick(m_page.get(), Qt::Key_3, Qt::AltModifier); // the last one stays
    QVERIFY(panel()->isVisible());
    m_page->setPaneOn(ModelPage::ScriptPane, true);
    m_page->setPaneOn(ModelPage::GraphPane, false);
    QVERIFY(m_page->editor()->isVisible() && !panel()->isVisible());
}

void TestGraphView::remembersTheLayout()
{
    m_page->setPaneOn(ModelPage::TablePane, false);
    const QByteArray state = m_page->layoutState();
    Workspace workspace;
    ModelPage other(&workspace);
    QVERIFY(other.isPaneOn(ModelPage::TablePane) && !other.isPaneOn(ModelPage::GraphPane)); // as it begins
    other.restoreLayoutState(state);
    QVERIFY(other.isPaneOn(ModelPage::ScriptPane) && !other.isPaneOn(ModelPage::TablePane) &&
            other.isPaneOn(ModelPage::GraphPane));
    // Neither an old state nor a broken one changes what is on.
    for (const QByteArray& bad :
         {QByteArray(), QByteArray("\0\0\0\xff\0\0\0\1", 8), state.left(state.size() / 2)}) {
        other.restoreLayoutState(bad);
        QVERIFY(other.isPaneOn(ModelPage::GraphPane) && !other.isPaneOn(ModelPage::TablePane));
    }
}

void TestGraphView::choosesInAllFaces()
{
    QSignalSpy statements(panel(), &GraphPanel::statementChosen);
    click(boxNamed(QStringLiteral("biases")));
    QCOMPARE(view()->current(), boxNamed(QStringLiteral("biases")));
    QCOMPARE(selected(), QStringList{QStringLiteral("biases")});
    const QString text = m_workspace->project().script();
    const auto begin = static_cast<int>(text.indexOf(QStringLiteral("biases = ")));
    QCOMPARE(statements.last().at(0).toInt(), begin);
    const auto isMarked = [&] {
        const QList<QTextEdit::ExtraSelection> marks = m_page->editor()->extraSelections();
        return std::any_of(marks.begin(), marks.end(), [&](const QTextEdit::ExtraSelection& mark) {
            return mark.cursor.selectedText().startsWith(QStringLiteral("biases = tf.Variable"));
        });
    };
    QTRY_VERIFY(isMarked());

    // From the table.
    QTableView* const table = m_page->variables()->table();
    table->selectRow(0);
    QCOMPARE(view()->current(), boxNamed(QStringLiteral("weights")));

    // From the text.
    m_page->editor()->setFocus();
    m_page->editor()->jumpTo(static_cast<int>(text.indexOf(QStringLiteral("name=\"w2\""))));
    QCOMPARE(view()->current(), boxNamed(QStringLiteral("w2")));
    m_page->editor()->jumpTo(static_cast<int>(text.indexOf(QStringLiteral("tf.matmul("))) + 4);
    QCOMPARE(view()->picture().graph->boxes[static_cast<std::size_t>(view()->current())].op,
             QStringLiteral("MatMul"));

    // Double click goes to the text.
    const int product = view()->current();
    m_page->editor()->jumpTo(0);
    QTest::mouseDClick(view(), Qt::LeftButton, {}, view()->windowRectOf(product).center().toPoint());
    QVERIFY(m_page->editor()->hasFocus());
    QCOMPARE(m_page->editor()->textCursor().position(),
             static_cast<int>(text.indexOf(QStringLiteral("tf.matmul("))));
}

void TestGraphView::opensAndClosesInPlace()
{
    load(app::layeredScript(12));
    const int repeat = groupLabelled(QStringLiteral("layer_{i}"));
    QVERIFY(repeat > 0);
    const QRectF before = view()->windowRectOf(repeat);
    QVERIFY(!before.isEmpty());
    QTest::mouseDClick(view(), Qt::LeftButton, {}, before.center().toPoint());
    const int layer = groupLabelled(QStringLiteral("layer_7"));
    QTRY_VERIFY_WITH_TIMEOUT(!view()->windowRectOf(layer).isEmpty(), kLong);
    const QRectF open = view()->windowRectOf(repeat);
    QVERIFY((open.topLeft() - before.topLeft()).manhattanLength() < 2.0);
    QVERIFY(open.height() > 4 * before.height());
    view()->setFocus();
    view()->setCurrent(repeat, true);
    QTest::keyClick(view(), Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(view()->windowRectOf(layer).isEmpty(), kLong);
    QCOMPARE(view()->windowRectOf(repeat).size(), before.size());
    // What is inside a closed group is shown by the group.
    panel()->selectVariable(QStringLiteral("layer_3/weights"));
    QCOMPARE(view()->current(), boxNamed(QStringLiteral("layer_3/weights")));
    // A chevron takes one click.
    QTest::mouseClick(view(), Qt::LeftButton, {},
                      (view()->windowRectOf(repeat).topLeft() + QPointF(20, 21) * view()->scale()).toPoint());
    QTRY_VERIFY_WITH_TIMEOUT(!view()->windowRectOf(layer).isEmpty(), kLong);
}

void TestGraphView::zoomsAtThePointer()
{
    const int box = boxNamed(QStringLiteral("weights"));
    const QRectF before = view()->windowRectOf(box);
    const QPointF at = before.topLeft();
    const auto turn = [&](int notches) {
        QWheelEvent wheel(at, view()->mapToGlobal(at), {}, QPoint(0, 120 * notches), Qt::NoButton,
                          Qt::NoModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(view(), &wheel);
    };
    const double scale = view()->scale();
    turn(2);
    QVERIFY(view()->scale() > 1.5 * scale);
    QVERIFY((view()->windowRectOf(box).topLeft() - at).manhattanLength() < 0.5);
    for (int i = 0; i < 40; ++i)
        turn(3);
    QVERIFY(view()->scale() <= 4.0);
    for (int i = 0; i < 80; ++i)
        turn(-3);
    QVERIFY(view()->scale() >= 0.01);
    view()->setFocus();
    QTest::keyClick(view(), Qt::Key_0, Qt::ControlModifier);
    QCOMPARE(view()->scale(), scale);
    QTest::keyClick(view(), Qt::Key_Plus);
    QVERIFY(view()->scale() > scale);
    // A drag moves it, and never out of sight.
    view()->fit();
    const QPoint from = view()->rect().bottomRight() - QPoint(5, 5);
    const QPointF start = view()->windowRectOf(box).topLeft();
    QTest::mousePress(view(), Qt::LeftButton, {}, from);
    QMouseEvent move(QEvent::MouseMove, from - QPoint(30, 20), view()->mapToGlobal(from - QPoint(30, 20)),
                     Qt::NoButton, Qt::LeftButton, {});
    QApplication::sendEvent(view(), &move);
    QVERIFY((view()->windowRectOf(box).topLeft() - start - QPointF(-30, -20)).manhattanLength() < 1.0);
    QMouseEvent far(QEvent::MouseMove, from + QPoint(90000, 90000), view()->mapToGlobal(from), Qt::NoButton,
                    Qt::LeftButton, {});
    QApplication::sendEvent(view(), &far);
    QTest::mouseRelease(view(), Qt::LeftButton, {}, from);
    bool isInSight = false;
    for (const app::PlacedBox& placed : view()->picture().layout->boxes)
        isInSight = isInSight || QRectF(view()->rect()).intersects(view()->windowRectOf(placed.box));
    QVERIFY(isInSight);
}

void TestGraphView::movesByKeys()
{
    view()->setFocus();
    view()->setCurrent(boxNamed(QStringLiteral("weights")), true);
    QTest::keyClick(view(), Qt::Key_Down);
    const QString after = view()->picture().graph->boxes[static_cast<std::size_t>(view()->current())].name;
    QVERIFY2(after == QStringLiteral("MatMul") || after == QStringLiteral("w2"), qPrintable(after));
    view()->setCurrent(boxNamed(QStringLiteral("MatMul")), true);
    QTest::keyClick(view(), Qt::Key_Down);
    QCOMPARE(view()->current(), boxNamed(QStringLiteral("Add")));
    QTest::keyClick(view(), Qt::Key_Up);
    const int up = view()->current();
    QVERIFY(up == boxNamed(QStringLiteral("MatMul")) || up == boxNamed(QStringLiteral("biases")));
    QTest::keyClick(view(), Qt::Key_End);
    QCOMPARE(view()->current(), groupLabelled(QStringLiteral("train_op")));
    QTest::keyClick(view(), Qt::Key_Home);
    const double top = view()->windowRectOf(view()->current()).center().y();
    for (const app::PlacedBox& placed : view()->picture().layout->boxes)
        QVERIFY(view()->windowRectOf(placed.box).center().y() > top - 1.0);
    QTest::keyClick(view(), Qt::Key_Space);
    QVERIFY(view()->isInfoShown());
    QTest::keyClick(view(), Qt::Key_Escape);
    QVERIFY(!view()->isInfoShown());
}

void TestGraphView::finds()
{
    load(app::layeredScript(12));
    view()->setFocus();
    QTest::keyClick(view(), Qt::Key_Slash);
    QVERIFY(panel()->search()->hasFocus());
    QTest::keyClicks(panel()->search(), QStringLiteral("LAYER_7/weights"));
    QTest::keyClick(panel()->search(), Qt::Key_Return);
    const int wanted = boxNamed(QStringLiteral("layer_7/weights"));
    QTRY_COMPARE_WITH_TIMEOUT(view()->current(), wanted, kLong);
    QTRY_VERIFY_WITH_TIMEOUT(!view()->windowRectOf(wanted).isEmpty(), kLong); // what held it is open now
    QVERIFY(QRectF(view()->rect()).contains(view()->windowRectOf(wanted)));
    QCOMPARE(selected(), QStringList{QStringLiteral("layer_7/weights")});
    panel()->search()->setText(QStringLiteral("MatMul"));
    QTest::keyClick(panel()->search(), Qt::Key_Return);
    settle();
    const int first = view()->current();
    QTest::keyClick(panel()->search(), Qt::Key_Return);
    settle();
    QVERIFY(view()->current() != first);
    QTest::keyClick(panel()->search(), Qt::Key_Escape);
    QVERIFY(view()->hasFocus());
    panel()->search()->clear();
}

void TestGraphView::renamesAndRemoves()
{
    click(boxNamed(QStringLiteral("biases")));
    view()->setFocus();
    QTest::keyClick(view(), Qt::Key_F2);
    auto* edit = view()->findChild<QLineEdit*>();
    QVERIFY(edit != nullptr && edit->hasFocus());
    QCOMPARE(edit->text(), QStringLiteral("biases"));
    QTest::keyClicks(edit, QStringLiteral("offsets"));
    QTest::keyClick(edit, Qt::Key_Return);
    QVERIFY(m_workspace->project().script().contains(QStringLiteral("name=\"offsets\"")));
    m_workspace->project().parseNow();
    QTRY_VERIFY_WITH_TIMEOUT(boxNamed(QStringLiteral("offsets")) > 0, kLong);
    QCOMPARE(view()->current(), boxNamed(QStringLiteral("offsets")));
    QVERIFY(view()->hasFocus());

    // Escape leaves the name.
    QTest::keyClick(view(), Qt::Key_F2);
    QTRY_VERIFY(view()->findChild<QLineEdit*>() != nullptr);
    const QString before = m_workspace->project().script();
    auto* again = qobject_cast<QLineEdit*>(QApplication::focusWidget());
    QVERIFY(again != nullptr);
    QTest::keyClicks(again, QStringLiteral("nothing"));
    QTest::keyClick(again, Qt::Key_Escape);
    QCOMPARE(m_workspace->project().script(), before);

    click(boxNamed(QStringLiteral("w2")));
    view()->setFocus();
    QTest::keyClick(view(), Qt::Key_Delete);
    QVERIFY(!m_workspace->project().script().contains(QStringLiteral("w2")));
    m_workspace->project().undo();
    QCOMPARE(m_workspace->project().script(), before);
}

void TestGraphView::refusesWhatCannotBe()
{
    QSignalSpy refused(m_page.get(), &ModelPage::complained);
    click(boxNamed(QStringLiteral("biases")));
    view()->setFocus();
    QTest::keyClick(view(), Qt::Key_F2);
    auto* edit = qobject_cast<QLineEdit*>(QApplication::focusWidget());
    QVERIFY(edit != nullptr);
    const QString before = m_workspace->project().script();
    edit->setText(QStringLiteral("no such % name"));
    QTest::keyClick(edit, Qt::Key_Return);
    QCOMPARE(refused.count(), 1);
    QCOMPARE(m_workspace->project().script(), before);
    // An operation has no name that could be edited in place.
    view()->setCurrent(boxNamed(QStringLiteral("MatMul")), true);
    QVERIFY(!view()->beginRename());
}

void TestGraphView::saysWhatIsStale()
{
    const auto before = view()->picture().layout;
    m_workspace->project().editText(0, 0, QStringLiteral("x = tf.Variabel(3\n"));
    m_workspace->project().parseNow();
    QVERIFY(m_workspace->project().isStale());
    settle();
    QCOMPARE(view()->picture().layout->boxes.size(), before->boxes.size());
    const QList<QLabel*> labels = panel()->findChildren<QLabel*>();
    QVERIFY(std::any_of(labels.begin(), labels.end(), [](const QLabel* label) {
        return label->text().contains(QStringLiteral("without errors"));
    }));
}

void TestGraphView::telegraphsToReaders()
{
    QVERIFY(!view()->accessibleName().isEmpty());
    click(boxNamed(QStringLiteral("weights")));
    for (const char* const word : {"weights", "Variable", "4 × 3", "float32", "48 B", "not initialised"})
        QVERIFY2(view()->accessibleDescription().contains(QString::fromUtf8(word)), word);
    click(groupLabelled(QStringLiteral("train_op")));
    QVERIFY(view()->accessibleDescription().contains(QStringLiteral("Optimizer")));
}

void TestGraphView::offersAMenu()
{
    click(boxNamed(QStringLiteral("weights")));
    QContextMenuEvent ask(QContextMenuEvent::Keyboard, {}, {});
    QApplication::sendEvent(view(), &ask);
    auto* menu = panel()->findChild<QMenu*>();
    QVERIFY(menu != nullptr);
    QStringList words;
    for (const QAction* action : menu->actions())
        words += action->text();
    QVERIFY2(words.size() <= 12, qPrintable(words.join(u',')));
    auto* devices = menu->findChild<QMenu*>();
    QVERIFY(devices != nullptr);
    QTRY_VERIFY_WITH_TIMEOUT(!m_workspace->run().devices().isEmpty(), kLong);
    menu->close();
    QTRY_VERIFY(panel()->findChild<QMenu*>() == nullptr);
    QApplication::sendEvent(view(), &ask);
    menu = panel()->findChild<QMenu*>();
    devices = menu->findChild<QMenu*>();
    QVERIFY(devices->actions().size() >= 2);
    devices->actions().last()->trigger();
    QVERIFY(m_workspace->project().script().contains(QStringLiteral("tf.device(")));
    menu->close();
}

void TestGraphView::cleanupTestCase()
{
    m_page.reset();
    m_workspace.reset();
}

QTEST_MAIN(TestGraphView)
#include "tst_graph_view.moc"
