// SPDX-License-Identifier: GPL-3.0-or-later
// The script editor: it follows the project exactly, completes, shows parameters, and is quick in long texts.
#include "ui/theme/theme.h"
#include "ui/widgets/completion_popup.h"
#include "ui/widgets/script_editor.h"
#include "ui/widgets/script_highlighter.h"

#include <QElapsedTimer>
#include <QListWidget>
#include <QRandomGenerator>
#include <QStandardPaths>
#include <QTest>
#include <QTextBlock>
#include <QTextLayout>

using namespace wr;
using namespace wr::ui;

class TestScriptEditor : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void init();
    void handsOverEveryEdit();
    void followsTheProject();
    void completesFunctions();
    void entersLinesWhenNothingIsChosen();
    void fillsHoles();
    void showsParameters();
    void indentsAndComments();
    void coloursWords();
    void coloursLongTextsInSlices();
    void followsLargeEdits();
    void typesQuickly();

private:
    QString shown() const
    {
        QString text = m_editor->document()->toRawText();
        return text.replace(QChar(QChar::ParagraphSeparator), u'\n');
    }
    void start(const QString& text, int cursor = -1)
    {
        m_project->newFromText(text, QStringLiteral("editor"));
        m_editor->jumpTo(cursor < 0 ? static_cast<int>(text.size()) : cursor);
    }
    std::unique_ptr<app::Project> m_project;
    std::unique_ptr<ScriptEditor> m_editor;
};

void TestScriptEditor::initTestCase()
{
    Q_INIT_RESOURCE(icons);
    QStandardPaths::setTestModeEnabled(true);
    Theme::instance().setChoice(Theme::Choice::Light, false);
}

void TestScriptEditor::init()
{
    m_editor.reset();
    m_project = std::make_unique<app::Project>();
    m_editor = std::make_unique<ScriptEditor>(m_project.get());
    m_editor->resize(700, 400);
    m_editor->show();
    QVERIFY(QTest::qWaitForWindowActive(m_editor.get()));
    m_editor->setFocus();
}

void TestScriptEditor::handsOverEveryEdit()
{
    start(QStringLiteral("a = 1\nb = 2\n"));
    QRandomGenerator random(7);
    const QStringList pieces{QStringLiteral("x"),
                             QStringLiteral("ä€"),
                             QStringLiteral("\n"),
                             QStringLiteral("one\ntwo\n"),
                             QString(QChar(0x00A0)),
                             QStringLiteral("😀"),
                             QString()};
    for (int round = 0; round < 300; ++round) {
        QTextCursor cursor(m_editor->document());
        const int length = m_editor->document()->characterCount() - 1;
        cursor.setPosition(random.bounded(length + 1));
        cursor.setPosition(std::min(length, cursor.position() + random.bounded(9)), QTextCursor::KeepAnchor);
        cursor.insertText(pieces[random.bounded(static_cast<int>(pieces.size()))]);
        QCOMPARE(m_project->script(), shown());
    }
    m_editor->selectAll();
    QTest::keyClick(m_editor.get(), Qt::Key_Delete);
    QCOMPARE(m_project->script(), QString());
    while (m_project->canUndo())
        m_project->undo();
    QCOMPARE(m_project->script(), QStringLiteral("a = 1\nb = 2\n"));
    QCOMPARE(shown(), m_project->script());
}

void TestScriptEditor::followsTheProject()
{
    start(QStringLiteral("a = tf.Variable(tf.zeros([3]), name=\"a\")\n"));
    QVERIFY(m_project->setVariableField(QStringLiteral("a"), app::VariableField::Name, QStringLiteral("b"))
                .isEmpty());
    QCOMPARE(shown(), m_project->script());
    m_project->undo();
    QCOMPARE(shown(), QStringLiteral("a = tf.Variable(tf.zeros([3]), name=\"a\")\n"));
}

void TestScriptEditor::completesFunctions()
{
    start(QString());
    QTest::keyClicks(m_editor.get(), QStringLiteral("x = tf."));
    QVERIFY(m_editor->popup()->isVisible());
    QTest::keyClicks(m_editor.get(), QStringLiteral("zer"));
    QVERIFY(m_editor->popup()->isVisible());
    QCOMPARE(m_editor->popup()->choice().insert, QStringLiteral("tf.zeros()"));
    QTest::keyClick(m_editor.get(), Qt::Key_Down);
    QCOMPARE(m_editor->popup()->choice().insert, QStringLiteral("tf.zeros_initializer()"));
    QTest::keyClick(m_editor.get(), Qt::Key_Up);
    QTest::keyClick(m_editor.get(), Qt::Key_Return);
    QVERIFY(!m_editor->popup()->isVisible());
    QCOMPARE(m_project->script(), QStringLiteral("x = tf.zeros()"));
    QTest::keyClicks(m_editor.get(), QStringLiteral("[3])")); // steps over the bracket that is there
    QCOMPARE(m_project->script(), QStringLiteral("x = tf.zeros([3])"));

    QTest::keyClick(m_editor.get(), Qt::Key_Return);
    QTest::keyClicks(m_editor.get(), QStringLiteral("y = tf.ze"));
    QVERIFY(m_editor->popup()->isVisible());
    QTest::keyClick(m_editor.get(), Qt::Key_Escape);
    QVERIFY(!m_editor->popup()->isVisible());
    QTest::keyClick(m_editor.get(), Qt::Key_Space, Qt::ControlModifier);
    QVERIFY(m_editor->popup()->isVisible());
    QTest::keyClick(m_editor.get(), Qt::Key_Tab);
    QVERIFY(m_project->script().endsWith(QStringLiteral("y = tf.zeros()")));
}

void TestScriptEditor::entersLinesWhenNothingIsChosen()
{
    start(QString());
    QTest::keyClicks(m_editor.get(), QStringLiteral("x = tf.zeros("));
    QVERIFY(m_editor->popup()->isVisible()); // the arguments
    QTest::keyClick(m_editor.get(), Qt::Key_Return);
    QCOMPARE(m_project->script(), QStringLiteral("x = tf.zeros(\n"));
}

void TestScriptEditor::fillsHoles()
{
    const QString text = QStringLiteral("v = tf.Variable(..., name=\"v\")\n");
    start(text, static_cast<int>(text.indexOf(QStringLiteral("...,")) + 3));
    QTest::keyClick(m_editor.get(), Qt::Key_Space, Qt::ControlModifier);
    QVERIFY(m_editor->popup()->isVisible());
    QCOMPARE(m_editor->popup()->choice().insert, QStringLiteral("tf.zeros([])"));
    QTest::keyClick(m_editor.get(), Qt::Key_Return);
    QTest::keyClicks(m_editor.get(), QStringLiteral("3"));
    QCOMPARE(m_project->script(), QStringLiteral("v = tf.Variable(tf.zeros([3]), name=\"v\")\n"));
}

void TestScriptEditor::showsParameters()
{
    start(QString());
    QTest::keyClicks(m_editor.get(), QStringLiteral("x = tf.random_normal("));
    QVERIFY(m_editor->hint()->isVisible());
    QVERIFY2(m_editor->hint()->text().contains(QStringLiteral("<b>shape</b>")),
             qPrintable(m_editor->hint()->text()));
    QTest::keyClicks(m_editor.get(), QStringLiteral("[3], "));
    QVERIFY(m_editor->hint()->text().contains(QStringLiteral("<b>mean</b>")));
    QTest::keyClicks(m_editor.get(), QStringLiteral("seed=4)"));
    QVERIFY(!m_editor->hint()->isVisible());
}

void TestScriptEditor::indentsAndComments()
{
    start(QString());
    QTest::keyClicks(m_editor.get(), QStringLiteral("with tf.name_scope(\"a\"):"));
    QTest::keyClick(m_editor.get(), Qt::Key_Return);
    QTest::keyClicks(m_editor.get(), QStringLiteral("b = 1"));
    QTest::keyClick(m_editor.get(), Qt::Key_Return);
    QTest::keyClick(m_editor.get(), Qt::Key_Backspace);
    QTest::keyClicks(m_editor.get(), QStringLiteral("c = 2"));
    const QString text = QStringLiteral("with tf.name_scope(\"a\"):\n    b = 1\nc = 2");
    QCOMPARE(m_project->script(), text);
    m_editor->selectAll();
    QTest::keyClick(m_editor.get(), Qt::Key_Slash, Qt::ControlModifier);
    QCOMPARE(m_project->script(), QStringLiteral("# with tf.name_scope(\"a\"):\n#     b = 1\n# c = 2"));
    m_project->undo(); // one step
    QCOMPARE(m_project->script(), text);
    m_project->redo();
    m_editor->selectAll();
    QTest::keyClick(m_editor.get(), Qt::Key_Slash, Qt::ControlModifier);
    QCOMPARE(m_project->script(), text);
}

void TestScriptEditor::coloursWords()
{
    start(QStringLiteral("v = tf.Variable(..., name=\"v\")  # tf.zeros\nw = v.initialized_value() + vv\n"
                         "with tf.device(\"/cpu:0\"):\n    u = tf.nonsense(3)\n"));
    QTRY_VERIFY(!m_editor->highlighter()->isBusy());
    const Colours& colours = Theme::instance().colours();
    const auto inkAt = [this](int line, const char* word) {
        const QTextBlock block = m_editor->document()->findBlockByNumber(line);
        const auto at = static_cast<int>(block.text().indexOf(QLatin1String(word)));
        for (const QTextLayout::FormatRange& range : block.layout()->formats()) {
            if (at >= range.start && at < range.start + range.length)
                return range.format.foreground().color();
        }
        return QColor();
    };
    QCOMPARE(inkAt(0, "tf.Variable"), colours.syntaxCall);
    QCOMPARE(inkAt(0, "..."), colours.warning);
    QCOMPARE(inkAt(0, "\"v\""), colours.syntaxText);
    QCOMPARE(inkAt(0, "# tf"), colours.muted);
    QCOMPARE(inkAt(1, "v.init"), colours.accent);
    QCOMPARE(inkAt(1, "vv"), colours.muted);
    QCOMPARE(inkAt(2, "with"), colours.syntaxWord);
    QCOMPARE(inkAt(2, "\"/cpu"), colours.accent);
    QCOMPARE(inkAt(3, "tf.nonsense"), colours.muted);
    QCOMPARE(inkAt(3, "3"), colours.syntaxNumber);
}

void TestScriptEditor::coloursLongTextsInSlices()
{
    QString text;
    for (int i = 0; i < 3000; ++i)
        text += QStringLiteral("v%1 = tf.Variable(tf.zeros([2]), name=\"v%1\")\n").arg(i);
    start(text);
    // The text itself comes in slices, too: nobody types into a part of it.
    QVERIFY(m_editor->isFilling() && m_editor->isReadOnly());
    QTest::keyClick(m_editor.get(), Qt::Key_X);
    QTest::keyClick(m_editor.get(), Qt::Key_Slash, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(!m_editor->isFilling() && !m_editor->highlighter()->isBusy(), 60000);
    QVERIFY(!m_editor->isReadOnly());
    QCOMPARE(m_editor->textCursor().position(), static_cast<int>(text.size()));
    QCOMPARE(shown(), text);
    QVERIFY(!m_editor->document()->findBlockByNumber(2999).layout()->formats().isEmpty());
    QCOMPARE(m_project->script(), text);
}

void TestScriptEditor::followsLargeEdits()
{
    QString text;
    for (int i = 0; i < 2000; ++i)
        text += QStringLiteral("v%1 = tf.Variable(tf.zeros([2]), name=\"v%1\")\n").arg(i);
    start(text, 70000);
    QTRY_VERIFY_WITH_TIMEOUT(!m_editor->isFilling(), 60000);
    QStringList names;
    for (int i = 0; i < 2000; ++i)
        names += QStringLiteral("v%1").arg(i);
    m_project->startSettingFields(names, app::VariableField::Trainable, QStringLiteral("no"));
    QTRY_COMPARE_WITH_TIMEOUT(m_project->script().count(QStringLiteral("trainable=False")), 2000, 60000);
    QTRY_VERIFY_WITH_TIMEOUT(!m_editor->isFilling(), 60000);
    QCOMPARE(shown(), m_project->script());
    QCOMPARE(m_editor->textCursor().position(), 70000);
    // Taken back, and changed again while the text still comes.
    m_project->undo();
    m_project->editText(0, 0, QStringLiteral("# first\n"));
    m_project->undo();
    m_project->redo();
    QTRY_VERIFY_WITH_TIMEOUT(!m_editor->isFilling(), 60000);
    QCOMPARE(shown(), QStringLiteral("# first\n") + text);
    m_project->newFromText(QStringLiteral("a = 1\n"), QStringLiteral("small"));
    QTRY_COMPARE(shown(), QStringLiteral("a = 1\n"));
    QVERIFY(!m_editor->isReadOnly());
}

void TestScriptEditor::typesQuickly()
{
    QString text;
    for (int i = 0; i < 5000; ++i)
        text += QStringLiteral("v%1 = tf.Variable(tf.random_normal([784, 200]), name=\"v%1\")\n").arg(i);
    start(text, static_cast<int>(text.size() / 2));
    QTRY_VERIFY_WITH_TIMEOUT(
        !m_editor->isFilling() && !m_editor->highlighter()->isBusy() && !m_project->isParsing(), 60000);
    m_editor->moveCursor(QTextCursor::EndOfLine);
    QElapsedTimer timer;
    double total = 0.0;
    double worst = 0.0;
    const QString typed = QStringLiteral("  # a remark that somebody types");
    for (const QChar c : typed) {
        timer.start();
        QTest::keyClick(m_editor.get(), c.toLatin1());
        const double milliseconds = static_cast<double>(timer.nsecsElapsed()) / 1e6;
        total += milliseconds;
        worst = std::max(worst, milliseconds);
    }
    qInfo("one key in 5,000 lines: %.2f ms, at worst %.2f ms", total / static_cast<double>(typed.size()),
          worst);
    QVERIFY(m_project->script().contains(typed));
    QVERIFY2(total / static_cast<double>(typed.size()) < 200, "typing is held up");
}

QTEST_MAIN(TestScriptEditor)
#include "tst_script_editor.moc"
