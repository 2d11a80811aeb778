// SPDX-License-Identifier: GPL-3.0-or-later
// Every kernel of every instruction set of this machine against a plain calculation, tiles in any order with
// the same bits, and random numbers that are the same bits on all instruction sets.
#include "engine/runtime/module_library.h"
#include "tests/cpu/kernel_case.h"

#include <QTest>
#include <cmath>
#include <cstring>
#include <set>

using namespace wr;
using namespace wr::cpu;
using backend::OpCode;

namespace {

bool isSame(const Tensor& a, const Tensor& b)
{
    return a.byteSize() == b.byteSize() &&
           (a.byteSize() == 0 || std::memcmp(a.bytes().data(), b.bytes().data(), a.byteSize()) == 0);
}

const std::vector<runtime::LoadedModule>& modules()
{
    static const std::vector<runtime::LoadedModule> kModules = runtime::loadModules(WEIGHTROOM_BIN_DIR);
    return kModules;
}

const backend::Kernel* find(const backend::BackendModule& module, OpCode op, DType dtype)
{
    for (std::size_t i = 0; i < module.kernelCount; ++i) {
        if (module.kernels[i].op == op && module.kernels[i].dtype == dtype)
            return &module.kernels[i].kernel;
    }
    return nullptr;
}

} // namespace

class TestConformance : public QObject {
    Q_OBJECT
private slots:
    void tablesAreEqualAndWhole();
    void kernels_data();
    void kernels();
    void randomBitsAgree();
    void randomNumbersAreDistributed();
    void castsOfOddNumbers();
    void factorsAreOrthogonal_data();
    void factorsAreOrthogonal();
    void linSpaceEndsAsTold();
    void scattersAtTheEdges();
};

void TestConformance::tablesAreEqualAndWhole()
{
    std::set<std::pair<int, int>> baseline;
    int usable = 0;
    for (const runtime::LoadedModule& loaded : modules()) {
        if (loaded.deviceType != "cpu" || loaded.module == nullptr)
            continue;
        ++usable;
        std::set<std::pair<int, int>> rows;
        for (std::size_t i = 0; i < loaded.module->kernelCount; ++i) {
            const auto& entry = loaded.module->kernels[i];
            QVERIFY2(rows.emplace(static_cast<int>(entry.op), static_cast<int>(entry.dtype)).second,
                     "a row twice");
        }
        if (baseline.empty())
            baseline = rows;
        QVERIFY2(rows == baseline, loaded.variant.c_str());
    }
    QVERIFY(usable >= 1);
    // Every op that is not the executor's own has a kernel for some type.
    for (int op = static_cast<int>(OpCode::Fill); op < static_cast<int>(OpCode::Count); ++op) {
        const auto found = baseline.lower_bound({op, 0});
        QVERIFY2(found != baseline.end() && found->first == op,
                 backend::opName(static_cast<OpCode>(op)).data());
    }
}

void TestConformance::kernels_data()
{
    QTest::addColumn<int>("module");
    QTest::addColumn<int>("row");
    for (std::size_t m = 0; m < modules().size(); ++m) {
        const runtime::LoadedModule& loaded = modules()[m];
        if (loaded.deviceType != "cpu" || loaded.module == nullptr || loaded.score == 0)
            continue;
        for (std::size_t i = 0; i < loaded.module->kernelCount; ++i) {
            const auto& entry = loaded.module->kernels[i];
            QTest::addRow("%s %s %s", loaded.variant.c_str(), std::string(backend::opName(entry.op)).c_str(),
                          std::string(dtypeName(entry.dtype)).c_str())
                << static_cast<int>(m) << static_cast<int>(i);
        }
    }
}

void TestConformance::kernels()
{
    QFETCH(int, module);
    QFETCH(int, row);
    const backend::KernelEntry& entry = modules()[static_cast<std::size_t>(module)].module->kernels[row];
    std::mt19937 shuffle(7);
    const std::vector<KernelCase> cases = kernelCases(entry.op, entry.dtype);
    QVERIFY(!cases.empty());
    for (const KernelCase& c : cases) {
        const std::vector<Tensor> atOnce = runKernel(entry.kernel, c, nullptr);
        const std::vector<Tensor> shuffled = runKernel(entry.kernel, c, &shuffle);
        for (std::size_t i = 0; i < atOnce.size(); ++i)
            QVERIFY2(isSame(atOnce[i], shuffled[i]),
                     qPrintable(c.name() + QStringLiteral(": tiles in another order")));
        const Expectation expected = expectationOf(c);
        std::size_t at = 0;
        if (expected.values.empty())
            continue;
        for (const Tensor& result : atOnce) {
            for (std::int64_t i = 0; i < result.elementCount(); ++i, ++at) {
                const double value = result.valueAt(i);
                if (std::abs(value - expected.values[at]) <= expected.tolerances[at])
                    continue;
                QFAIL(qPrintable(QStringLiteral("%1: element %2 is %3, not %4 (± %5)")
                                     .arg(c.name())
                                     .arg(i)
                                     .arg(value, 0, 'g', 17)
                                     .arg(expected.values[at], 0, 'g', 17)
                                     .arg(expected.tolerances[at])));
            }
        }
        QCOMPARE(at, expected.values.size());
    }
}

void TestConformance::randomBitsAgree()
{
    const backend::BackendModule* reference = nullptr;
    for (const runtime::LoadedModule& loaded : modules()) {
        if (loaded.deviceType != "cpu" || loaded.module == nullptr || loaded.score == 0)
            continue;
        if (reference == nullptr)
            reference = loaded.module;
        for (const OpCode op : {OpCode::RandomUniform, OpCode::RandomNormal, OpCode::TruncatedNormal}) {
            for (const DType dtype : {DType::Float32, DType::Float64}) {
                for (const KernelCase& c : kernelCases(op, dtype)) {
                    const Tensor a = runKernel(*find(*reference, op, dtype), c, nullptr)[0];
                    const Tensor b = runKernel(*find(*loaded.module, op, dtype), c, nullptr)[0];
                    QVERIFY2(isSame(a, b), qPrintable(c.name()));
                }
            }
        }
    }
}

void TestConformance::randomNumbersAreDistributed()
{
    const backend::BackendModule& module = *modules()[0].module;
    for (const OpCode op : {OpCode::RandomUniform, OpCode::RandomNormal, OpCode::TruncatedNormal}) {
        KernelCase c = kernelCases(op, DType::Float32).back();
        const double first = c.attributes.scalars[0];
        const double second = c.attributes.scalars[1];
        const Tensor values = runKernel(*find(module, op, DType::Float32), c, nullptr)[0];
        const auto count = static_cast<double>(values.elementCount());
        double sum = 0;
        double squares = 0;
        for (const float value : values.values<float>()) {
            sum += static_cast<double>(value);
            squares += static_cast<double>(value) * static_cast<double>(value);
            if (op == OpCode::RandomUniform)
                QVERIFY(value >= -1.0F && value < 2.0F);
            if (op == OpCode::TruncatedNormal)
                QVERIFY(std::abs(static_cast<double>(value) - first) < 2.0001 * second);
        }
        const double mean = sum / count;
        const double deviation = std::sqrt(squares / count - mean * mean);
        const double expectedMean = op == OpCode::RandomUniform ? 0.5 : first;
        const double expectedDeviation = op == OpCode::RandomUniform  ? 3.0 / std::sqrt(12.0)
                                         : op == OpCode::RandomNormal ? second
                                                                      : second * 0.8796;
        QVERIFY2(std::abs(mean - expectedMean) < 5 * expectedDeviation / std::sqrt(count),
                 qPrintable(QString::number(mean)));
        QVERIFY2(std::abs(deviation / expectedDeviation - 1) < 0.02, qPrintable(QString::number(deviation)));
    }
}

void TestConformance::castsOfOddNumbers()
{
    for (const runtime::LoadedModule& loaded : modules()) {
        if (loaded.deviceType != "cpu" || loaded.module == nullptr || loaded.score == 0)
            continue;
        KernelCase c;
        c.op = OpCode::Cast;
        c.dtype = DType::Float32;
        c.inputs = {Tensor::of<float>({NAN, INFINITY, -INFINITY, 3e9F, -3e9F, -7.9F}, {6})};
        c.outType = DType::Int32;
        c.outShape = {6};
        const Tensor result = runKernel(*find(*loaded.module, OpCode::Cast, DType::Float32), c, nullptr)[0];
        const auto values = result.values<std::int32_t>();
        QCOMPARE(std::vector<std::int32_t>(values.begin(), values.end()),
                 (std::vector<std::int32_t>{0, INT32_MAX, INT32_MIN, INT32_MAX, INT32_MIN, -7}));
    }
}

void TestConformance::factorsAreOrthogonal_data()
{
    QTest::addColumn<int>("rows");
    QTest::addColumn<int>("columns");
    QTest::addColumn<int>("rank");
    QTest::newRow("square") << 200 << 200 << 200;
    QTest::newRow("tall") << 300 << 70 << 70;
    QTest::newRow("wide") << 70 << 300 << 70;
    QTest::newRow("all zero") << 9 << 5 << 0;
    QTest::newRow("equal columns") << 40 << 20 << 3;
}

/// Of Q: QᵀQ = 1. Of R = QᵀA: nothing below the diagonal, and nothing negative on it.
void TestConformance::factorsAreOrthogonal()
{
    QFETCH(int, rows);
    QFETCH(int, columns);
    QFETCH(int, rank);
    const int length = std::max(rows, columns);
    const int count = std::min(rows, columns);
    const bool isWide = rows < columns;
    KernelCase c;
    c.op = OpCode::Orthogonal;
    c.dtype = c.outType = DType::Float64;
    c.outShape = {rows, columns};
    c.attributes.scalars[0] = 1.0;
    Tensor input = *Tensor::zeros(DType::Float64, c.outShape);
    const auto at = [&](int i, int column) { return isWide ? column * columns + i : i * columns + column; };
    std::mt19937_64 random(3);
    for (int column = 0; column < count && rank > 0; ++column) {
        for (int i = 0; i < length; ++i)
            input.data<double>()[at(i, column)] = column < rank
                                                      ? static_cast<double>(random() % 2001) - 1000.0
                                                      : input.data<double>()[at(i, column % rank)];
    }
    c.inputs = {input};
    for (const runtime::LoadedModule& loaded : modules()) {
        if (loaded.deviceType != "cpu" || loaded.module == nullptr || loaded.score == 0)
            continue;
        const Tensor made = runKernel(*find(*loaded.module, c.op, c.dtype), c, nullptr)[0];
        const double* const q = made.values<double>().data();
        const double* const a = input.values<double>().data();
        for (int j = 0; j < count; ++j) {
            for (int k = 0; k < count; ++k) {
                double product = 0.0;
                double factor = 0.0;
                for (int i = 0; i < length; ++i) {
                    product += q[at(i, j)] * q[at(i, k)];
                    factor += q[at(i, j)] * a[at(i, k)];
                }
                QVERIFY2(std::abs(product - (j == k ? 1.0 : 0.0)) < 1e-13, qPrintable(c.name()));
                if (j > k)
                    QVERIFY2(std::abs(factor) < 1e-9, qPrintable(c.name()));
                if (j == k)
                    QVERIFY2(factor > (j < rank ? 1e-3 : -1e-9), qPrintable(c.name()));
            }
        }
    }
}

void TestConformance::linSpaceEndsAsTold()
{
    int differ = 0;
    for (std::int64_t count = 1; count < 200; ++count) {
        KernelCase c;
        c.op = OpCode::LinSpace;
        c.outShape = {count};
        c.attributes.scalars[0] = -0.3;
        c.attributes.scalars[1] = 1.9;
        const float step = count > 1 ? (1.9F - -0.3F) / static_cast<float>(count - 1) : 0.0F;
        const float last = -0.3F + step * static_cast<float>(count - 1);
        for (const runtime::LoadedModule& loaded : modules()) {
            if (loaded.deviceType != "cpu" || loaded.module == nullptr || loaded.score == 0)
                continue;
            const backend::Kernel& kernel = *find(*loaded.module, c.op, c.dtype);
            c.attributes.scalars[2] = 0.0;
            QCOMPARE(runKernel(kernel, c, nullptr)[0].values<float>().back(), last);
            c.attributes.scalars[2] = 1.0;
            QCOMPARE(runKernel(kernel, c, nullptr)[0].values<float>().back(), count > 1 ? 1.9F : -0.3F);
        }
        differ += count > 1 && last != 1.9F ? 1 : 0;
    }
    QVERIFY2(differ > 0, "the option makes a difference");
}

/// Whole numbers at the ends of their type; and were an index ever wrong, no memory but the variable's
/// changes.
void TestConformance::scattersAtTheEdges()
{
    for (const runtime::LoadedModule& loaded : modules()) {
        if (loaded.deviceType != "cpu" || loaded.module == nullptr || loaded.score == 0)
            continue;
        const auto scattered = [&](OpCode op, std::int32_t value, std::int32_t index, std::int32_t by) {
            KernelCase c;
            c.op = op;
            c.dtype = c.outType = DType::Int32;
            c.outShape = {1};
            c.inputs = {Tensor::of<std::int32_t>({value}, {1}), Tensor::of<std::int32_t>({index}, {1}),
                        Tensor::of<std::int32_t>({by}, {1})};
            return runKernel(*find(*loaded.module, op, c.dtype), c, nullptr)[0].values<std::int32_t>()[0];
        };
        QCOMPARE(scattered(OpCode::ScatterAdd, INT32_MAX, 0, 1), INT32_MIN);
        QCOMPARE(scattered(OpCode::ScatterSub, INT32_MIN, 0, 1), INT32_MAX);
        QCOMPARE(scattered(OpCode::ScatterMul, 65536, 0, 65537), 65536);
        QCOMPARE(scattered(OpCode::ScatterDiv, INT32_MIN, 0, -1), INT32_MIN);
        QCOMPARE(scattered(OpCode::ScatterDiv, -7, 0, 2), -3);
        QCOMPARE(scattered(OpCode::ScatterDiv, 7, 0, 0), 7);
        QCOMPARE(scattered(OpCode::ScatterUpdate, 7, 1, 9), 7);
        QCOMPARE(scattered(OpCode::ScatterUpdate, 7, -1, 9), 7);
        QCOMPARE(scattered(OpCode::ScatterUpdate, 7, 0, 9), 9);
    }
}

QTEST_GUILESS_MAIN(TestConformance)
#include "tst_conformance.moc"
