// SPDX-License-Identifier: GPL-3.0-or-later
// bench_large_file [FILE]: a checkpoint of some gigabytes in the real window. Opens it, lists it, looks into
// a tensor, verifies all of it, cancels, and saves a copy; says how long each took and how long the event
// loop left a timer waiting meanwhile (50 ms allowed), beyond what the machine did to a thread that only
// sleeps. Without FILE one of 1 GB is made. Offscreen unless QT_QPA_PLATFORM says otherwise.
#include "app/library/checkpoint_copy.h"
#include "engine/checkpoint/checkpoint.h"
#include "tests/ui/ui_gap.h"
#include "ui/main_window/main_window.h"
#include "ui/pages/checkpoint_jobs.h"
#include "ui/pages/checkpoint_page.h"
#include "ui/theme/theme.h"
#include "ui/widgets/tensor_panel.h"
#include "ui/widgets/tensor_viewer.h"
#include "ui/workspace.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QFileInfo>
#include <QTableView>
#include <QTemporaryDir>
#include <cstdio>

using namespace wr;
using namespace wr::ui;

namespace {

template <typename Condition>
bool waitFor(Condition holds)
{
    constexpr int kLongest = 600000;
    QElapsedTimer clock;
    clock.start();
    while (!holds() && clock.elapsed() < kLongest)
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 1);
    return holds();
}

/// Does it with the gaps of the event loop watched, and prints a line; false when it did not end.
template <typename Begin, typename Condition>
bool measure(const char* what, Begin begin, Condition holds)
{
    const UiGap gap;
    QElapsedTimer clock;
    clock.start();
    begin();
    const bool isDone = waitFor(holds);
    const auto elapsed = static_cast<double>(clock.elapsed());
    std::printf("%-32s %9.1f ms   longest gap %3d ms, beyond the machine's %3d ms%s\n", what, elapsed,
                gap.worst(), gap.worstBeyondMachine(), isDone ? "" : "   NOT DONE");
    std::fflush(stdout);
    return isDone;
}

QString made(const QString& folder)
{
    constexpr std::int64_t kSide = 8192;
    constexpr int kTensors = 4;
    std::vector<NamedTensor> tensors;
    for (int i = 0; i < kTensors; ++i) {
        std::vector<float> values(static_cast<std::size_t>(kSide * kSide));
        std::uint32_t state = 7U + static_cast<std::uint32_t>(i);
        for (float& value : values) {
            state = state * 1664525U + 1013904223U;
            value = static_cast<float>(static_cast<std::int32_t>(state)) * 1e-11F;
        }
        tensors.push_back({"layer" + std::to_string(i) + "/weights", Tensor::of(values, {kSide, kSide})});
    }
    const QString path = folder + QStringLiteral("/large.wrck");
    checkpoint::SaveOptions options;
    options.threads = 2;
    const auto report = checkpoint::saveCheckpoint(Vfs::posix(), path.toStdString(), tensors, {}, options);
    return report ? path : QString();
}

} // namespace

int main(int argc, char** argv)
{
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    Q_INIT_RESOURCE(icons);
    const QTemporaryDir home;
    for (const char* variable : {"HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"})
        qputenv(variable, home.path().toUtf8());
    QApplication program(argc, argv);
    QApplication::setApplicationName(QStringLiteral("bench"));
    Theme::instance().setChoice(Theme::Choice::Light, false);
    const QString path = argc > 1 ? QString::fromLocal8Bit(argv[1]) : made(home.path());
    Workspace workspace;
    MainWindow window(&workspace);
    window.resize(1300, 860);
    window.show();
    CheckpointPage* const page = window.checkpointPage();
    CheckpointJobs* const jobs = page->findChild<CheckpointJobs*>();
    bool isCopied = false;
    QObject::connect(jobs, &CheckpointJobs::copied, &window, [&] { isCopied = true; });
    std::printf("%s, %.2f GB\n", qPrintable(QFileInfo(path).fileName()),
                static_cast<double>(QFileInfo(path).size()) * 1e-9);

    waitFor([&] { return window.isVisible(); });
    TensorPanel* const panel = page->tensors();
    bool isWell = measure(
        "open and list", [&] { window.openPath(path); }, [&] { return panel->file() != nullptr; });
    isWell =
        isWell && measure(
                      "look into the first tensor", [] {},
                      [&] { return !panel->viewer()->isLoading() && panel->viewer()->heatMap() != nullptr; });
    const int last = panel->table()->model()->rowCount() - 1;
    isWell = isWell && measure(
                           "look into the last tensor", [&] { panel->table()->selectRow(last); },
                           [&] { return !panel->viewer()->isLoading(); });
    isWell = isWell && measure(
                           "verify", [&] { jobs->verify({path}); }, [&] { return !jobs->isChecking(); });
    bool isCancelled = false;
    isWell = isWell && measure(
                           "verify, cancelled at once",
                           [&] {
                               jobs->verify({path});
                               QTimer::singleShot(200, &window, [&] {
                                   jobs->cancelCheck();
                                   isCancelled = true;
                               });
                           },
                           [&] { return isCancelled && !jobs->isChecking(); });
    isWell = isWell && measure(
                           "save a copy, durable",
                           [&] {
                               app::CopyRequest request;
                               request.path = path;
                               request.out =
                                   QFileInfo(path).absolutePath() + QStringLiteral("/bench-copy.wrck");
                               request.replace = true;
                               jobs->copy(request);
                           },
                           [&] { return isCopied; });
    QFile::remove(QFileInfo(path).absolutePath() + QStringLiteral("/bench-copy.wrck"));
    return isWell ? 0 : 1;
}
