// SPDX-License-Identifier: GPL-3.0-or-later
// What the window costs a training, and the training the window: steps a second with the curves shown, with
// another page shown and without a window; how late a timer of the window is; from the click to the first
// step. Offscreen unless QT_QPA_PLATFORM says otherwise.
#include "app/run/training_run.h"
#include "tests/bench/stopwatch.h"
#include "ui/main_window/main_window.h"
#include "ui/theme/theme.h"
#include "ui/workspace.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTimer>

using namespace wr;
using namespace wr::ui;

namespace {

/// The example with an end that is out of reach.
QString endless(const QString& name)
{
    QFile file(QStringLiteral(WEIGHTROOM_SOURCE_DIR "/resources/examples/%1/model.wr").arg(name));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    static const QRegularExpression kEpochs(QStringLiteral("epochs=\\d+"));
    return QString::fromUtf8(file.readAll()).replace(kEpochs, QStringLiteral("epochs=1000000"));
}

class Window {
public:
    Window()
    {
        window.resize(1300, 860);
        window.show();
    }

    bool open(const QString& script)
    {
        workspace.project().newFromText(script, QStringLiteral("bench"));
        return waitFor([this] { return state().canTrain && state().phase == app::RunPhase::Ready; });
    }
    const app::RunState& state() { return workspace.run().state(); }

    template <typename Condition>
    static bool waitFor(Condition holds)
    {
        constexpr int kLongest = 60000;
        QElapsedTimer clock;
        clock.start();
        while (!holds()) {
            if (clock.elapsed() > kLongest)
                return false;
            QCoreApplication::processEvents(QEventLoop::AllEvents, 1);
        }
        return true;
    }

    /// Milliseconds from the click on Run to the first finished step.
    double firstStep()
    {
        window.actions().init->trigger();
        waitFor([this] { return state().uninitialized == 0 && state().step == 0; });
        QElapsedTimer clock;
        clock.start();
        window.actions().run->trigger();
        waitFor([this] { return workspace.history().lastStep() > 0; });
        return static_cast<double>(clock.nsecsElapsed()) / 1e6;
    }

    struct Pace {
        double stepsPerSecond = 0.0;
        double lateMilliseconds = 0.0; ///< of 99 frames in a hundred
    };
    /// While training, for some seconds.
    Pace pace(MainWindow::Page page)
    {
        window.showPage(page);
        constexpr int kFrame = 16;
        constexpr int kSettle = 300;
        constexpr int kMeasured = 1500;
        QElapsedTimer clock;
        clock.start();
        waitFor([&] { return clock.elapsed() > kSettle; });
        std::vector<double> late;
        QTimer frames;
        frames.setTimerType(Qt::PreciseTimer);
        QElapsedTimer frame;
        QObject::connect(&frames, &QTimer::timeout, &frames, [&] {
            late.push_back(std::max(0.0, static_cast<double>(frame.nsecsElapsed()) / 1e6 - kFrame));
            frame.restart();
            frames.start(kFrame);
        });
        frames.setSingleShot(true);
        const qint64 before = state().step;
        clock.restart();
        frame.start();
        frames.start(kFrame);
        while (clock.elapsed() < kMeasured)
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        Pace pace;
        pace.stepsPerSecond =
            static_cast<double>(state().step - before) * 1e9 / static_cast<double>(clock.nsecsElapsed());
        std::sort(late.begin(), late.end());
        pace.lateMilliseconds = late[late.size() * 99 / 100];
        return pace;
    }
    void pause()
    {
        window.actions().pause->trigger();
        waitFor([this] { return state().phase == app::RunPhase::Ready; });
    }

private:
    Workspace workspace;
    MainWindow window{&workspace};
};

double median(std::vector<double>& figures)
{
    std::sort(figures.begin(), figures.end());
    return figures[figures.size() / 2];
}

/// Without a window, as the command line trains.
double pureSpeed(const QString& script)
{
    runtime::RuntimeOptions options;
    options.moduleDirectory = WEIGHTROOM_BIN_DIR;
    const auto run = app::TrainingRun::create(options);
    if (!run || !(*run)->build(graph::buildModel(script::parse(script.toStdString())), {}) ||
        !(*run)->initializeAll().isOk())
        return 0.0;
    std::vector<train::StepRecord> records;
    constexpr double kSlice = 0.01;
    const auto slice = [&] {
        records.clear();
        static_cast<void>((*run)->advance(std::numeric_limits<std::int64_t>::max(), kSlice, records));
    };
    bench::meanSeconds(slice, 1.0);
    const std::int64_t before = (*run)->step();
    QElapsedTimer clock;
    clock.start();
    bench::meanSeconds(slice, 6.0);
    return static_cast<double>((*run)->step() - before) * 1e9 / static_cast<double>(clock.nsecsElapsed());
}

} // namespace

int main(int argc, char** argv)
{
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    const QTemporaryDir home;
    qputenv("XDG_CONFIG_HOME", home.path().toUtf8());
    qputenv("XDG_DATA_HOME", home.path().toUtf8());
    Q_INIT_RESOURCE(icons);
    const QApplication application(argc, argv);
    QCoreApplication::setOrganizationName(QStringLiteral("Weightroom"));
    QCoreApplication::setApplicationName(QStringLiteral("bench-window"));
    Theme::instance().setChoice(Theme::Choice::Light, false);
    const bench::Report report(argc, argv, "window");
    for (const char* const name : {"digits", "lenet", "spiral"}) {
        const std::string example(name);
        if (!report.wants(example))
            continue;
        const QString script = endless(QString::fromUtf8(name));
        const double pure = pureSpeed(script);
        Window window;
        if (script.isEmpty() || !window.open(script)) {
            std::fprintf(stderr, "%s: the example cannot be opened\n", name);
            return 1;
        }
        constexpr double kClickLimit = 200.0;
        constexpr double kLateLimit = 10.0;
        const double click = window.firstStep();
        report.row(example + ", click to the first step", click, "ms", click / kClickLimit,
                   "the 200 ms that it may take");
        // In turns, since the machine's own speed changes.
        constexpr int kRounds = 7;
        std::vector<double> shownRounds;
        std::vector<double> hiddenRounds;
        std::vector<double> lateRounds;
        for (int round = 0; round < kRounds; ++round) {
            const Window::Pace curves = window.pace(MainWindow::Train);
            shownRounds.push_back(curves.stepsPerSecond);
            lateRounds.push_back(curves.lateMilliseconds);
            hiddenRounds.push_back(window.pace(MainWindow::Checkpoints).stepsPerSecond);
        }
        window.pause();
        const double shown = median(shownRounds);
        const double hidden = median(hiddenRounds);
        const double late = median(lateRounds);
        report.row(example + ", without a window", pure, "steps/s", 0.0, "");
        report.row(example + ", the curves hidden", hidden, "steps/s", hidden / pure, "without a window");
        report.row(example + ", the curves shown", shown, "steps/s", shown / hidden, "the curves hidden");
        report.row(example + ", frames late by (99 of 100)", late, "ms", late / kLateLimit,
                   "the 10 ms that they may be");
    }
    return 0;
}
