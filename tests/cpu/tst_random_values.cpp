// SPDX-License-Identifier: GPL-3.0-or-later
// Random numbers bit for bit: the values that TensorFlow printed, through the generator, the kernels of every
// instruction set and a session; Python's arithmetic; any number of threads; and how near our logarithm, sine
// and cosine are to the library's.
#include "engine/base/philox.h"
#include "engine/base/thread_team.h"
#include "engine/runtime/module_library.h"
#include "tests/base/ulps.h"
#include "tests/cpu/kernel_case.h"
#include "tests/session/session_fixture.h"

#include <QProcess>
#include <QStandardPaths>
#include <QTest>

#include <bit>
#include <cmath>
#include <cstring>

using namespace wr;
using namespace wr::cpu;
using backend::OpCode;

namespace {

/// The modules that this machine can run.
std::vector<const runtime::LoadedModule*> usableModules()
{
    static const std::vector<runtime::LoadedModule> kModules = runtime::loadModules(WEIGHTROOM_BIN_DIR);
    std::vector<const runtime::LoadedModule*> usable;
    for (const runtime::LoadedModule& loaded : kModules) {
        if (loaded.deviceType == "cpu" && loaded.module != nullptr && loaded.score != 0)
            usable.push_back(&loaded);
    }
    return usable;
}

const backend::Kernel& kernelOf(const runtime::LoadedModule& loaded, OpCode op, DType dtype)
{
    for (std::size_t i = 0; i < loaded.module->kernelCount; ++i) {
        const backend::KernelEntry& entry = loaded.module->kernels[i];
        if (entry.op == op && entry.dtype == dtype)
            return entry.kernel;
    }
    qFatal("%s has no kernel", std::string(backend::opName(op)).c_str());
}

KernelCase drawing(OpCode op, DType dtype, std::uint64_t seed, std::uint64_t seed2, std::uint64_t block,
                   std::int64_t count, double a, double b)
{
    KernelCase c;
    c.op = op;
    c.dtype = dtype;
    c.outType = dtype;
    c.outShape = Shape{count};
    c.attributes.seed = seed;
    c.attributes.seed2 = seed2;
    c.attributes.streamBlock = block;
    c.attributes.scalars[0] = a;
    c.attributes.scalars[1] = b;
    if (op == OpCode::RandomShuffle) {
        Tensor numbers = *Tensor::create(dtype, c.outShape);
        for (std::int64_t i = 0; i < count; ++i)
            numbers.data<std::int32_t>()[i] = static_cast<std::int32_t>(i);
        c.inputs.push_back(std::move(numbers));
    }
    return c;
}

std::uint64_t hashOf(const Tensor& tensor)
{
    std::uint64_t hash = 0xCBF29CE484222325U; // FNV-1a
    for (const std::byte byte : tensor.bytes())
        hash = (hash ^ static_cast<std::uint64_t>(byte)) * 0x100000001B3U;
    return hash;
}

/// Published numbers: as they were printed, so a value has to give the same digits.
struct Published {
    OpCode op = OpCode::NoOp;
    DType dtype = DType::Float32;
    std::uint64_t seed = 0;
    std::uint64_t seed2 = 0;
    std::uint64_t block = 0;
    double a = 0.0;
    double b = 1.0;
    QStringList digits;
};

} // namespace

Q_DECLARE_METATYPE(Published)

class TestRandomValues : public QObject {
    Q_OBJECT
private slots:
    void published_data();
    void published();
    void sessionsContinueStreams();
    void agreesWithPython();
    void threadsChangeNothing();
};

void TestRandomValues::published_data()
{
    QTest::addColumn<Published>("published");
    const auto row = [](const char* name, OpCode op, DType dtype, std::uint64_t seed, std::uint64_t seed2,
                        std::uint64_t block, double a, double b, const char* digits) {
        QTest::newRow(name) << Published{op,    dtype, seed, seed2,
                                         block, a,     b,    QString::fromLatin1(digits).split(u' ')};
    };
    const DType f32 = DType::Float32;
    constexpr std::uint64_t kNoGraphSeed = 87654321;
    row("normal, op seed 12", OpCode::RandomNormal, f32, kNoGraphSeed, 12, 0, 0.0, 1.0,
        "-0.43663138 0.8449775 -0.01180986 -0.8844008 -0.18527539 0.21195167");
    row("normal, op seed 12, second run", OpCode::RandomNormal, f32, kNoGraphSeed, 12,
        philoxBlocksReserved(6), 0.0, 1.0, "-1.587453 -1.2733358 1.568891 1.3985995 -0.2998891 0.6742214");
    const double unit = std::sqrt(3.0); // uniform_unit_scaling of [1, 5]
    row("uniform, graph seed 42", OpCode::RandomUniform, f32, 42, 3, 0, -unit, unit,
        "0.47769845 -1.17613626 -1.06156325 -0.85632306 -0.62591958");
    row("uniform, graph seed 42, after a summary", OpCode::RandomUniform, f32, 42, 6, 0, -unit, unit,
        "1.58872545 0.94011414 -1.35924089 1.19359171 1.48940694");
    row("truncated, graph seed 1, first", OpCode::TruncatedNormal, f32, 1, 4, 0, 0.0, 1.0, "1.05293429");
    row("truncated, graph seed 1, second", OpCode::TruncatedNormal, f32, 1, 10, 0, 0.0, 1.0, "-0.4487586");
    row("integer, seeds 5 and 10", OpCode::RandomUniformInt, DType::Int32, 5, 10, 0, 0, 3, "2");
    row("integer, seeds 5 and 10, second run", OpCode::RandomUniformInt, DType::Int32, 5, 10,
        philoxBlocksReserved(1), 0, 3, "0");
    row("shuffle, seeds 123456 and 567436", OpCode::RandomShuffle, DType::Int32, 123456, 567436, 0, 0, 0,
        "5 3 1 0 4 2"); // printed for [1, 2, 3, 4, 5, 6]
    row("shuffle, seeds 42 and 42", OpCode::RandomShuffle, DType::Int32, 42, 42, 0, 0, 0, "0 1 2");
    row("uniform, op seed 1", OpCode::RandomUniform, f32, kNoGraphSeed, 1, 0, 0.0, 1.0,
        "0.23903739 0.92039955 0.05051243 0.49574447");
    row("normal, op seed 1", OpCode::RandomNormal, f32, kNoGraphSeed, 1, 0, 0.0, 1.0,
        "-0.81131822 1.48459876 0.06532937 -2.44270420");
    row("truncated, op seed 1", OpCode::TruncatedNormal, f32, kNoGraphSeed, 1, 0, 0.0, 1.0,
        "-0.81131822 1.48459876 0.06532937 0.09924840 0.63969707 1.61087120 0.16353562 -1.51570559");
    row("weights, graph seed 42", OpCode::RandomNormal, f32, 42, 3, 0, 0.0, 0.35,
        "0.28075090 0.17698765 0.63420445 -0.01116193");
    row("uniform of doubles, op seed 1", OpCode::RandomUniform, DType::Float64, kNoGraphSeed, 1, 0, 0.0, 1.0,
        "0.91229992345 0.40409974846");
}

void TestRandomValues::published()
{
    QFETCH(Published, published);
    const KernelCase c = drawing(published.op, published.dtype, published.seed, published.seed2,
                                 published.block, published.digits.size(), published.a, published.b);
    for (const runtime::LoadedModule* const loaded : usableModules()) {
        const Tensor drawn = runKernel(kernelOf(*loaded, c.op, c.dtype), c, nullptr)[0];
        for (qsizetype i = 0; i < published.digits.size(); ++i) {
            const QString& digits = published.digits[i];
            const double value = drawn.valueAt(i);
            const double printed = digits.toDouble();
            const auto decimals =
                static_cast<int>(digits.contains(u'.') ? digits.size() - digits.indexOf(u'.') - 1 : 0);
            // Printing rounds; the normals may be two numbers away besides.
            double slack = 0.5000001 * std::pow(10.0, -decimals);
            if (decimals == 0)
                slack = 0.0;
            if (published.op == OpCode::RandomNormal || published.op == OpCode::TruncatedNormal)
                slack += 2.0 * std::abs(printed) * 0x1p-23;
            QVERIFY2(std::abs(value - printed) <= slack,
                     qPrintable(QStringLiteral("%1: element %2 is %3, not %4")
                                    .arg(QString::fromStdString(loaded->variant))
                                    .arg(i)
                                    .arg(value, 0, 'g', 17)
                                    .arg(digits)));
        }
    }
}

/// tf.random_normal([2, 3], seed=12) in one session, initialized twice.
void TestRandomValues::sessionsContinueStreams()
{
    const float expected[2][6] = {
        {-0.43663138F, 0.8449775F, -0.01180986F, -0.8844008F, -0.18527539F, 0.21195167F},
        {-1.587453F, -1.2733358F, 1.568891F, 1.3985995F, -0.2998891F, 0.6742214F}};
    const char* const script = "w = tf.Variable(tf.random_normal([2, 3], seed=12), name=\"w\")\n";
    for (const runtime::LoadedModule* const loaded : usableModules()) {
        runtime::RuntimeOptions options;
        options.moduleDirectory = WEIGHTROOM_BIN_DIR;
        options.cpuIsa = loaded->variant;
        const session::SessionFixture f(script, options);
        for (const auto& run : expected) {
            QVERIFY(f.session->initializeAll().isOk());
            const std::vector<float> values = f.values("w");
            for (std::size_t i = 0; i < 6; ++i)
                QVERIFY2(ulps(values[i], run[i]) <= 2, qPrintable(QString::number(values[i], 'g', 9)));
        }
        // A new session starts the stream again.
        const session::SessionFixture again(script, options);
        QVERIFY(again.session->initializeAll().isOk());
        QVERIFY(ulps(again.values("w")[0], expected[0][0]) <= 2);
    }
}

void TestRandomValues::agreesWithPython()
{
#if defined(__SANITIZE_THREAD__)
    QSKIP("the thread sanitizer does not follow into other programs");
#endif
    const QString python = QStandardPaths::findExecutable(QStringLiteral("python3"));
    if (python.isEmpty())
        QSKIP("needs the program python3");
    struct Kind {
        const char* name;
        OpCode op;
        DType dtype;
        double a;
        double b;
    };
    const Kind kinds[] = {
        {"uniform32", OpCode::RandomUniform, DType::Float32, -0.75, 1.3},
        {"uniform64", OpCode::RandomUniform, DType::Float64, -0.75, 1.3},
        {"normal32", OpCode::RandomNormal, DType::Float32, 0.0, 1.0},
        {"normal64", OpCode::RandomNormal, DType::Float64, 0.0, 1.0},
        {"truncated32", OpCode::TruncatedNormal, DType::Float32, 0.0, 1.0},
        {"truncated64", OpCode::TruncatedNormal, DType::Float64, 0.0, 1.0},
        {"whole32", OpCode::RandomUniformInt, DType::Int32, -1000003, 70},
        {"whole64", OpCode::RandomUniformInt, DType::Int64, -9000000000000000, 8999999999999},
        {"shuffle", OpCode::RandomShuffle, DType::Int32, 0, 0}};
    // Seeds and offsets at which a lost carry or a swapped half would show.
    const std::uint64_t streams[][3] = {{87654321, 12, 0},
                                        {42, 3, 1536},
                                        {0, 0, 0xFFFFFFF0U},
                                        {0x123456789ABCDEFU, 0xFEDCBA9876543210U, 0x1FFFFFFFFU}};
    constexpr std::int64_t kCount = 1501; // no multiple of a block
    std::vector<KernelCase> cases;
    QByteArray requests;
    for (const Kind& kind : kinds) {
        for (const auto& [seed, seed2, block] : streams) {
            cases.push_back(drawing(kind.op, kind.dtype, seed, seed2, block, kCount, kind.a, kind.b));
            requests += QStringLiteral("%1 %2 %3 %4 %5 %6 %7\n")
                            .arg(QString::fromLatin1(kind.name))
                            .arg(seed)
                            .arg(seed2)
                            .arg(block)
                            .arg(kCount)
                            .arg(kind.a, 0, 'g', 17)
                            .arg(kind.b, 0, 'g', 17)
                            .toLatin1();
        }
    }
    QProcess process;
    process.start(python, {QStringLiteral(WEIGHTROOM_SOURCE_DIR "/tests/cpu/philox_reference.py")});
    QVERIFY(process.waitForStarted(60000));
    process.write(requests);
    process.closeWriteChannel();
    QVERIFY(process.waitForFinished(300000));
    QVERIFY2(process.exitCode() == 0, process.readAllStandardError().constData());
    const QList<QByteArray> lines = process.readAllStandardOutput().trimmed().split('\n');
    QCOMPARE(static_cast<std::size_t>(lines.size()), cases.size());
    std::int64_t furthest = 0;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const KernelCase& c = cases[i];
        const QList<QByteArray> words = lines[static_cast<qsizetype>(i)].split(' ');
        QCOMPARE(words.size(), kCount);
        const bool isNormal = c.op == OpCode::RandomNormal || c.op == OpCode::TruncatedNormal;
        for (const runtime::LoadedModule* const loaded : usableModules()) {
            const Tensor drawn = runKernel(kernelOf(*loaded, c.op, c.dtype), c, nullptr)[0];
            for (qsizetype k = 0; k < words.size(); ++k) {
                std::int64_t distance = 0;
                if (c.dtype == DType::Float32)
                    distance = ulps(std::bit_cast<float>(words[k].toUInt(nullptr, 16)),
                                    drawn.values<float>()[static_cast<std::size_t>(k)]);
                else if (c.dtype == DType::Float64)
                    distance = ulps(std::bit_cast<double>(std::uint64_t{words[k].toULongLong(nullptr, 16)}),
                                    drawn.values<double>()[static_cast<std::size_t>(k)]);
                else
                    distance = std::abs(words[k].toLongLong() - static_cast<qlonglong>(drawn.valueAt(k)));
                furthest = std::max(furthest, distance);
                QVERIFY2(distance <= (isNormal ? 2 : 0),
                         qPrintable(QStringLiteral("%1 %2: element %3 is %4 away from %5")
                                        .arg(QString::fromStdString(loaded->variant), c.name())
                                        .arg(k)
                                        .arg(distance)
                                        .arg(QString::fromLatin1(words[k]))));
            }
        }
    }
    qInfo("furthest: %lld", static_cast<long long>(furthest));
}

/// One to four threads and every instruction set: one hash.
void TestRandomValues::threadsChangeNothing()
{
    const std::pair<OpCode, DType> kernels[] = {{OpCode::RandomUniform, DType::Float32},
                                                {OpCode::RandomUniform, DType::Float64},
                                                {OpCode::RandomNormal, DType::Float32},
                                                {OpCode::RandomNormal, DType::Float64},
                                                {OpCode::TruncatedNormal, DType::Float32},
                                                {OpCode::TruncatedNormal, DType::Float64},
                                                {OpCode::RandomUniformInt, DType::Int32},
                                                {OpCode::RandomUniformInt, DType::Int64},
                                                {OpCode::RandomShuffle, DType::Float32},
                                                {OpCode::RandomShuffle, DType::UInt8},
                                                {OpCode::Orthogonal, DType::Float32},
                                                {OpCode::Orthogonal, DType::Float64},
                                                {OpCode::LinSpace, DType::Float32},
                                                {OpCode::LinSpace, DType::Float64},
                                                {OpCode::Eye, DType::Float32},
                                                {OpCode::Concat, DType::Float32},
                                                {OpCode::Slice, DType::Int64},
                                                {OpCode::ScatterUpdate, DType::Float32},
                                                {OpCode::ScatterAdd, DType::Float32},
                                                {OpCode::ScatterSub, DType::Float64},
                                                {OpCode::ScatterMul, DType::Int32},
                                                {OpCode::ScatterDiv, DType::Float32}};
    const auto modules = usableModules();
    QVERIFY(!modules.empty());
    for (int threads = 1; threads <= 4; ++threads) {
        ThreadTeam team(threads);
        for (const auto& [op, dtype] : kernels) {
            for (const KernelCase& c : kernelCases(op, dtype)) {
                const Tensor reference = runKernel(kernelOf(*modules[0], op, dtype), c, nullptr)[0];
                for (const runtime::LoadedModule* const loaded : modules) {
                    const backend::Kernel& kernel = kernelOf(*loaded, op, dtype);
                    struct Call {
                        const backend::Kernel* kernel;
                        const backend::KernelArgs* args;
                    };
                    const Tensor drawn =
                        runKernelBy(kernel, c, [&](const backend::KernelArgs& args, std::int64_t tiles) {
                            Call call{&kernel, &args};
                            team.run(
                                tiles,
                                [](void* context, std::int64_t begin, std::int64_t end) {
                                    const auto* const made = static_cast<const Call*>(context);
                                    made->kernel->run(*made->args, begin, end);
                                },
                                &call);
                        })[0];
                    QVERIFY2(hashOf(drawn) == hashOf(reference),
                             qPrintable(QStringLiteral("%1, %2 threads: %3")
                                            .arg(QString::fromStdString(loaded->variant))
                                            .arg(threads)
                                            .arg(c.name())));
                }
            }
        }
    }
}

QTEST_GUILESS_MAIN(TestRandomValues)
#include "tst_random_values.moc"
