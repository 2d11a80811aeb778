// SPDX-License-Identifier: GPL-3.0-or-later
// What a checkpoint says of its run: written, read back with the same bits, kept by a rewrite and by a
// recovery, and found in the index when the header is lost.
#include "engine/checkpoint/damage_map.h"
#include "engine/checkpoint/facts.h"
#include "tests/checkpoint/sample_tensors.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <limits>

using namespace wr;
using namespace wr::checkpoint;

class TestFacts : public QObject {
    Q_OBJECT
private slots:
    void roundTrip_data();
    void roundTrip();
    void survivesTheHeader();
    void leavesOutWhatIsNoNumber();

private:
    static Facts facts(const std::string& parent)
    {
        return {
            std::int64_t{1} << 40U, 0.1, {{"accuracy", 0.975}, {"größe", 1e-300}}, "run-7", "0.1.0", parent};
    }
    static bool same(const Facts& a, const Facts& b)
    {
        return a.step == b.step && a.loss == b.loss && a.metrics == b.metrics && a.runId == b.runId &&
               a.appVersion == b.appVersion && a.parentUuid == b.parentUuid;
    }
    std::string path(const char* name) const { return m_folder.filePath(QLatin1String(name)).toStdString(); }
    QTemporaryDir m_folder;
};

void TestFacts::roundTrip_data()
{
    QTest::addColumn<int>("profile");
    QTest::newRow("compact") << 0;
    QTest::newRow("plain") << 1;
    QTest::newRow("stored") << 2;
}

void TestFacts::roundTrip()
{
    QFETCH(int, profile);
    SaveOptions options;
    options.profile = static_cast<Profile>(profile);
    options.replace = true;
    SaveOptions compact;
    compact.replace = true;
    const auto parent = saveCheckpoint(Vfs::posix(), path("parent"), smallTensors(), {}, compact);
    QVERIFY(parent);
    QCOMPARE((*openCheckpoint(Vfs::posix(), path("parent")))->uuid(), parent->uuid);
    QCOMPARE(parent->uuid.size(), std::size_t{32});
    Metadata metadata{{"note", "kept"}};
    addFacts(metadata, facts(parent->uuid));
    QVERIFY(saveCheckpoint(Vfs::posix(), path("child"), smallTensors(), metadata, options));
    const auto child = *openCheckpoint(Vfs::posix(), path("child"));
    QVERIFY(same(factsOf(child->metadata()), facts(parent->uuid)));
    QCOMPARE(child->metadata().at("note"), std::string("kept"));
    QVERIFY(rewriteCheckpoint(Vfs::posix(), *child, path("again"), options));
    QCOMPARE((*openCheckpoint(Vfs::posix(), path("again")))->metadata(), metadata);
}

void TestFacts::survivesTheHeader()
{
    Metadata metadata;
    addFacts(metadata, facts("0123"));
    QVERIFY(saveCheckpoint(Vfs::posix(), path("file"), smallTensors(), metadata, {}));
    QFile file(QString::fromStdString(path("file")));
    QVERIFY(file.open(QIODevice::ReadWrite) && file.write(QByteArray(50, 'x')) == 50);
    file.close();
    const auto report = salvageFile(Vfs::posix(), path("file"), path("recovered"), {});
    QVERIFY2(report, report ? "" : report.error().toString().c_str());
    QVERIFY(report->lost.empty());
    QVERIFY(same(factsOf((*openCheckpoint(Vfs::posix(), path("recovered")))->metadata()), facts("0123")));
}

void TestFacts::leavesOutWhatIsNoNumber()
{
    Metadata metadata;
    Facts odd;
    odd.loss = std::numeric_limits<double>::quiet_NaN();
    odd.metrics = {{"inf", std::numeric_limits<double>::infinity()}};
    addFacts(metadata, odd);
    QVERIFY(metadata.empty());
    const Facts read = factsOf({{"step", "7x"}, {"loss", ""}, {"metric.a", "1.5"}, {"metric.b", "good"}});
    QVERIFY(!read.step && !read.loss);
    QCOMPARE(read.metrics, (std::map<std::string, double>{{"a", 1.5}}));
}

QTEST_GUILESS_MAIN(TestFacts)
#include "tst_facts.moc"
