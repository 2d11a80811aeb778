// SPDX-License-Identifier: GPL-3.0-or-later
// Finding text in the script: by keys alone, around the end, and beside the window's own Ctrl+F.
#include "ui/main_window/main_window.h"
#include "ui/pages/model_page.h"
#include "ui/pages/variable_panel.h"
#include "ui/widgets/filter_field.h"
#include "ui/widgets/find_bar.h"
#include "ui/widgets/script_editor.h"
#include "ui/workspace.h"

#include <QLineEdit>
#include <QStandardPaths>
#include <QTableView>
#include <QTest>

using namespace wr;
using namespace wr::ui;

class TestFindBar : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void findsByKeys();
    void leavesTheTableItsFilter();
    void saysWhenThereIsNone();

private:
    ScriptEditor* editor() const { return m_window->modelPage()->editor(); }
    FindBar* bar() const { return editor()->findChild<FindBar*>(); }
    QString selected() const { return editor()->textCursor().selectedText(); }
    std::unique_ptr<Workspace> m_workspace;
    std::unique_ptr<MainWindow> m_window;
};

void TestFindBar::initTestCase()
{
    Q_INIT_RESOURCE(icons);
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName("Weightroom");
    QCoreApplication::setApplicationName("find");
    m_workspace = std::make_unique<Workspace>();
    m_window = std::make_unique<MainWindow>(m_workspace.get());
    m_window->resize(1200, 800);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    m_workspace->project().newFromText("alpha = tf.Variable(tf.zeros([2]), name=\"alpha\")\n"
                                       "beta = tf.Variable(tf.ones([2]), name=\"beta\")\n"
                                       "gamma = tf.Variable(ALPHA, name=\"gamma\")\n",
                                       "find");
    m_window->showPage(MainWindow::Model);
    QTRY_VERIFY(!m_workspace->project().isParsing());
}

void TestFindBar::findsByKeys()
{
    editor()->setFocus();
    QVERIFY(!bar()->isVisible());
    QTest::keyClick(editor(), Qt::Key_F, Qt::ControlModifier);
    QVERIFY(bar()->isVisible());
    QCOMPARE(QApplication::focusWidget(), bar()->field());
    QTest::keyClicks(bar()->field(), "alpha");
    QCOMPARE(bar()->matchText(), "1 of 3");
    QCOMPARE(selected(), "alpha");
    QCOMPARE(editor()->textCursor().selectionStart(), 0);
    QTest::keyClick(bar()->field(), Qt::Key_Return);
    QCOMPARE(bar()->matchText(), "2 of 3");
    QTest::keyClick(bar()->field(), Qt::Key_F3);
    QCOMPARE(selected(), "ALPHA");                   // letters count alike, large or small
    QTest::keyClick(bar()->field(), Qt::Key_Return); // around the end
    QCOMPARE(bar()->matchText(), "1 of 3");
    QTest::keyClick(bar()->field(), Qt::Key_Return, Qt::ShiftModifier);
    QCOMPARE(bar()->matchText(), "3 of 3");
    QTest::keyClick(bar()->field(), Qt::Key_Escape);
    QVERIFY(!bar()->isVisible());
    QCOMPARE(QApplication::focusWidget(), editor());
    QCOMPARE(selected(), "ALPHA");
    // The bar comes back with what is selected, inside the editor.
    QTest::keyClick(editor(), Qt::Key_F, Qt::ControlModifier);
    QCOMPARE(bar()->field()->text(), "ALPHA");
    QVERIFY(editor()->rect().contains(bar()->geometry()));
    QTest::keyClick(bar()->field(), Qt::Key_Escape);
}

void TestFindBar::leavesTheTableItsFilter()
{
    QTableView* table = m_window->modelPage()->variables()->table();
    table->setFocus();
    QTest::keyClick(table, Qt::Key_F, Qt::ControlModifier);
    QVERIFY(!bar()->isVisible());
    QVERIFY(m_window->modelPage()->variables()->filter()->hasFocus());
}

void TestFindBar::saysWhenThereIsNone()
{
    editor()->setFocus();
    QTest::keyClick(editor(), Qt::Key_F, Qt::ControlModifier);
    bar()->field()->setText("nothing like it");
    QCOMPARE(bar()->matchText(), "No match");
    bar()->field()->clear();
    QVERIFY(bar()->matchText().isEmpty());
    QVERIFY(!m_workspace->project().canUndo()); // finding changes nothing
}

QTEST_MAIN(TestFindBar)
#include "tst_find_bar.moc"
