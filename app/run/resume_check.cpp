// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/resume_check.h"

#include "app/document/parsed_script.h"
#include "app/document/quantity.h"
#include "app/run/training_run.h"
#include "engine/formats/open.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>
#include <cstring>

namespace wr::app {
namespace {

using Reader = std::shared_ptr<const checkpoint::CheckpointReader>;

QString tr(const char* text)
{
    return QCoreApplication::translate("ResumeCheck", text);
}

std::string encoded(const QString& path)
{
    return QFile::encodeName(path).toStdString();
}

/// Steps of a look, for its progress and its end.
class ResumeLook {
public:
    ResumeLook(const ResumeRequest& request, const Progress& progress)
        : m_request(request), m_progress(progress)
    {
    }

    Status readModel(const checkpoint::CheckpointReader& reader)
    {
        const auto script = reader.metadata().find("script");
        if (script == reader.metadata().end())
            return failedPrecondition("the checkpoint holds no script");
        m_model = parseScript(QString::fromStdString(script->second))->model;
        return m_model->hasErrors() ? failedPrecondition("the script in the checkpoint has errors")
                                    : Status();
    }

    /// A run that stands where the checkpoint does.
    Result<std::unique_ptr<TrainingRun>> resumed(const checkpoint::CheckpointReader& reader) const
    {
        runtime::RuntimeOptions options;
        options.threads = m_request.threads;
        WR_ASSIGN_OR_RETURN(std::unique_ptr<TrainingRun> run, TrainingRun::create(options));
        train::DataSource source;
        source.projectDirectory = encoded(m_request.projectDirectory);
        source.overrideDirectory = encoded(m_request.dataDirectory);
        if (const auto built = run->build(m_model, source); !built)
            return fail(built.error());
        if (!run->canTrain())
            return fail(run->trainingObstacle());
        WR_ASSIGN_OR_RETURN(const TrainingRun::RestoreReport report,
                            run->restore(reader, TrainingRun::resumePlan(*m_model, reader)));
        if (!report.continues)
            return fail(failedPrecondition("the checkpoint does not hold all that a training goes on from"));
        return run;
    }

    /// To `step`, or to the end of the training.
    Status train(TrainingRun& run, qint64 step)
    {
        constexpr double kSlice = 0.1;
        while (run.step() < step && !run.isFinished()) {
            std::vector<train::StepRecord> records;
            const std::int64_t before = run.step();
            WR_RETURN_IF_ERROR(run.advance(step - before, kSlice, records));
            run.noteSaves();
            m_done += static_cast<std::uint64_t>(run.step() - before);
            if (m_progress && !m_progress(m_done, std::max(m_done, m_total)))
                return cancelled("cancelled");
        }
        return {};
    }
    void setTotal(qint64 steps) { m_total = static_cast<std::uint64_t>(steps); }

private:
    const ResumeRequest& m_request;
    const Progress& m_progress;
    std::shared_ptr<const graph::Model> m_model;
    std::uint64_t m_done = 0;
    std::uint64_t m_total = 0;
};

bool isSameTensor(const Tensor& a, const Tensor& b)
{
    return a.dtype() == b.dtype() && a.shape() == b.shape() &&
           std::memcmp(a.bytes().data(), b.bytes().data(), a.bytes().size()) == 0;
}

void compare(const std::string& name, const Tensor* expected, const Tensor& found, ResumeReport& report)
{
    ++report.tensors;
    if (expected == nullptr || !isSameTensor(*expected, found))
        report.different += QString::fromStdString(name);
}

Status againstLater(ResumeLook& look, const checkpoint::CheckpointReader& from,
                    const checkpoint::CheckpointReader& later, ResumeReport& report)
{
    look.setTotal(report.toStep - report.fromStep);
    WR_ASSIGN_OR_RETURN(const std::unique_ptr<TrainingRun> run, look.resumed(from));
    WR_RETURN_IF_ERROR(look.train(*run, report.toStep));
    if (run->step() != report.toStep)
        return failedPrecondition("the training of the script ends at step " + std::to_string(run->step()));
    WR_ASSIGN_OR_RETURN(const ModelSnapshot snapshot, run->snapshot());
    for (const NamedTensor& tensor : snapshot.tensors) {
        const std::ptrdiff_t index = later.find(tensor.name);
        if (index < 0) {
            compare(tensor.name, nullptr, tensor.tensor, report);
            continue;
        }
        WR_ASSIGN_OR_RETURN(const Tensor expected, later.read(static_cast<std::size_t>(index)));
        compare(tensor.name, &expected, tensor.tensor, report);
    }
    return {};
}

Status againstUnstopped(ResumeLook& look, const checkpoint::CheckpointReader& from, qint64 steps,
                        ResumeReport& report)
{
    look.setTotal(2 * steps);
    WR_ASSIGN_OR_RETURN(const std::unique_ptr<TrainingRun> unstopped, look.resumed(from));
    WR_RETURN_IF_ERROR(look.train(*unstopped, report.fromStep + steps));
    report.toStep = unstopped->step();
    if (report.toStep == report.fromStep)
        return failedPrecondition("the training of the script has ended at this step");
    const qint64 middle = report.fromStep + (report.toStep - report.fromStep) / 2;
    const QTemporaryDir folder;
    if (!folder.isValid())
        return unavailable("there is no place for a temporary file");
    const QString path = folder.filePath(QStringLiteral("stop.wrck"));
    {
        WR_ASSIGN_OR_RETURN(const std::unique_ptr<TrainingRun> first, look.resumed(from));
        WR_RETURN_IF_ERROR(look.train(*first, middle));
        if (const auto saved = first->save(folder.path(), path, checkpoint::Profile::Compact); !saved)
            return saved.error();
    }
    WR_ASSIGN_OR_RETURN(const Reader stopped, checkpoint::openCheckpoint(Vfs::posix(), encoded(path)));
    WR_ASSIGN_OR_RETURN(const std::unique_ptr<TrainingRun> second, look.resumed(*stopped));
    WR_RETURN_IF_ERROR(look.train(*second, report.toStep));
    WR_ASSIGN_OR_RETURN(const ModelSnapshot expected, unstopped->snapshot());
    WR_ASSIGN_OR_RETURN(const ModelSnapshot found, second->snapshot());
    for (std::size_t i = 0; i < found.tensors.size(); ++i) {
        const bool isThere = i < expected.tensors.size() && expected.tensors[i].name == found.tensors[i].name;
        compare(found.tensors[i].name, isThere ? &expected.tensors[i].tensor : nullptr,
                found.tensors[i].tensor, report);
    }
    return {};
}

} // namespace

ResumeReport checkResume(const ResumeRequest& request, const Progress& progress)
{
    ResumeReport report;
    const auto look = [&]() -> Status {
        WR_ASSIGN_OR_RETURN(Reader from, formats::openAnyCheckpoint(Vfs::posix(), encoded(request.path)));
        Reader later;
        if (!request.later.isEmpty()) {
            WR_ASSIGN_OR_RETURN(later, formats::openAnyCheckpoint(Vfs::posix(), encoded(request.later)));
        }
        report.fromStep = fromMetadata(from->metadata()).step;
        if (later) {
            report.toStep = fromMetadata(later->metadata()).step;
            if (report.toStep < report.fromStep) {
                std::swap(from, later);
                std::swap(report.fromStep, report.toStep);
            }
            if (report.toStep == report.fromStep)
                return invalidArgument("both checkpoints are of the same step");
            report.against = QFileInfo(QFile::decodeName(later->path().c_str())).fileName();
        }
        ResumeLook steps(request, progress);
        WR_RETURN_IF_ERROR(steps.readModel(*from));
        return later ? againstLater(steps, *from, *later, report)
                     : againstUnstopped(steps, *from, request.steps, report);
    };
    if (const Status status = look(); !status.isOk())
        report.problem = explain(tr("Whether “%1” is resumed with the same bits could not be seen.")
                                     .arg(QFileInfo(request.path).fileName()),
                                 status);
    if (!report.problem.isEmpty())
        report.problem.wayOut =
            tr("Choose a checkpoint that was saved while this program trained, and a later one of "
               "the same training if you like.");
    return report;
}

QString ResumeReport::toText() const
{
    const QString what =
        against.isEmpty()
            ? tr("a training that was stopped and resumed on the way and one that never stopped")
            : tr("a training resumed there and “%1”").arg(against);
    if (different.isEmpty())
        return tr("From step %1 to step %2, %3 agree in every bit of %4.")
            .arg(countText(fromStep), countText(toStep), what, countOf(tensors, tr("tensor"), tr("tensors")));
    constexpr qsizetype kNamed = 3;
    QString names = different.mid(0, kNamed).join(QStringLiteral(", "));
    if (different.size() > kNamed)
        names += QStringLiteral(", …");
    return tr("From step %1 to step %2, %3 differ in %4 of %5: %6")
        .arg(countText(fromStep), countText(toStep), what, countText(different.size()),
             countOf(tensors, tr("tensor"), tr("tensors")), names);
}

} // namespace wr::app
