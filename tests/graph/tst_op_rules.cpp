// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/graph/asked_rule.h"

#include <QTest>

using namespace wr;
using namespace wr::graph;
using backend::OpAttributes;
using backend::OpCode;

namespace {

const OutputSpec kRow4 = {DType::Float32, {4}};

/// The ten inputs of ApplyAdam for a variable of shape [4], with one of them changed.
std::vector<OutputSpec> adam(std::size_t changed = 99, const OutputSpec& to = {})
{
    std::vector<OutputSpec> inputs{kRow4,   kRow4,   kRow4,   f32({}), f32({}),
                                   f32({}), f32({}), f32({}), f32({}), kRow4};
    if (changed < inputs.size())
        inputs[changed] = to;
    return inputs;
}

} // namespace

class TestOpRules : public QObject {
    Q_OBJECT
private slots:
    void infers_data();
    void infers();
    void infersElementwise_data();
    void infersElementwise();
    void refuses_data();
    void refuses();
    void wantsTheRightNumberOfInputs();
    void updatesByOptimizers_data();
    void updatesByOptimizers();
    void reducesShapes_data();
    void reducesShapes();
    void namesNodesOnce();
};

void TestOpRules::infers_data()
{
    QTest::addColumn<Asked>("asked");
    QTest::addColumn<OutputSpec>("expected");
    const auto row = [](const char* name, const Asked& asked, const OutputSpec& expected) {
        QTest::newRow(name) << asked << expected;
    };
    row("const", {OpCode::Const, {}, {}, f64({2})}, f64({2}));
    row("placeholder", {OpCode::Placeholder, {}, {}, f32({kAny, 784})}, f32({kAny, 784}));
    row("variable", {OpCode::Variable, {}, {}, i64({3})}, i64({3}));
    row("random", {OpCode::RandomNormal, {}, {}, f32({784, 200})}, f32({784, 200}));
    row("fill", {OpCode::Fill, {f32({})}, {}, f32({200})}, f32({200}));
    row("eight dimensions", {OpCode::Const, {}, {}, f32({1, 1, 1, 1, 1, 1, 1, 1})},
        f32({1, 1, 1, 1, 1, 1, 1, 1}));

    row("identity of truths", {OpCode::Identity, {truth({2})}, {}, {}}, truth({2}));
    row("cast", {OpCode::Cast, {f32({kAny, 3})}, {}, i32({})}, i32({kAny, 3}));
    row("relu", {OpCode::Relu, {f32({kAny, 3})}, {}, {}}, f32({kAny, 3}));
    row("product", {OpCode::MatMul, {f32({3, 4}), f32({4, 5})}, {}, {}}, f32({3, 5}));
    row("product, first turned", {OpCode::MatMul, {f64({4, 3}), f64({4, 5})}, transposed(true, false), {}},
        f64({3, 5}));
    row("product, second turned", {OpCode::MatMul, {f32({3, 4}), f32({5, 4})}, transposed(false, true), {}},
        f32({3, 5}));
    row("product, both turned", {OpCode::MatMul, {f32({4, 3}), f32({5, 4})}, transposed(true, true), {}},
        f32({3, 5}));
    row("product, open batch", {OpCode::MatMul, {f32({kAny, 784}), f32({784, 10})}, {}, {}}, f32({kAny, 10}));
    row("product, open inside", {OpCode::MatMul, {f32({3, kAny}), f32({4, 5})}, {}, {}}, f32({3, 5}));
    row("transpose", {OpCode::Transpose, {i32({kAny, 7})}, {}, {}}, i32({7, kAny}));
    row("reshape", {OpCode::Reshape, {f32({3, 4})}, {}, f32({2, 6})}, f32({2, 6}));
    row("reshape, open", {OpCode::Reshape, {i64({kAny, 4})}, {}, f32({kAny, 2})}, i64({kAny, 2}));
    row("broadcast", {OpCode::BroadcastTo, {f32({4})}, {}, f32({3, 4})}, f32({3, 4}));
    row("broadcast like", {OpCode::BroadcastTo, {f32({1, 4}), i32({kAny, 4})}, {}, {}}, f32({kAny, 4}));

    row("sum of all", {OpCode::Sum, {i32({3, 4})}, axes({0, 1}), {}}, i32({}));
    row("sum of rows, kept", {OpCode::Sum, {f32({3, 4})}, axes({0}, true), {}}, f32({1, 4}));
    row("mean over the batch", {OpCode::Mean, {f32({kAny, 10})}, axes({0}), {}}, f32({10}));
    row("max", {OpCode::Max, {f64({2, 3, 4})}, axes({0, 2}), {}}, f64({3}));
    row("argmax", {OpCode::ArgMax, {f32({kAny, 10})}, axes({1}), {}}, i64({kAny}));
    row("softmax", {OpCode::Softmax, {f32({kAny, 10})}, {}, {}}, f32({kAny, 10}));
    row("log softmax", {OpCode::LogSoftmax, {f64({2, 10})}, {}, {}}, f64({2, 10}));
    row("cross entropy", {OpCode::SoftmaxCrossEntropyWithLogits, {f32({kAny, 10}), f32({32, 10})}, {}, {}},
        f32({kAny}));
    row("sparse cross entropy",
        {OpCode::SparseSoftmaxCrossEntropyWithLogits, {f32({32, 10}), i64({kAny})}, {}, {}}, f32({32}));
    row("its gradient",
        {OpCode::SparseSoftmaxCrossEntropyWithLogitsGrad, {f32({32}), f32({32, 10}), i32({32})}, {}, {}},
        f32({32, 10}));
    row("gradient of cross entropy",
        {OpCode::SoftmaxCrossEntropyWithLogitsGrad, {f32({kAny}), f32({8, 10}), f32({8, 10})}, {}, {}},
        f32({8, 10}));

    row("assign", {OpCode::Assign, {i32({4}), i32({4})}, {}, {}}, i32({4}));
    row("assign add", {OpCode::AssignAdd, {f32({}), f32({})}, {}, {}}, f32({}));
    row("gradient descent", {OpCode::ApplyGradientDescent, {kRow4, f32({}), kRow4}, {}, {}}, kRow4);
    row("momentum", {OpCode::ApplyMomentum, {kRow4, kRow4, f32({}), kRow4, f32({})}, {}, {}}, kRow4);
    row("adam", {OpCode::ApplyAdam, adam(), {}, {}}, kRow4);
}

void TestOpRules::infers()
{
    QFETCH(Asked, asked);
    QFETCH(OutputSpec, expected);
    const Result<OutputSpec> output = infer(asked);
    QVERIFY2(output.has_value(), output ? "" : output.error().message().c_str());
    QCOMPARE(described(*output), described(expected));
}

void TestOpRules::infersElementwise_data()
{
    QTest::addColumn<OutputSpec>("a");
    QTest::addColumn<OutputSpec>("b");
    QTest::addColumn<OutputSpec>("expected");
    QTest::newRow("same") << f32({3, 4}) << f32({3, 4}) << f32({3, 4});
    QTest::newRow("row") << f32({3, 4}) << f32({4}) << f32({3, 4});
    QTest::newRow("column and row") << i32({3, 1}) << i32({1, 4}) << i32({3, 4});
    QTest::newRow("scalar") << f64({}) << f64({2, 2}) << f64({2, 2});
    QTest::newRow("open batch and bias") << f32({kAny, 4}) << f32({4}) << f32({kAny, 4});
    QTest::newRow("open against known") << f32({kAny, 4}) << f32({7, 4}) << f32({7, 4});
    QTest::newRow("open against one") << f32({kAny}) << f32({1}) << f32({kAny});
    QTest::newRow("empty") << f32({0, 4}) << f32({1, 4}) << f32({0, 4});
}

void TestOpRules::infersElementwise()
{
    QFETCH(OutputSpec, a);
    QFETCH(OutputSpec, b);
    QFETCH(OutputSpec, expected);
    for (const OpCode op : {OpCode::Add, OpCode::Sub, OpCode::Mul, OpCode::Div, OpCode::Maximum,
                            OpCode::Minimum, OpCode::Pow}) {
        const Result<OutputSpec> output = infer({op, {a, b}, {}, {}});
        QVERIFY(output.has_value());
        QCOMPARE(described(*output), described(expected));
    }
    for (const OpCode op : {OpCode::Equal, OpCode::NotEqual, OpCode::Less, OpCode::LessEqual, OpCode::Greater,
                            OpCode::GreaterEqual}) {
        const Result<OutputSpec> output = infer({op, {a, b}, {}, {}});
        QVERIFY(output.has_value());
        QCOMPARE(described(*output), described(truth(expected.shape)));
    }
}

void TestOpRules::refuses_data()
{
    QTest::addColumn<Asked>("asked");
    QTest::addColumn<QStringList>("fragments");
    const auto row = [](const char* name, const Asked& asked, std::initializer_list<const char*> fragments) {
        QStringList list;
        for (const char* const fragment : fragments)
            list.push_back(QString::fromUtf8(fragment));
        QTest::newRow(name) << asked << list;
    };
    row("nine dimensions", {OpCode::Const, {}, {}, f32({1, 1, 1, 1, 1, 1, 1, 1, 1})},
        {"[1, 1, 1, 1, 1, 1, 1, 1, 1]", "more than 8"});
    row("shapes do not broadcast", {OpCode::Add, {f32({3, 4}), f32({3})}, {}, {}}, {"Add", "[3, 4]", "[3]"});
    row("types differ", {OpCode::Mul, {f32({2}), f64({2})}, {}, {}}, {"Mul", "float32", "float64"});
    row("comparison of two types", {OpCode::Less, {i32({2}), i64({2})}, {}, {}}, {"Less", "int32", "int64"});
    row("exponential of integers", {OpCode::Exp, {i32({2})}, {}, {}}, {"Exp", "floating-point", "int32"});
    row("inner dimensions", {OpCode::MatMul, {f32({3, 4}), f32({5, 6})}, {}, {}},
        {"MatMul", "4 and 5", "[3, 4]", "[5, 6]"});
    row("inner dimensions, turned", {OpCode::MatMul, {f32({3, 4}), f32({4, 5})}, transposed(true, false), {}},
        {"MatMul", "3 and 4", "[3, 4]", "[4, 5]"});
    row("product of a row", {OpCode::MatMul, {f32({4}), f32({4, 5})}, {}, {}}, {"MatMul", "rank 2", "[4]"});
    row("product with a cube", {OpCode::MatMul, {f32({3, 4}), f32({4, 5, 6})}, {}, {}},
        {"MatMul", "second", "rank 2", "[4, 5, 6]"});
    row("product of integers", {OpCode::MatMul, {i32({3, 4}), i32({4, 5})}, {}, {}}, {"MatMul", "int32"});
    row("product of two types", {OpCode::MatMul, {f32({3, 4}), f64({4, 5})}, {}, {}},
        {"MatMul", "float32", "float64"});
    row("transpose of a cube", {OpCode::Transpose, {f32({1, 2, 3})}, {}, {}},
        {"Transpose", "rank 2", "[1, 2, 3]"});
    row("reshape", {OpCode::Reshape, {f32({3, 4})}, {}, f32({5})}, {"reshape", "12", "[5]"});
    row("broadcast that does not fit", {OpCode::BroadcastTo, {f32({3})}, {}, f32({2, 4})},
        {"BroadcastTo", "[3]", "[2, 4]"});
    row("broadcast to fewer", {OpCode::BroadcastTo, {f32({3, 4})}, {}, f32({4})},
        {"BroadcastTo", "[3, 4]", "[4]"});
    row("broadcast like another", {OpCode::BroadcastTo, {f32({3}), f32({2, 4})}, {}, {}},
        {"BroadcastTo", "[3]", "[2, 4]"});
    row("axis that is not there", {OpCode::Sum, {f32({3, 4})}, axes({2}), {}}, {"Sum", "axis 2", "[3, 4]"});
    row("negative axis", {OpCode::Max, {f32({3, 4})}, axes({-1}), {}}, {"Max", "axis -1", "[3, 4]"});
    row("mean of integers", {OpCode::Mean, {i32({3})}, axes({0}), {}}, {"Mean", "int32"});
    row("argmax of two axes", {OpCode::ArgMax, {f32({3, 4})}, axes({0, 1}), {}}, {"ArgMax", "one axis"});
    row("argmax of nothing", {OpCode::ArgMax, {f32({3, 0})}, axes({1}), {}}, {"ArgMax", "empty"});
    row("softmax of a scalar", {OpCode::Softmax, {f32({})}, {}, {}}, {"Softmax", "at least a vector"});
    row("softmax of integers", {OpCode::LogSoftmax, {i32({2, 10})}, {}, {}}, {"LogSoftmax", "int32"});
    row("labels of another shape",
        {OpCode::SoftmaxCrossEntropyWithLogits, {f32({8, 10}), f32({8, 9})}, {}, {}},
        {"SoftmaxCrossEntropyWithLogits", "[8, 10]", "[8, 9]"});
    row("labels of another type",
        {OpCode::SoftmaxCrossEntropyWithLogits, {f32({8, 10}), i32({8, 10})}, {}, {}},
        {"SoftmaxCrossEntropyWithLogits", "float32", "int32"});
    row("fewer labels", {OpCode::SparseSoftmaxCrossEntropyWithLogits, {f32({8, 10}), i64({9})}, {}, {}},
        {"SparseSoftmaxCrossEntropyWithLogits", "[8]", "[9]"});
    row("one-hot labels", {OpCode::SparseSoftmaxCrossEntropyWithLogits, {f32({8, 10}), i64({8, 10})}, {}, {}},
        {"SparseSoftmaxCrossEntropyWithLogits", "Rank of labels (received 2)"});
    row("float labels", {OpCode::SparseSoftmaxCrossEntropyWithLogits, {f32({8, 10}), f32({8})}, {}, {}},
        {"SparseSoftmaxCrossEntropyWithLogits", "labels", "int32 or int64", "float32"});
    row("logits of a row", {OpCode::SparseSoftmaxCrossEntropyWithLogits, {f32({10}), i64({10})}, {}, {}},
        {"SparseSoftmaxCrossEntropyWithLogits", "rank of logits minus 1 (received 1)"});
    row("gradient of another batch",
        {OpCode::SparseSoftmaxCrossEntropyWithLogitsGrad, {f32({7}), f32({8, 10}), i64({8})}, {}, {}},
        {"SparseSoftmaxCrossEntropyWithLogitsGrad", "[8]", "[7]"});
    row("gradient of another type",
        {OpCode::SoftmaxCrossEntropyWithLogitsGrad, {f64({8}), f32({8, 10}), f32({8, 10})}, {}, {}},
        {"SoftmaxCrossEntropyWithLogitsGrad", "float64", "float32"});
    row("assign of another shape", {OpCode::Assign, {f32({3}), f32({4})}, {}, {}}, {"Assign", "[3]", "[4]"});
    row("assign of another type", {OpCode::Assign, {f32({3}), f64({3})}, {}, {}},
        {"Assign", "float32", "float64"});
    row("gradient of another shape", {OpCode::ApplyGradientDescent, {kRow4, f32({}), f32({5})}, {}, {}},
        {"ApplyGradientDescent", "[4]", "[5]"});
    row("learning rates", {OpCode::ApplyGradientDescent, {kRow4, f32({2}), kRow4}, {}, {}},
        {"ApplyGradientDescent", "scalar", "[2]"});
    row("whole learning rate", {OpCode::ApplyGradientDescent, {kRow4, i64({}), kRow4}, {}, {}},
        {"ApplyGradientDescent", "float32", "int64"});
    row("training integers", {OpCode::ApplyGradientDescent, {i32({4}), i32({}), i32({4})}, {}, {}},
        {"ApplyGradientDescent", "floating-point", "int32"});
    row("accumulator", {OpCode::ApplyMomentum, {kRow4, f32({5}), f32({}), kRow4, f32({})}, {}, {}},
        {"ApplyMomentum", "[4]", "[5]"});
    row("momentum of another type", {OpCode::ApplyMomentum, {kRow4, kRow4, f32({}), kRow4, f64({})}, {}, {}},
        {"ApplyMomentum", "float32", "float64"});
    row("first moment", {OpCode::ApplyAdam, adam(1, f32({3})), {}, {}}, {"ApplyAdam", "[4]", "[3]"});
    row("second moment", {OpCode::ApplyAdam, adam(2, f64({4})), {}, {}}, {"ApplyAdam", "float64"});
    row("epsilon", {OpCode::ApplyAdam, adam(8, f32({1})), {}, {}}, {"ApplyAdam", "scalar", "[1]"});
    row("no type", {OpCode::Variable, {}, {}, {}}, {"Variable", "type"});
}

void TestOpRules::refuses()
{
    QFETCH(Asked, asked);
    QFETCH(QStringList, fragments);
    const Result<OutputSpec> output = infer(asked);
    QVERIFY(!output.has_value());
    const QString message = QString::fromStdString(output.error().message());
    for (const QString& fragment : fragments)
        QVERIFY2(message.contains(fragment), qPrintable(message));
}

/// Every op that reads inputs says so when it gets none or too many.
/// Inputs by letter, as TensorFlow's ops have them: v shaped as the variable, s a scalar.
void TestOpRules::updatesByOptimizers_data()
{
    QTest::addColumn<int>("op");
    QTest::addColumn<QString>("inputs");
    const auto row = [](const char* name, OpCode op, const char* inputs) {
        QTest::newRow(name) << static_cast<int>(op) << QString::fromUtf8(inputs);
    };
    row("gradient descent", OpCode::ApplyGradientDescent, "vsv");
    row("momentum", OpCode::ApplyMomentum, "vvsvs");
    row("Adagrad", OpCode::ApplyAdagrad, "vvsv");
    row("Adadelta", OpCode::ApplyAdadelta, "vvvsssv");
    row("RMSProp", OpCode::ApplyRMSProp, "vvvssssv");
    row("centered RMSProp", OpCode::ApplyCenteredRMSProp, "vvvvssssv");
    row("Ftrl", OpCode::ApplyFtrl, "vvvvssss");
    row("Ftrl with shrinkage", OpCode::ApplyFtrlV2, "vvvvsssss");
    row("Adam", OpCode::ApplyAdam, "vvvssssssv");
    row("AdamW", OpCode::ApplyAdamW, "vvvsssssssv");
}

void TestOpRules::updatesByOptimizers()
{
    QFETCH(int, op);
    QFETCH(QString, inputs);
    Node node;
    node.op = static_cast<OpCode>(op);
    std::vector<OutputSpec> specs;
    for (const QChar input : inputs)
        specs.push_back(input == u'v' ? kRow4 : f32({}));
    const Result<OutputSpec> output = inferOutput(node, specs);
    QVERIFY2(output, output ? "" : output.error().message().c_str());
    QCOMPARE(output->shape, Shape{4});
    for (std::size_t i = 0; i < specs.size(); ++i) {
        std::vector<OutputSpec> changed = specs;
        changed[i].shape = Shape{5};
        QVERIFY2(!inferOutput(node, changed), qPrintable(QStringLiteral("shape of input %1").arg(i)));
        changed[i] = {DType::Float64, specs[i].shape};
        QVERIFY2(!inferOutput(node, changed), qPrintable(QStringLiteral("type of input %1").arg(i)));
    }
    QVERIFY(!inferOutput(node, std::span(specs).first(specs.size() - 1)));
}

void TestOpRules::wantsTheRightNumberOfInputs()
{
    const auto last = static_cast<int>(OpCode::Count);
    for (int code = static_cast<int>(OpCode::Add); code < last; ++code) {
        const auto op = static_cast<OpCode>(code);
        for (const std::size_t count : {std::size_t{0}, std::size_t{11}}) {
            if (op == OpCode::Concat && count > 0)
                continue; // takes any number
            const Result<OutputSpec> output =
                infer({op, std::vector<OutputSpec>(count, f32({2, 2})), axes({0}), f32({2, 2})});
            QVERIFY2(!output.has_value(), std::string(backend::opName(op)).c_str());
            const QString message = QString::fromStdString(output.error().message());
            QVERIFY2(message.contains(QString::fromStdString(std::string(backend::opName(op)))),
                     qPrintable(message));
        }
    }
    QVERIFY(!infer({OpCode::Count, {}, {}, {}}).has_value());
}

void TestOpRules::reducesShapes_data()
{
    QTest::addColumn<QVector<int>>("over");
    QTest::addColumn<bool>("keep");
    QTest::addColumn<QString>("expected");
    QTest::newRow("none") << QVector<int>{} << false << QStringLiteral("[2, ?, 4]");
    QTest::newRow("first") << QVector<int>{0} << false << QStringLiteral("[?, 4]");
    QTest::newRow("open one") << QVector<int>{1} << false << QStringLiteral("[2, 4]");
    QTest::newRow("open one, kept") << QVector<int>{1} << true << QStringLiteral("[2, 1, 4]");
    QTest::newRow("any order") << QVector<int>{2, 0} << false << QStringLiteral("[?]");
    QTest::newRow("all") << QVector<int>{0, 1, 2} << false << QStringLiteral("[]");
    QTest::newRow("all, kept") << QVector<int>{0, 1, 2} << true << QStringLiteral("[1, 1, 1]");
}

void TestOpRules::reducesShapes()
{
    QFETCH(QVector<int>, over);
    QFETCH(bool, keep);
    QFETCH(QString, expected);
    const std::vector<std::int32_t> list(over.begin(), over.end());
    QCOMPARE(QString::fromStdString(reducedShape({2, kAny, 4}, list, keep).toString()), expected);
}

void TestOpRules::namesNodesOnce()
{
    Graph graph;
    const auto add = [&](const char* name) {
        Node node;
        node.op = OpCode::Const;
        node.name = name;
        node.dtype = DType::Float32;
        node.constant = Tensor::scalar(1.0F);
        return QString::fromStdString(graph.node(*graph.add(std::move(node))).name);
    };
    QCOMPARE(add("a"), QStringLiteral("a"));
    QCOMPARE(add("a"), QStringLiteral("a_1"));
    QCOMPARE(add("a_1"), QStringLiteral("a_1_1"));
    QCOMPARE(add("a"), QStringLiteral("a_2"));
    QCOMPARE(add(""), QStringLiteral("Const"));
    QCOMPARE(add("scope/a"), QStringLiteral("scope/a"));
    QCOMPARE(graph.nodes().size(), std::size_t{6});
    Node bad;
    bad.op = OpCode::Add;
    bad.inputs = {0};
    QVERIFY(!graph.add(std::move(bad)).has_value());
    QCOMPARE(graph.nodes().size(), std::size_t{6});
}

QTEST_GUILESS_MAIN(TestOpRules)
#include "tst_op_rules.moc"
