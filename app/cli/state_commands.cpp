// SPDX-License-Identifier: GPL-3.0-or-later
// weightroom-cli init, save and restore: what happens to variables without training.
#include "app/cli/cli_project.h"
#include "app/cli/mapping_file.h"
#include "app/document/quantity.h"
#include "app/library/checkpoint_file.h"
#include "app/library/old_names.h"
#include "engine/remap/restore_plan.h"
#include "engine/remap/slot_name.h"

#include <QFileInfo>
#include <QJsonArray>
#include <map>

namespace wr::app {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

bool isMappingFile(const QString& value)
{
    return value.endsWith(QLatin1String(".wrmap"));
}

/// "STORED=VARIABLE" options; none after printing which is malformed.
std::optional<Pairs> readPairs(const Invocation& invocation, const QString& option)
{
    Pairs pairs;
    const QStringList values = invocation.options.values(option);
    for (const QString& value : values) {
        if (isMappingFile(value))
            continue;
        const qsizetype equals = value.indexOf(QLatin1Char('='));
        if (equals < 1 || equals + 1 == value.size()) {
            invocation.output.error({QStringLiteral("“%1” does not suit --%2.").arg(value, option),
                                     QStringLiteral("It must read STORED=VARIABLE."),
                                     {}});
            return std::nullopt;
        }
        pairs.emplace_back(value.left(equals).toStdString(), value.mid(equals + 1).toStdString());
    }
    return pairs;
}

std::vector<TensorSpec> specsOf(const CheckpointFile& file)
{
    std::vector<TensorSpec> specs;
    for (const checkpoint::TensorEntry& entry : file.reader().tensors())
        specs.push_back(entry.spec);
    return specs;
}

std::vector<remap::PlanTarget> targetsOf(const graph::Model& model)
{
    std::vector<remap::PlanTarget> targets;
    for (const graph::Variable& variable : model.variables) {
        remap::PlanTarget target;
        target.spec = {variable.name, variable.dtype, variable.shape};
        target.aliases = oldNames(model, variable);
        target.slotOf = variable.slotOf;
        targets.push_back(std::move(target));
    }
    return targets;
}

QString fateWord(remap::Fate fate)
{
    switch (fate) {
    case remap::Fate::Restore:
        return QStringLiteral("restore");
    case remap::Fate::Keep:
        return QStringLiteral("keep");
    case remap::Fate::Initialize:
        return QStringLiteral("initialise");
    case remap::Fate::Unresolved:
        break;
    }
    return QStringLiteral("unresolved");
}

void printPlan(const remap::RestorePlan& plan, const Output& output)
{
    QVector<QStringList> rows;
    for (const remap::PlanTarget& target : plan.targets()) {
        QString from = QString::fromStdString(target.source.empty() ? target.problem : target.source);
        if (target.fate == remap::Fate::Restore && !target.recipe.isCopy())
            from += QStringLiteral(" | ") + QString::fromStdString(target.recipe.text(plan.sources()));
        if (!target.reason.empty())
            from += QStringLiteral(" (%1)").arg(QString::fromStdString(target.reason));
        rows.append({fateWord(target.fate), QString::fromStdString(target.spec.name),
                     bracketText(target.spec.shape), escapedName(from)});
        output.object({{QStringLiteral("event"), QStringLiteral("target")},
                       {QStringLiteral("name"), QString::fromStdString(target.spec.name)},
                       {QStringLiteral("fate"), fateWord(target.fate)},
                       {QStringLiteral("from"), QString::fromStdString(target.source)},
                       {QStringLiteral("problem"), QString::fromStdString(target.problem)}});
    }
    output.table(
        {QStringLiteral("fate"), QStringLiteral("variable"), QStringLiteral("shape"), QStringLiteral("from")},
        rows, {});
    const remap::RestorePlan::Counts counts = plan.counts();
    output.line(
        QStringLiteral("%1 restored, %2 initialised, %3 unresolved, %4 tensors of the checkpoint unused")
            .arg(counts.restore)
            .arg(counts.initialize)
            .arg(counts.unresolved)
            .arg(counts.unused));
}

/// Links what the matcher is certain of.
void matchRest(remap::RestorePlan& plan, const CheckpointFile& file, const Invocation& invocation)
{
    remap::MatchOptions options;
    for (const auto& [name, count] :
         {std::pair{"heads", &options.heads.heads}, std::pair{"kv-heads", &options.heads.keyHeads}}) {
        if (const qint64 value = invocation.options.value(QString::fromLatin1(name)).toLongLong(); value > 0)
            *count = value;
    }
    remap::addHints(options, file.reader().metadata());
    std::vector<remap::MatchTensor> targets;
    for (const remap::PlanTarget& target : plan.targets()) {
        remap::MatchTensor tensor;
        tensor.spec = target.spec;
        tensor.aliases = target.aliases;
        tensor.slotOf = target.slotOf;
        targets.push_back(std::move(tensor));
    }
    plan.applyMatch(remap::matchTensors(remap::matchTensorsOf(file.reader()), targets, options));
}

/// Where a weight has a moving average of its own, that is restored instead.
void takeAverages(remap::RestorePlan& plan)
{
    std::map<std::string, std::size_t> sources;
    for (std::size_t i = 0; i < plan.sources().size(); ++i)
        sources.emplace(plan.sources()[i].name, i);
    for (std::size_t i = 0; i < plan.targets().size(); ++i) {
        const remap::PlanTarget& target = plan.targets()[i];
        if (target.fate != remap::Fate::Restore || !target.slotOf.empty() || !target.recipe.isCopy())
            continue;
        for (const std::string& suffix : remap::slotSuffixes(remap::SlotRole::Average)) {
            const auto average = sources.find(target.source + suffix);
            if (average != sources.end()) {
                // One of another shape is no average of it, and is left.
                const Status status = plan.link(remap::Recipe::copyOf(average->second, {}), i,
                                                "moving average of " + target.source);
                static_cast<void>(status.isOk());
                break;
            }
        }
    }
}

/// Rules of the mappings that --map names; false after printing what is wrong with them.
bool applyMappingFiles(remap::RestorePlan& plan, const Invocation& invocation)
{
    const QStringList values = invocation.options.values(QStringLiteral("map"));
    for (const QString& value : values) {
        if (!isMappingFile(value))
            continue;
        const std::optional<remap::Mapping> mapping = loadMapping(value, invocation.output);
        if (!mapping)
            return false;
        const std::vector<remap::MappingProblem> problems = plan.applyMapping(*mapping);
        printProblems(problems, *mapping, invocation.output);
    }
    return true;
}

/// The plan that the options --map, --match and --initialize describe; none after printing what is wrong.
std::optional<remap::RestorePlan> makePlan(const CheckpointFile& file, const graph::Model& model,
                                           const Invocation& invocation)
{
    const std::optional<Pairs> mapping = readPairs(invocation, QStringLiteral("map"));
    if (!mapping)
        return std::nullopt;
    remap::RestorePlan plan(specsOf(file), targetsOf(model));
    Status status = plan.applyMapping(*mapping);
    if (!applyMappingFiles(plan, invocation))
        return std::nullopt;
    if (invocation.options.isSet(QStringLiteral("match")))
        matchRest(plan, file, invocation);
    plan.followSlots();
    if (invocation.options.isSet(QStringLiteral("use-averages")))
        takeAverages(plan);
    const QStringList fresh = invocation.options.values(QStringLiteral("initialize"));
    for (const QString& name : fresh) {
        const std::string wanted = name.toStdString();
        std::size_t index = 0;
        while (index < plan.targets().size() && plan.targets()[index].spec.name != wanted)
            ++index;
        if (status.isOk())
            status = index < plan.targets().size() ? plan.setFate(index, remap::Fate::Initialize)
                                                   : notFound("the model has no variable \"" + wanted + "\"");
    }
    if (!status.isOk()) {
        invocation.output.error(explain(QStringLiteral("The restore could not be planned."), status));
        return std::nullopt;
    }
    return plan;
}

} // namespace

int runInit(const Invocation& invocation)
{
    const std::optional<checkpoint::Profile> profile = profileOption(invocation);
    if (!profile)
        return ExitUsage;
    if (!outputIsFree(invocation))
        return ExitFailed;
    const std::optional<CliProject> project = loadProject(invocation.positional[0], invocation.output);
    if (!project)
        return ExitUsage;
    const std::unique_ptr<TrainingRun> run = makeRun(*project, invocation);
    if (!run)
        return ExitFailed;
    if (const Status status = run->initializeAll(); !status.isOk()) {
        invocation.output.error(explain(QStringLiteral("The variables could not be initialised."), status));
        return ExitFailed;
    }
    invocation.output.line(QStringLiteral("initialised %1 variables").arg(project->model->variables.size()));
    return saveRun(*project, *run, invocation, *profile) ? ExitDone : ExitFailed;
}

int runRestore(const Invocation& invocation)
{
    const Output& output = invocation.output;
    const std::optional<checkpoint::Profile> profile = profileOption(invocation);
    if (!profile)
        return ExitUsage;
    const std::optional<CliProject> project = loadProject(invocation.positional[0], output);
    if (!project)
        return ExitUsage;
    const CheckpointFile::Opened opened = CheckpointFile::open(invocation.positional[1]);
    if (!opened.file) {
        output.error(opened.problem);
        return ExitUsage;
    }
    const std::optional<remap::RestorePlan> plan = makePlan(*opened.file, *project->model, invocation);
    if (!plan)
        return ExitUsage;
    printPlan(*plan, output);
    const remap::RestorePlan::Counts counts = plan->counts();
    QJsonObject done{{QStringLiteral("event"), QStringLiteral("done")},
                     {QStringLiteral("restored"), static_cast<qint64>(counts.restore)},
                     {QStringLiteral("initialized"), static_cast<qint64>(counts.initialize)},
                     {QStringLiteral("unresolved"), static_cast<qint64>(counts.unresolved)},
                     {QStringLiteral("unused"), static_cast<qint64>(counts.unused)}};
    if (invocation.options.isSet(QStringLiteral("dry-run"))) {
        done.insert(QStringLiteral("dry_run"), true);
        output.object(done);
        return ExitDone;
    }
    if (counts.unresolved > 0) {
        QStringList groups;
        for (const remap::PlanProblem& problem : plan->problems())
            groups += QStringLiteral("%1 ×%2: %3")
                          .arg(escapedName(QString::fromStdString(problem.names)))
                          .arg(problem.count)
                          .arg(escapedName(QString::fromStdString(problem.what)));
        output.error(
            {QStringLiteral("Nothing was restored."),
             QStringLiteral("%1 variables are unresolved:\n%2")
                 .arg(counts.unresolved)
                 .arg(groups.join(QLatin1Char('\n'))),
             QStringLiteral("Name a tensor for each with --map STORED=VARIABLE, or initialise it with "
                            "--initialize VARIABLE.")});
        return ExitUsage;
    }
    if (!outputIsFree(invocation))
        return ExitFailed;
    const std::unique_ptr<TrainingRun> run = makeRun(*project, invocation);
    if (!run)
        return ExitFailed;
    if (const auto report = run->restore(opened.file->reader(), *plan); !report) {
        output.error(explain(QStringLiteral("The checkpoint could not be restored."), report.error()));
        return ExitFailed;
    }
    const std::optional<checkpoint::SaveReport> saved = saveRun(*project, *run, invocation, *profile);
    if (!saved)
        return ExitFailed;
    done.insert(QStringLiteral("checkpoint"), QString::fromStdString(saved->path));
    output.object(done);
    return ExitDone;
}

int runSave(const Invocation& invocation)
{
    const Output& output = invocation.output;
    const std::optional<checkpoint::Profile> profile = profileOption(invocation);
    std::optional<Pairs> entries = readPairs(invocation, QStringLiteral("as"));
    if (!profile || !entries)
        return ExitUsage;
    const std::optional<CliProject> project = loadProject(invocation.positional[0], output);
    if (!project)
        return ExitUsage;
    const CheckpointFile::Opened opened = CheckpointFile::open(invocation.positional[1]);
    if (!opened.file) {
        output.error(opened.problem);
        return ExitUsage;
    }
    if (entries->empty()) {
        const QString wanted = invocation.options.value(QStringLiteral("saver"));
        const graph::SaverInfo* saver = nullptr;
        for (const graph::SaverInfo& candidate : project->model->savers) {
            if (saver == nullptr && (wanted.isEmpty() || wanted.toStdString() == candidate.name))
                saver = &candidate;
        }
        if (saver == nullptr && !wanted.isEmpty()) {
            output.error({QStringLiteral("The script has no saver “%1”.").arg(wanted),
                          QStringLiteral("It defines %1 savers.").arg(project->model->savers.size()),
                          {}});
            return ExitUsage;
        }
        if (saver != nullptr && !saver->all) {
            entries->assign(saver->entries.begin(), saver->entries.end());
        } else {
            for (const graph::Variable& variable : project->model->variables)
                entries->emplace_back(variable.name, variable.name);
        }
    }
    std::vector<NamedTensor> tensors;
    for (const auto& [stored, variable] : *entries) {
        const std::ptrdiff_t index = opened.file->reader().find(variable);
        Result<Tensor> tensor =
            index < 0
                ? Result<Tensor>(fail(StatusCode::NotFound, "the checkpoint holds no \"" + variable + "\""))
                : opened.file->reader().read(static_cast<std::size_t>(index));
        if (!tensor) {
            output.error(explain(QStringLiteral("Nothing was saved."), tensor.error()));
            return index < 0 ? ExitUsage : ExitFailed;
        }
        tensors.push_back({stored, std::move(*tensor)});
    }
    checkpoint::SaveOptions options;
    options.profile = *profile;
    const QString target = QFileInfo(invocation.positional[2]).absoluteFilePath();
    const auto report = checkpoint::saveCheckpoint(Vfs::posix(), target.toStdString(), tensors,
                                                   opened.file->reader().metadata(), options);
    if (!report) {
        output.error(explain(QStringLiteral("“%1” could not be saved.").arg(target), report.error()));
        return ExitFailed;
    }
    output.line(QStringLiteral("checkpoint  %1 (%2, %3 tensors)")
                    .arg(target, byteText(static_cast<qint64>(report->fileBytes)))
                    .arg(tensors.size()));
    output.object({{QStringLiteral("event"), QStringLiteral("done")},
                   {QStringLiteral("checkpoint"), target},
                   {QStringLiteral("tensors"), static_cast<qint64>(tensors.size())}});
    return ExitDone;
}

} // namespace wr::app
