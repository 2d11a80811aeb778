// SPDX-License-Identifier: GPL-3.0-or-later
// The executor's part in the ops that set a model up: which stretch of a random stream each run takes, and
// scattered updates that are refused before anything changes.
#include "engine/base/philox.h"
#include "engine/session/session.h"
#include "tests/graph/graph_builder.h"

#include <QTest>

using namespace wr;
using namespace wr::session;
using backend::OpAttributes;
using backend::OpCode;
using graph::GraphBuilder;
using graph::NodeId;

namespace {

OpAttributes seeded(double a, double b)
{
    OpAttributes attributes;
    attributes.seed = 5;
    attributes.seed2 = 10;
    attributes.scalars[0] = a;
    attributes.scalars[1] = b;
    return attributes;
}

std::vector<double> valuesOf(const Tensor& tensor)
{
    std::vector<double> values;
    for (std::int64_t i = 0; i < tensor.elementCount(); ++i)
        values.push_back(tensor.valueAt(i));
    return values;
}

NodeId addVariable(GraphBuilder& builder, const char* name, const Shape& shape, DType dtype = DType::Float32)
{
    const NodeId node = builder.add(OpCode::Variable, {}, {}, shape, dtype);
    graph::Variable variable;
    variable.name = name;
    variable.node = node;
    variable.dtype = dtype;
    variable.shape = shape;
    builder.model().variables.push_back(variable);
    return node;
}

} // namespace

class TestSetupOps : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void wholeNumbersTakeTheirStretch();
    void shufflingTakesItsStretch_data();
    void shufflingTakesItsStretch();
    void scattersInOrder();
    void refusesIndices_data();
    void refusesIndices();
    void refusesBeforeOtherUpdates();
    void checksIndicesMadeByAnUpdate();
    void refusesDivisionByZero();
    void refusesVastValues_data();
    void refusesVastValues();

private:
    std::unique_ptr<Session> sessionOf(const GraphBuilder& builder)
    {
        if (!builder.error().empty())
            qFatal("%s", builder.error().c_str());
        return std::move(*Session::create(builder.shared(), *m_runtime));
    }
    std::unique_ptr<runtime::Runtime> m_runtime;
};

void TestSetupOps::initTestCase()
{
    runtime::RuntimeOptions options;
    options.threads = 2;
    m_runtime = std::move(*runtime::Runtime::create(options));
}

/// As TensorFlow: 2 and then 0, for a run takes 256 blocks an element.
void TestSetupOps::wholeNumbersTakeTheirStretch()
{
    GraphBuilder builder;
    const NodeId one = builder.add(OpCode::RandomUniformInt, {}, seeded(0, 3), {}, DType::Int32);
    const NodeId wide = builder.add(OpCode::RandomUniformInt, {}, seeded(-9, 90), Shape{3}, DType::Int64);
    const auto session = sessionOf(builder);
    const NodeId fetches[] = {one, wide};
    for (std::uint64_t run = 0; run < 2; ++run) {
        const auto values = session->evaluate(fetches, {});
        QVERIFY(values.has_value());
        QCOMPARE((*values)[0].valueAt(0), run == 0 ? 2.0 : 0.0);
        Philox stream(5, 10, run * philoxBlocksReserved(3));
        const PhiloxBlock words = stream.next();
        const std::uint64_t bits = words[2] | (std::uint64_t{words[3]} << 32U);
        QCOMPARE((*values)[1].valueAt(1), static_cast<double>(bits % 99) - 9.0);
    }
}

void TestSetupOps::shufflingTakesItsStretch_data()
{
    QTest::addColumn<int>("rows");
    QTest::addColumn<int>("blocks");
    QTest::newRow("one row draws nothing") << 1 << 0;
    QTest::newRow("two rows") << 2 << 1;
    QTest::newRow("five rows") << 5 << 1;
    QTest::newRow("six rows") << 6 << 2;
    QTest::newRow("a hundred rows") << 100 << 25;
}

void TestSetupOps::shufflingTakesItsStretch()
{
    QFETCH(int, rows);
    QFETCH(int, blocks);
    GraphBuilder builder;
    std::vector<std::int32_t> numbers;
    for (int i = 0; i < rows; ++i)
        numbers.push_back(i);
    const NodeId value = builder.constant(Tensor::of(numbers, Shape{rows}));
    const NodeId shuffled = builder.add(OpCode::RandomShuffle, {value}, seeded(0, 0));
    const auto session = sessionOf(builder);
    for (std::uint64_t run = 0; run < 3; ++run) {
        std::vector<double> expected(numbers.begin(), numbers.end());
        Philox stream(5, 10, run * static_cast<std::uint64_t>(blocks));
        std::vector<std::uint32_t> words;
        while (words.size() < expected.size()) {
            for (const std::uint32_t word : stream.next())
                words.push_back(word);
        }
        for (std::size_t i = 0; i + 1 < expected.size(); ++i)
            std::swap(expected[i], expected[i + words[i] % (expected.size() - i)]);
        const auto values = session->evaluate({&shuffled, 1}, {});
        QVERIFY(values.has_value());
        QCOMPARE(valuesOf((*values)[0]), expected);
        std::uint64_t drawn = 0;
        for (const auto& [name, position] : session->randomStreams())
            drawn += position;
        QCOMPARE(drawn, (run + 1) * static_cast<std::uint64_t>(blocks));
    }
}

void TestSetupOps::scattersInOrder()
{
    GraphBuilder builder;
    const NodeId variable = addVariable(builder, "v", {3, 2});
    const NodeId indices = builder.placeholder({Shape::kUnknown}, DType::Int64);
    const NodeId updates = builder.placeholder({Shape::kUnknown, 2}, DType::Float32);
    const NodeId scatter = builder.add(OpCode::ScatterAdd, {variable, indices, updates});
    const auto session = sessionOf(builder);
    const std::vector<Feed> feeds{{indices, Tensor::of<std::int64_t>({2, 0, 2}, {3})},
                                  {updates, Tensor::of<float>({1, 2, 3, 4, 5, 6}, {3, 2})}};
    const auto unread = session->evaluate({&scatter, 1}, feeds);
    QVERIFY2(!unread, "a scattered update reads its variable, which has no value yet");
    QCOMPARE(unread.error().code(), StatusCode::FailedPrecondition);
    const std::vector<NamedTensor> start{{"v", Tensor::of<float>({10, 20, 30, 40, 50, 60}, {3, 2})}};
    QVERIFY(session->assign(start, VariableState::Initialized).isOk());
    const auto done = session->evaluate({&scatter, 1}, feeds);
    QVERIFY2(done, done ? "" : done.error().toString().c_str());
    QCOMPARE(valuesOf(*session->value("v")), (std::vector<double>{13, 24, 30, 40, 56, 68}));
    QCOMPARE(session->variableState("v"), VariableState::Trained);
}

void TestSetupOps::refusesIndices_data()
{
    QTest::addColumn<int>("dtype");
    QTest::addColumn<QVector<int>>("dims");
    QTest::addColumn<QVector<int>>("indices");
    QTest::addColumn<QString>("message");
    for (const DType dtype : {DType::Int32, DType::Int64}) {
        const std::string type(dtypeName(dtype));
        const auto row = [&](const char* name, const QVector<int>& dims, const QVector<int>& indices,
                             const char* message) {
            QTest::addRow("%s, %s", name, type.c_str())
                << static_cast<int>(dtype) << dims << indices << QString::fromLatin1(message);
        };
        row("past the end", {4}, {0, 9, 1, 12}, "indices[3] = 12 is not in [0, 10)");
        row("one past the end", {1}, {10}, "indices[0] = 10 is not in [0, 10)");
        row("before the start", {2}, {0, -1}, "indices[1] = -1 is not in [0, 10)");
        row("in a table", {2, 3}, {0, 1, 2, 3, 4, 77}, "indices[1,2] = 77 is not in [0, 10)");
        row("alone", {}, {10}, "indices = 10 is not in [0, 10)");
    }
}

void TestSetupOps::refusesIndices()
{
    QFETCH(int, dtype);
    QFETCH(QVector<int>, dims);
    QFETCH(QVector<int>, indices);
    QFETCH(QString, message);
    const Shape shape(std::vector<std::int64_t>(dims.begin(), dims.end()));
    GraphBuilder builder;
    const NodeId variable = addVariable(builder, "v", {10});
    const NodeId places =
        static_cast<DType>(dtype) == DType::Int32
            ? builder.constant(Tensor::of(std::vector<std::int32_t>(indices.begin(), indices.end()), shape))
            : builder.constant(Tensor::of(std::vector<std::int64_t>(indices.begin(), indices.end()), shape));
    const NodeId updates = builder.constant(
        Tensor::of(std::vector<float>(static_cast<std::size_t>(indices.size()), 3.0F), shape));
    for (const OpCode op : {OpCode::ScatterUpdate, OpCode::ScatterAdd, OpCode::ScatterSub, OpCode::ScatterMul,
                            OpCode::ScatterDiv})
        builder.add(op, {variable, places, updates});
    const auto session = sessionOf(builder);
    const std::vector<NamedTensor> start{{"v", Tensor::of(std::vector<float>(10, 1.0F), {10})}};
    QVERIFY(session->assign(start, VariableState::Initialized).isOk());
    for (NodeId scatter = updates + 1; scatter <= updates + 5; ++scatter) {
        const auto refused = session->evaluate({&scatter, 1}, {});
        QVERIFY(!refused);
        QCOMPARE(refused.error().code(), StatusCode::InvalidArgument);
        const std::string name = session->model().graph.node(scatter).name;
        QCOMPARE(QString::fromStdString(refused.error().message()),
                 QString::fromStdString(name) + QStringLiteral(": ") + message);
        QCOMPARE(valuesOf(*session->value("v")), std::vector<double>(10, 1.0));
        QCOMPARE(session->variableState("v"), VariableState::Initialized);
    }
}

/// A step with several updates: the one that is wrong is found before the first is done, in whatever order.
void TestSetupOps::refusesBeforeOtherUpdates()
{
    GraphBuilder builder;
    const NodeId v = addVariable(builder, "v", {2});
    const NodeId w = addVariable(builder, "w", {2});
    const NodeId bad = builder.placeholder({1}, DType::Int32);
    const NodeId ones = builder.constant(Tensor::of<float>({1.0F}, {1}));
    const NodeId pair = builder.constant(Tensor::of<float>({1.0F, 1.0F}, {2}));
    const NodeId updates[] = {
        builder.add(OpCode::AssignAdd, {v, pair}),
        builder.add(OpCode::ScatterAdd, {w, builder.add(OpCode::Identity, {bad}), ones}),
        builder.add(OpCode::AssignSub, {v, pair})};
    const auto session = sessionOf(builder);
    const std::vector<NamedTensor> start{{"v", Tensor::of<float>({5, 6}, {2})},
                                         {"w", Tensor::of<float>({7, 8}, {2})}};
    QVERIFY(session->assign(start, VariableState::Initialized).isOk());
    const Shape shapes[] = {Shape{1}};
    const auto plan = session->plan({}, updates, {&bad, 1}, shapes);
    QVERIFY(plan.has_value());
    session->feedBuffer(*plan, 0).data<std::int32_t>()[0] = 2;
    QCOMPARE(session->run(*plan).code(), StatusCode::InvalidArgument);
    QCOMPARE(valuesOf(*session->value("v")), (std::vector<double>{5, 6}));
    QCOMPARE(valuesOf(*session->value("w")), (std::vector<double>{7, 8}));
    session->feedBuffer(*plan, 0).data<std::int32_t>()[0] = 1;
    QVERIFY(session->run(*plan).isOk());
    QCOMPARE(valuesOf(*session->value("w")), (std::vector<double>{7, 9}));
}

/// Indices that another update makes are known only then; no memory outside the variable is touched.
void TestSetupOps::checksIndicesMadeByAnUpdate()
{
    GraphBuilder builder;
    const NodeId v = addVariable(builder, "v", {2});
    const NodeId place = addVariable(builder, "place", {1}, DType::Int32);
    const NodeId moved =
        builder.add(OpCode::AssignAdd, {place, builder.constant(Tensor::of<std::int32_t>({1}, {1}))});
    const NodeId scatter =
        builder.add(OpCode::ScatterUpdate, {v, moved, builder.constant(Tensor::of<float>({9.0F}, {1}))});
    const auto session = sessionOf(builder);
    const std::vector<NamedTensor> start{{"v", Tensor::of<float>({5, 6}, {2})},
                                         {"place", Tensor::of<std::int32_t>({0}, {1})}};
    QVERIFY(session->assign(start, VariableState::Initialized).isOk());
    QVERIFY(session->evaluate({&scatter, 1}, {}).has_value());
    QCOMPARE(valuesOf(*session->value("v")), (std::vector<double>{5, 9}));
    const auto refused = session->evaluate({&scatter, 1}, {});
    QVERIFY(!refused);
    QVERIFY2(refused.error().message().find("indices[0] = 2 is not in [0, 2)") != std::string::npos,
             refused.error().message().c_str());
    QCOMPARE(valuesOf(*session->value("v")), (std::vector<double>{5, 9}));
}

void TestSetupOps::refusesDivisionByZero()
{
    GraphBuilder builder;
    const NodeId v = addVariable(builder, "v", {2}, DType::Int64);
    const NodeId scatter =
        builder.add(OpCode::ScatterDiv, {v, builder.constant(Tensor::of<std::int32_t>({0, 1}, {2})),
                                         builder.constant(Tensor::of<std::int64_t>({2, 0}, {2}))});
    const auto session = sessionOf(builder);
    const std::vector<NamedTensor> start{{"v", Tensor::of<std::int64_t>({8, 6}, {2})}};
    QVERIFY(session->assign(start, VariableState::Initialized).isOk());
    const auto refused = session->evaluate({&scatter, 1}, {});
    QVERIFY(!refused);
    QVERIFY2(refused.error().message().find("updates[1] is 0") != std::string::npos,
             refused.error().message().c_str());
    QCOMPARE(valuesOf(*session->value("v")), (std::vector<double>{8, 6}));
}

void TestSetupOps::refusesVastValues_data()
{
    QTest::addColumn<qint64>("rows");
    QTest::addColumn<qint64>("columns");
    QTest::newRow("more than memory") << (qint64{1} << 30U) << (qint64{1} << 16U);
    QTest::newRow("more bytes than 64 bits count") << (qint64{1} << 31U) << (qint64{1} << 31U);
    QTest::newRow("more elements than 64 bits count") << (qint64{1} << 40U) << (qint64{1} << 40U);
}

/// On the way to a small value, too: nothing is allocated, and no kernel runs.
void TestSetupOps::refusesVastValues()
{
    QFETCH(qint64, rows);
    QFETCH(qint64, columns);
    GraphBuilder builder;
    const NodeId drawn =
        builder.add(OpCode::RandomNormal, {}, seeded(0, 1), Shape{rows, columns}, DType::Float32);
    const NodeId orthogonal = builder.add(OpCode::Orthogonal, {drawn}, seeded(1, 0));
    const NodeId corner = builder.add(OpCode::Slice, {orthogonal}, {}, Shape{2, 2});
    const auto session = sessionOf(builder);
    const auto refused = session->evaluate({&corner, 1}, {});
    QVERIFY(!refused);
    QCOMPARE(refused.error().code(), StatusCode::ResourceExhausted);
    QVERIFY2(refused.error().message().find("RandomNormal") != std::string::npos,
             refused.error().message().c_str());
}

QTEST_GUILESS_MAIN(TestSetupOps)
#include "tst_setup_ops.moc"
