// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/text_history.h"
#include "app/document/text_map.h"

#include <QRandomGenerator>
#include <QTest>

using namespace wr;
using namespace wr::app;

namespace {

void apply(QString& text, const QVector<TextChange>& changes)
{
    for (const TextChange& change : changes) {
        QCOMPARE(text.mid(change.begin, change.removed.size()), change.removed);
        text.replace(change.begin, change.removed.size(), change.inserted);
    }
}

/// Types `word` at the end of `text`, one character at a time.
void type(QString& text, TextHistory& history, const QString& word)
{
    for (const QChar character : word) {
        const TextChange change{static_cast<int>(text.size()), {}, QString(character)};
        history.push({change}, {});
        apply(text, {change});
    }
}

} // namespace

class TestTextHistory : public QObject {
    Q_OBJECT
private slots:
    void mergesTypingIntoWords();
    void mergesDeleting();
    void takesStepsBackTogether();
    void knowsTheSavedText();
    void undoesAnything();
    void mapsPlaces_data();
    void mapsPlaces();
    void readsFiles_data();
    void readsFiles();
    void keepsFilesByteExact_data();
    void keepsFilesByteExact();
};

void TestTextHistory::mergesTypingIntoWords()
{
    QString text;
    TextHistory history;
    type(text, history, QStringLiteral("two words\nnext"));
    QVERIFY(history.canUndo());
    QCOMPARE(history.undoLabel(), QStringLiteral("Typing"));
    const QStringList stages{QStringLiteral("two words\n"), QStringLiteral("two words"),
                             QStringLiteral("two "), QString()};
    for (const QString& stage : stages) {
        apply(text, history.undo());
        QCOMPARE(text, stage);
    }
    QVERIFY(!history.canUndo());
    for (qsizetype i = 0; i < stages.size(); ++i)
        apply(text, history.redo());
    QCOMPARE(text, QStringLiteral("two words\nnext"));
    QVERIFY(!history.canRedo());

    // A pasted text and a labelled one are steps of their own.
    apply(text, history.undo());
    history.push({{static_cast<int>(text.size()), {}, QStringLiteral("paste")}}, {});
    QVERIFY(!history.canRedo());
    text += QStringLiteral("paste");
    type(text, history, QStringLiteral("x"));
    apply(text, history.undo());
    QCOMPARE(text, QStringLiteral("two words\n"));
}

void TestTextHistory::mergesDeleting()
{
    QString text = QStringLiteral("alpha beta");
    TextHistory history;
    for (int i = 0; i < 6; ++i) { // backspace over "beta", the space, and "a"
        const int at = static_cast<int>(text.size()) - 1;
        const TextChange change{at, QString(text[at]), {}};
        history.push({change}, {});
        apply(text, {change});
    }
    QCOMPARE(text, QStringLiteral("alph"));
    apply(text, history.undo());
    QCOMPARE(text, QStringLiteral("alpha"));
    apply(text, history.undo());
    QCOMPARE(text, QStringLiteral("alpha "));
    apply(text, history.undo());
    QCOMPARE(text, QStringLiteral("alpha beta"));

    for (int i = 0; i < 3; ++i) { // the delete key at the start
        const TextChange change{0, QString(text[0]), {}};
        history.push({change}, {});
        apply(text, {change});
    }
    QCOMPARE(text, QStringLiteral("ha beta"));
    apply(text, history.undo());
    QCOMPARE(text, QStringLiteral("alpha beta"));
}

void TestTextHistory::takesStepsBackTogether()
{
    QString text = QStringLiteral("a = 1; b = 2");
    TextHistory history;
    const QVector<TextChange> changes{{11, QStringLiteral("2"), QStringLiteral("20")},
                                      {4, QStringLiteral("1"), QStringLiteral("10")}};
    history.push(changes, QStringLiteral("Change both"));
    apply(text, changes);
    QCOMPARE(text, QStringLiteral("a = 10; b = 20"));
    QCOMPARE(history.undoLabel(), QStringLiteral("Change both"));
    apply(text, history.undo());
    QCOMPARE(text, QStringLiteral("a = 1; b = 2"));
    QCOMPARE(history.redoLabel(), QStringLiteral("Change both"));
}

void TestTextHistory::knowsTheSavedText()
{
    QString text;
    TextHistory history;
    QVERIFY(history.isClean());
    type(text, history, QStringLiteral("ab"));
    QVERIFY(!history.isClean());
    history.setClean();
    type(text, history, QStringLiteral("c")); // must not join the saved step
    QVERIFY(!history.isClean());
    apply(text, history.undo());
    QCOMPARE(text, QStringLiteral("ab"));
    QVERIFY(history.isClean());
    apply(text, history.undo());
    QVERIFY(!history.isClean());
    type(text, history, QStringLiteral("z")); // the saved text cannot be reached any more
    apply(text, history.undo());
    QVERIFY(!history.isClean());
}

void TestTextHistory::undoesAnything()
{
    QRandomGenerator random(7);
    for (int round = 0; round < 200; ++round) {
        QString text = QStringLiteral("The text äöü € 😀 as it was");
        TextHistory history;
        QStringList versions{text};
        for (int i = 0; i < 40; ++i) {
            const int begin = static_cast<int>(random.bounded(text.size() + 1));
            const int removed =
                static_cast<int>(random.bounded(std::min<qsizetype>(3, text.size() - begin) + 1));
            const TextChange change{begin, text.mid(begin, removed),
                                    QString(static_cast<qsizetype>(random.bounded(3)), QLatin1Char('x'))};
            if (change.removed == change.inserted)
                continue;
            history.push({change}, i % 3 == 0 ? QStringLiteral("step") : QString());
            apply(text, {change});
        }
        const QString last = text;
        while (history.canUndo())
            apply(text, history.undo());
        QCOMPARE(text, versions.first());
        QVERIFY(history.isClean());
        while (history.canRedo())
            apply(text, history.redo());
        QCOMPARE(text, last);
    }
}

void TestTextHistory::mapsPlaces_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("empty") << QString();
    QTest::newRow("ascii") << QStringLiteral("w = tf.Variable(tf.zeros([2]))\n");
    QTest::newRow("umlauts") << QStringLiteral("# Größe\nw = 1  # €\n");
    QTest::newRow("pairs") << QStringLiteral("# 😀😀 x 😀\ny = 2\n");
    QString mixed;
    for (int i = 0; i < 500; ++i)
        mixed += i % 5 == 0 ? QStringLiteral("😀") : i % 3 == 0 ? QStringLiteral("ß") : QStringLiteral("a");
    QTest::newRow("long") << mixed;
}

void TestTextHistory::mapsPlaces()
{
    QFETCH(QString, text);
    const TextMap map(text);
    QCOMPARE(QByteArray::fromStdString(map.utf8()), text.toUtf8());
    for (int i = 0; i <= text.size(); ++i) {
        const bool isInside = i > 0 && i < text.size() && text[i].isLowSurrogate();
        const int start = isInside ? i - 1 : i;
        const auto byte = static_cast<std::uint32_t>(text.left(start).toUtf8().size());
        QCOMPARE(map.byteAt(i), byte);
        QCOMPARE(map.utf16At(byte), start);
    }
    QCOMPARE(map.byteAt(-5), 0U);
    QCOMPARE(map.byteAt(1'000'000), static_cast<std::uint32_t>(map.utf8().size()));
    QCOMPARE(map.utf16At(1'000'000), static_cast<int>(text.size()));
}

void TestTextHistory::readsFiles_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("problem"); // a part of it; empty: none
    QTest::newRow("latin-1") << QByteArray("a = 1\n# Gr\xF6\xDF"
                                           "e\n")
                             << QStringLiteral("line 2 (byte 10 ");
    QTest::newRow("overlong") << QByteArray("\xC0\x80") << QStringLiteral("line 1 (byte 0 ");
    QTest::newRow("surrogate") << QByteArray("ab\xED\xA0\x80") << QStringLiteral("line 1 (byte 2 ");
    QTest::newRow("past the last") << QByteArray("\xF4\x90\x80\x80") << QStringLiteral("byte 0");
    QTest::newRow("cut off") << QByteArray("a\xE2\x82") << QStringLiteral("byte 1");
    QTest::newRow("mixed ends") << QByteArray("a\r\nb\nc\r\n")
                                << QStringLiteral("line 1 ends with CR LF, line 2");
    QTest::newRow("lone return") << QByteArray("a\rb\n") << QStringLiteral("line 1 (byte 1 ");
}

void TestTextHistory::readsFiles()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, problem);
    const Result<ScriptFile> file = ScriptFile::fromBytes(bytes);
    QVERIFY(!file);
    QCOMPARE(file.error().code(), StatusCode::InvalidArgument);
    QVERIFY2(QString::fromStdString(file.error().message()).contains(problem),
             file.error().message().c_str());
}

void TestTextHistory::keepsFilesByteExact_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("no end") << QByteArray("a = 1");
    QTest::newRow("lf") << QByteArray("a = 1\n\nb = 2\n");
    QTest::newRow("crlf") << QByteArray("a = 1\r\n\r\nb = 2\r\n");
    QTest::newRow("crlf, no last end") << QByteArray("a = 1\r\nb = 2");
    QTest::newRow("mark") << QByteArray("\xEF\xBB\xBF"
                                        "a = 1\n");
    QTest::newRow("two marks") << QByteArray("\xEF\xBB\xBF\xEF\xBB\xBF"
                                             "a = 1\r\n");
    QTest::newRow("all widths") << QByteArray("# \xC3\xB6 \xE2\x82\xAC \xF0\x9F\x98\x80\n");
    static constexpr char kOdd[] = "a\0b\x0B\x0C \xE2\x80\xA8 \xE2\x80\xA9 \xC2\xA0 \xEF\xB7\x90\n";
    QTest::newRow("odd characters") << QByteArray(kOdd, sizeof(kOdd) - 1);
}

void TestTextHistory::keepsFilesByteExact()
{
    QFETCH(QByteArray, bytes);
    const Result<ScriptFile> file = ScriptFile::fromBytes(bytes);
    QVERIFY2(file, file ? "" : file.error().message().c_str());
    QVERIFY(!file->text.contains(QLatin1Char('\r')));
    QCOMPARE(file->toBytes(), bytes);
}

QTEST_GUILESS_MAIN(TestTextHistory)
#include "tst_text_history.moc"
