// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/quantity.h"
#include "app/models/checkpoint_list_model.h"
#include "app/models/diff_model.h"
#include "tests/app/checkpoint_fixture.h"

#include <QAbstractItemModelTester>
#include <QFile>
#include <QMimeData>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QUrl>
#include <limits>

using namespace wr;
using namespace wr::app;

class TestCheckpointModels : public QObject {
    Q_OBJECT
private slots:
    void init();
    void quantities_data();
    void quantities();
    void previewsValues();
    void opensNothingThatIsDamaged();
    void listsAFolderNewestFirst();
    void comparesTwoCheckpoints();
    void namesWhatCannotBeCompared();

private:
    QString path(const char* name) const { return m_folder->filePath(QLatin1String(name)); }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestCheckpointModels::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TestCheckpointModels::quantities_data()
{
    QTest::addColumn<QString>("actual");
    QTest::addColumn<QString>("expected");
    QTest::newRow("shape") << shapeText({784, 200}) << QStringLiteral("784 × 200");
    QTest::newRow("unknown") << shapeText({-1, 10}) << QStringLiteral("? × 10");
    QTest::newRow("scalar") << shapeText({}) << QStringLiteral("scalar");
    QTest::newRow("brackets") << bracketText({784, 200}) << QStringLiteral("[784, 200]");
    QTest::newRow("count") << countText(159010) << QStringLiteral("159,010");
    QTest::newRow("bytes") << byteText(999) << QStringLiteral("999 B");
    QTest::newRow("kilobytes") << byteText(636040) << QStringLiteral("636.0 kB");
    QTest::newRow("rounds up a unit") << byteText(999960) << QStringLiteral("1.0 MB");
    QTest::newRow("largest") << byteText(std::numeric_limits<qint64>::max()) << QStringLiteral("9223.4 PB");
    QTest::newRow("nan") << valueText(std::nan("")) << QStringLiteral("NaN");
    QTest::newRow("infinity") << valueText(-INFINITY) << QStringLiteral("−∞");
    QTest::newRow("seconds") << durationText(59.4) << QStringLiteral("59 s");
    QTest::newRow("minutes") << durationText(185) << QStringLiteral("3 min 05 s");
    QTest::newRow("hours") << durationText(7800) << QStringLiteral("2 h 10 min");
}

void TestCheckpointModels::quantities()
{
    QFETCH(QString, actual);
    QFETCH(QString, expected);
    QCOMPARE(actual, expected);
}

void TestCheckpointModels::previewsValues()
{
    std::vector<NamedTensor> tensors = digitsTensors(0.0F);
    tensors[0].tensor.data<float>()[5] = std::nanf("");
    QCOMPARE(writeCheckpoint(path("a.wrck"), tensors), QString());
    const CheckpointFile::Opened opened = CheckpointFile::open(path("a.wrck"));
    QVERIFY(opened.file);
    const auto index = static_cast<int>(opened.file->reader().find("weights"));
    const TensorPreview preview = opened.file->preview(index);
    QVERIFY(preview.problem.isEmpty());
    QVERIFY(std::isnan(preview.sample[5]));
    QCOMPARE(preview.sample.size(), 4096);
    QCOMPARE(opened.file->tensor(index).nonFinite(), 1);
    QCOMPARE(opened.file->tensor(index).dims, (QVector<qint64>{784, 20}));
}

void TestCheckpointModels::opensNothingThatIsDamaged()
{
    QFile file(path("bad.wrck"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("<!DOCTYPE html><html>");
    file.close();
    const CheckpointFile::Opened opened = CheckpointFile::open(path("bad.wrck"));
    QVERIFY(!opened.file);
    QVERIFY(opened.problem.what.contains(QLatin1String("bad.wrck")));
    QVERIFY(!opened.problem.why.isEmpty());
    QVERIFY(!opened.problem.wayOut.isEmpty());
}

void TestCheckpointModels::listsAFolderNewestFirst()
{
    QCOMPARE(writeCheckpoint(path("step-00000010.wrck"), digitsTensors(0.0F), {{"step", "10"}}), QString());
    QTest::qWait(20);
    QCOMPARE(writeCheckpoint(path("step-00000020.wrck"), digitsTensors(1.0F),
                             {{"step", "20"}, {"loss", "0.25"}, {"test_accuracy", "0.9375"}}),
             QString());
    CheckpointLibrary library;
    CheckpointListModel model(&library);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QSignalSpy changed(&library, &CheckpointLibrary::changed);
    library.setDirectory(m_folder->path());
    QVERIFY(changed.wait());
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.index(0, CheckpointListModel::StepColumn).data().toString(), QStringLiteral("20"));
    QCOMPARE(model.index(0, CheckpointListModel::AccuracyColumn).data().toString(),
             QStringLiteral("93.75 %"));
    const std::unique_ptr<QMimeData> mime(model.mimeData({model.index(1, CheckpointListModel::NameColumn)}));
    QCOMPARE(mime->urls().value(0).toLocalFile(), path("step-00000010.wrck"));

    QFile broken(path("step-00000030.wrck"));
    QVERIFY(broken.open(QIODevice::WriteOnly));
    broken.write("nothing");
    broken.close();
    QVERIFY(changed.wait());
    QTRY_COMPARE(model.rowCount(), 3);
    QVERIFY(!model.index(0, 0).data(CheckpointListModel::ProblemRole).toString().isEmpty());
}

void TestCheckpointModels::comparesTwoCheckpoints()
{
    std::vector<NamedTensor> a = digitsTensors(0.0F);
    std::vector<NamedTensor> b = digitsTensors(0.0F);
    b[0].tensor.data<float>()[7] += 2.0F;
    b[1].name = "biases_2";
    b[2].tensor = Tensor::of(std::vector<float>(200, 1.0F), {10, 20});
    QCOMPARE(writeCheckpoint(path("a.wrck"), a), QString());
    QCOMPARE(writeCheckpoint(path("b.wrck"), b), QString());

    DiffModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QSignalSpy finished(&model, &DiffModel::finished);
    model.compare(path("a.wrck"), path("b.wrck"));
    QVERIFY(finished.wait());
    QStringList rows;
    int changed = -1;
    for (int row = 0; row < model.rowCount(); ++row) {
        const QString name = model.index(row, DiffModel::NameColumn).data().toString();
        rows += model.index(row, DiffModel::KindColumn).data().toString() + u' ' + name;
        if (name == QLatin1String("weights"))
            changed = row;
    }
    QVERIFY2(changed >= 0, qPrintable(rows.join(u'\n')));
    QCOMPARE(model.count(DiffModel::Kind::Reshaped), 1);
    QCOMPARE(model.count(DiffModel::Kind::Changed), 1);
    QCOMPARE(model.count(DiffModel::Kind::Equal), 1);
    // The same values under another name are no loss and nothing new.
    QVERIFY2(rows.contains(QStringLiteral("Renamed biases → biases_2")), qPrintable(rows.join(u'\n')));
    QCOMPARE(model.index(changed, DiffModel::MaxAbsColumn).data().toString(), QStringLiteral("2"));
    QVERIFY(model.index(changed, DiffModel::MaxAbsColumn)
                .data(Qt::ToolTipRole)
                .toString()
                .contains(QLatin1String("1 changed")));
    QVERIFY(model.largestRelative() > 0);
    model.setShowEqual(false);
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(model.summary(), QStringLiteral("1 reshaped · 1 changed · 1 renamed · 1 equal"));
}

void TestCheckpointModels::namesWhatCannotBeCompared()
{
    QCOMPARE(writeCheckpoint(path("a.wrck"), digitsTensors(0.0F)), QString());
    DiffModel model;
    QSignalSpy finished(&model, &DiffModel::finished);
    Explanation problem;
    connect(&model, &DiffModel::failed, this, [&](const Explanation& explanation) { problem = explanation; });
    model.compare(path("a.wrck"), path("missing.wrck"));
    QVERIFY(finished.wait());
    QVERIFY(problem.what.contains(QLatin1String("missing.wrck")));
    QCOMPARE(model.rowCount(), 0);
    QVERIFY(model.summary().isEmpty());
}

QTEST_GUILESS_MAIN(TestCheckpointModels)
#include "tst_checkpoint_models.moc"
