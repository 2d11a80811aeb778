// SPDX-License-Identifier: GPL-3.0-or-later
// WEIGHTROOM_CPU_ISA forces an instruction set, and the code that then runs is that module's and no other's.
#include "engine/runtime/module_library.h"
#include "engine/runtime/runtime.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <dlfcn.h>

using namespace wr;

class TestInstructionSet : public QObject {
    Q_OBJECT
private slots:
    void cleanup() { qunsetenv("WEIGHTROOM_CPU_ISA"); }
    void forced_data();
    void forced();
    void bestByItself();
    void unknownWord();
    void missingModule();
    void lacksInstructions();
};

namespace {

runtime::RuntimeOptions fromBin()
{
    runtime::RuntimeOptions options;
    options.moduleDirectory = WEIGHTROOM_BIN_DIR;
    return options;
}

/// The file that the code of a kernel lies in.
QString homeOf(const backend::Kernel& kernel)
{
    Dl_info info{};
    return ::dladdr(reinterpret_cast<void*>(kernel.run), &info) != 0 ? QString::fromLocal8Bit(info.dli_fname)
                                                                     : QString();
}

} // namespace

void TestInstructionSet::forced_data()
{
    QTest::addColumn<QByteArray>("isa");
    QTest::addColumn<QString>("file");
    QTest::newRow("baseline") << QByteArray("baseline") << QStringLiteral("tst_instruction_set");
    QTest::newRow("avx2") << QByteArray("avx2") << QStringLiteral("weightroom_cpu_avx2.so");
    QTest::newRow("avx512") << QByteArray("avx512") << QStringLiteral("weightroom_cpu_avx512.so");
}

void TestInstructionSet::forced()
{
    QFETCH(QByteArray, isa);
    QFETCH(QString, file);
    qputenv("WEIGHTROOM_CPU_ISA", isa);
    const auto runtime = runtime::Runtime::create(fromBin());
    if (!runtime && runtime.error().code() == StatusCode::Unavailable)
        QSKIP(runtime.error().message().c_str());
    QVERIFY2(runtime, runtime ? "" : runtime.error().toString().c_str());
    QVERIFY((*runtime)->devices()[0].description.find(isa.toStdString()) != std::string::npos ||
            isa == "baseline");
    int chosen = 0;
    for (const runtime::ModuleReport& report : (*runtime)->modules()) {
        if (report.chosen) {
            ++chosen;
            QCOMPARE(report.variant, isa.toStdString());
        }
    }
    QCOMPARE(chosen, 1);
    for (const backend::OpCode op :
         {backend::OpCode::MatMul, backend::OpCode::Add, backend::OpCode::ApplyAdam}) {
        const backend::Kernel* const kernel = (*runtime)->kernel(0, op, DType::Float32);
        QVERIFY(kernel != nullptr);
        QVERIFY2(homeOf(*kernel).endsWith(file), qPrintable(homeOf(*kernel)));
    }
    QVERIFY((*runtime)->kernel(0, backend::OpCode::MatMul, DType::Bool) == nullptr);
}

void TestInstructionSet::bestByItself()
{
    const auto runtime = runtime::Runtime::create(fromBin());
    QVERIFY(runtime);
    int best = 0;
    int chosen = 0;
    for (const runtime::ModuleReport& report : (*runtime)->modules()) {
        best = std::max(best, report.score);
        if (report.chosen)
            chosen = report.score;
        QVERIFY2(report.score > 0 || !report.reason.empty(), report.variant.c_str());
    }
    QCOMPARE(chosen, best);
}

void TestInstructionSet::unknownWord()
{
    qputenv("WEIGHTROOM_CPU_ISA", "sse9");
    const auto runtime = runtime::Runtime::create(fromBin());
    QVERIFY(!runtime);
    QCOMPARE(runtime.error().code(), StatusCode::InvalidArgument);
    for (const char* word : {"sse9", "baseline", "avx2"})
        QVERIFY2(runtime.error().message().find(word) != std::string::npos,
                 runtime.error().message().c_str());
}

void TestInstructionSet::missingModule()
{
    runtime::RuntimeOptions options;
    options.moduleDirectory = "/no/such/folder";
    const auto plain = runtime::Runtime::create(options);
    QVERIFY2(plain, "the baseline needs no module");
    options.cpuIsa = "avx2";
    const auto forced = runtime::Runtime::create(options);
    QVERIFY(!forced);
    QVERIFY2(forced.error().message().find("avx2") != std::string::npos, forced.error().message().c_str());
}

void TestInstructionSet::lacksInstructions()
{
    // A copy under another path, so that no other test can have loaded it.
    QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("weightroom_cpu_avx2.so"));
    QVERIFY(QFile::copy(QStringLiteral(WEIGHTROOM_BIN_DIR "/weightroom_cpu_avx2.so"), file));
    const auto modules = runtime::loadModules(folder.path().toStdString(), [](std::string_view variant) {
        return variant == "avx2" ? std::string("fma avx2") : std::string();
    });
    const auto avx2 = std::find_if(modules.begin(), modules.end(),
                                   [](const runtime::LoadedModule& m) { return m.variant == "avx2"; });
    QVERIFY(avx2 != modules.end());
    QVERIFY(avx2->module == nullptr);
    QCOMPARE(avx2->score, 0);
    QCOMPARE(avx2->reason, std::string("this processor lacks fma avx2"));
    QVERIFY2(::dlopen(file.toUtf8().constData(), RTLD_NOW | RTLD_NOLOAD) == nullptr,
             "not one instruction of a module may run on a processor that lacks its instructions");
}

QTEST_GUILESS_MAIN(TestInstructionSet)
#include "tst_instruction_set.moc"
