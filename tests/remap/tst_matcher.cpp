// SPDX-License-Identifier: GPL-3.0-or-later
// The steps of the matcher: aliases, elements, types, optimizer slots, averages; and the mapping that says
// it.
#include "engine/checkpoint/digest.h"
#include "engine/remap/evaluation.h"
#include "engine/remap/match.h"
#include "engine/remap/recipe_source.h"
#include "tests/checkpoint/sample_tensors.h"

#include <QTest>
#include <algorithm>

using namespace wr;
using namespace wr::remap;
using wr::checkpoint::weightsOf;

namespace {

MatchTensor named(const std::string& name, const Shape& shape, DType dtype = DType::Float32)
{
    MatchTensor tensor;
    tensor.spec = {name, dtype, shape};
    return tensor;
}

MatchTensor withValues(const std::string& name, const Tensor& values)
{
    MatchTensor tensor = named(name, values.shape(), values.dtype());
    tensor.digest = checkpoint::digestOf(values.bytes());
    tensor.statistics = computeStatistics(values);
    return tensor;
}

/// Values of the sources, for checks of the order.
struct Values {
    std::vector<Tensor> tensors;
    std::vector<MatchTensor> sources;

    void add(const std::string& name, const Tensor& values)
    {
        tensors.push_back(values);
        sources.push_back(withValues(name, values));
    }
    MatchOptions options() const
    {
        MatchOptions made;
        made.digestOfResult = [this](const Recipe& recipe) -> Result<checkpoint::Digest> {
            WR_ASSIGN_OR_RETURN(
                const Tensor tensor,
                makeTensor(recipe, [this](std::size_t i) -> Result<Tensor> { return tensors[i]; }));
            return checkpoint::digestOf(tensor.bytes());
        };
        return made;
    }
};

QString told(const MatchResult& result, const std::vector<MatchTensor>& sources, std::size_t target = 0)
{
    const Match& match = result.targets[target];
    static const char* const kWords[] = {"none", "review", "accepted"};
    QString text = kWords[static_cast<std::size_t>(match.confidence)];
    if (match.candidates.empty())
        return text;
    const Recipe& recipe = match.candidates.front().recipe;
    QStringList names;
    for (const RecipeInput& input : recipe.inputs)
        names += QString::fromStdString(sources[input.source].spec.name);
    std::vector<Operation> all = recipe.inputs.front().operations;
    if (recipe.joint)
        all.push_back(*recipe.joint);
    all.insert(all.end(), recipe.after.begin(), recipe.after.end());
    return text + " " + names.join("+") + " | " + QString::fromStdString(textOf(all));
}

Tensor applied(const char* operations, const Tensor& tensor)
{
    return *applyOperations(*parseOperations(operations), tensor);
}

} // namespace

class TestMatcher : public QObject {
    Q_OBJECT

private slots:
    void namesAndAliases();
    void types();
    void shapesThatDoNotFit();
    void squaresAmongTurned();
    void sameElements_data();
    void sameElements();
    void orderIsNotAssumed();
    void equalTensorsAreAsked();
    void constantsProveNothing();
    void joinedAndDivided();
    void slotsFollow();
    void slotsAreNoWeights();
    void averages();
    void numbersBehindNames();
    void hints();
    void mappingSaysTheSame();
    void reviewStaysOff();
    void unusedAreListed();
};

void TestMatcher::namesAndAliases()
{
    const std::vector<MatchTensor> sources{named("w", {4, 8}), named("old", {3}), named("own", {3})};
    std::vector<MatchTensor> targets{named("w", {4, 8}), named("new", {3}), named("other", {3})};
    targets[1].aliases = {"older", "old"};
    targets[2].aliases = {"w"}; // somebody's own name
    const MatchResult result = matchTensors(sources, targets);
    QCOMPARE(told(result, sources, 0), "accepted w | ");
    QCOMPARE(told(result, sources, 1), "accepted old | ");
    QCOMPARE(result.targets[1].candidates.front().reason, MatchReason::Alias);
    QVERIFY(result.targets[2].confidence != Confidence::Accepted);
}

void TestMatcher::types()
{
    const std::vector<MatchTensor> sources{named("a", {4}, DType::Float16), named("b", {4}, DType::Float32),
                                           named("c", {4}, DType::Int32)};
    const std::vector<MatchTensor> targets{named("a", {4}, DType::Float32), named("b", {4}, DType::BFloat16),
                                           named("c", {4}, DType::Float32)};
    MatchOptions options;
    MatchResult result = matchTensors(sources, targets, options);
    QCOMPARE(told(result, sources, 0), "accepted a | cast(float32)");
    QCOMPARE(told(result, sources, 1), "review b | cast(bfloat16)");
    QVERIFY(result.targets[1].question.find("rounded") != std::string::npos);
    QCOMPARE(told(result, sources, 2), "review c | ");
    QVERIFY(result.targets[2].question.find("int32 cannot fill float32") != std::string::npos);
    options.acceptsNarrowing = true;
    result = matchTensors(sources, targets, options);
    QCOMPARE(told(result, sources, 1), "accepted b | cast(bfloat16)");
}

void TestMatcher::shapesThatDoNotFit()
{
    const std::vector<MatchTensor> sources{named("head", {1001, 16})};
    const MatchResult result = matchTensors(sources, std::vector<MatchTensor>{named("head", {5, 16})});
    QCOMPARE(told(result, sources), "review head | ");
    QVERIFY(result.targets[0].question.find("[1001, 16] cannot fill [5, 16]") != std::string::npos);
}

// One matrix shows that the other side has its matrices turned round: a square one may not be taken as it is.
void TestMatcher::squaresAmongTurned()
{
    const std::vector<MatchTensor> sources{named("a.w", {4, 8}), named("b.w", {6, 6}), named("b.b", {6})};
    const std::vector<MatchTensor> targets{named("a.w", {8, 4}), named("b.w", {6, 6}), named("b.b", {6})};
    const MatchResult result = matchTensors(sources, targets);
    QVERIFY(result.targets[0].confidence != Confidence::Accepted);
    QCOMPARE(told(result, sources, 1), "review b.w | transpose");
    QVERIFY(result.targets[1].candidates.size() >= 2);
    QCOMPARE(told(result, sources, 2), "accepted b.b | ");
}

void TestMatcher::sameElements_data()
{
    QTest::addColumn<QString>("operations");
    for (const char* text :
         {"", "transpose", "heads(4, pairs)", "heads(4, halves)", "transpose heads(2, pairs)"})
        QTest::newRow(text) << text;
}

void TestMatcher::sameElements()
{
    QFETCH(QString, operations);
    Values values;
    values.add("abc.one", weightsOf(DType::Float32, Shape{32, 32}, 1));
    values.add("abc.two", weightsOf(DType::Float32, Shape{32, 32}, 2));
    const std::vector<MatchTensor> targets{
        withValues("xyz.second", applied(operations.toUtf8().constData(), values.tensors[1]))};
    const MatchResult result = matchTensors(values.sources, targets, values.options());
    QCOMPARE(told(result, values.sources), "accepted abc.two | " + operations);
    QCOMPARE(result.targets[0].candidates.front().reason, MatchReason::SameElements);
}

// Without values only the pair is known.
void TestMatcher::orderIsNotAssumed()
{
    Values values;
    values.add("abc.one", weightsOf(DType::Float32, Shape{16, 16}, 1));
    std::vector<MatchTensor> targets{withValues("xyz", applied("transpose", values.tensors[0]))};
    const MatchResult known = matchTensors(values.sources, targets);
    QCOMPARE(told(known, values.sources), "review abc.one | transpose"); // the digests differ: it is no copy
    targets[0].digest.reset();
    const MatchResult unknown = matchTensors(values.sources, targets);
    QCOMPARE(unknown.targets[0].confidence, Confidence::Review);
    QVERIFY(unknown.targets[0].question.find("not proven") != std::string::npos);
}

void TestMatcher::equalTensorsAreAsked()
{
    Values values;
    const Tensor same = weightsOf(DType::Float32, Shape{64}, 1);
    values.add("abc.one", same);
    values.add("abc.two", same);
    const std::vector<MatchTensor> targets{withValues("xyz.p", same), withValues("xyz.q", same)};
    const MatchResult result = matchTensors(values.sources, targets, values.options());
    QCOMPARE(result.count(Confidence::Accepted), std::size_t{0});
    QCOMPARE(result.targets[0].candidates.size(), std::size_t{2});
}

void TestMatcher::constantsProveNothing()
{
    Values values;
    values.add("abc.ones", applied("scale(0, 1)", weightsOf(DType::Float32, Shape{64}, 1)));
    Tensor mask = *Tensor::zeros(DType::Float32, Shape{64});
    for (int i = 0; i < 20; ++i)
        mask.data<float>()[3 * i] = 1.0F;
    values.add("abc.mask", mask);
    const std::vector<MatchTensor> targets{withValues("xyz.p", values.tensors[0]), withValues("xyz.q", mask)};
    const MatchResult result = matchTensors(values.sources, targets, values.options());
    QCOMPARE(result.count(Confidence::Accepted), std::size_t{0});
}

void TestMatcher::joinedAndDivided()
{
    Values values;
    for (int i = 0; i < 3; ++i)
        values.add("l.0.attn." + std::string(1, "kqv"[i]) + ".weight",
                   weightsOf(DType::Float32, Shape{8, 16}, 10U + static_cast<std::uint32_t>(i)));
    const Tensor& k = values.tensors[0];
    const Tensor& q = values.tensors[1];
    const Tensor& v = values.tensors[2];
    const Tensor fused = *joinTensors({OperationKind::Concat, {0}}, std::vector<Tensor>{q, k, v});
    MatchResult result =
        matchTensors(values.sources, std::vector<MatchTensor>{withValues("one", fused)}, values.options());
    QCOMPARE(told(result, values.sources),
             "accepted l.0.attn.q.weight+l.0.attn.k.weight+l.0.attn.v.weight | concat(0)");
    result =
        matchTensors(values.sources, std::vector<MatchTensor>{withValues("one", applied("transpose", fused))},
                     values.options());
    QCOMPARE(told(result, values.sources),
             "accepted l.0.attn.q.weight+l.0.attn.k.weight+l.0.attn.v.weight | concat(0) transpose");

    Values whole;
    whole.add("h.fused", fused);
    const std::vector<MatchTensor> targets{withValues("l.0.attn.k.weight", k),
                                           withValues("l.0.attn.q.weight", q),
                                           withValues("l.0.attn.v.weight", v)};
    result = matchTensors(whole.sources, targets, whole.options());
    QCOMPARE(told(result, whole.sources, 0), "accepted h.fused | slice(0, 8, 16)");
    QCOMPARE(told(result, whole.sources, 1), "accepted h.fused | slice(0, 0, 8)");
    QCOMPARE(told(result, whole.sources, 2), "accepted h.fused | slice(0, 16, 24)");
}

void TestMatcher::slotsFollow()
{
    const std::vector<MatchTensor> sources{named("a/kernel", {4, 8}),        named("a/bias", {8}),
                                           named("a/kernel/adam_m", {4, 8}), named("a/kernel/adam_v", {4, 8}),
                                           named("a/bias/Momentum", {8}),    named("global_step", {})};
    const std::vector<MatchTensor> targets{named("a.weight", {8, 4}),      named("a.bias", {8}),
                                           named("a.weight/Adam", {8, 4}), named("a.weight/Adam_1", {8, 4}),
                                           named("a.bias/Adam", {8}),      named("a.bias/Momentum", {8})};
    const MatchResult result = matchTensors(sources, targets);
    QCOMPARE(told(result, sources, 0), "accepted a/kernel | transpose");
    QCOMPARE(told(result, sources, 2), "accepted a/kernel/adam_m | transpose");
    QCOMPARE(told(result, sources, 3), "accepted a/kernel/adam_v | transpose");
    QVERIFY(result.targets[4].confidence != Confidence::Accepted);
    QCOMPARE(told(result, sources, 5), "accepted a/bias/Momentum | ");
}

// What an optimizer kept of a weight that is gone is no weight.
void TestMatcher::slotsAreNoWeights()
{
    const std::vector<MatchTensor> sources{named("a/bias/adam_v", {8}), named("att/v", {8})};
    const std::vector<MatchTensor> targets{named("a/bias", {8}), named("att/v", {8})};
    const MatchResult result = matchTensors(sources, targets);
    QCOMPARE(result.targets[0].confidence, Confidence::None);
    QCOMPARE(told(result, sources, 1), "accepted att/v | ");
}

void TestMatcher::averages()
{
    const std::vector<MatchTensor> sources{named("w", {4}), named("w/ExponentialMovingAverage", {4}),
                                           named("v", {3})};
    const std::vector<MatchTensor> targets{named("w", {4}), named("v", {3})};
    MatchOptions options;
    QCOMPARE(told(matchTensors(sources, targets, options), sources), "accepted w | ");
    options.useAverages = true;
    const MatchResult result = matchTensors(sources, targets, options);
    QCOMPARE(told(result, sources), "accepted w/ExponentialMovingAverage | ");
    QVERIFY(result.targets[0].candidates.front().why.find("moving average") != std::string::npos);
    QCOMPARE(told(result, sources, 1), "accepted v | "); // has none
}

// A script that ran twice in one process: all names have a number behind.
void TestMatcher::numbersBehindNames()
{
    const std::vector<MatchTensor> sources{named("v1_5", {3}), named("hidden_5/kernel", {4, 8}),
                                           named("hidden_5/bias", {8})};
    const std::vector<MatchTensor> targets{named("v1", {3}), named("hidden/kernel", {4, 8}),
                                           named("hidden/bias", {8})};
    const MatchResult result = matchTensors(sources, targets);
    QCOMPARE(result.count(Confidence::Accepted), std::size_t{3});
    const std::vector<MatchTensor> twice{named("v1_5", {3}), named("v1_6", {3})};
    QCOMPARE(matchTensors(twice, std::vector<MatchTensor>{named("v1", {3})}).count(Confidence::Accepted),
             std::size_t{0});
}

void TestMatcher::hints()
{
    MatchOptions options;
    addHints(options, {{"general.architecture", "llama"},
                       {"llama.attention.head_count", "32"},
                       {"llama.attention.head_count_kv", "8"}});
    QCOMPARE(options.architecture, std::string("llama"));
    QCOMPARE(options.heads.heads.value_or(0), 32);
    QCOMPARE(options.heads.keyHeads.value_or(0), 8);
    addHints(options, {{"general.architecture", "qwen2"}});
    QCOMPARE(options.architecture, std::string("llama"));
}

// Evaluated as a mapping, it makes the same recipes.
void TestMatcher::mappingSaysTheSame()
{
    std::vector<MatchTensor> sources;
    std::vector<MatchTensor> targets;
    for (int i = 0; i < 12; ++i) {
        const std::string from = "bert/encoder/layer_" + std::to_string(i) + "/";
        const std::string to = "bert.encoder.layer." + std::to_string(i) + ".";
        for (const char* role : {"query", "key", "value"}) {
            sources.push_back(named(from + "attention/self/" + role + "/kernel", {8, 8}));
            targets.push_back(named(to + "attention.self." + role + ".weight", {8, 8}));
        }
        sources.push_back(named(from + "intermediate/dense/bias", {32}));
        targets.push_back(named(to + "intermediate.dense.bias", {32}));
    }
    sources.push_back(named("bert/pooler/dense/kernel", {8, 8}));
    targets.push_back(named("bert.pooler.dense.weight", {8, 8}));
    const MatchResult result = matchTensors(sources, targets);
    QCOMPARE(result.count(Confidence::Accepted), targets.size());
    const Mapping mapping = mappingOf(result, sources, targets);
    QCOMPARE(mapping.rules.size(), std::size_t{5});
    const Result<Mapping> read = Mapping::parse(mapping.text());
    QVERIFY2(read, read ? "" : read.error().message().c_str());
    std::vector<TensorSpec> specs;
    for (const MatchTensor& source : sources)
        specs.push_back(source.spec);
    const Evaluation evaluation = evaluate(*read, specs);
    QVERIFY(evaluation.problems.empty());
    QCOMPARE(evaluation.recipes.size(), targets.size());
    for (std::size_t t = 0; t < targets.size(); ++t) {
        const Recipe& wanted = result.targets[t].candidates.front().recipe;
        const auto made = std::find_if(evaluation.recipes.begin(), evaluation.recipes.end(),
                                       [&](const Recipe& recipe) { return recipe.target == wanted.target; });
        QVERIFY(made != evaluation.recipes.end());
        QVERIFY(made->inputs == wanted.inputs && made->joint == wanted.joint && made->after == wanted.after);
    }
}

void TestMatcher::reviewStaysOff()
{
    const std::vector<MatchTensor> sources{named("a", {4}, DType::Float32), named("b", {4})};
    const std::vector<MatchTensor> targets{named("a", {4}, DType::Float16), named("b", {4})};
    const Mapping mapping = mappingOf(matchTensors(sources, targets), sources, targets);
    QCOMPARE(mapping.rules.size(), std::size_t{2});
    QVERIFY(!mapping.rules[0].isOn && mapping.rules[1].isOn);
    QVERIFY(mapping.rules[0].comment.find("to be reviewed") != std::string::npos);
    QCOMPARE(mappingOf(matchTensors(sources, targets), sources, targets, false).rules.size(), std::size_t{1});
}

void TestMatcher::unusedAreListed()
{
    const std::vector<MatchTensor> sources{named("a", {4}), named("b", {5})};
    const MatchResult result = matchTensors(sources, std::vector<MatchTensor>{named("a", {4})});
    QCOMPARE(result.unused, std::vector<std::size_t>{1});
    QVERIFY(matchTensors({}, {}).targets.empty());
}

QTEST_GUILESS_MAIN(TestMatcher)
#include "tst_matcher.moc"
