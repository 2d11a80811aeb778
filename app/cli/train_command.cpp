// SPDX-License-Identifier: GPL-3.0-or-later
// weightroom-cli train [PROJECT|EXAMPLE]: a progress bar for people, records for programs, a checkpoint and a
// picture.
#include "app/cli/cli_project.h"
#include "app/cli/interrupt.h"
#include "app/document/quantity.h"
#include "app/library/checkpoint_file.h"
#include "app/library/checkpoint_keeping.h"
#include "app/library/old_names.h"
#include "app/models/metric_history.h"
#include "app/run/run_words.h"

#include <QElapsedTimer>
#include <QFileInfo>
#include <algorithm>
#include <cmath>
#include <limits>

namespace wr::app {
namespace {

QString progressBar(std::int64_t done, std::int64_t total)
{
    constexpr int kWidth = 24;
    const int filled = total > 0 ? static_cast<int>(done * kWidth / total) : 0;
    return QString(filled, QChar(0x2588)) + QString(kWidth - filled, QChar(0x2591));
}

/// What the options ask of the run; none after printing what is wrong with them.
struct Limits {
    std::int64_t steps = std::numeric_limits<std::int64_t>::max();
    std::int64_t epochs = std::numeric_limits<std::int64_t>::max();
    double seconds = std::numeric_limits<double>::infinity();
    std::optional<double> learningRate;
};

std::optional<Limits> readLimits(const Invocation& invocation)
{
    Limits limits;
    const auto refused = [&](const QString& option, const QString& value, const QString& why) {
        invocation.output.error({QStringLiteral("“%1” does not suit --%2.").arg(value, option), why, {}});
        return std::nullopt;
    };
    for (const auto& [option, target] : {std::pair{QStringLiteral("steps"), &limits.steps},
                                         std::pair{QStringLiteral("epochs"), &limits.epochs}}) {
        if (!invocation.options.isSet(option))
            continue;
        bool ok = false;
        const QString value = invocation.options.value(option);
        *target = value.toLongLong(&ok);
        if (!ok || *target < 1)
            return refused(option, value, QStringLiteral("It must be a whole number above 0."));
    }
    if (const QString option = QStringLiteral("minutes"); invocation.options.isSet(option)) {
        bool ok = false;
        constexpr double kSecondsPerMinute = 60.0;
        const QString value = invocation.options.value(option);
        limits.seconds = value.toDouble(&ok) * kSecondsPerMinute;
        if (!ok || !(limits.seconds > 0.0))
            return refused(option, value, QStringLiteral("It must be a number above 0."));
    }
    if (const QString option = QStringLiteral("learning-rate"); invocation.options.isSet(option)) {
        bool ok = false;
        const QString value = invocation.options.value(option);
        limits.learningRate = value.toDouble(&ok);
        if (!ok || !(*limits.learningRate > 0.0) || *limits.learningRate > 1e9)
            return refused(option, value, QStringLiteral("It must be a number above 0 and at most 1e9."));
    }
    return limits;
}

bool resume(TrainingRun& run, const QString& path, const Output& output)
{
    const CheckpointFile::Opened opened = CheckpointFile::open(path);
    if (!opened.file) {
        output.error(opened.problem);
        return false;
    }
    std::vector<TensorSpec> sources;
    for (const checkpoint::TensorEntry& entry : opened.file->reader().tensors())
        sources.push_back(entry.spec);
    std::vector<remap::PlanTarget> targets;
    for (const graph::Variable& variable : run.model()->variables)
        targets.push_back({{variable.name, variable.dtype, variable.shape},
                           false,
                           remap::Fate::Unresolved,
                           {},
                           {},
                           oldNames(*run.model(), variable)});
    const remap::RestorePlan plan(std::move(sources), std::move(targets));
    const Result<TrainingRun::RestoreReport> report = run.restore(opened.file->reader(), plan);
    if (!report) {
        output.error(explain(QStringLiteral("“%1” could not be resumed.").arg(path), report.error()));
        return false;
    }
    output.line(QStringLiteral("resumed     %1 restored, %2 initialised, at step %3")
                    .arg(report->restored)
                    .arg(report->initialized)
                    .arg(countText(run.step())));
    return true;
}

class Reporter {
public:
    Reporter(const TrainingRun& run, const Output& output, std::int64_t lastStep)
        : m_run(run), m_output(output), m_lastStep(lastStep), m_firstStep(run.step())
    {
        m_clock.start();
        QStringList names;
        for (const graph::Metric& metric : run.model()->recipe->metrics)
            names += QString::fromStdString(metric.name);
        history.setMetrics(names);
    }

    void report(const std::vector<train::StepRecord>& records)
    {
        QVector<MetricPoint> points;
        for (const train::StepRecord& record : records) {
            points.append(pointOf(record));
            constexpr std::int64_t kLogEvery = 100;
            if (record.step % kLogEvery == 0) {
                QJsonObject line{{QStringLiteral("event"), QStringLiteral("step")},
                                 {QStringLiteral("step"), static_cast<qint64>(record.step)},
                                 {QStringLiteral("loss"), record.loss},
                                 {QStringLiteral("learning_rate"), record.learningRate},
                                 {QStringLiteral("gradient_norm"), record.gradientNorm}};
                insertMetrics(line, record.metrics, QString());
                m_output.object(line);
            }
            if (record.test || record.epochEnd)
                reportLook(record);
        }
        history.append(points);
        if (!records.empty())
            reportProgress(records.back());
    }

    double stepsPerSecond() const
    {
        const double seconds = static_cast<double>(m_clock.nsecsElapsed()) * 1e-9;
        return seconds > 0 ? static_cast<double>(m_run.step() - m_firstStep) / seconds : 0.0;
    }

    MetricHistory history;

    template <typename T>
    void insertMetrics(QJsonObject& line, const train::MetricArray<T>& values, const QString& prefix) const
    {
        for (int i = 0; i < static_cast<int>(history.metrics().size()); ++i)
            line.insert(prefix + history.metrics()[i],
                        static_cast<double>(values[static_cast<std::size_t>(i)]));
    }

    /// "test accuracy 98.20 %, mae 0.12", or the test loss where nothing else is measured.
    QString testText(const train::Evaluation& test) const
    {
        QStringList words;
        for (int i = 0; i < static_cast<int>(history.metrics().size()); ++i) {
            const double value = test.metrics[static_cast<std::size_t>(i)];
            const QString& name = history.metrics()[i];
            words += QStringLiteral("%1 %2").arg(name, metricText(name, value));
        }
        return words.isEmpty() ? QStringLiteral("test loss %1").arg(test.loss, 0, 'f', 4)
                               : QStringLiteral("test ") + words.join(QStringLiteral(", "));
    }

private:
    void reportLook(const train::StepRecord& record) const
    {
        QJsonObject line{{QStringLiteral("event"),
                          record.epochEnd ? QStringLiteral("epoch") : QStringLiteral("validation")},
                         {QStringLiteral("epoch"), static_cast<qint64>(record.epoch)},
                         {QStringLiteral("step"), static_cast<qint64>(record.step)},
                         {QStringLiteral("loss"), record.loss}};
        QString words;
        if (record.test) {
            line.insert(QStringLiteral("test_loss"), record.test->loss);
            line.insert(QStringLiteral("best"), record.isBest);
            insertMetrics(line, record.test->metrics, QStringLiteral("test_"));
            words = testText(*record.test);
        }
        m_output.object(line);
        m_output.clearStatus();
        m_output.line(QStringLiteral("epoch %1  step %2  loss %3  %4")
                          .arg(record.epoch, 3)
                          .arg(countText(record.step), 7)
                          .arg(record.loss, 7, 'f', 4)
                          .arg(words));
    }

    void reportProgress(const train::StepRecord& record) const
    {
        const double rate = stepsPerSecond();
        if (m_lastStep == 0) { // only the time, or better values, end this training
            m_output.status(QStringLiteral("step %1  loss %2  %3 steps/s")
                                .arg(countText(record.step))
                                .arg(record.loss, 0, 'f', 4)
                                .arg(rate, 0, 'f', 0));
            return;
        }
        m_output.status(
            QStringLiteral("%1 %2/%3  loss %4  %5 steps/s  %6 left")
                .arg(progressBar(record.step, m_lastStep), countText(record.step), countText(m_lastStep))
                .arg(record.loss, 0, 'f', 4)
                .arg(rate, 0, 'f', 0)
                .arg(durationText(static_cast<double>(m_lastStep - record.step) / std::max(rate, 1.0))));
    }

    const TrainingRun& m_run;
    const Output& m_output;
    std::int64_t m_lastStep;
    std::int64_t m_firstStep;
    QElapsedTimer m_clock;
};

bool saveByRule(const CliProject& project, TrainingRun& run, const QString& file, checkpoint::Profile profile,
                const QString& reason, const Output& output)
{
    const QString directory = project.checkpointDirectory();
    const std::string keeper = file.isEmpty() ? kRuleKeeper : "";
    const Result<checkpoint::SaveReport> report = run.save(directory, file, profile, keeper);
    output.clearStatus();
    if (!report) {
        output.error(
            explain(QStringLiteral("The checkpoint of step %1 was not saved.").arg(countText(run.step())),
                    report.error()));
        return false;
    }
    const QString path = QString::fromStdString(report->path);
    output.line(QStringLiteral("saved       %1").arg(path));
    output.object({{QStringLiteral("event"), QStringLiteral("saved")},
                   {QStringLiteral("step"), static_cast<qint64>(run.step())},
                   {QStringLiteral("reason"), reason},
                   {QStringLiteral("checkpoint"), path}});
    if (keeper.empty())
        return true;
    const KeepingReport kept = tidyFolder(directory, keeper, keepingRules(*run.model())[keeper]);
    for (const QString& name : kept.removed) {
        output.line(QStringLiteral("removed     %1").arg(name));
        output.object({{QStringLiteral("event"), QStringLiteral("removed")},
                       {QStringLiteral("checkpoint"), QDir(directory).filePath(name)}});
    }
    if (!kept.status.isOk())
        output.error(explain(QStringLiteral("An older checkpoint could not be removed, or the folder's list "
                                            "not be written."),
                             kept.status));
    return true;
}

/// The checkpoints that the recipe's rules want; the last one of all is saved by this command anyway.
bool saveWhatIsDue(const CliProject& project, TrainingRun& run, checkpoint::Profile profile,
                   const Output& output)
{
    const TrainingRun::DueSaves due = run.dueSaves();
    run.noteSaves();
    const QString best = QDir(project.checkpointDirectory()).filePath(QStringLiteral("best.wrck"));
    if (due.best &&
        !saveByRule(project, run, best, checkpoint::Profile::Compact, QStringLiteral("best"), output))
        return false;
    return due.regular == TrainingRun::SaveReason::None || run.isFinished() ||
           saveByRule(project, run, {}, profile, QStringLiteral("rule"), output);
}

QString paint(const Invocation& invocation, const Reporter& reporter, const QString& title,
              const QString& checkpoint)
{
    if (invocation.options.isSet(QStringLiteral("no-curves")) || !invocation.paintCurves)
        return {};
    QString path = invocation.options.value(QStringLiteral("curves"));
    if (path.isEmpty()) {
        const QFileInfo info(checkpoint);
        path = info.dir().filePath(info.baseName() + QStringLiteral(".png"));
    }
    if (!invocation.paintCurves(reporter.history, title, path)) {
        invocation.output.error(
            {QStringLiteral("The curves could not be painted to “%1”.").arg(path),
             QStringLiteral("The folder cannot be written to, or there is no space left."),
             QStringLiteral("The checkpoint is saved. Name another file with --curves.")});
        return {};
    }
    return QFileInfo(path).absoluteFilePath();
}

} // namespace

int runTrain(const Invocation& invocation)
{
    const Output& output = invocation.output;
    const std::optional<Limits> limits = readLimits(invocation);
    const std::optional<checkpoint::Profile> profile = profileOption(invocation);
    if (!limits || !profile || !outputIsFree(invocation))
        return ExitUsage;
    const std::optional<CliProject> project =
        loadProject(invocation.positional.value(0, QStringLiteral("digits")), output);
    if (!project)
        return ExitUsage;
    const std::unique_ptr<TrainingRun> run = makeRun(*project, invocation);
    if (!run)
        return ExitFailed;
    if (!run->canTrain()) {
        output.error(explain(QStringLiteral("“%1” cannot be trained.").arg(project->directory.dirName()),
                             run->trainingObstacle()));
        return ExitFailed;
    }
    if (invocation.options.isSet(QStringLiteral("resume"))) {
        if (!resume(*run, invocation.options.value(QStringLiteral("resume")), output))
            return ExitFailed;
    } else if (const Status status = run->initializeAll(); !status.isOk()) {
        output.error(explain(QStringLiteral("The variables could not be initialised."), status));
        return ExitFailed;
    }
    if (limits->learningRate) {
        if (const Status status = run->setLearningRate(*limits->learningRate); !status.isOk()) {
            output.error(explain(QStringLiteral("The learning rate was not changed."), status));
            return ExitFailed;
        }
    }

    // 0: neither the recipe nor an option limits the steps.
    constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
    std::int64_t lastStep = run->totalSteps() > 0 ? run->totalSteps() : kNoLimit;
    lastStep = std::min(lastStep, limits->steps);
    if (limits->epochs < kNoLimit / run->stepsPerEpoch())
        lastStep = std::min(lastStep, limits->epochs * run->stepsPerEpoch());
    if (lastStep == kNoLimit)
        lastStep = 0;
    const double lastSecond = run->trainedSeconds() + limits->seconds;
    const train::Dataset& data = *run->dataset();
    const runtime::Device& device = run->runtime().devices().front();
    output.line(QStringLiteral("project     %1").arg(project->directory.path()));
    output.line(QStringLiteral("data        %1, %2 train, %3 test")
                    .arg(QString::fromStdString(data.name), countText(data.train.count()),
                         countText(data.test.count())));
    output.line(QStringLiteral("device      %1").arg(QString::fromStdString(device.description)));
    output.object({{QStringLiteral("event"), QStringLiteral("start")},
                   {QStringLiteral("project"), project->directory.path()},
                   {QStringLiteral("data"), QString::fromStdString(data.name)},
                   {QStringLiteral("train_examples"), static_cast<qint64>(data.train.count())},
                   {QStringLiteral("test_examples"), static_cast<qint64>(data.test.count())},
                   {QStringLiteral("device"), QString::fromStdString(device.description)},
                   {QStringLiteral("steps"), static_cast<qint64>(lastStep)}});

    const InterruptGuard interrupt;
    Reporter reporter(*run, output, lastStep);
    Status trouble;
    while (trouble.isOk() && (lastStep == 0 || run->step() < lastStep) && !run->isFinished() &&
           run->trainedSeconds() < lastSecond && !InterruptGuard::isRaised()) {
        constexpr double kSliceSeconds = 0.1;
        std::vector<train::StepRecord> records;
        trouble = run->advance(lastStep == 0 ? kNoLimit : lastStep - run->step(), kSliceSeconds, records);
        reporter.report(records);
        if (!saveWhatIsDue(*project, *run, *profile, output))
            return ExitFailed;
    }
    output.clearStatus();
    if (!trouble.isOk()) {
        Explanation explanation =
            explain(QStringLiteral("Training stopped after step %1.").arg(countText(run->step())), trouble);
        if (trouble.code() == StatusCode::DataLoss)
            explanation.wayOut =
                QStringLiteral("Try a lower --learning-rate, or --resume from an earlier checkpoint. "
                               "The variables hold the values from before that step.");
        output.error(explanation);
    }

    const double rate = reporter.stepsPerSecond();
    if (const QString end = endText(*run); !end.isEmpty())
        output.line(QStringLiteral("ended       %1").arg(end));
    // Values gone wrong are not worth a look.
    std::optional<train::Evaluation> test;
    if (trouble.isOk() && data.test.count() > 0) {
        if (const Result<train::Evaluation> evaluation = run->evaluate())
            test = *evaluation;
    }
    const std::optional<checkpoint::SaveReport> saved = saveRun(*project, *run, invocation, *profile);
    if (!saved)
        return ExitFailed;
    const QString checkpointPath = QString::fromStdString(saved->path);
    const QString curves = paint(invocation, reporter, project->directory.dirName(), checkpointPath);
    if (!curves.isEmpty())
        output.line(QStringLiteral("curves      %1").arg(curves));
    QJsonObject metrics{{QStringLiteral("loss"), run->lastRecord().loss},
                        {QStringLiteral("steps_per_second"), rate}};
    if (test) {
        const QString words = reporter.testText(*test);
        // "accuracy    98.20 % on …": the name stands where the other lines have theirs.
        const QString name = reporter.history.metrics().isEmpty() ? QStringLiteral("loss")
                                                                  : reporter.history.metrics().first();
        const QString values = words.mid(QStringLiteral("test ").size() + name.size() + 1);
        output.line(QStringLiteral("%1 %2 on %3 test examples, %4 steps/s")
                        .arg(name, -11)
                        .arg(values, countText(data.test.count()))
                        .arg(rate, 0, 'f', 0));
        metrics.insert(QStringLiteral("test_loss"), test->loss);
        reporter.insertMetrics(metrics, test->metrics, QStringLiteral("test_"));
    }
    output.object({{QStringLiteral("event"), QStringLiteral("done")},
                   {QStringLiteral("checkpoint"), checkpointPath},
                   {QStringLiteral("curves"), curves},
                   {QStringLiteral("steps"), static_cast<qint64>(run->step())},
                   {QStringLiteral("interrupted"), InterruptGuard::isRaised()},
                   {QStringLiteral("ended"), endText(*run)},
                   {QStringLiteral("metrics"), metrics}});
    if (!trouble.isOk())
        return ExitFailed;
    return InterruptGuard::isRaised() ? ExitInterrupted : ExitDone;
}

} // namespace wr::app
