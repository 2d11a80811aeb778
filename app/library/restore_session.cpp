// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/library/restore_session.h"

#include "app/document/quantity.h"
#include "app/library/old_names.h"
#include "engine/graph/model.h"
#include "engine/remap/match.h"
#include "engine/remap/restore_plan.h"

#include <QFileInfo>
#include <algorithm>
#include <iterator>
#include <string_view>
#include <unordered_map>

namespace wr::app {
namespace {

VariableFate fateOf(remap::Fate fate)
{
    switch (fate) {
    case remap::Fate::Restore:
        return VariableFate::Restore;
    case remap::Fate::Keep:
        return VariableFate::Keep;
    case remap::Fate::Initialize:
        return VariableFate::Initialize;
    case remap::Fate::Unresolved:
        return VariableFate::Unresolved;
    }
    return VariableFate::Unresolved;
}

remap::Fate fateOf(VariableFate fate)
{
    switch (fate) {
    case VariableFate::Restore:
        return remap::Fate::Restore;
    case VariableFate::Keep:
        return remap::Fate::Keep;
    case VariableFate::Initialize:
        return remap::Fate::Initialize;
    case VariableFate::Unresolved:
        return remap::Fate::Unresolved;
    }
    return remap::Fate::Unresolved;
}

/// The last part of a scoped name: "layer1/weights" -> "weights".
std::string_view leafOf(std::string_view name)
{
    const std::size_t slash = name.find_last_of("/.");
    return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

/// `text` as one word of a POSIX shell.
QString shellWord(const QString& text)
{
    QString escaped = text;
    escaped.replace(QLatin1Char('\''), QLatin1String("'\\''"));
    return QLatin1Char('\'') + escaped + QLatin1Char('\'');
}

} // namespace

struct RestoreSession::Private {
    std::shared_ptr<const CheckpointFile> file;
    std::shared_ptr<const graph::Model> model;
    std::vector<remap::RestorePlan> past; ///< past.back() is the present
    std::vector<remap::RestorePlan> future;
    QVector<RestoreSource> sources; ///< the same ones all the time; only their use changes
    std::unordered_map<std::string, int> rowOfSource;
    QVector<RestoreTarget> targets;

    const remap::RestorePlan& plan() const { return past.back(); }
    void refresh();
    Explanation change(RestoreSession* session, const QString& what,
                       const std::function<Status(remap::RestorePlan&)>& apply);
};

void RestoreSession::Private::refresh()
{
    if (sources.isEmpty()) {
        for (const TensorSpec& spec : plan().sources()) {
            rowOfSource.emplace(spec.name, static_cast<int>(sources.size()));
            sources.append({QString::fromStdString(spec.name), shapeText(spec.shape),
                            QString::fromStdString(std::string(dtypeName(spec.dtype))), true});
        }
    }
    for (RestoreSource& source : sources)
        source.used = true;
    for (const std::size_t unused : plan().unusedSources())
        sources[static_cast<int>(unused)].used = false;
    targets.clear();
    for (const remap::PlanTarget& target : plan().targets()) {
        const graph::Variable* variable = model->findVariable(target.spec.name);
        const auto row = rowOfSource.find(target.source);
        targets.append({QString::fromStdString(target.spec.name), shapeText(target.spec.shape),
                        QString::fromStdString(std::string(dtypeName(target.spec.dtype))),
                        fateOf(target.fate), QString::fromStdString(target.source),
                        row == rowOfSource.end() ? -1 : row->second, QString::fromStdString(target.problem),
                        target.holdsValue, variable != nullptr && !variable->slotOf.empty(),
                        QString::fromStdString(target.reason)});
    }
}

Explanation RestoreSession::Private::change(RestoreSession* session, const QString& what,
                                            const std::function<Status(remap::RestorePlan&)>& apply)
{
    remap::RestorePlan next = plan();
    if (const Status status = apply(next); !status.isOk())
        return explain(what, status);
    past.push_back(std::move(next));
    future.clear();
    refresh();
    emit session->changed();
    return {};
}

RestoreSession::RestoreSession(std::shared_ptr<const CheckpointFile> file,
                               std::shared_ptr<const graph::Model> model,
                               const QHash<QString, VariableLife>& lives, QObject* parent)
    : QObject(parent), d(std::make_unique<Private>())
{
    d->file = std::move(file);
    d->model = std::move(model);
    std::vector<TensorSpec> sources;
    for (const checkpoint::TensorEntry& entry : d->file->reader().tensors())
        sources.push_back(entry.spec);
    std::vector<remap::PlanTarget> targets;
    for (const graph::Variable& variable : d->model->variables) {
        remap::PlanTarget target;
        target.spec = {variable.name, variable.dtype, variable.shape};
        const VariableLife life =
            lives.value(QString::fromStdString(variable.name), VariableLife::Uninitialized);
        target.aliases = oldNames(*d->model, variable);
        target.slotOf = variable.slotOf;
        target.holdsValue = life != VariableLife::Uninitialized;
        targets.push_back(std::move(target));
    }
    d->past.emplace_back(std::move(sources), std::move(targets));
    d->refresh();
}

RestoreSession::~RestoreSession() = default;

std::shared_ptr<const CheckpointFile> RestoreSession::file() const
{
    return d->file;
}

const QVector<RestoreSource>& RestoreSession::sources() const
{
    return d->sources;
}

const QVector<RestoreTarget>& RestoreSession::targets() const
{
    return d->targets;
}

QString RestoreSession::obstacle(int source, int target) const
{
    return QString::fromStdString(
        d->plan().obstacle(static_cast<std::size_t>(source), static_cast<std::size_t>(target)));
}

Explanation RestoreSession::link(const QVector<std::pair<int, int>>& pairs)
{
    if (pairs.isEmpty())
        return {};
    return d->change(this, tr("Nothing was linked."), [&](remap::RestorePlan& plan) -> Status {
        for (const auto& [source, target] : pairs) {
            const Status status =
                plan.link(static_cast<std::size_t>(source), static_cast<std::size_t>(target));
            if (!status.isOk())
                return status.withContext(plan.sources()[static_cast<std::size_t>(source)].name + " → " +
                                          plan.targets()[static_cast<std::size_t>(target)].spec.name);
        }
        return {};
    });
}

Explanation RestoreSession::setFate(const QVector<int>& targets, VariableFate fate)
{
    if (targets.isEmpty())
        return {};
    return d->change(this, tr("No fate was changed."), [&](remap::RestorePlan& plan) -> Status {
        for (const int target : targets)
            WR_RETURN_IF_ERROR(plan.setFate(static_cast<std::size_t>(target), fateOf(fate)));
        return {};
    });
}

std::function<RestoreSession::NameMatch()> RestoreSession::matcher() const
{
    std::vector<remap::MatchTensor> targets;
    for (const remap::PlanTarget& target : d->plan().targets()) {
        remap::MatchTensor tensor;
        tensor.spec = target.spec;
        tensor.aliases = target.aliases;
        tensor.slotOf = target.slotOf;
        targets.push_back(std::move(tensor));
    }
    return [file = d->file, targets = std::move(targets)]() -> NameMatch {
        remap::MatchOptions options;
        remap::addHints(options, file->reader().metadata());
        return std::make_shared<const remap::MatchResult>(
            remap::matchTensors(remap::matchTensorsOf(file->reader()), targets, options));
    };
}

RestoreSession::MatchReport RestoreSession::take(const NameMatch& match)
{
    remap::RestorePlan next = d->plan();
    if (match->targets.size() != next.targets().size())
        return {};
    next.applyMatch(*match);
    MatchReport report;
    bool isOther = false;
    for (std::size_t i = 0; i < next.targets().size(); ++i) {
        const remap::PlanTarget& before = d->plan().targets()[i];
        const remap::PlanTarget& after = next.targets()[i];
        isOther = isOther || before.fate != after.fate || before.problem != after.problem;
        report.linked += before.fate != remap::Fate::Restore && after.fate == remap::Fate::Restore ? 1 : 0;
        report.asked += after.fate == remap::Fate::Unresolved ? 1 : 0;
    }
    if (isOther) {
        d->past.push_back(std::move(next));
        d->future.clear();
        d->refresh();
        emit changed();
    }
    return report;
}

int RestoreSession::linkByShape()
{
    remap::RestorePlan next = d->plan();
    std::unordered_map<std::string_view, std::vector<std::size_t>> unusedByLeaf;
    for (const std::size_t source : next.unusedSources())
        unusedByLeaf[leafOf(next.sources()[source].name)].push_back(source);
    int linked = 0;
    for (std::size_t target = 0; target < next.targets().size(); ++target) {
        if (next.targets()[target].fate == remap::Fate::Restore)
            continue;
        const auto unused = unusedByLeaf.find(leafOf(next.targets()[target].spec.name));
        if (unused == unusedByLeaf.end())
            continue;
        std::vector<std::size_t> fitting;
        std::copy_if(unused->second.begin(), unused->second.end(), std::back_inserter(fitting),
                     [&](std::size_t source) { return next.obstacle(source, target).empty(); });
        if (fitting.size() != 1 || !next.link(fitting.front(), target).isOk())
            continue;
        std::erase(unused->second, fitting.front());
        ++linked;
    }
    if (linked > 0) {
        d->past.push_back(std::move(next));
        d->future.clear();
        d->refresh();
        emit changed();
    }
    return linked;
}

void RestoreSession::undo()
{
    if (!canUndo())
        return;
    d->future.push_back(std::move(d->past.back()));
    d->past.pop_back();
    d->refresh();
    emit changed();
}

void RestoreSession::redo()
{
    if (!canRedo())
        return;
    d->past.push_back(std::move(d->future.back()));
    d->future.pop_back();
    d->refresh();
    emit changed();
}

bool RestoreSession::canUndo() const
{
    return d->past.size() > 1;
}

bool RestoreSession::canRedo() const
{
    return !d->future.empty();
}

RestoreSession::Counts RestoreSession::counts() const
{
    const remap::RestorePlan::Counts counts = d->plan().counts();
    return {static_cast<int>(counts.restore), static_cast<int>(counts.keep),
            static_cast<int>(counts.initialize), static_cast<int>(counts.unresolved),
            static_cast<int>(counts.unused)};
}

QString RestoreSession::asCommand(const QString& projectDirectory) const
{
    QStringList words{QStringLiteral("weightroom-cli"), QStringLiteral("restore"),
                      shellWord(projectDirectory), shellWord(d->file->path())};
    for (const auto& [source, target] : d->plan().assignments()) {
        if (source != target)
            words << QStringLiteral("--map")
                  << shellWord(QString::fromStdString(source) + QLatin1Char('=') +
                               QString::fromStdString(target));
    }
    const std::vector<remap::PlanTarget>& planned = d->plan().targets();
    // What is transposed, cut or joined on the way is not said by two names.
    if (std::any_of(planned.begin(), planned.end(), [](const remap::PlanTarget& target) {
            return target.fate == remap::Fate::Restore && !target.recipe.isCopy();
        }))
        words << QStringLiteral("--match");
    for (const RestoreTarget& target : d->targets) {
        if (target.fate == VariableFate::Initialize)
            words << QStringLiteral("--initialize") << shellWord(target.name);
    }
    return words.join(QLatin1Char(' '));
}

const remap::RestorePlan& RestoreSession::plan() const
{
    return d->plan();
}

} // namespace wr::app
