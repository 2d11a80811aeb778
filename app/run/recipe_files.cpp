// SPDX-License-Identifier: GPL-3.0-or-later
// A recipe's saves and restores: the paths that a script names, and the saver's names for its variables.
#include "app/library/checkpoint_keeping.h"
#include "app/run/recipe_actions.h"

#include "app/document/quantity.h"
#include "engine/formats/open.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <algorithm>

namespace wr::app {
namespace {

constexpr const char* kExtensions[] = {".wrck", ".safetensors.zst", ".safetensors"};

std::string encoded(const QString& path)
{
    return QFile::encodeName(path).toStdString();
}

bool hasExtension(const QString& name)
{
    return std::any_of(std::begin(kExtensions), std::end(kExtensions),
                       [&](const char* extension) { return name.endsWith(QLatin1String(extension)); });
}

/// The last part of a script's path, as a file name that cannot lead elsewhere.
QString safeName(const std::string& path)
{
    constexpr qsizetype kLongest = 120;
    QString name = QFileInfo(QString::fromStdString(path)).fileName().left(kLongest);
    for (QChar& c : name) {
        if (c.category() == QChar::Other_Control || c == QLatin1Char('/') || c == QLatin1Char('\\'))
            c = QLatin1Char('_');
    }
    const bool isNoName = name.isEmpty() || name == QLatin1String(".") || name == QLatin1String("..");
    return isNoName ? QStringLiteral("model.ckpt") : name;
}

/// The script's own folder, when it is to be used and there.
QString ownFolder(const std::string& path, const RecipePlace& place)
{
    const QFileInfo info(QString::fromStdString(path));
    return place.usesOwnFolders && info.isAbsolute() && info.dir().exists() ? info.absolutePath() : QString();
}

QString folderOf(const std::string& path, const RecipePlace& place)
{
    const QString own = ownFolder(path, place);
    return own.isEmpty() ? place.checkpointDirectory : own;
}

/// Newest checkpoint of a folder; empty when there is none.
QString newestIn(const QString& folder)
{
    const QFileInfoList files = QDir(folder).entryInfoList(
        {QStringLiteral("*.wrck"), QStringLiteral("*.safetensors.zst")}, QDir::Files, QDir::Time);
    return files.isEmpty() ? QString() : files.first().absoluteFilePath();
}

/// The file that a restore means; empty when there is none.
QString existingFile(const graph::RecipeAction& action, const RecipePlace& place)
{
    if (!action.path.empty() && action.path.back() == '/')
        return newestIn(folderOf(action.path, place));
    const QDir folder(folderOf(action.path, place));
    const QString name = safeName(action.path);
    QStringList candidates;
    for (const char* extension : kExtensions)
        candidates += folder.filePath(name + QLatin1String(extension));
    candidates += folder.filePath(name);
    // A file is only read, so the script's own path is tried as well.
    if (QFileInfo(QString::fromStdString(action.path)).isAbsolute()) {
        const QString own = QString::fromStdString(action.path);
        for (const char* extension : kExtensions)
            candidates += own + QLatin1String(extension);
        candidates += own;
    }
    for (const QString& candidate : candidates) {
        if (QFileInfo(candidate).isFile())
            return candidate;
    }
    return {};
}

/// Stored name and variable of everything that a saver handles.
std::vector<std::pair<std::string, std::string>> entriesOf(const graph::Model& model,
                                                           const graph::SaverInfo& saver)
{
    std::vector<std::pair<std::string, std::string>> entries(saver.entries.begin(), saver.entries.end());
    if (saver.all && entries.empty()) {
        for (const graph::Variable& variable : model.variables)
            entries.emplace_back(variable.name, variable.name);
    }
    return entries;
}

void append(std::string& list, const std::string& item)
{
    list += (list.empty() ? "" : ", ") + item;
}

} // namespace

QVector<SaverChoice> saverChoices(const graph::Model& model)
{
    QVector<SaverChoice> choices;
    for (const graph::SaverInfo& saver : model.savers) {
        const auto entries = entriesOf(model, saver);
        QString words = saver.all ? QStringLiteral("all variables")
                                  : countOf(static_cast<qint64>(entries.size()), QStringLiteral("variable"),
                                            QStringLiteral("variables"));
        if (!saver.all) {
            constexpr std::size_t kNamed = 2;
            QStringList names;
            for (std::size_t i = 0; i < std::min(kNamed, entries.size()); ++i)
                names += QString::fromStdString(entries[i].first);
            if (entries.size() > kNamed)
                names += QStringLiteral("…");
            if (!names.isEmpty())
                words += QStringLiteral(" (%1)").arg(names.join(QStringLiteral(", ")));
        }
        words += saver.maxToKeep > 0 ? QStringLiteral(", keeps the newest %1").arg(saver.maxToKeep)
                                     : QStringLiteral(", keeps all");
        if (saver.keepBest > 0 && saver.maxToKeep > 0)
            words += QStringLiteral(" and the best %1").arg(saver.keepBest);
        choices += {QString::fromStdString(saver.name), words, entries.empty()};
    }
    return choices;
}

Result<RecipeSave> prepareSave(TrainingRun& run, const graph::RecipeAction& action, const RecipePlace& place)
{
    if (!run.hasSession())
        return fail(run.trainingObstacle());
    const graph::Model& model = *run.model();
    const graph::SaverInfo& saver = model.savers[action.saver];
    const auto entries = entriesOf(model, saver);
    RecipeSave save;
    if (entries.empty())
        return save;
    std::string missing;
    const std::vector<std::string> empty = run.uninitializedVariables();
    for (const auto& [stored, variable] : entries) {
        if (std::find(empty.begin(), empty.end(), variable) != empty.end())
            append(missing, variable);
    }
    for (const graph::NodeId step : action.nodes) {
        const std::string& name = model.graph.node(step).name;
        if (missing.empty() && std::find(empty.begin(), empty.end(), name) != empty.end())
            append(missing, name);
    }
    if (!missing.empty())
        return fail(failedPrecondition("Attempting to use uninitialized value " + missing));
    std::int64_t step = action.step;
    if (!action.nodes.empty()) {
        WR_ASSIGN_OR_RETURN(const std::vector<Tensor> value, run.session().evaluate(action.nodes, {}));
        step = value.front().elementCount() > 0 ? static_cast<std::int64_t>(value.front().valueAt(0)) : 0;
    }
    WR_ASSIGN_OR_RETURN(save.snapshot, run.snapshot());
    std::map<std::string, Tensor> values;
    for (NamedTensor& tensor : save.snapshot.tensors)
        values[tensor.name] = std::move(tensor.tensor);
    save.snapshot.tensors.clear();
    for (const auto& [stored, variable] : entries) {
        if (const auto found = values.find(variable); found != values.end())
            save.snapshot.tensors.push_back({stored, std::move(found->second)});
    }

    QString name = safeName(action.path);
    const bool isNamed = hasExtension(name);
    if (step >= 0) {
        constexpr int kPadded = 8;
        const QString digits = QString::number(step);
        name += QLatin1Char('-') +
                (saver.padStepNumber ? digits.rightJustified(kPadded, QLatin1Char('0')) : digits);
    }
    if (!isNamed || step >= 0)
        name += QLatin1String(place.profile != checkpoint::Profile::Plain ? kExtensions[0] : kExtensions[1]);
    save.path = QDir(folderOf(action.path, place)).filePath(name);
    save.keeper = keeperOf(saver);
    save.policy = policyOf(model, saver);
    save.snapshot.metadata[kKeeperKey] = save.keeper;
    return save;
}

Result<RecipeRestore> readRestore(const graph::Model& model, const graph::RecipeAction& action,
                                  const RecipePlace& place, const Progress& progress)
{
    const graph::SaverInfo& saver = model.savers[action.saver];
    const auto entries = entriesOf(model, saver);
    RecipeRestore restore;
    if (entries.empty())
        return restore;
    const QString path = existingFile(action, place);
    if (path.isEmpty()) {
        const std::string folder = QDir(folderOf(action.path, place)).absolutePath().toStdString();
        return fail(notFound("the passed save_path is not a valid checkpoint: " + action.path +
                             "; no such file was found in " + folder));
    }
    WR_ASSIGN_OR_RETURN(restore.reader, formats::openAnyCheckpoint(Vfs::posix(), encoded(path)));
    std::vector<TensorSpec> sources;
    for (const checkpoint::TensorEntry& entry : restore.reader->tensors())
        sources.push_back(entry.spec);
    std::string missing;
    std::string misfits;
    std::vector<remap::PlanTarget> targets;
    std::vector<std::pair<std::string, std::string>> mapping;
    for (const auto& [stored, name] : entries) {
        const graph::Variable* variable = model.findVariable(name);
        if (variable == nullptr)
            continue;
        std::string key = stored;
        for (const graph::Alias& alias : model.aliases) {
            if (restore.reader->find(key) < 0 && alias.name == stored &&
                restore.reader->find(alias.oldName) >= 0)
                key = alias.oldName;
        }
        const std::ptrdiff_t found = restore.reader->find(key);
        if (found < 0) {
            append(missing, stored);
            continue;
        }
        const TensorSpec& source = sources[static_cast<std::size_t>(found)];
        if (source.dtype != variable->dtype)
            append(misfits, "tensor " + key + " is " + std::string(dtypeName(source.dtype)) + ", not " +
                                std::string(dtypeName(variable->dtype)));
        else if (source.shape != variable->shape)
            append(misfits, "tensor " + key + ": " + source.shape.toString() + " cannot fill " +
                                variable->shape.toString());
        targets.push_back(
            {{variable->name, variable->dtype, variable->shape}, false, remap::Fate::Unresolved, {}, {}});
        mapping.emplace_back(key, name);
    }
    if (!missing.empty())
        return fail(notFound("Key " + missing + " not found in checkpoint " + encoded(path)));
    if (!misfits.empty())
        return fail(invalidArgument(misfits));
    restore.plan.emplace(std::move(sources), std::move(targets));
    WR_RETURN_IF_ERROR(restore.plan->applyMapping(mapping));
    WR_ASSIGN_OR_RETURN(restore.values, remap::readPlan(*restore.reader, *restore.plan, progress));
    return restore;
}

} // namespace wr::app
