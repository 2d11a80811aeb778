// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/run_controller.h"

#include "app/library/restore_session.h"
#include "app/run/run_worker.h"

#include <QFile>

namespace wr::app {
namespace {

std::string encoded(const QString& path)
{
    return QFile::encodeName(path).toStdString();
}

} // namespace

struct RunController::Private {
    explicit Private(RunController* controller)
        : q(controller), metrics([](const MetricPoint& point) { return point.test != nullptr; }),
          worker({outbox, metrics, workerThread, fileThread, newestModel, ending, stopFlag}),
          workerThread([this] { return worker.slice(); })
    {
    }

    RunController* q;
    Outbox outbox;
    Mailbox<MetricPoint> metrics;
    std::atomic<int> newestModel{0};
    std::atomic<bool> ending{false};
    std::atomic<bool> stopFlag{false};
    RunWorker worker;
    TaskThread fileThread;
    TaskThread workerThread; ///< last, so that all that it uses is there

    RunWorker::Assignment wanted;
    std::deque<RunMessage> undelivered;
    RunState state;
    RecipeState recipe;
    VariableReport variables;
    QVector<DeviceInfo> devices;
    int resets = 0; ///< generation of the mailbox that the window has been told of

    void command(TaskThread::Task task);
    void assign();
    void deliver();
    void tell(const RunMessage& message);
    int follow(const RecipeReport& report);
};

/// Which step changed; -1: all.
int RunController::Private::follow(const RecipeReport& report)
{
    if (report.what == RecipeReport::What::Started) {
        recipe = {};
        recipe.program = report.program;
        recipe.steps.resize(report.step);
        recipe.isRunning = true;
        return -1;
    }
    if (report.what == RecipeReport::What::Ended || report.step >= recipe.steps.size()) {
        recipe.isRunning = false;
        recipe.openAt = -1;
        return -1;
    }
    recipe.steps[report.step] = report.now;
    const bool isOpen = report.now.state == RecipeStepState::Open;
    recipe.openAt = isOpen ? report.step : -1;
    recipe.isRunning = !isOpen;
    return report.step;
}

void RunController::Private::command(TaskThread::Task task)
{
    workerThread.post([this, task = std::move(task)] {
        if (!ending.load(std::memory_order_relaxed))
            task();
    });
}

void RunController::Private::assign()
{
    wanted.number = ++newestModel;
    command([this, assignment = wanted] { worker.setModel(assignment); });
}

void RunController::Private::tell(const RunMessage& message)
{
    struct Teller {
        Private& d;
        void operator()(const RunState& value) const
        {
            d.state = value;
            emit d.q->stateChanged();
        }
        void operator()(const VariableReport& value) const
        {
            d.variables = value;
            emit d.q->variablesChanged();
        }
        void operator()(const QVector<DeviceInfo>& value) const
        {
            d.devices = value;
            emit d.q->devicesChanged();
        }
        void operator()(const RunEvent& value) const { emit d.q->event(value); }
        void operator()(const SavedReport& value) const
        {
            emit d.q->saved(value.path, value.bytes, value.isAutomatic);
        }
        void operator()(const RestoredReport& value) const
        {
            emit d.q->restored(value.restored, value.initialized, value.kept);
        }
        void operator()(const RecipeReport& value) const
        {
            const int changed = d.follow(value);
            emit d.q->recipeChanged(changed);
        }
        void operator()(const Explanation& value) const { emit d.q->failed(value); }
        void operator()(const WeightReportPtr& value) const { emit d.q->weightsProbed(value); }
        void operator()(const SurfaceReportPtr& value) const { emit d.q->surfaceProbed(value); }
        void operator()(const DataReportPtr& value) const { emit d.q->dataProbed(value); }
        void operator()(const TimingReportPtr& value) const { emit d.q->timingProbed(value); }
        void operator()(const NonFiniteStep& value) const { emit d.q->nonFinite(value); }
        void operator()(const CurvesReset&) const
        {
            ++d.resets;
            emit d.q->metricsReset();
        }
    };
    std::visit(Teller{*this}, message);
}

void RunController::Private::deliver()
{
    for (RunMessage& message : outbox.take())
        undelivered.push_back(std::move(message));
    // A receiver may come back here, by takeMetrics() or from an event loop of its own: the order stays.
    while (!undelivered.empty()) {
        const RunMessage message = std::move(undelivered.front());
        undelivered.pop_front();
        tell(message);
    }
}

RunController::RunController(QObject* parent) : QObject(parent), d(std::make_unique<Private>(this))
{
    // Before the first task, so that the thread never sees a half-made connection.
    connect(
        &d->outbox, &Outbox::filled, this, [this] { d->deliver(); }, Qt::QueuedConnection);
    d->workerThread.post([this] { d->worker.start(); });
}

RunController::~RunController()
{
    d->ending.store(true, std::memory_order_relaxed);
    d->stopFlag.store(true, std::memory_order_relaxed);
    d->workerThread.stop();
    d->fileThread.stop(); // a save that was asked for is not lost
}

void RunController::setModel(std::shared_ptr<const graph::Model> model, const QString& projectDirectory,
                             const QString& checkpointDirectory)
{
    const std::string directory = encoded(projectDirectory);
    const bool isSame = d->newestModel.load(std::memory_order_relaxed) > 0 && model == d->wanted.model &&
                        directory == d->wanted.source.projectDirectory &&
                        encoded(checkpointDirectory) == d->wanted.checkpointDirectory;
    if (isSame)
        return;
    d->wanted.model = std::move(model);
    d->wanted.source.projectDirectory = directory;
    d->wanted.checkpointDirectory = encoded(checkpointDirectory);
    d->assign();
}

void RunController::setDataDirectory(const QString& directory)
{
    if (encoded(directory) == d->wanted.source.overrideDirectory)
        return;
    d->wanted.source.overrideDirectory = encoded(directory);
    if (d->wanted.model)
        d->assign();
}

void RunController::initializeAll()
{
    d->command([this] { d->worker.initializeAll(); });
}

void RunController::initialize(const QStringList& variables)
{
    std::vector<std::string> names;
    for (const QString& name : variables)
        names.push_back(name.toStdString());
    d->command([this, names] { d->worker.initialize(names); });
}

void RunController::run()
{
    d->command([this] { d->worker.run(-1); });
}

void RunController::pause()
{
    d->command([this] { d->worker.pause(); });
}

void RunController::step(int count)
{
    if (count > 0)
        d->command([this, count] { d->worker.run(count); });
}

void RunController::stop()
{
    d->command([this] { d->worker.rewind(); });
}

void RunController::stopAndSave()
{
    d->command([this] { d->worker.stopAndSave(); });
}

void RunController::stopNow()
{
    d->stopFlag.store(true, std::memory_order_relaxed);
    d->command([this] {
        d->stopFlag.store(false, std::memory_order_relaxed);
        d->worker.pause();
    });
}

void RunController::goBack()
{
    d->command([this] { d->worker.goBack(false); });
}

void RunController::goBackAndLowerRate()
{
    d->command([this] { d->worker.goBack(true); });
}

void RunController::setLearningRate(double rate)
{
    d->command([this, rate] { d->worker.setLearningRate(rate); });
}

void RunController::save(bool compact, const QString& path)
{
    // Not a command: it is carried out even when the window goes.
    d->workerThread.post([this, compact, target = encoded(path)] { d->worker.save(compact, target); });
}

void RunController::saveWith(int saver)
{
    d->workerThread.post([this, saver] { d->worker.saveWith(static_cast<std::size_t>(saver)); });
}

void RunController::restore(const std::shared_ptr<RestoreSession>& plan)
{
    if (!plan)
        return;
    // The plan may be edited further; what counts is how it is now. The alias keeps the file open with its
    // reader.
    const std::shared_ptr<const CheckpointFile> file = plan->file();
    auto request = std::make_shared<const RestoreRequest>(RestoreRequest{
        std::shared_ptr<const checkpoint::CheckpointReader>(file, &file->reader()), plan->plan()});
    d->command([this, request] { d->worker.restore(request); });
}

void RunController::undoRestore()
{
    d->command([this] { d->worker.undo(); });
}

void RunController::runRecipe(int program, bool usesOwnFolders)
{
    if (program < 0)
        return;
    d->command([this, request = RecipeRequest{d->wanted.model, static_cast<std::size_t>(program),
                                              usesOwnFolders}] { d->worker.runRecipe(request); });
}

void RunController::continueRecipe()
{
    d->command([this] { d->worker.continueRecipe(); });
}

void RunController::stopRecipe()
{
    d->command([this] { d->worker.stopRecipe(); });
}

void RunController::setProbes(const Probes& probes)
{
    d->command([this, probes] { d->worker.setProbes(probes); });
}

const RecipeState& RunController::recipe() const
{
    return d->recipe;
}

const RunState& RunController::state() const
{
    return d->state;
}

VariableLife RunController::variableLife(const QString& name) const
{
    return d->variables.lives.value(name, VariableLife::Uninitialized);
}

const QVector<DeviceInfo>& RunController::devices() const
{
    return d->devices;
}

QVector<MetricPoint> RunController::takeMetrics()
{
    Mailbox<MetricPoint>::Taken taken = d->metrics.take();
    // The word of a reset is always in the outbox before the first point that follows it.
    if (taken.generation > d->resets)
        d->deliver();
    return taken.generation == d->resets ? std::move(taken.values) : QVector<MetricPoint>();
}

bool RunController::canUndoRestore() const
{
    return d->variables.canUndo;
}

} // namespace wr::app
