// SPDX-License-Identifier: GPL-3.0-or-later
// Saving and restoring between two steps of a training: the worker copies and applies, the file thread reads
// and writes.
#include "app/document/quantity.h"
#include "app/library/checkpoint_keeping.h"
#include "app/run/run_worker.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>

namespace wr::app {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("RunWorker", text);
}

QString decoded(const std::string& path)
{
    return QFile::decodeName(QByteArray::fromStdString(path));
}

QString fileName(const std::string& path)
{
    return QFileInfo(decoded(path)).fileName();
}

} // namespace

void RunWorker::save(bool compact, const std::string& path)
{
    write(path, compact, {});
}

/// False while the training has to wait for a checkpoint that is being written.
bool RunWorker::saveWhatIsDue()
{
    const TrainingRun::DueSaves due = m_run->dueSaves();
    if (!due.any())
        return true;
    if (m_filesSaving > 0 && !m_run->isFinished())
        return false;
    m_run->noteSaves();
    using Reason = TrainingRun::SaveReason;
    if (due.best) // one file, whatever step it is of
        write(m_checkpointDirectory + "/best.wrck", true, "best");
    if (due.regular != Reason::None)
        write({}, true,
              due.regular == Reason::Steps     ? "steps"
              : due.regular == Reason::Minutes ? "minutes"
                                               : "end");
    return true;
}

void RunWorker::write(const std::string& path, bool compact, const std::string& reason)
{
    const QString what = path.empty() ? tr("No checkpoint was saved.")
                                      : tr("The checkpoint “%1” was not saved.").arg(decoded(path));
    if (!hasRun(what))
        return;
    m_phase = RunPhase::Saving;
    publishState();
    Result<ModelSnapshot> taken = m_run->snapshot();
    m_phase = restingPhase();
    if (!taken) {
        fail(what, taken.error(),
             taken.error().code() == StatusCode::FailedPrecondition
                 ? tr("Initialise the variables, or restore them, before you save.")
                 : QString());
        publishState();
        return;
    }
    std::string keeper;
    if (!reason.empty()) {
        taken->metadata["reason"] = reason;
        if (path.empty())
            taken->metadata[kKeeperKey] = keeper = kRuleKeeper;
    }
    const KeepingRules rules = keepingRules(*m_run->model());
    const auto rule = rules.find(keeper);
    if (path.empty())
        m_savedStep = m_run->step();
    ++m_filesSaving;
    publishState();
    const auto profile = compact ? checkpoint::Profile::Compact : checkpoint::Profile::Plain;
    m_around.files.post([this, snapshot = std::make_shared<const ModelSnapshot>(std::move(*taken)), path,
                         profile, isAutomatic = !reason.empty(), directory = m_checkpointDirectory, keeper,
                         isDelta = !keeper.empty() && m_run->model()->recipe->rules.savesDeltas,
                         policy = rule == rules.end() ? checkpoint::RetentionPolicy() : rule->second] {
        const Result<checkpoint::SaveReport> report =
            writeSnapshot(*snapshot, decoded(directory), decoded(path), profile, {},
                          isDelta ? deltaBase(decoded(directory), keeper) : DeltaBase());
        // Older ones go after the new one is safely there.
        KeepingReport keeping;
        if (report)
            keeping = tidyFolder(decoded(directory), keeper, policy);
        m_around.self.post([this, report, keeping, step = snapshot->step, path, isAutomatic] {
            saved(report, step, path, isAutomatic);
            if (!keeping.status.isOk())
                fail(tr("An older checkpoint could not be removed, or the folder's list not be written."),
                     keeping.status);
        });
    });
}

void RunWorker::saved(const Result<checkpoint::SaveReport>& report, qint64 step, const std::string& asked,
                      bool isAutomatic)
{
    --m_filesSaving;
    if (report) {
        m_run->setParentCheckpoint(*report);
        RunEvent event;
        event.kind = RunEvent::Kind::Saved;
        event.step = step;
        event.text = fileName(report->path);
        m_around.outbox.post(event);
        m_around.outbox.post(
            SavedReport{decoded(report->path), static_cast<qint64>(report->fileBytes), isAutomatic});
    } else {
        fail(asked.empty() ? tr("The checkpoint of step %1 was not saved.").arg(countText(step))
                           : tr("The checkpoint “%1” was not saved.").arg(decoded(asked)),
             report.error());
    }
    publishState();
}

void RunWorker::restore(const std::shared_ptr<const RestoreRequest>& request)
{
    if (!hasRun(tr("Nothing was restored.")))
        return;
    ++m_filesReading;
    publishState();
    m_around.files.post([this, request] {
        auto values = std::make_shared<const Result<std::vector<NamedTensor>>>(
            remap::readPlan(*request->reader, request->plan, [this](std::uint64_t, std::uint64_t) {
                return !m_around.ending.load(std::memory_order_relaxed);
            }));
        m_around.self.post([this, request, values] { applyRestore(*request, *values); });
    });
}

void RunWorker::applyRestore(const RestoreRequest& request, const Result<std::vector<NamedTensor>>& values)
{
    --m_filesReading;
    const QString what = tr("Nothing was restored from “%1”.").arg(fileName(request.reader->path()));
    if (!values) {
        fail(what, values.error());
        publishState();
        return;
    }
    if (!hasRun(what))
        return;
    m_phase = RunPhase::Restoring;
    publishState();
    TrainingRun::Backup before;
    const Result<TrainingRun::RestoreReport> report =
        m_run->apply(request.plan, *values, *request.reader, &before);
    if (report) {
        m_undo = std::move(before);
        if (!report->continues)
            resetCurves();
        noteEvent(RunEvent::Kind::Restored, fileName(request.reader->path()));
    } else {
        fail(what, report.error());
    }
    m_livesChange = true;
    m_speed.clear();
    m_phase = restingPhase();
    publishVariables();
    publishState();
    // Whoever hears of it finds the variables restored.
    if (report)
        m_around.outbox.post(RestoredReport{report->restored, report->initialized, report->kept});
    probe({});
}

void RunWorker::undo()
{
    if (!m_undo || !m_run)
        return;
    const TrainingRun::Backup backup = std::move(*m_undo);
    m_undo.reset();
    if (const Status status = m_run->rollBack(backup); !status.isOk()) {
        fail(tr("The values from before could not be put back."), status);
    } else {
        resetCurves();
        noteEvent(RunEvent::Kind::Restored, tr("the values from before"));
    }
    m_livesChange = true;
    m_speed.clear();
    m_phase = restingPhase();
    publishVariables();
    publishState();
}

} // namespace wr::app
