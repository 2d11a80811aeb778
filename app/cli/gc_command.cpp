// SPDX-License-Identifier: GPL-3.0-or-later
// weightroom-cli gc PROJECT [--dry-run]
#include "app/cli/cli_project.h"
#include "app/document/quantity.h"
#include "app/library/checkpoint_keeping.h"

#include <QFileInfo>

namespace wr::app {

int runGc(const Invocation& invocation)
{
    const Output& output = invocation.output;
    const std::optional<CliProject> project = loadProject(invocation.positional.value(0), output);
    if (!project)
        return ExitUsage;
    const bool isDry = invocation.options.isSet(QStringLiteral("dry-run"));
    const KeepingRules rules = keepingRules(*project->model);
    const QString directory = project->checkpointDirectory();
    const std::vector<KeptFile> files = keptFiles(directory);
    const std::vector<checkpoint::Stay> decided = stays(files, rules);
    qint64 count = 0;
    qint64 bytes = 0;
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (decided[i] != checkpoint::Stay::No)
            continue;
        const QFileInfo info(files[i].path);
        ++count;
        bytes += info.size();
        output.line(QStringLiteral("%1  %2 (%3)")
                        .arg(isDry ? QStringLiteral("would go") : QStringLiteral("removed "), info.fileName(),
                             byteText(info.size())));
        output.object(
            {{QStringLiteral("event"), isDry ? QStringLiteral("would_go") : QStringLiteral("removed")},
             {QStringLiteral("checkpoint"), files[i].path},
             {QStringLiteral("bytes"), info.size()}});
    }
    Status status;
    for (auto rule = rules.begin(); rule != rules.end() && !isDry && status.isOk(); ++rule)
        status = tidyFolder(directory, rule->first, rule->second).status;
    if (!status.isOk()) {
        output.error(
            explain(QStringLiteral("Not every checkpoint that the rules let go could be removed."), status));
        return ExitFailed;
    }
    output.line(QStringLiteral("%1 of %2, %3")
                    .arg(countText(count),
                         countOf(static_cast<qint64>(files.size()), QStringLiteral("checkpoint"),
                                 QStringLiteral("checkpoints")),
                         byteText(bytes)));
    output.object({{QStringLiteral("event"), QStringLiteral("done")},
                   {QStringLiteral("checkpoints"), static_cast<qint64>(files.size())},
                   {isDry ? QStringLiteral("would_go") : QStringLiteral("removed"), count},
                   {QStringLiteral("bytes"), bytes}});
    return ExitDone;
}

} // namespace wr::app
