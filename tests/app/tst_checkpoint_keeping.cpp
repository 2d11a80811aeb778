// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of the files of a folder: rules that remove, stars that keep, notes and names that follow, the
// trash and the way back.
#include "app/library/checkpoint_check.h"
#include "app/library/checkpoint_keeping.h"
#include "app/library/checkpoint_library.h"
#include "app/library/trash.h"
#include "app/models/checkpoint_list_model.h"
#include "app/run/training_run.h"
#include "tests/app/checkpoint_fixture.h"
#include "tests/app/run_fixture.h"

#include <QAbstractItemModelTester>
#include <QDir>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <cstring>

using namespace wr;
using namespace wr::app;
using Model = CheckpointListModel;

class TestCheckpointKeeping : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void init();
    void removesByRule();
    void catchesUpWhenARuleBecomesStricter();
    void keepsTwoSaversApart();
    void leavesCopiesAndRenamedOnesAlone();
    void savesDeltas();
    void remembersNotes();
    void survivesADamagedNotesFile();
    void renames_data();
    void renames();
    void goesToTheTrashAndBack();
    void aSetOfFilesIsOneCheckpoint();
    void showsWhatGoes();

private:
    QString path(const QString& name) const { return m_folder->filePath(name); }
    QStringList names() const
    {
        return QDir(m_folder->path()).entryList({QStringLiteral("*.wrck")}, QDir::Files, QDir::Name);
    }
    void write(int step, const std::string& keeper = kRuleKeeper, double monitored = 1.0) const
    {
        const QString at = QStringLiteral("2026-11-27T%1:00:00Z").arg(step, 2, 10, QLatin1Char('0'));
        checkpoint::Metadata metadata{{"step", std::to_string(step)},
                                      {"saved_at", at.toStdString()},
                                      {"monitored", std::to_string(monitored)}};
        if (!keeper.empty())
            metadata[kKeeperKey] = keeper;
        const QString file = QStringLiteral("%1.wrck").arg(step, 2, 10, QLatin1Char('0'));
        metadata[kSavedAsKey] = file.toStdString();
        QCOMPARE(writeCheckpoint(path(file), digitsTensors(0.0F), metadata), QString());
    }

    QTemporaryDir m_home;
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestCheckpointKeeping::initTestCase()
{
    qputenv("HOME", m_home.path().toUtf8());
    qputenv("XDG_DATA_HOME", m_home.filePath(QStringLiteral("data")).toUtf8());
    QVERIFY(QDir(m_home.path()).mkpath(QStringLiteral("data")));
}

void TestCheckpointKeeping::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void TestCheckpointKeeping::removesByRule()
{
    for (int step = 1; step <= 7; ++step)
        write(step, step == 2 ? "" : kRuleKeeper, step == 3 ? 0.1 : 1.0);
    QVERIFY(writeNote(m_folder->path(), QStringLiteral("01.wrck"), {true, {}, {}}).isEmpty());
    const KeepingReport report = tidyFolder(m_folder->path(), kRuleKeeper, {2, 0.0, 1, true});
    QVERIFY2(report.status.isOk(), report.status.toString().c_str());
    QCOMPARE(report.removed, (QStringList{QStringLiteral("04.wrck"), QStringLiteral("05.wrck")}));
    // Starred, by hand, the best, the newest two.
    QCOMPARE(names(),
             (QStringList{QStringLiteral("01.wrck"), QStringLiteral("02.wrck"), QStringLiteral("03.wrck"),
                          QStringLiteral("06.wrck"), QStringLiteral("07.wrck")}));
    QFile state(path(QStringLiteral("checkpoint")));
    QVERIFY(state.open(QIODevice::ReadOnly));
    QCOMPARE(state.readAll(), QByteArray("model_checkpoint_path: \"07.wrck\"\n"
                                         "all_model_checkpoint_paths: \"01.wrck\"\n"
                                         "all_model_checkpoint_paths: \"02.wrck\"\n"
                                         "all_model_checkpoint_paths: \"03.wrck\"\n"
                                         "all_model_checkpoint_paths: \"06.wrck\"\n"
                                         "all_model_checkpoint_paths: \"07.wrck\"\n"));
}

void TestCheckpointKeeping::catchesUpWhenARuleBecomesStricter()
{
    for (int step = 1; step <= 6; ++step)
        write(step);
    QVERIFY(tidyFolder(m_folder->path(), kRuleKeeper, {}).removed.isEmpty());
    QCOMPARE(tidyFolder(m_folder->path(), kRuleKeeper, {4, 0.0, 0, true}).removed.size(), 2);
    // One damaged file counts for nothing.
    QFile damaged(path(QStringLiteral("06.wrck")));
    QVERIFY(damaged.resize(100));
    QCOMPARE(tidyFolder(m_folder->path(), kRuleKeeper, {1, 0.0, 0, true}).removed,
             QStringList{QStringLiteral("03.wrck")});
    QVERIFY(names().contains(QStringLiteral("06.wrck")));
}

void TestCheckpointKeeping::keepsTwoSaversApart()
{
    for (int step = 1; step <= 8; ++step)
        write(step, step % 2 == 0 ? "saver a" : "saver b");
    QCOMPARE(tidyFolder(m_folder->path(), "saver a", {2, 0.0, 0, true}).removed,
             (QStringList{QStringLiteral("02.wrck"), QStringLiteral("04.wrck")}));
    QCOMPARE(names().size(), 6);
}

void TestCheckpointKeeping::leavesCopiesAndRenamedOnesAlone()
{
    for (int step = 1; step <= 6; ++step)
        write(step);
    QVERIFY(QFile::copy(path(QStringLiteral("01.wrck")), path(QStringLiteral("copy.wrck"))));
    QVERIFY(renameCheckpoint(path(QStringLiteral("02.wrck")), QStringLiteral("mine")).problem.isEmpty());
    const auto reader =
        checkpoint::openCheckpoint(Vfs::posix(), path(QStringLiteral("03.wrck")).toStdString());
    QVERIFY(checkpoint::rewriteCheckpoint(Vfs::posix(), **reader,
                                          path(QStringLiteral("anew.wrck")).toStdString(), {}));
    QCOMPARE(tidyFolder(m_folder->path(), kRuleKeeper, {2, 0.0, 0, true}).removed,
             (QStringList{QStringLiteral("01.wrck"), QStringLiteral("03.wrck"), QStringLiteral("04.wrck")}));
    QCOMPARE(names(),
             (QStringList{QStringLiteral("05.wrck"), QStringLiteral("06.wrck"), QStringLiteral("anew.wrck"),
                          QStringLiteral("copy.wrck"), QStringLiteral("mine.wrck")}));
}

void TestCheckpointKeeping::savesDeltas()
{
    SmallTraining training;
    training.hidden = "512";
    training.optimizer = "tf.train.GradientDescentOptimizer(0.01)";
    training.rules = ", checkpoint_steps=2, checkpoint_deltas=True, checkpoint_keep=3";
    Result<std::unique_ptr<TrainingRun>> run = TrainingRun::create();
    QVERIFY((*run)->build(training.model(), {}));
    QVERIFY((*run)->initializeAll().isOk());
    std::vector<QByteArray> bits;
    for (int save = 0; save < 14; ++save) {
        std::vector<train::StepRecord> records;
        QVERIFY((*run)->advance(1, 0.0, records).isOk());
        QVERIFY((*run)->save(m_folder->path(), {}, checkpoint::Profile::Compact, kRuleKeeper));
        const KeepingReport report =
            tidyFolder(m_folder->path(), kRuleKeeper, keepingRules(*(*run)->model())[kRuleKeeper]);
        QVERIFY2(report.status.isOk(), report.status.toString().c_str());
        const Tensor weights = *(*run)->session().value("weights");
        bits.emplace_back(reinterpret_cast<const char*>(weights.bytes().data()),
                          static_cast<qsizetype>(weights.byteSize()));
        // The newest three, and what they are differences to.
        int deltas = 0;
        const std::vector<KeptFile> files = keptFiles(m_folder->path());
        for (const KeptFile& file : files) {
            deltas += file.stored.baseUuid.empty() ? 0 : 1;
            const auto opened = checkpoint::openCheckpoint(Vfs::posix(), file.path.toStdString());
            QVERIFY2(opened.has_value(), opened ? "" : opened.error().toString().c_str());
            const Result<Tensor> value =
                (*opened)->read(static_cast<std::size_t>((*opened)->find("weights")));
            QVERIFY2(value.has_value(), value ? "" : value.error().toString().c_str());
            const QByteArray& expected = bits[static_cast<std::size_t>(file.stored.step - 1)];
            QCOMPARE(std::memcmp(value->bytes().data(), expected.constData(), value->byteSize()), 0);
        }
        QVERIFY(files.size() <= 5);
        if (save == 0)
            QCOMPARE(deltas, 0);
        if (save == 1) {
            QCOMPARE(deltas, 1);
            QVERIFY(QFileInfo(files[1].path).size() < QFileInfo(files[0].path).size());
        }
        if (save == 10) // nine differences have been written to the first
            QVERIFY(std::any_of(files.begin(), files.end(), [](const KeptFile& file) {
                return file.stored.step == 11 && file.stored.baseUuid.empty();
            }));
    }
    // A delta that stands alone needs its base no more.
    const std::vector<KeptFile> files = keptFiles(m_folder->path());
    const auto delta = std::find_if(files.begin(), files.end(),
                                    [](const KeptFile& file) { return !file.stored.baseUuid.empty(); });
    QVERIFY(delta != files.end());
    QVERIFY(makeStandalone(delta->path, {}).isEmpty());
    const auto opened = checkpoint::openCheckpoint(Vfs::posix(), delta->path.toStdString());
    QVERIFY(opened && !(*opened)->base());
    QCOMPARE((*opened)->metadata().at("step"), std::to_string(delta->stored.step));
}

void TestCheckpointKeeping::remembersNotes()
{
    const CheckpointNote note{true,
                              {QStringLiteral("good"), QStringLiteral("to publish")},
                              QString::fromUtf8("the one with “ü”\nand two lines")};
    QVERIFY(writeNote(m_folder->path(), QStringLiteral("a.wrck"), note).isEmpty());
    QVERIFY(
        writeNote(m_folder->path(), QStringLiteral("b.wrck"), {false, {}, QStringLiteral("b")}).isEmpty());
    QCOMPARE(readNotes(m_folder->path()).value(QStringLiteral("a.wrck")), note);
    QVERIFY(writeNote(m_folder->path(), QStringLiteral("a.wrck"), {}).isEmpty());
    QCOMPARE(readNotes(m_folder->path()).keys(), QStringList{QStringLiteral("b.wrck")});
    const Explanation problem = writeNote(path(QStringLiteral("nowhere")), QStringLiteral("a.wrck"), note);
    QVERIFY(problem.what.contains(QLatin1String("a.wrck")) && !problem.why.isEmpty());
}

void TestCheckpointKeeping::survivesADamagedNotesFile()
{
    for (const QByteArray& text :
         {QByteArray("{\"a.wrck\": "), QByteArray("[1, 2]"), QByteArray("{\"a.wrck\": {\"tags\": 7}}"),
          QByteArray("\xff\xfe\x00", 3), QByteArray("{\"a.wrck\": {\"star\": \"yes\", \"note\": {}}}")}) {
        QFile file(path(QStringLiteral("notes.json")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
        file.close();
        QVERIFY(readNotes(m_folder->path()).isEmpty());
    }
}

void TestCheckpointKeeping::renames_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("becomes"); // empty: refused
    QTest::newRow("without extension") << "good one"
                                       << "good one.wrck";
    QTest::newRow("with extension") << "good.wrck"
                                    << "good.wrck";
    QTest::newRow("another extension") << "good.txt"
                                       << "good.txt.wrck";
    QTest::newRow("taken") << "02"
                           << "";
    QTest::newRow("elsewhere") << "../01"
                               << "";
    QTest::newRow("hidden") << ".good"
                            << "";
    QTest::newRow("nothing") << ".wrck"
                             << "";
}

void TestCheckpointKeeping::renames()
{
    QFETCH(QString, name);
    QFETCH(QString, becomes);
    write(1);
    write(2);
    const CheckpointNote note{true, {}, QStringLiteral("mine")};
    QVERIFY(writeNote(m_folder->path(), QStringLiteral("01.wrck"), note).isEmpty());
    const Renamed renamed = renameCheckpoint(path(QStringLiteral("01.wrck")), name);
    QCOMPARE(renamed.problem.isEmpty(), !becomes.isEmpty());
    const QString now = becomes.isEmpty() ? QStringLiteral("01.wrck") : becomes;
    QCOMPARE(names().size(), 2);
    QVERIFY(names().contains(now));
    QCOMPARE(readNotes(m_folder->path()).keys(), QStringList{now});
    QCOMPARE(readNotes(m_folder->path()).value(now), note);
}

void TestCheckpointKeeping::goesToTheTrashAndBack()
{
    write(1);
    TrashedFile trashed;
    QVERIFY(moveToTrash(path(QStringLiteral("01.wrck")), trashed).isEmpty());
    QVERIFY(names().isEmpty());
    QVERIFY(QFile::exists(trashed.inTrash));
    write(1); // the name is taken meanwhile
    const Explanation refused = putBack(trashed);
    QVERIFY2(refused.wayOut.contains(trashed.inTrash), qPrintable(refused.toText()));
    QVERIFY(QFile::exists(trashed.inTrash));
    QVERIFY(QFile::remove(path(QStringLiteral("01.wrck"))));
    QVERIFY(putBack(trashed).isEmpty());
    QCOMPARE(names(), QStringList{QStringLiteral("01.wrck")});
    QVERIFY(!QFile::exists(trashed.inTrash));
}

/// Very large checkpoints lie in several files: listed, trashed, put back and removed as one.
void TestCheckpointKeeping::aSetOfFilesIsOneCheckpoint()
{
    const auto save = [this](const char* name, int step) {
        checkpoint::SaveOptions options;
        options.partTensors = 2;
        const std::string file = name;
        const auto report =
            checkpoint::saveCheckpoint(Vfs::posix(), path(QString::fromUtf8(name)).toStdString(),
                                       digitsTensors(static_cast<float>(step)),
                                       {{"step", std::to_string(step)},
                                        {"saved_at", "2026-11-27T0" + std::to_string(step) + ":00:00Z"},
                                        {kKeeperKey, kRuleKeeper},
                                        {kSavedAsKey, file}},
                                       options);
        QVERIFY2(report.has_value(), report ? "" : report.error().toString().c_str());
    };
    save("one.wrck", 1);
    QCOMPARE(names().size(), 3); // a list and two parts
    QCOMPARE(checkpointsIn(m_folder->path()), QStringList(path(QStringLiteral("one.wrck"))));

    CheckpointLibrary library;
    library.setDirectory(m_folder->path());
    QTRY_COMPARE(library.rows().size(), 1);
    QCOMPARE(library.rows()[0].fileName, QStringLiteral("one.wrck"));
    QVERIFY2(library.rows()[0].problem.isEmpty(), qPrintable(library.rows()[0].problem));
    QVERIFY(library.rows()[0].bytes > QFileInfo(path(QStringLiteral("one.wrck"))).size());
    QSignalSpy trashed(&library, &CheckpointLibrary::trashed);
    library.moveToTrash({path(QStringLiteral("one.wrck"))});
    QTRY_COMPARE(trashed.size(), 1);
    QCOMPARE(trashed[0][0].toInt(), 1);
    QVERIFY(names().isEmpty());
    library.putBack();
    QTRY_COMPARE(names().size(), 3);
    QVERIFY(checkFile(path(QStringLiteral("one.wrck")), {}).problem.isEmpty());

    save("two.wrck", 2);
    save("three.wrck", 3);
    const KeepingReport report = tidyFolder(m_folder->path(), kRuleKeeper, {2, 0.0, 0, true});
    QVERIFY(report.status.isOk());
    QCOMPARE(report.removed, QStringList(QStringLiteral("one.wrck")));
    QCOMPARE(checkpointsIn(m_folder->path()).size(), 2);
    QCOMPARE(names().size(), 6);
}

void TestCheckpointKeeping::showsWhatGoes()
{
    for (int step = 1; step <= 5; ++step)
        write(step);
    CheckpointLibrary library;
    Model model(&library);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    library.setDirectory(m_folder->path());
    library.setRules({{kRuleKeeper, {3, 0.0, 0, true}}});
    const auto going = [&] {
        QString text;
        for (int row = 0; row < model.rowCount(); ++row)
            text += model.index(row, 0).data(Model::GoesRole).toBool() ? u'x' : u'.';
        return text;
    };
    QTRY_COMPARE(going(), QStringLiteral("...xx"));
    // A star counts at once, and on disk.
    QVERIFY(model.setData(model.index(4, Model::StarColumn), Qt::Checked, Qt::CheckStateRole));
    QCOMPARE(model.index(4, Model::StarColumn).data().toString(), QStringLiteral("★"));
    QTRY_COMPARE(going(), QStringLiteral("...x."));
    QVERIFY(model.setData(model.index(0, Model::TagsColumn), QStringLiteral(" a,b ,, a")));
    QVERIFY(model.setData(model.index(0, Model::NoteColumn), QStringLiteral("n")));
    QTRY_COMPARE(readNotes(m_folder->path()).size(), 2);
    QTRY_COMPARE(readNotes(m_folder->path()).value(QStringLiteral("05.wrck")).text, QStringLiteral("n"));
    QCOMPARE(model.index(0, Model::TagsColumn).data().toString(), QStringLiteral("a, b"));
    QSignalSpy complained(&library, &CheckpointLibrary::complained);
    QVERIFY(model.setData(model.index(0, Model::NameColumn), QStringLiteral("03")));
    QVERIFY(complained.wait());
    QVERIFY(model.setData(model.index(0, Model::NameColumn), QStringLiteral("last")));
    QTRY_VERIFY(names().contains(QStringLiteral("last.wrck")));
    QSignalSpy trashed(&library, &CheckpointLibrary::trashed);
    library.moveToTrash({path(QStringLiteral("01.wrck")), path(QStringLiteral("02.wrck"))});
    QVERIFY(trashed.wait());
    QTRY_COMPARE(model.rowCount(), 3);
    library.putBack();
    QTRY_COMPARE(model.rowCount(), 5);
}

QTEST_GUILESS_MAIN(TestCheckpointKeeping)
#include "tst_checkpoint_keeping.moc"
