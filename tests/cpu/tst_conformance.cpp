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

QTEST_GUILESS_MAIN(TestConformance)
#include "tst_conformance.moc"
