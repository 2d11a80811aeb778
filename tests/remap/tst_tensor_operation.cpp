// SPDX-License-Identifier: GPL-3.0-or-later
// Operations on values, bit for bit against plain loops, and back again.
#include "engine/remap/tensor_operation.h"
#include "tests/checkpoint/sample_tensors.h"

#include <QTest>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

using namespace wr;
using namespace wr::remap;
using wr::checkpoint::sameBytes;
using wr::checkpoint::weightsOf;

namespace {

std::vector<Operation> parsed(const char* text)
{
    const auto operations = parseOperations(text);
    if (!operations)
        qFatal("%s", operations.error().message().c_str());
    return *operations;
}

using Indices = std::vector<std::int64_t>;

/// The element of a row-major tensor at these indices, as its bytes.
std::string elementAt(const Tensor& tensor, const Indices& at)
{
    std::int64_t place = 0;
    for (std::size_t i = 0; i < at.size(); ++i)
        place = place * tensor.shape().dim(static_cast<int>(i)) + at[i];
    const std::size_t size = dtypeSize(tensor.dtype());
    return {reinterpret_cast<const char*>(tensor.bytes().data()) + static_cast<std::size_t>(place) * size,
            size};
}

/// Calls body(indices) for every element of a shape, with one plain loop.
template <typename Body>
void forAll(const Shape& shape, const Body& body)
{
    Indices at(shape.dims().size());
    for (std::int64_t n = 0; n < *shape.elementCount(); ++n) {
        std::int64_t rest = n;
        for (std::size_t i = at.size(); i-- > 0;) {
            at[i] = rest % shape.dims()[i];
            rest /= shape.dims()[i];
        }
        body(at);
    }
}

Indices swapped(Indices at, std::size_t a, std::size_t b)
{
    std::swap(at[a], at[b]);
    return at;
}

/// Where the element at `at` of the result comes from, for the operations that only move elements.
Indices originOf(const Operation& operation, const Shape& from, Indices at)
{
    switch (operation.kind) {
    case OperationKind::Transpose:
        std::reverse(at.begin(), at.end());
        return at;
    case OperationKind::Permute: {
        Indices origin(at.size());
        for (std::size_t i = 0; i < at.size(); ++i)
            origin[static_cast<std::size_t>(operation.numbers[i])] = at[i];
        return origin;
    }
    case OperationKind::Slice:
        at[static_cast<std::size_t>(operation.numbers[0])] += operation.numbers[1];
        return at;
    case OperationKind::Take:
        at.insert(at.begin() + operation.numbers[0], operation.numbers[1]);
        return at;
    case OperationKind::Heads: {
        const std::int64_t size = from.dim(0) / operation.numbers[0];
        const std::int64_t head = at[0] / size;
        const std::int64_t row = at[0] % size;
        // Row 2n + s of pairs is row n + s · size/2 of halves.
        const std::int64_t origin = operation.order == HeadOrder::Pairs
                                        ? row / 2 + (row % 2) * (size / 2)
                                        : (row % (size / 2)) * 2 + row / (size / 2);
        at[0] = head * size + origin;
        return at;
    }
    default:
        return at;
    }
}

} // namespace

class TestTensorOperation : public QObject {
    Q_OBJECT

private slots:
    void moves_data();
    void moves();
    void everyType();
    void undoes_data();
    void undoes();
    void largePermutes();
    void headsAsLlamaCppDoes();
    void pads();
    void padsWithInitialValues();
    void joins();
    void shapesOnlyShareMemory();
    void casts();
    void castsTellLosses();
    void narrowFloats();
    void scales();
    void emptyTensors();
};

void TestTensorOperation::moves_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QList<int>>("dims");
    const auto row = [](const char* text, const QList<int>& dims) { QTest::newRow(text) << text << dims; };
    row("transpose", {7, 5});
    row("transpose ", {3, 4, 5});
    row("transpose  ", {9});
    row("permute(2, 0, 1)", {3, 4, 5});
    row("permute(0, 2, 1)", {3, 40, 50});
    row("permute(1, 0, 2)", {33, 34, 3});
    row("permute(3, 2, 0, 1)", {3, 3, 5, 7});
    row("permute(2, 3, 1, 0)", {7, 5, 3, 3});
    row("permute(0, 1)", {4, 5});
    row("permute(0, 2, 1, 3)", {2, 1, 5, 4});
    row("permute(4, 1, 3, 2, 0)", {2, 3, 4, 5, 6});
    row("slice(0, 2, 5)", {7, 5});
    row("slice(1, 1, 2)", {7, 5, 2});
    row("slice(0, 3, 3)", {7, 5});
    row("take(1, 4)", {7, 5, 2});
    row("take(0, 0)", {1});
    row("heads(4, pairs)", {32, 3});
    row("heads(4, halves)", {32, 3});
    row("heads(1, pairs)", {10});
    row("heads(2, halves)", {12, 2, 2});
}

void TestTensorOperation::moves()
{
    QFETCH(QString, text);
    QFETCH(QList<int>, dims);
    const Operation operation = parsed(text.toUtf8().constData()).front();
    const Tensor input = weightsOf(DType::Float32, Shape(Indices(dims.begin(), dims.end())), 5);
    const auto output = applyOperations(operation, input);
    QVERIFY2(output, output ? "" : output.error().message().c_str());
    const auto spec = specAfter(operation, {{}, input.dtype(), input.shape()});
    QVERIFY(output->shape() == spec->shape);
    forAll(output->shape(), [&](const Indices& at) {
        QCOMPARE(elementAt(*output, at), elementAt(input, originOf(operation, input.shape(), at)));
    });
}

void TestTensorOperation::everyType()
{
    for (int i = 1; i <= static_cast<int>(DType::Bool); ++i) {
        const Tensor input = weightsOf(static_cast<DType>(i), Shape{35, 37}, 3);
        const auto output = applyOperations(transposed(), input);
        QVERIFY(output);
        forAll(output->shape(), [&](const Indices& at) {
            QCOMPARE(elementAt(*output, at), elementAt(input, swapped(at, 0, 1)));
        });
    }
}

void TestTensorOperation::undoes_data()
{
    QTest::addColumn<QString>("text");
    for (const char* text :
         {"transpose", "permute(1, 2, 0)", "permute(2, 0, 1)", "reshape(4, -1)", "unsqueeze(1)", "merge(0)",
          "merge(1)", "pad(1, 2, 3, zeros)", "pad(0, 1, 0, repeat)", "pad(2, 1, 1, mean)", "heads(2, pairs)",
          "heads(1, halves)", "cast(float64)", "slice(0, 0, 4)", "scale(1)"})
        QTest::newRow(text) << text;
}

void TestTensorOperation::undoes()
{
    QFETCH(QString, text);
    const Operation operation = parsed(text.toUtf8().constData()).front();
    for (const Shape& shape : {Shape{4, 6, 2}, Shape{4, 2, 8}}) {
        const Tensor input = weightsOf(DType::Float32, shape, 9);
        const TensorSpec spec{{}, input.dtype(), shape};
        QCOMPARE(undoing(operation, spec), Undoing::Exact);
        const auto there = applyOperations(operation, input);
        QVERIFY2(there, there ? "" : there.error().message().c_str());
        const auto back = applyOperations(*inverseOf(operation, spec), *there);
        QVERIFY2(back, back ? "" : back.error().message().c_str());
        QVERIFY(sameBytes(*back, input));
    }
    QVERIFY(!inverseOf(parsed("slice(0, 0, 3)").front(), {{}, DType::Float32, Shape{4, 6}}));
}

void TestTensorOperation::largePermutes()
{
    const Tensor input = weightsOf(DType::BFloat16, Shape{70, 3, 129}, 1);
    Indices order{0, 1, 2};
    do {
        Operation operation{OperationKind::Permute, order};
        const auto output = applyOperations(operation, input);
        QVERIFY(output);
        bool isSame = true;
        forAll(output->shape(), [&](const Indices& at) {
            isSame =
                isSame && elementAt(*output, at) == elementAt(input, originOf(operation, input.shape(), at));
        });
        QVERIFY(isSame);
    } while (std::next_permutation(order.begin(), order.end()));
}

// weights.reshape(heads, 2, rows / heads / 2, columns).swapaxes(1, 2), as its converter has it.
void TestTensorOperation::headsAsLlamaCppDoes()
{
    std::vector<float> values(16);
    std::iota(values.begin(), values.end(), 0.0F);
    const auto output = applyOperations(headsTo(HeadOrder::Pairs, 2), Tensor::of(values, Shape{16, 1}));
    QVERIFY(output);
    const std::vector<float> expected{0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15};
    QVERIFY(std::equal(expected.begin(), expected.end(), output->values<float>().begin()));
}

void TestTensorOperation::pads()
{
    const Tensor input = Tensor::of(std::vector<float>{1, 2, 3, 4, 5, 6}, Shape{3, 2});
    const auto padded = [&](const char* text) {
        const auto output = applyOperations(parsed(text), input);
        return output ? std::vector<float>(output->values<float>().begin(), output->values<float>().end())
                      : std::vector<float>();
    };
    QCOMPARE(padded("pad(0, 1, 1, zeros)"), (std::vector<float>{0, 0, 1, 2, 3, 4, 5, 6, 0, 0}));
    QCOMPARE(padded("pad(0, 2, 4, repeat)"),
             (std::vector<float>{3, 4, 5, 6, 1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6, 1, 2}));
    QCOMPARE(padded("pad(1, 1, 0, mean)"), (std::vector<float>{1.5F, 1, 2, 3.5F, 3, 4, 5.5F, 5, 6}));
    QCOMPARE(padded("pad(0, 0, 1, mean)"), (std::vector<float>{1, 2, 3, 4, 5, 6, 3, 4}));
    QVERIFY(!applyOperations(parsed("pad(0, 1, 1, mean)"),
                             Tensor::of(std::vector<std::int32_t>{1, 2}, Shape{2})));
    QVERIFY(!applyOperations(parsed("pad(0, 1, 1, repeat)"), *Tensor::zeros(DType::Float32, Shape{0, 2})));
}

void TestTensorOperation::padsWithInitialValues()
{
    const Tensor input = Tensor::of(std::vector<float>{1, 2}, Shape{2});
    const Tensor initial = Tensor::of(std::vector<float>{7, 8, 9, 10}, Shape{4});
    OperationContext context;
    const std::vector<Operation> operations = parsed("pad(0, 1, 1, initializer)");
    const auto without = applyOperations(operations, input, context);
    QVERIFY(!without);
    QCOMPARE(without.error().code(), StatusCode::FailedPrecondition);
    context.initial = &input;
    QVERIFY(!applyOperations(operations, input, context));
    context.initial = &initial;
    const auto output = applyOperations(operations, input, context);
    QVERIFY(output);
    const std::vector<float> expected{7, 1, 2, 10};
    QVERIFY(std::equal(expected.begin(), expected.end(), output->values<float>().begin()));
}

void TestTensorOperation::joins()
{
    const Tensor a = weightsOf(DType::Float16, Shape{2, 3, 4}, 1);
    const Tensor b = weightsOf(DType::Float16, Shape{2, 5, 4}, 2);
    const Operation concat = parsed("concat(1)").front();
    const std::vector<Tensor> both{a, b};
    const auto joined = joinTensors(concat, both);
    QVERIFY(joined);
    QVERIFY((joined->shape() == Shape{2, 8, 4}));
    forAll(joined->shape(), [&](Indices at) {
        const std::string made = elementAt(*joined, at);
        const bool isFirst = at[1] < 3;
        at[1] -= isFirst ? 0 : 3;
        QCOMPARE(made, elementAt(isFirst ? a : b, at));
    });
    for (int axis = 0; axis <= 3; ++axis) {
        const std::vector<Tensor> three{a, a, weightsOf(DType::Float16, a.shape(), 7)};
        const auto stacked = joinTensors({OperationKind::Stack, {axis}}, three);
        QVERIFY(stacked);
        for (std::int64_t i = 0; i < 3; ++i) {
            const auto back = applyOperations({OperationKind::Take, {axis, i}}, *stacked);
            QVERIFY(back);
            QVERIFY(sameBytes(*back, three[static_cast<std::size_t>(i)]));
        }
    }
    QVERIFY(!joinTensors(parsed("stack(0)").front(), both));
    QVERIFY(!joinTensors(parsed("concat(0)").front(), both));
    QVERIFY(!joinTensors(concat, std::vector<Tensor>{a, weightsOf(DType::Float32, Shape{2, 5, 4}, 2)}));
    QVERIFY(!joinTensors(concat, {}));
}

void TestTensorOperation::shapesOnlyShareMemory()
{
    const Tensor input = weightsOf(DType::Float32, Shape{1, 6, 4}, 1);
    for (const char* text : {"reshape(8, 3)", "squeeze(0)", "unsqueeze(2)", "merge(1)", "permute(1, 0, 2)"}) {
        const auto output = applyOperations(parsed(text), input);
        QVERIFY(output);
        QCOMPARE(output->bytes().data(), input.bytes().data());
    }
}

void TestTensorOperation::casts()
{
    const std::vector<double> values{0.0, -0.0, 1.0, -2.5, 3.5, 70000.0, 1e-8, 255.0, 256.0, -129.0, 1e300};
    const Tensor input = Tensor::of(values, Shape{static_cast<std::int64_t>(values.size())});
    const auto f32 = applyOperations(castTo(DType::Float32), input);
    const auto i8 = applyOperations(castTo(DType::Int8), input);
    const auto u8 = applyOperations(castTo(DType::UInt8), input);
    const auto truth = applyOperations(castTo(DType::Bool), input);
    QVERIFY(f32 && i8 && u8 && truth);
    for (std::size_t i = 0; i + 1 < values.size(); ++i)
        QCOMPARE(f32->values<float>()[i], static_cast<float>(values[i]));
    const std::vector<std::int8_t> small{0, 0, 1, -2, 4, 127, 0, 127, 127, -128, 127};
    QVERIFY(std::equal(small.begin(), small.end(), i8->values<std::int8_t>().begin()));
    const std::vector<std::uint8_t> bytes{0, 0, 1, 0, 4, 255, 0, 255, 255, 0, 255};
    QVERIFY(std::equal(bytes.begin(), bytes.end(), u8->values<std::uint8_t>().begin()));
    QCOMPARE(truth->values<bool>()[0], false);
    QCOMPARE(truth->values<bool>()[6], true);
    // Whole numbers beyond 2^53 stay exact between integers.
    const std::int64_t large = (std::int64_t{1} << 62U) + 1;
    const auto kept = applyOperations(parsed("cast(uint64) cast(int64)"), Tensor::scalar(large));
    QVERIFY(kept);
    QCOMPARE(kept->values<std::int64_t>()[0], large);
}

void TestTensorOperation::castsTellLosses()
{
    CastLosses losses;
    OperationContext context;
    context.losses = &losses;
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const Tensor input = Tensor::of(std::vector<double>{1.0, 1.5, nan, 1e9, -1e9}, Shape{5});
    QVERIFY(applyOperations(castTo(DType::Int16), input, context));
    QCOMPARE(losses.nan, std::uint64_t{1});
    QCOMPARE(losses.outOfRange, std::uint64_t{2});
    QCOMPARE(losses.rounded, std::uint64_t{1});
    losses = {};
    QVERIFY(applyOperations(castTo(DType::Float16),
                            Tensor::of(std::vector<double>{1.0, 0.1, 1e9, nan}, Shape{4}), context));
    QCOMPARE(losses.rounded, std::uint64_t{1});
    QCOMPARE(losses.outOfRange, std::uint64_t{1});
    QCOMPARE(losses.nan, std::uint64_t{0});
}

// Every value of 16 bits comes back, and what lies between two goes to the nearer, at the middle to the even
// one.
void TestTensorOperation::narrowFloats()
{
    for (const auto& [exponent, mantissa] : {std::pair{5, 10}, std::pair{8, 7}}) {
        const std::uint16_t infinity = static_cast<std::uint16_t>(((1 << exponent) - 1) << mantissa);
        for (std::uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
            const auto own = static_cast<std::uint16_t>(bits);
            const double value = widened(own, exponent, mantissa);
            QCOMPARE(narrowed(value, exponent, mantissa), own);
            if ((own & 0x7FFFU) + 1U >= infinity)
                continue;
            const double next = widened(static_cast<std::uint16_t>(own + 1), exponent, mantissa);
            const double middle = (value + next) / 2.0;
            QCOMPARE(narrowed(middle, exponent, mantissa), static_cast<std::uint16_t>(own + (own & 1U)));
            QCOMPARE(narrowed(std::nextafter(middle, value), exponent, mantissa), own);
            QCOMPARE(narrowed(std::nextafter(middle, next), exponent, mantissa),
                     static_cast<std::uint16_t>(own + 1));
        }
    }
    QCOMPARE(narrowed(65520.0, 5, 10), std::uint16_t{0x7C00});
    QCOMPARE(narrowed(65519.9, 5, 10), std::uint16_t{0x7BFF});
    const Tensor halves = weightsOf(DType::Float16, Shape{500}, 3);
    for (std::int64_t i = 0; i < 500; ++i) {
        std::uint16_t bits = 0;
        std::memcpy(&bits, halves.bytes().data() + 2 * i, 2);
        const double value = widened(bits, 5, 10);
        QVERIFY(value == halves.valueAt(i) || (std::isnan(value) && std::isnan(halves.valueAt(i))));
    }
}

void TestTensorOperation::scales()
{
    const Tensor input = Tensor::of(std::vector<float>{1.0F, -3.0F, 0.1F}, Shape{3});
    const auto output = applyOperations(parsed("scale(0.5, 0.25)"), input);
    QVERIFY(output);
    QCOMPARE(output->values<float>()[0], 0.75F);
    QCOMPARE(output->values<float>()[2], static_cast<float>(static_cast<double>(0.1F) * 0.5 + 0.25));
    QCOMPARE(input.values<float>()[0], 1.0F); // the input is not written
    QVERIFY(!applyOperations(parsed("scale(2)"), Tensor::of(std::vector<std::int32_t>{1}, Shape{1})));
}

void TestTensorOperation::emptyTensors()
{
    const Tensor empty = *Tensor::zeros(DType::Float32, Shape{0, 7, 2});
    for (const char* text : {"transpose", "permute(1, 2, 0)", "slice(1, 2, 3)", "take(2, 1)", "cast(int8)",
                             "pad(0, 1, 1, zeros)", "merge(0)", "heads(1, pairs)", "scale(3)"})
        QVERIFY2(applyOperations(parsed(text), empty), text);
    QVERIFY(joinTensors(parsed("concat(1)").front(), std::vector<Tensor>{empty, empty}));
    QVERIFY(applyOperations(parsed("unsqueeze(0) transpose cast(float64)"), Tensor::scalar(1.0F)));
}

QTEST_GUILESS_MAIN(TestTensorOperation)
#include "tst_tensor_operation.moc"
