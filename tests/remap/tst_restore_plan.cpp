// SPDX-License-Identifier: GPL-3.0-or-later
// The plan of a restore: fates, links, refusals, and reading all or nothing.
#include "engine/remap/restore_plan.h"
#include "tests/checkpoint/sample_tensors.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace wr;
using namespace wr::remap;
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
    void rulesMakeLinks();
    void problemsAreGrouped();
    void slotsFollowOrBeginAnew();
    void matchesAreTaken();
    void readsWhatRecipesMake();
    void padsWithInitialValues();
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

void TestRestorePlan::rulesMakeLinks()
{
    RestorePlan plan(
        {spec("m.a/kernel", {4, 8}), spec("m.q", {2, 3}), spec("m.k", {2, 3}), spec("same", {5}),
         spec("half", {5}, DType::Float16), spec("left", {1})},
        {target("a.weight", {8, 4}), target("qk", {4, 3}), target("same", {5}), target("half.w", {5})});
    const auto mapping = Mapping::parse("wrmap 1\n"
                                        "template m.{p=*}/kernel -> {p}.weight | transpose\n"
                                        "exact m.q + m.k -> qk | concat(0)\n"
                                        "exact half -> half.w\n"
                                        "exact left -> nowhere\n");
    QVERIFY2(mapping, mapping ? "" : mapping.error().message().c_str());
    const std::vector<MappingProblem> problems = plan.applyMapping(*mapping);
    QCOMPARE(problems.size(), std::size_t{1});
    QCOMPARE(problems[0].tensor, std::string("nowhere"));
    QCOMPARE(plan.counts().restore, std::size_t{4});
    QCOMPARE(plan.targets()[0].reason, std::string("line 2"));
    QCOMPARE(plan.targets()[3].recipe.text(plan.sources()), std::string("cast(float32)"));
    QCOMPARE(plan.unusedSources(), std::vector<std::size_t>{5});
    QVERIFY(plan.isUsed(2));
    QCOMPARE(plan.assignments().size(), std::size_t{1}); // only what is a copy
}

// All at once, a line for each template.
void TestRestorePlan::problemsAreGrouped()
{
    std::vector<TensorSpec> sources;
    std::vector<PlanTarget> targets;
    for (int i = 0; i < 32; ++i) {
        const std::string name = "layers." + std::to_string(i) + ".attn.k";
        sources.push_back(spec(name.c_str(), {16, 16}));
        targets.push_back(target(name.c_str(), {4, 16}));
    }
    sources.push_back(spec("step", {}, DType::Int32));
    targets.push_back(target("step", {}));
    RestorePlan plan(sources, targets);
    QCOMPARE(plan.counts().unresolved, std::size_t{33});
    const std::vector<PlanProblem> problems = plan.problems();
    QCOMPARE(problems.size(), std::size_t{2});
    QCOMPARE(problems[0].names, std::string("layers.{i}.attn.k"));
    QCOMPARE(problems[0].count, std::size_t{32});
    QCOMPARE(problems[0].what, std::string("[16, 16] cannot fill [4, 16]"));
    QCOMPARE(problems[1].what, std::string("int32 cannot fill float32"));
    const auto cut =
        Mapping::parse("wrmap 1\ntemplate layers.{i}.attn.k -> layers.{i}.attn.k | slice(0, 0, 4)\n"
                       "exact step -> step | cast(float32)");
    QVERIFY(plan.applyMapping(*cut).empty());
    QCOMPARE(plan.counts().restore, std::size_t{33});
}

void TestRestorePlan::slotsFollowOrBeginAnew()
{
    const std::vector<TensorSpec> sources{spec("a/kernel", {4, 8}), spec("a/kernel/adam_m", {4, 8}),
                                          spec("a/kernel/adam_v", {4, 8}), spec("b", {3}),
                                          spec("b/Adam", {3})};
    RestorePlan plan(sources, {target("a.weight", {8, 4}), target("a.weight/Adam", {8, 4}),
                               target("a.weight/Adam_1", {8, 4}), target("c", {5}), target("c/Adam", {5})});
    const auto mapping = Mapping::parse("wrmap 1\nexact a/kernel -> a.weight | transpose\n"
                                        "exact b -> c | pad(0, 0, 2, zeros)");
    QVERIFY(plan.applyMapping(*mapping).empty());
    plan.followSlots();
    QCOMPARE(plan.targets()[1].source, std::string("a/kernel/adam_m"));
    QCOMPARE(plan.targets()[1].recipe.text(sources), std::string("transpose"));
    QCOMPARE(plan.targets()[2].source, std::string("a/kernel/adam_v"));
    QCOMPARE(plan.targets()[4].fate, Fate::Initialize);
    QVERIFY(plan.targets()[4].reason.find("begins anew") != std::string::npos);
    QVERIFY(plan.isUsed(2) && !plan.isUsed(4));
}

void TestRestorePlan::matchesAreTaken()
{
    const std::vector<TensorSpec> sources{spec("module.fc.weight", {4, 8}), spec("module.fc.bias", {4}),
                                          spec("module.out.weight", {2, 4}, DType::Float64)};
    RestorePlan plan(sources,
                     {target("fc.weight", {4, 8}), target("fc.bias", {4}), target("out.weight", {2, 4})});
    QCOMPARE(plan.counts().restore, std::size_t{0});
    std::vector<MatchTensor> from;
    std::vector<MatchTensor> to;
    for (const TensorSpec& one : sources)
        from.push_back({one, {}, {}});
    for (const PlanTarget& one : plan.targets())
        to.push_back({one.spec, {}, {}});
    plan.applyMatch(matchTensors(from, to));
    QCOMPARE(plan.counts().restore, std::size_t{2});
    QCOMPARE(plan.counts().unresolved, std::size_t{1});
    QVERIFY(plan.targets()[0].reason.find("module.") != std::string::npos);
    QVERIFY(plan.targets()[2].problem.find("rounded") != std::string::npos);
}

void TestRestorePlan::readsWhatRecipesMake()
{
    const QTemporaryDir folder;
    const std::string path = folder.filePath(QStringLiteral("a.wrck")).toStdString();
    const std::vector<NamedTensor> tensors{{"k", weightsOf(DType::Float32, Shape{40, 8}, 1)},
                                           {"q", weightsOf(DType::Float32, Shape{40, 8}, 2)}};
    QVERIFY(saveCheckpoint(Vfs::posix(), path, tensors, {}, {}));
    const auto reader = openCheckpoint(Vfs::posix(), path);
    QVERIFY(reader);
    RestorePlan plan({spec("k", {40, 8}), spec("q", {40, 8})},
                     {target("qk", {8, 80}), target("half", {20, 8})});
    const auto mapping = Mapping::parse("wrmap 1\nexact q + k -> qk | transpose concat(1)\n"
                                        "exact k -> half | slice(0, 20, 40)");
    QVERIFY(plan.applyMapping(*mapping).empty());
    const auto values = readPlan(**reader, plan);
    QVERIFY2(values, values ? "" : values.error().message().c_str());
    QCOMPARE(values->size(), std::size_t{2});
    const Tensor& joined = (*values)[0].tensor;
    for (std::int64_t row = 0; row < 8; ++row) {
        for (std::int64_t column = 0; column < 80; ++column) {
            const Tensor& from = tensors[column < 40 ? 1 : 0].tensor;
            QCOMPARE(joined.valueAt(row * 80 + column), from.valueAt((column % 40) * 8 + row));
        }
    }
    QCOMPARE((*values)[1].tensor.valueAt(0), tensors[0].tensor.valueAt(160));
    // One value after the other, and the sink may end it.
    int seen = 0;
    const Status ended = streamPlan(**reader, plan, [&](const PlanTarget&, const Tensor&) -> Status {
        ++seen;
        return wr::cancelled("enough");
    });
    QCOMPARE(ended.code(), StatusCode::Cancelled);
    QCOMPARE(seen, 1);
}

void TestRestorePlan::padsWithInitialValues()
{
    const QTemporaryDir folder;
    const std::string path = folder.filePath(QStringLiteral("a.wrck")).toStdString();
    QVERIFY(saveCheckpoint(Vfs::posix(), path,
                           std::vector<NamedTensor>{{"head", Tensor::of<float>({1, 2}, {2})}}, {}, {}));
    const auto reader = openCheckpoint(Vfs::posix(), path);
    RestorePlan plan({spec("head", {2})}, {target("head", {3})});
    QVERIFY(plan.applyMapping(*Mapping::parse("wrmap 1\nexact head -> head | pad(0, 0, 1, initializer)"))
                .empty());
    QVERIFY(!readPlan(**reader, plan));
    std::vector<float> got;
    const Status read = streamPlan(
        **reader, plan,
        [&](const PlanTarget&, const Tensor& value) -> Status {
            got.assign(value.values<float>().begin(), value.values<float>().end());
            return {};
        },
        [](const PlanTarget&) -> Result<Tensor> {
            return Tensor::of<float>({7, 8, 9}, {3});
        });
    QVERIFY2(read.isOk(), read.message().c_str());
    QCOMPARE(got, (std::vector<float>{1, 2, 9}));
}

QTEST_GUILESS_MAIN(TestRestorePlan)
#include "tst_restore_plan.moc"
