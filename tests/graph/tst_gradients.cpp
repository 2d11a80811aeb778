// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/gradients.h"
#include "engine/runtime/runtime.h"
#include "engine/session/session.h"
#include "tests/graph/gradient_cases.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

using namespace wr;
using namespace wr::graph;
using backend::OpAttributes;
using backend::OpCode;

namespace {

/// Values that keep apart from one another and from 0, so that no kink lies within a difference's reach.
Tensor distinctValues(const Shape& shape, double low, double high, std::mt19937_64& random)
{
    const auto count = static_cast<std::size_t>(shape.elementCount().value());
    std::vector<double> values(count);
    for (std::size_t i = 0; i < count; ++i) {
        const double at =
            (static_cast<double>(i) + 0.1 + 0.8 * static_cast<double>(random() % 1000) / 1000.0) /
            static_cast<double>(count);
        values[i] = low + (high - low) * at;
        if (std::abs(values[i]) < 0.02)
            values[i] = 0.02;
    }
    std::shuffle(values.begin(), values.end(), random);
    return Tensor::of(values, shape);
}

Shape withOpenBatch(const Shape& shape)
{
    std::vector<std::int64_t> dims = shape.dims();
    if (!dims.empty() && dims.front() != 1)
        dims.front() = Shape::kUnknown;
    return Shape(dims);
}

} // namespace

class TestGradients : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void agreesWithDifferences_data() { caseRows(); }
    void agreesWithDifferences() { compare(false); }
    void agreesWithAnOpenBatch_data() { caseRows(); }
    void agreesWithAnOpenBatch() { compare(true); }
    void dividesTiesOfMax();
    void multipliesTheOthers();
    void givesTiesToTheFirst_data();
    void givesTiesToTheFirst();
    void joinsRows();
    void refusesOpenJoins();
    void endsAtKinks();
    void castsThereAndBack();
    void stopsAtWhatHasNoGradient_data();
    void stopsAtWhatHasNoGradient();
    void leavesOutWhatTheLossDoesNotRead();
    void namesItsNodes();
    void refusesOtherLosses_data();
    void refusesOtherLosses();

private:
    void caseRows();
    void compare(bool openBatch);
    std::vector<Tensor> evaluated(const GraphBuilder& builder, const std::vector<NodeId>& fetches,
                                  const std::vector<session::Feed>& feeds);

    std::unique_ptr<runtime::Runtime> m_runtime;
    std::vector<GradientCase> m_cases;
};

void TestGradients::initTestCase()
{
    runtime::RuntimeOptions options;
    options.threads = 1;
    Result<std::unique_ptr<runtime::Runtime>> runtime = runtime::Runtime::create(options);
    QVERIFY(runtime.has_value());
    m_runtime = std::move(*runtime);
    m_cases = gradientCases();
}

void TestGradients::caseRows()
{
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < m_cases.size(); ++i)
        QTest::newRow(m_cases[i].name.c_str()) << static_cast<int>(i);
}

std::vector<Tensor> TestGradients::evaluated(const GraphBuilder& builder, const std::vector<NodeId>& fetches,
                                             const std::vector<session::Feed>& feeds)
{
    auto session = session::Session::create(builder.shared(), *m_runtime);
    if (!session)
        qFatal("%s", session.error().toString().c_str());
    Result<std::vector<Tensor>> values = (*session)->evaluate(fetches, feeds);
    if (!values) {
        QTest::qFail(values.error().toString().c_str(), __FILE__, __LINE__);
        return {};
    }
    return std::move(*values);
}

/// d(loss)/d(input) from the graph against (loss(x + h) − loss(x − h)) / 2h, for every element of every
/// input. The loss weighs each element of the result with a number of its own.
void TestGradients::compare(bool openBatch)
{
    QFETCH(int, index);
    const GradientCase& checked = m_cases[static_cast<std::size_t>(index)];
    std::mt19937_64 random(static_cast<std::uint64_t>(index) + 1);

    // The result's shape, from exact inputs.
    GraphBuilder probe;
    std::vector<NodeId> exact;
    for (const Shape& shape : checked.shapes)
        exact.push_back(probe.placeholder(shape));
    const Shape result = probe.graph().node(checked.build(probe, exact)).shape;
    QVERIFY2(probe.error().empty(), probe.error().c_str());

    GraphBuilder builder;
    std::vector<NodeId> inputs;
    std::vector<Tensor> values;
    for (const Shape& shape : checked.shapes) {
        inputs.push_back(builder.placeholder(openBatch ? withOpenBatch(shape) : shape));
        values.push_back(distinctValues(shape, checked.low, checked.high, random));
    }
    const NodeId y = checked.build(builder, inputs);
    const NodeId weights = builder.constant(distinctValues(result, -1.0, 1.0, random));
    OpAttributes all;
    for (int axis = 0; axis < result.rank(); ++axis)
        all.axes[all.axisCount++] = axis;
    const NodeId loss = builder.add(OpCode::Sum, {builder.add(OpCode::Mul, {y, weights})}, all);
    QVERIFY2(builder.error().empty(), builder.error().c_str());
    const Result<std::vector<NodeId>> gradients = addGradients(builder.graph(), loss, inputs);
    QVERIFY2(gradients.has_value(), gradients ? "" : gradients.error().message().c_str());

    auto created = session::Session::create(builder.shared(), *m_runtime);
    QVERIFY2(created.has_value(), created ? "" : created.error().message().c_str());
    session::Session& session = **created;
    std::vector<Shape> shapes;
    shapes.reserve(values.size());
    for (const Tensor& value : values)
        shapes.push_back(value.shape());
    std::vector<NodeId> fetches = *gradients;
    for (const NodeId gradient : fetches)
        QVERIFY(gradient != kNoNode);
    const auto plan = session.plan(fetches, {}, inputs, shapes);
    QVERIFY2(plan.has_value(), plan ? "" : plan.error().message().c_str());
    const auto lossPlan = session.plan(std::vector<NodeId>{loss}, {}, inputs, shapes);
    QVERIFY(lossPlan.has_value());
    const auto fill = [&](session::PlanId id) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            const auto from = values[i].values<double>();
            std::copy(from.begin(), from.end(), session.feedBuffer(id, i).data<double>());
        }
    };
    fill(*plan);
    fill(*lossPlan);
    QVERIFY(session.run(*plan).isOk());
    constexpr double kStep = 1e-5;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const Tensor& gradient = session.fetched(*plan, i);
        QCOMPARE(gradient.dtype(), DType::Float64);
        QVERIFY2(gradient.shape() == values[i].shape(), gradient.shape().toString().c_str());
        double* const fed = session.feedBuffer(*lossPlan, i).data<double>();
        for (std::int64_t element = 0; element < values[i].elementCount(); ++element) {
            const double x = fed[element];
            fed[element] = x + kStep;
            QVERIFY(session.run(*lossPlan).isOk());
            const double above = session.fetched(*lossPlan, 0).data<double>()[0];
            fed[element] = x - kStep;
            QVERIFY(session.run(*lossPlan).isOk());
            const double below = session.fetched(*lossPlan, 0).data<double>()[0];
            fed[element] = x;
            const double expected = (above - below) / (2.0 * kStep);
            const double found = gradient.data<double>()[element];
            QVERIFY2(std::abs(found - expected) <= 1e-7 + 1e-6 * std::abs(expected),
                     qPrintable(QStringLiteral("input %1, element %2: %3, by differences %4")
                                    .arg(i)
                                    .arg(element)
                                    .arg(found, 0, 'g', 12)
                                    .arg(expected, 0, 'g', 12)));
        }
    }
}

void TestGradients::dividesTiesOfMax()
{
    GraphBuilder builder;
    const NodeId x = builder.placeholder({2, 3});
    const NodeId rows = builder.add(OpCode::Max, {x}, axes({1}));
    const NodeId loss = builder.add(OpCode::Sum, {rows}, axes({0}));
    const auto gradient = addGradients(builder.graph(), loss, std::vector<NodeId>{x});
    QVERIFY(gradient.has_value());
    const auto values =
        evaluated(builder, *gradient, {{x, Tensor::of<double>({5.0, 5.0, 1.0, 2.0, 3.0, 2.0}, Shape{2, 3})}});
    QCOMPARE(values.size(), std::size_t{1});
    const std::vector<double> expected{0.5, 0.5, 0.0, 0.0, 1.0, 0.0};
    for (std::size_t i = 0; i < expected.size(); ++i)
        QCOMPARE(values[0].values<double>()[i], expected[i]);
}

/// Where a product holds one zero only that element has a slope; where it holds two, none has.
void TestGradients::multipliesTheOthers()
{
    GraphBuilder builder;
    const NodeId x = builder.placeholder({3, 3});
    const NodeId loss = builder.add(OpCode::Sum, {builder.add(OpCode::Prod, {x}, axes({1}))}, axes({0}));
    const auto gradient = addGradients(builder.graph(), loss, std::vector<NodeId>{x});
    QVERIFY(gradient.has_value());
    const auto values =
        evaluated(builder, *gradient,
                  {{x, Tensor::of<double>({2.0, -3.0, 5.0, 4.0, 0.0, 7.0, 0.0, 6.0, 0.0}, Shape{3, 3})}});
    const std::vector<double> expected{-15.0, 10.0, -6.0, 0.0, 28.0, 0.0, 0.0, 0.0, 0.0};
    for (std::size_t i = 0; i < expected.size(); ++i)
        QCOMPARE(values[0].values<double>()[i], expected[i]);
}

void TestGradients::givesTiesToTheFirst_data()
{
    QTest::addColumn<int>("op");
    QTest::newRow("Maximum") << static_cast<int>(OpCode::Maximum);
    QTest::newRow("Minimum") << static_cast<int>(OpCode::Minimum);
}

void TestGradients::givesTiesToTheFirst()
{
    QFETCH(int, op);
    GraphBuilder builder;
    const NodeId a = builder.placeholder({2});
    const NodeId b = builder.placeholder({2});
    const NodeId loss = builder.add(OpCode::Sum, {builder.add(static_cast<OpCode>(op), {a, b})}, axes({0}));
    const auto gradients = addGradients(builder.graph(), loss, std::vector<NodeId>{a, b});
    QVERIFY(gradients.has_value());
    const Tensor same = Tensor::of<double>({1.5, -2.0}, Shape{2});
    const auto values = evaluated(builder, *gradients, {{a, same}, {b, same}});
    for (std::size_t i = 0; i < 2; ++i) {
        QCOMPARE(values[0].values<double>()[i], 1.0);
        QCOMPARE(values[1].values<double>()[i], 0.0);
    }
}

/// Rows joined along the first axis, whose length must be known; parts that are not wanted get no gradient.
void TestGradients::joinsRows()
{
    GraphBuilder builder;
    const NodeId a = builder.placeholder({1, 2});
    const NodeId b = builder.placeholder({2, 2});
    const NodeId joined = builder.add(OpCode::Concat, {a, b}, axes({0}));
    const NodeId loss = builder.add(OpCode::Sum, {builder.add(OpCode::Square, {joined})}, axes({0, 1}));
    const auto gradient = addGradients(builder.graph(), loss, std::vector<NodeId>{b});
    QVERIFY(gradient.has_value());
    const auto values = evaluated(builder, *gradient,
                                  {{a, Tensor::of<double>({9.0, 9.0}, Shape{1, 2})},
                                   {b, Tensor::of<double>({1.0, 2.0, 3.0, 4.0}, Shape{2, 2})}});
    QCOMPARE(values.size(), std::size_t{1});
    for (std::size_t i = 0; i < 4; ++i)
        QCOMPARE(values[0].values<double>()[i], 2.0 * static_cast<double>(i + 1));
}

void TestGradients::refusesOpenJoins()
{
    GraphBuilder builder;
    const NodeId a = builder.placeholder({Shape::kUnknown, 2});
    const NodeId b = builder.placeholder({Shape::kUnknown, 2});
    const NodeId joined = builder.add(OpCode::Concat, {a, b}, axes({0}));
    const NodeId loss = builder.add(OpCode::Sum, {joined}, axes({0, 1}));
    const auto gradients = addGradients(builder.graph(), loss, std::vector<NodeId>{a, b});
    QVERIFY(!gradients.has_value());
    QCOMPARE(gradients.error().code(), StatusCode::Unimplemented);
    QVERIFY2(QString::fromStdString(gradients.error().message()).contains(QStringLiteral("Concat")),
             gradients.error().message().c_str());
}

/// At 0, where no derivative is: as TensorFlow has it.
void TestGradients::endsAtKinks()
{
    for (const OpCode op : {OpCode::Relu, OpCode::Abs}) {
        GraphBuilder builder;
        const NodeId x = builder.placeholder({});
        const auto gradient = addGradients(builder.graph(), builder.add(op, {x}), std::vector<NodeId>{x});
        QVERIFY(gradient.has_value());
        QCOMPARE(evaluated(builder, *gradient, {{x, Tensor::scalar(0.0)}})[0].valueAt(0), 0.0);
    }
    // 0 to the power of a variable: 0 · log 0 is 0 here.
    GraphBuilder builder;
    const NodeId x = builder.placeholder({});
    const NodeId y = builder.placeholder({});
    const NodeId power = builder.add(OpCode::Pow, {x, y});
    const auto gradients = addGradients(builder.graph(), power, std::vector<NodeId>{x, y});
    QVERIFY(gradients.has_value());
    const auto values = evaluated(builder, *gradients, {{x, Tensor::scalar(0.0)}, {y, Tensor::scalar(2.0)}});
    QCOMPARE(values[0].valueAt(0), 0.0);
    QCOMPARE(values[1].valueAt(0), 0.0);
}

void TestGradients::castsThereAndBack()
{
    GraphBuilder builder;
    const NodeId x = builder.placeholder({2}, DType::Float32);
    const NodeId wide = builder.add(OpCode::Cast, {x}, {}, {}, DType::Float64);
    const NodeId loss = builder.add(OpCode::Sum, {builder.add(OpCode::Square, {wide})}, axes({0}));
    const auto gradient = addGradients(builder.graph(), loss, std::vector<NodeId>{x});
    QVERIFY(gradient.has_value());
    const auto values = evaluated(builder, *gradient, {{x, Tensor::of<float>({1.5F, -3.0F}, Shape{2})}});
    QCOMPARE(values[0].dtype(), DType::Float32);
    QCOMPARE(values[0].valueAt(0), 3.0);
    QCOMPARE(values[0].valueAt(1), -6.0);
}

void TestGradients::stopsAtWhatHasNoGradient_data()
{
    QTest::addColumn<int>("op");
    QTest::newRow("Sign") << static_cast<int>(OpCode::Sign);
    QTest::newRow("ArgMax") << static_cast<int>(OpCode::ArgMax);
    QTest::newRow("Equal") << static_cast<int>(OpCode::Equal);
    QTest::newRow("Less") << static_cast<int>(OpCode::Less);
    QTest::newRow("Cast to int") << static_cast<int>(OpCode::Cast);
}

void TestGradients::stopsAtWhatHasNoGradient()
{
    QFETCH(int, op);
    const auto code = static_cast<OpCode>(op);
    GraphBuilder builder;
    const NodeId x = builder.placeholder({3});
    const bool pair = code == OpCode::Equal || code == OpCode::Less;
    const NodeId y = builder.add(code, pair ? std::vector<NodeId>{x, x} : std::vector<NodeId>{x}, axes({0}),
                                 {}, code == OpCode::Cast ? DType::Int32 : DType::Invalid);
    const NodeId back = builder.add(OpCode::Cast, {y}, {}, {}, DType::Float64);
    const NodeId loss = code == OpCode::ArgMax ? back : builder.add(OpCode::Sum, {back}, axes({0}));
    QVERIFY2(builder.error().empty(), builder.error().c_str());
    const auto gradient = addGradients(builder.graph(), loss, std::vector<NodeId>{x});
    QVERIFY(gradient.has_value());
    QCOMPARE(gradient->front(), kNoNode);
}

void TestGradients::leavesOutWhatTheLossDoesNotRead()
{
    GraphBuilder builder;
    const NodeId x = builder.placeholder({});
    const NodeId other = builder.placeholder({});
    const NodeId loss = builder.add(OpCode::Square, {x});
    const NodeId later = builder.placeholder({});
    const auto gradients = addGradients(builder.graph(), loss, std::vector<NodeId>{other, x, later, loss});
    QVERIFY(gradients.has_value());
    QCOMPARE(gradients->size(), std::size_t{4});
    QCOMPARE((*gradients)[0], kNoNode);
    QVERIFY((*gradients)[1] != kNoNode);
    QCOMPARE((*gradients)[2], kNoNode);
    const auto values = evaluated(builder, {(*gradients)[1], (*gradients)[3]}, {{x, Tensor::scalar(3.0)}});
    QCOMPARE(values[0].valueAt(0), 6.0);
    QCOMPARE(values[1].valueAt(0), 1.0);
}

void TestGradients::namesItsNodes()
{
    GraphBuilder builder;
    const NodeId x = builder.placeholder({2, 2});
    const NodeId product = builder.add(OpCode::MatMul, {x, x});
    const NodeId loss = builder.add(OpCode::Sum, {product}, axes({0, 1}));
    const std::size_t before = builder.graph().nodes().size();
    QVERIFY(addGradients(builder.graph(), loss, std::vector<NodeId>{x}).has_value());
    QVERIFY(builder.graph().nodes().size() > before);
    bool found = false;
    for (std::size_t id = before; id < builder.graph().nodes().size(); ++id) {
        const std::string& name = builder.graph().nodes()[id].name;
        QVERIFY2(name.rfind("gradients/", 0) == 0, name.c_str());
        found = found || name == "gradients/MatMul_grad/MatMul";
    }
    QVERIFY(found);
}

void TestGradients::refusesOtherLosses_data()
{
    QTest::addColumn<int>("dtype");
    QTest::addColumn<bool>("scalar");
    QTest::addColumn<QString>("fragment");
    QTest::newRow("a row") << static_cast<int>(DType::Float32) << false
                           << QStringLiteral("float32 of shape [3]");
    QTest::newRow("whole number") << static_cast<int>(DType::Int32) << true
                                  << QStringLiteral("int32 of shape []");
    QTest::newRow("truth") << static_cast<int>(DType::Bool) << true << QStringLiteral("bool of shape []");
}

void TestGradients::refusesOtherLosses()
{
    QFETCH(int, dtype);
    QFETCH(bool, scalar);
    QFETCH(QString, fragment);
    GraphBuilder builder;
    const NodeId x = builder.placeholder(scalar ? Shape{} : Shape{3}, static_cast<DType>(dtype));
    const auto gradients = addGradients(builder.graph(), x, std::vector<NodeId>{x});
    QVERIFY(!gradients.has_value());
    QCOMPARE(gradients.error().code(), StatusCode::InvalidArgument);
    QVERIFY2(QString::fromStdString(gradients.error().message()).contains(fragment),
             gradients.error().message().c_str());
}

QTEST_GUILESS_MAIN(TestGradients)
#include "tst_gradients.moc"
