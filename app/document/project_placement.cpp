// SPDX-License-Identifier: GPL-3.0-or-later
// Edits of the project that say where variables are: pins of many at once, and rules; at once or by a job.
#include "app/document/project_state.h"
#include "app/document/quantity.h"

#include <algorithm>

namespace wr::app {
namespace {

std::vector<std::string> standardNames(const QStringList& names)
{
    std::vector<std::string> result;
    result.reserve(static_cast<std::size_t>(names.size()));
    for (const QString& name : names)
        result.push_back(name.toStdString());
    return result;
}

struct PlacementTexts {
    QString what;
    QString label;
    QString wayOut;
};

PlacementTexts textsFor(const QStringList& names, const QString& device)
{
    const bool isOne = names.size() == 1;
    const QString all =
        isOne ? names.first() : countOf(names.size(), Project::tr("variable"), Project::tr("variables"));
    if (device.isEmpty())
        return {isOne ? Project::tr("“%1” was not unpinned.").arg(all)
                      : Project::tr("The %1 were not unpinned.").arg(all),
                Project::tr("Unpin %1").arg(all),
                Project::tr("Change the rule or the script itself; nothing was changed.")};
    return {isOne ? Project::tr("“%1” was not placed on %2.").arg(all, device)
                  : Project::tr("The %1 were not placed on %2.").arg(all, device),
            Project::tr("Place %1 on %2").arg(all, device),
            Project::tr("Select all of them, or place them by a rule; nothing was changed.")};
}

} // namespace

Explanation Project::Private::finishPlacement(const PlacementEdit& request, PreparedEdit edit)
{
    const StatusCode code = edit.status.code();
    Explanation explanation = finishEdit(request.what, request.label, std::move(edit));
    if (code == StatusCode::FailedPrecondition && !request.wayOut.isEmpty())
        explanation.wayOut = request.wayOut;
    return explanation;
}

Explanation Project::Private::editPlacement(const PlacementEdit& request)
{
    q->parseNow();
    return finishPlacement(request, prepareEdit(*parsed, file.text, request.makeEdits, request.check));
}

void Project::Private::startPlacement(const PlacementEdit& request)
{
    const std::shared_ptr<const ParsedScript> before = parsedRevision == revision ? parsed : nullptr;
    placer.start(
        [before, text = file.text, request](const JobTracker::Context&) {
            const std::shared_ptr<const ParsedScript> read = before ? before : parseScript(text);
            return prepareEdit(*read, text, request.makeEdits, request.check);
        },
        [this, of = revision, request](PreparedEdit edit) {
            if (of == revision)
                emit q->placingFinished(finishPlacement(request, std::move(edit)));
            else
                startPlacement(request); // the text has changed meanwhile
        });
}

Project::Private::PlacementEdit Project::Private::placing(const QStringList& names, const QString& device)
{
    const QString target = device.trimmed();
    const PlacementTexts texts = textsFor(names, target);
    // Shared, since a request is copied and may be of thousands of names.
    const auto meant = std::make_shared<const std::vector<std::string>>(standardNames(names));
    return {texts.what, texts.label, texts.wayOut,
            [meant, on = target.toStdString()](const graph::Model& model) {
                return app::placeVariables(model, *meant, on);
            },
            [meant, on = target.toStdString()](const graph::Model& after) {
                return checkPlacement(after, *meant, on);
            }};
}

Project::Private::PlacementEdit Project::Private::addingRule(const QString& pattern, const QString& device)
{
    const std::string what = pattern.trimmed().toStdString();
    return {tr("The rule for “%1” was not written.").arg(pattern),
            tr("Place “%1” on %2 by rule").arg(pattern, device),
            {},
            [what, on = device.trimmed().toStdString()](const graph::Model& model) {
                return addRule(model, what, on);
            },
            [what](const graph::Model& after) {
                const bool isThere = std::any_of(after.rules.begin(), after.rules.end(),
                                                 [&](const auto& rule) { return rule.pattern == what; });
                return isThere ? Status()
                               : failedPrecondition("the script as it is now cannot take the rule");
            }};
}

Project::Private::PlacementEdit Project::Private::removingRule(int index) const
{
    const auto place = static_cast<std::size_t>(std::max(index, 0));
    const graph::Model* model = parsed->model.get();
    const std::string pattern = place < model->rules.size() ? model->rules[place].pattern : std::string();
    const QString shown = QString::fromStdString(pattern);
    return {tr("The rule “%1” was not removed.").arg(shown),
            tr("Remove the rule “%1”").arg(shown),
            {},
            [place, pattern](const graph::Model& before) -> Result<ScriptEdits> {
                if (place >= before.rules.size() || before.rules[place].pattern != pattern)
                    return fail(notFound("there is no such rule any more"));
                return removeRule(before, place);
            },
            [](const graph::Model&) { return Status(); }};
}

Explanation Project::placeVariables(const QStringList& names, const QString& device)
{
    return names.isEmpty() ? Explanation() : d->editPlacement(Private::placing(names, device));
}

Explanation Project::addPlacementRule(const QString& pattern, const QString& device)
{
    return d->editPlacement(Private::addingRule(pattern, device));
}

Explanation Project::removePlacementRule(int index)
{
    parseNow();
    return d->editPlacement(d->removingRule(index));
}

void Project::startPlacing(const QStringList& names, const QString& device)
{
    if (!names.isEmpty())
        d->startPlacement(Private::placing(names, device));
}

void Project::startAddingRule(const QString& pattern, const QString& device)
{
    d->startPlacement(Private::addingRule(pattern, device));
}

void Project::startRemovingRule(int index)
{
    d->startPlacement(d->removingRule(index));
}

bool Project::isPlacing() const
{
    return d->placer.isRunning();
}

} // namespace wr::app
