// SPDX-License-Identifier: GPL-3.0-or-later
// weightroom-cli map suggest FROM TO, map check MAPPING FROM [TO], map apply MAPPING FROM OUT, rewrite FROM
// OUT
#include "app/cli/cli_project.h"
#include "app/cli/file_command.h"
#include "app/cli/mapping_file.h"
#include "app/document/quantity.h"
#include "app/library/checkpoint_file.h"
#include "app/library/old_names.h"
#include "engine/remap/recipe_source.h"
#include "engine/remap/rewrite.h"

#include <QFileInfo>
#include <map>
#include <set>

namespace wr::app {
namespace {

using remap::Confidence;

/// Names to be filled: of a checkpoint, or of the model of a project.
struct Side {
    std::shared_ptr<const CheckpointFile> file; ///< null for a project
    std::vector<remap::MatchTensor> tensors;
};

std::shared_ptr<const CheckpointFile> openFile(const QString& path, const Output& output)
{
    CheckpointFile::Opened opened = CheckpointFile::open(path);
    if (!opened.file)
        output.error(opened.problem);
    return opened.file;
}

std::optional<Side> openSide(const QString& path, const Output& output)
{
    Side side;
    if (QFileInfo(path).isDir() && QFileInfo(path + QStringLiteral("/model.wr")).exists()) {
        const std::optional<CliProject> project = loadProject(path, output);
        if (!project)
            return std::nullopt;
        for (const graph::Variable& variable : project->model->variables) {
            remap::MatchTensor tensor;
            tensor.spec = {variable.name, variable.dtype, variable.shape};
            tensor.aliases = oldNames(*project->model, variable);
            tensor.slotOf = variable.slotOf;
            side.tensors.push_back(std::move(tensor));
        }
        return side;
    }
    side.file = openFile(path, output);
    if (!side.file)
        return std::nullopt;
    side.tensors = remap::matchTensorsOf(side.file->reader());
    return side;
}

/// --heads and --kv-heads; false after printing which is no number.
bool readHeads(const Invocation& invocation, remap::HeadCounts& counts)
{
    for (const auto& [name, count] :
         {std::pair{"heads", &counts.heads}, std::pair{"kv-heads", &counts.keyHeads}}) {
        const QString option = QString::fromLatin1(name);
        if (!invocation.options.isSet(option))
            continue;
        bool isNumber = false;
        const qint64 value = invocation.options.value(option).toLongLong(&isNumber);
        if (!isNumber || value <= 0) {
            invocation.output.error(
                {QStringLiteral("“%1” does not suit --%2.").arg(invocation.options.value(option), option),
                 QStringLiteral("It must be a whole number above 0."),
                 {}});
            return false;
        }
        *count = value;
    }
    return true;
}

QString confidenceWord(Confidence confidence)
{
    return confidence == Confidence::Accepted ? QStringLiteral("accepted")
           : confidence == Confidence::Review ? QStringLiteral("review")
                                              : QStringLiteral("none");
}

void printMatches(const remap::MatchResult& result, const std::vector<TensorSpec>& sources,
                  const std::vector<TensorSpec>& targets, const Output& output)
{
    for (std::size_t i = 0; i < targets.size(); ++i) {
        const remap::Match& match = result.targets[i];
        QJsonObject object{{QStringLiteral("event"), QStringLiteral("target")},
                           {QStringLiteral("name"), QString::fromStdString(targets[i].name)},
                           {QStringLiteral("confidence"), confidenceWord(match.confidence)},
                           {QStringLiteral("question"), QString::fromStdString(match.question)}};
        if (!match.candidates.empty()) {
            const remap::MatchCandidate& first = match.candidates.front();
            object.insert(QStringLiteral("from"),
                          QString::fromStdString(sources[first.recipe.inputs.front().source].name));
            object.insert(QStringLiteral("how"), QString::fromStdString(first.recipe.text(sources)));
            object.insert(QStringLiteral("why"), QString::fromStdString(first.why));
        }
        output.object(object);
    }
    // A row for each template, and for what is certain and what is not.
    const remap::TemplateSet set = remap::TemplateSet::of(targets);
    QVector<QStringList> rows;
    for (std::size_t t = 0; t < set.templates().size(); ++t) {
        std::map<Confidence, std::vector<std::size_t>> groups;
        for (const std::uint32_t member : set.members(t))
            groups[result.targets[member].confidence].push_back(member);
        for (const auto& [confidence, members] : groups) {
            const remap::Match& match = result.targets[members.front()];
            QString from;
            QString why;
            if (!match.candidates.empty()) {
                const remap::Recipe& recipe = match.candidates.front().recipe;
                from = QString::fromStdString(sources[recipe.inputs.front().source].name);
                const QString how = QString::fromStdString(recipe.text(sources));
                if (!how.isEmpty())
                    from += QStringLiteral(" | ") + how;
                why = QString::fromStdString(confidence == Confidence::Review ? match.question
                                                                              : match.candidates.front().why);
            }
            rows.append({confidenceWord(confidence),
                         escapedName(QString::fromStdString(set.templates()[t].text())),
                         QString::number(members.size()), escapedName(from), escapedName(why)});
        }
    }
    output.table({QStringLiteral("confidence"), QStringLiteral("target"), QStringLiteral("count"),
                  QStringLiteral("from"), QStringLiteral("why")},
                 rows, {2});
}

std::vector<TensorSpec> specsOf(const std::vector<remap::MatchTensor>& tensors)
{
    std::vector<TensorSpec> specs;
    for (const remap::MatchTensor& tensor : tensors)
        specs.push_back(tensor.spec);
    return specs;
}

int suggest(const Invocation& invocation)
{
    const Output& output = invocation.output;
    const std::optional<Side> from = openSide(invocation.positional[1], output);
    const std::optional<Side> to = from ? openSide(invocation.positional[2], output) : std::nullopt;
    remap::MatchOptions options;
    if (!to || !readHeads(invocation, options.heads))
        return ExitUsage;
    options.useAverages = invocation.options.isSet(QStringLiteral("use-averages"));
    for (const Side* side : {&*from, &*to}) {
        if (side->file)
            remap::addHints(options, side->file->reader().metadata());
    }
    if (from->file)
        options.digestOfResult = [&](const remap::Recipe& recipe) {
            return remap::digestOfRecipe(from->file->reader(), recipe);
        };
    const remap::MatchResult result = remap::matchTensors(from->tensors, to->tensors, options);
    printMatches(result, specsOf(from->tensors), specsOf(to->tensors), output);
    for (const std::string& note : result.notes)
        output.line(QString::fromStdString(note));
    output.line(QStringLiteral("%1 accepted, %2 to be reviewed, %3 without a match, %4 tensors unused")
                    .arg(result.count(Confidence::Accepted))
                    .arg(result.count(Confidence::Review))
                    .arg(result.count(Confidence::None))
                    .arg(result.unused.size()));
    const remap::Mapping mapping = remap::mappingOf(result, from->tensors, to->tensors);
    QJsonObject done{{QStringLiteral("event"), QStringLiteral("done")},
                     {QStringLiteral("accepted"), static_cast<qint64>(result.count(Confidence::Accepted))},
                     {QStringLiteral("review"), static_cast<qint64>(result.count(Confidence::Review))},
                     {QStringLiteral("none"), static_cast<qint64>(result.count(Confidence::None))},
                     {QStringLiteral("unused"), static_cast<qint64>(result.unused.size())}};
    const QString path = invocation.options.value(QStringLiteral("output"));
    if (path.isEmpty()) {
        done.insert(QStringLiteral("mapping"), QString::fromStdString(mapping.text()));
    } else {
        if (QFileInfo::exists(path)) {
            output.error({QStringLiteral("“%1” was not written.").arg(path),
                          QStringLiteral("A file of this name exists."),
                          {}});
            return ExitUsage;
        }
        if (!saveMapping(path, mapping, output))
            return ExitFailed;
        output.line(QStringLiteral("mapping     %1 (%2 rules)").arg(path).arg(mapping.rules.size()));
        done.insert(QStringLiteral("file"), path);
    }
    output.object(done);
    return ExitDone;
}

int check(const Invocation& invocation)
{
    const Output& output = invocation.output;
    const std::optional<remap::Mapping> mapping = loadMapping(invocation.positional[1], output);
    const std::optional<Side> from = mapping ? openSide(invocation.positional[2], output) : std::nullopt;
    if (!from)
        return ExitUsage;
    std::optional<Side> to;
    if (invocation.positional.size() > 3) {
        to = openSide(invocation.positional[3], output);
        if (!to)
            return ExitUsage;
    }
    std::map<std::string, const TensorSpec*> wanted;
    if (to) {
        for (const remap::MatchTensor& tensor : to->tensors)
            wanted.emplace(tensor.spec.name, &tensor.spec);
    }
    const std::vector<TensorSpec> sources = specsOf(from->tensors);
    remap::Evaluation evaluation =
        remap::evaluate(*mapping, sources, [&wanted](const std::string& name) -> const Shape* {
            const auto found = wanted.find(name);
            return found == wanted.end() ? nullptr : &found->second->shape;
        });
    if (to) {
        for (std::size_t i = 0; i < evaluation.made.size(); ++i) {
            const TensorSpec& made = evaluation.made[i];
            const auto found = wanted.find(made.name);
            if (found != wanted.end() &&
                (found->second->shape != made.shape || found->second->dtype != made.dtype)) {
                remap::MappingProblem problem;
                if (evaluation.recipes[i].rule != remap::Recipe::kNoRule)
                    problem.rules.push_back(evaluation.recipes[i].rule);
                problem.tensor = made.name;
                problem.what = std::string(dtypeName(made.dtype)) + " " + made.shape.toString() +
                               " cannot fill " + std::string(dtypeName(found->second->dtype)) + " " +
                               found->second->shape.toString();
                evaluation.problems.push_back(std::move(problem));
            }
            if (found != wanted.end())
                wanted.erase(found);
        }
    }
    QVector<QStringList> rows;
    for (std::size_t rule = 0; rule < mapping->rules.size(); ++rule) {
        const QString text = QString::fromStdString(remap::textOf(mapping->rules[rule]));
        rows.append({QString::fromStdString(remap::placeOf(*mapping, rule)),
                     QString::number(evaluation.hits[rule]), escapedName(text)});
        output.object({{QStringLiteral("event"), QStringLiteral("rule")},
                       {QStringLiteral("place"), rows.last()[0]},
                       {QStringLiteral("hits"), static_cast<qint64>(evaluation.hits[rule])},
                       {QStringLiteral("rule"), text}});
    }
    output.table({QStringLiteral("place"), QStringLiteral("hits"), QStringLiteral("rule")}, rows, {1});
    printProblems(evaluation.problems, *mapping, output);
    bool rounds = false;
    const auto back = remap::inverseOf(evaluation, sources, &rounds);
    const QString undoing = !back    ? QStringLiteral("no: ") + QString::fromStdString(back.error().message())
                            : rounds ? QStringLiteral("nearly: values are rounded")
                                     : QStringLiteral("yes");
    output.line(QStringLiteral("%1 tensors made, %2 under their old names, %3 left out, %4 problems")
                    .arg(evaluation.recipes.size())
                    .arg(mapping->keepsOthers ? evaluation.others.size() : 0)
                    .arg(evaluation.dropped.size() + (mapping->keepsOthers ? 0 : evaluation.others.size()))
                    .arg(evaluation.problems.size()));
    if (to)
        output.line(
            QStringLiteral("%1 of %2 targets are not made").arg(wanted.size()).arg(to->tensors.size()));
    output.line(QStringLiteral("can be undone: %1").arg(undoing));
    output.object({{QStringLiteral("event"), QStringLiteral("done")},
                   {QStringLiteral("made"), static_cast<qint64>(evaluation.recipes.size())},
                   {QStringLiteral("problems"), static_cast<qint64>(evaluation.problems.size())},
                   {QStringLiteral("missing"), static_cast<qint64>(wanted.size())},
                   {QStringLiteral("undoing"), undoing}});
    return evaluation.problems.empty() ? ExitDone : ExitDifferent;
}

int writeMapped(const Invocation& invocation, const remap::Mapping& mapping, const CheckpointFile& file,
                const QString& target)
{
    const Output& output = invocation.output;
    const std::optional<checkpoint::Profile> profile = profileOption(invocation);
    const int threads = profile ? threadsOption(invocation) : 0;
    if (threads == 0)
        return ExitUsage;
    checkpoint::SaveOptions options;
    options.profile = *profile;
    options.threads = threads;
    const QString path = QFileInfo(target).absoluteFilePath();
    const Result<remap::RewriteReport> report =
        remap::rewriteMapped(Vfs::posix(), file.reader(), mapping, path.toStdString(), options,
                             commandProgress(output, QStringLiteral("writing")));
    if (!report) {
        output.clearStatus();
        if (report.error().code() == StatusCode::InvalidArgument) {
            output.error(explain(QStringLiteral("“%1” was not written.").arg(path), report.error()));
            return ExitUsage;
        }
        return failed(output, QStringLiteral("“%1” was not written.").arg(path), report.error());
    }
    output.clearStatus();
    output.line(QStringLiteral("checkpoint  %1 (%2, %3 tensors, %4 of them only renamed, %5 left out)")
                    .arg(path, byteText(static_cast<qint64>(report->save.fileBytes)))
                    .arg(report->tensors)
                    .arg(report->renamedOnly)
                    .arg(report->leftOut.size()));
    output.object({{QStringLiteral("event"), QStringLiteral("done")},
                   {QStringLiteral("checkpoint"), path},
                   {QStringLiteral("tensors"), static_cast<qint64>(report->tensors)},
                   {QStringLiteral("renamed_only"), static_cast<qint64>(report->renamedOnly)},
                   {QStringLiteral("left_out"), static_cast<qint64>(report->leftOut.size())}});
    return ExitDone;
}

} // namespace

int runMap(const Invocation& invocation)
{
    const QString& verb = invocation.positional[0];
    const qsizetype count = invocation.positional.size();
    if (verb == QLatin1String("suggest") && count == 3)
        return suggest(invocation);
    if (verb == QLatin1String("check"))
        return check(invocation);
    if (verb == QLatin1String("apply") && count == 4) {
        const std::optional<remap::Mapping> mapping =
            loadMapping(invocation.positional[1], invocation.output);
        const auto file = mapping ? openFile(invocation.positional[2], invocation.output) : nullptr;
        return file ? writeMapped(invocation, *mapping, *file, invocation.positional[3]) : ExitUsage;
    }
    invocation.output.error(
        {QStringLiteral("“map %1” was not understood.").arg(verb),
         QStringLiteral("There are: map suggest FROM TO, map check MAPPING FROM [TO], map apply "
                        "MAPPING FROM OUT."),
         QStringLiteral("Run “weightroom-cli map --help”.")});
    return ExitUsage;
}

int runRewrite(const Invocation& invocation)
{
    const Output& output = invocation.output;
    const QString path = invocation.options.value(QStringLiteral("map"));
    if (path.isEmpty()) {
        output.error(
            {QStringLiteral("There is nothing to rewrite by."),
             QStringLiteral("--map FILE.wrmap says how names become others."),
             QStringLiteral("“weightroom-cli map suggest” makes such a file; “convert” writes under the "
                            "same names.")});
        return ExitUsage;
    }
    std::optional<remap::Mapping> mapping = loadMapping(path, output);
    const auto file = mapping ? openFile(invocation.positional[0], output) : nullptr;
    if (!file)
        return ExitUsage;
    return writeMapped(invocation, *mapping, *file, invocation.positional[1]);
}

} // namespace wr::app
