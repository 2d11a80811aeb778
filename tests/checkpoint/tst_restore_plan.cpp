// SPDX-License-Identifier: GPL-3.0-or-later
// The plan of a restore: fates, links, refusals, and reading all or nothing.
#include "engine/checkpoint/restore_plan.h"
#include "tests/checkpoint/sample_tensors.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace wr;
using namespace wr::checkpoint;

namespace {

TensorSpec spec(const char* name, Shape shape, DType dtype = DType::Float32)
{
    return {name, dtype, std::move(shape)};
}

PlanTarget target(const char* name, Shape shape, bool holdsValue = false)
{
    PlanTarget made;
    made.spec = spec(name, std::move(shape));
    made.holdsValue = holdsValue;
    return made;
}

} // namespace

class TestRestorePlan : public QObject {
    Q_OBJECT
private slots:
    void matchesByName();
    void matchesByAlias();
    void linksAndRefuses();
    void takesMappings();
    void readsAllOrNothing();
    void fiveLayersIntoSix();
};

void TestRestorePlan::matchesByName()
{
    const RestorePlan plan(
        {spec("w", {2, 3}), spec("b", {3}), spec("extra", {1})},
        {target("w", {2, 3}), target("b", {4}), target("held", {1}, true), target("new", {1})});
    QCOMPARE(plan.targets()[0].fate, Fate::Restore);
    QCOMPARE(plan.targets()[0].source, std::string("w"));
    QCOMPARE(plan.targets()[1].fate, Fate::Unresolved);
    QCOMPARE(plan.targets()[1].problem, std::string("[3] cannot fill [4]"));
    QCOMPARE(plan.targets()[2].fate, Fate::Keep);
    QCOMPARE(plan.targets()[3].fate, Fate::Initialize);
    const RestorePlan::Counts counts = plan.counts();
    QCOMPARE(counts.restore + counts.keep + counts.initialize + counts.unresolved, plan.targets().size());
    QCOMPARE(counts.unused, std::size_t{2});
    QVERIFY(plan.isUsed(0) && !plan.isUsed(1));
}

void TestRestorePlan::matchesByAlias()
{
    std::vector<PlanTarget> targets{target("new", {2}), target("other", {2}), target("own", {2}),
                                    target("short", {3})};
    targets[0].aliases = {"newer", "old"};
    targets[1].aliases = {"own"}; // that one is there itself
    targets[2].aliases = {"old"};
    targets[3].aliases = {"long"};
    RestorePlan plan({spec("old", {2}), spec("own", {2}), spec("long", {4})}, targets);
    QCOMPARE(plan.targets()[0].fate, Fate::Restore);
    QCOMPARE(plan.targets()[0].source, std::string("old"));
    QCOMPARE(plan.targets()[0].reason, std::string("alias of new"));
    QCOMPARE(plan.targets()[1].fate, Fate::Initialize);
    QCOMPARE(plan.targets()[2].source, std::string("own")); // its own name comes first
    QVERIFY(plan.targets()[2].reason.empty());
    QCOMPARE(plan.targets()[3].fate, Fate::Unresolved);
    QCOMPARE(plan.targets()[3].problem, std::string("[4] cannot fill [3]"));
    QVERIFY(plan.setFate(0, Fate::Initialize).isOk());
    QVERIFY(plan.targets()[0].reason.empty());
}

void TestRestorePlan::linksAndRefuses()
{
    RestorePlan plan({spec("a", {2}), spec("i", {2}, DType::Int32)},
                     {target("x", {2}), target("y", {2}), target("z", {3})});
    QVERIFY(plan.link(0, 0).isOk());
    QVERIFY(plan.link(0, 1).isOk()); // one source may fill several
    QCOMPARE(plan.link(0, 2).code(), StatusCode::InvalidArgument);
    QCOMPARE(plan.obstacle(1, 0), std::string("int32 cannot fill float32"));
    QVERIFY(!plan.obstacle(9, 0).empty());
    QCOMPARE(plan.setFate(0, Fate::Keep).code(), StatusCode::FailedPrecondition);
    QCOMPARE(plan.setFate(0, Fate::Restore).code(), StatusCode::InvalidArgument);
    QVERIFY(plan.setFate(0, Fate::Initialize).isOk());
    QCOMPARE(plan.assignments(), (std::vector<std::pair<std::string, std::string>>{{"a", "y"}}));
}

void TestRestorePlan::takesMappings()
{
    RestorePlan plan({spec("old/w", {2}), spec("old/b", {3})}, {target("w", {2}), target("b", {3})});
    const Status missing = plan.applyMapping({{"old/w", "nobody"}, {"nothing", "b"}});
    QCOMPARE(missing.code(), StatusCode::NotFound);
    QVERIFY(missing.message().find("\"nobody\" in the model") != std::string::npos);
    QVERIFY(missing.message().find("\"nothing\" in the checkpoint") != std::string::npos);
    QCOMPARE(plan.applyMapping({{"old/w", "w"}, {"old/w", "b"}}).code(), StatusCode::InvalidArgument);
    QCOMPARE(plan.counts().restore, std::size_t{0}); // all or nothing
    QVERIFY(plan.applyMapping({{"old/w", "w"}, {"old/b", "b"}}).isOk());
    QCOMPARE(plan.counts().restore, std::size_t{2});
}

void TestRestorePlan::readsAllOrNothing()
{
    QTemporaryDir folder;
    const std::string path = folder.filePath(QStringLiteral("a")).toStdString();
    const std::vector<NamedTensor> tensors{{"u", weightsOf(DType::Float32, Shape{100000}, 1)},
                                           {"v", weightsOf(DType::Float32, Shape{100000}, 2)}};
    QVERIFY(saveCheckpoint(Vfs::posix(), path, tensors, {}, {}));
    const auto reader = openCheckpoint(Vfs::posix(), path);
    std::vector<TensorSpec> sources;
    for (const TensorEntry& entry : (*reader)->tensors())
        sources.push_back(entry.spec);
    RestorePlan plan(sources, {target("u", {100000}), target("renamed", {100000}), target("v", {7})});
    QCOMPARE(readPlan(**reader, plan).error().code(), StatusCode::FailedPrecondition);
    QVERIFY(plan.setFate(2, Fate::Initialize).isOk());
    QVERIFY(plan.link(1, 1).isOk());
    std::uint64_t last = 0;
    const auto values = readPlan(**reader, plan, [&](std::uint64_t done, std::uint64_t total) {
        last = done;
        return total == 800000;
    });
    QVERIFY(values);
    QCOMPARE(last, std::uint64_t{800000});
    QCOMPARE(values->size(), std::size_t{2});
    QCOMPARE((*values)[1].name, std::string("renamed"));
    QVERIFY(sameBytes((*values)[1].tensor, tensors[1].tensor));

    QFile file(QString::fromStdString(path));
    QVERIFY(file.open(QIODevice::ReadWrite) && file.seek(file.size() * 3 / 4));
    QVERIFY(file.write("weightroom") == 10);
    file.close();
    const auto hurt = readPlan(**openCheckpoint(Vfs::posix(), path), plan);
    QVERIFY(!hurt);
    QCOMPARE(hurt.error().code(), StatusCode::DataLoss);
}

void TestRestorePlan::fiveLayersIntoSix()
{
    std::vector<TensorSpec> five;
    std::vector<PlanTarget> six;
    for (int i = 0; i < 6; ++i) {
        const std::string name = "layer" + std::to_string(i) + "/w";
        if (i < 5)
            five.push_back({name, DType::Float32, Shape{8, 8}});
        six.push_back(target(name.c_str(), {8, 8}));
    }
    const RestorePlan plan(five, six);
    QCOMPARE(plan.counts().restore, std::size_t{5});
    QCOMPARE(plan.counts().initialize, std::size_t{1});
    QCOMPARE(plan.counts().unused, std::size_t{0});
}

QTEST_GUILESS_MAIN(TestRestorePlan)
#include "tst_restore_plan.moc"
