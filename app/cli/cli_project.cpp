// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/cli_project.h"

#include "app/document/quantity.h"
#include "app/library/checkpoint_keeping.h"
#include "app/library/example.h"
#include "engine/base/vfs.h"

#include <QFileInfo>

namespace wr::app {
namespace {

QString severityWord(script::Severity severity)
{
    switch (severity) {
    case script::Severity::Error:
        return QStringLiteral("error");
    case script::Severity::Warning:
        return QStringLiteral("warning");
    case script::Severity::Note:
        break;
    }
    return QStringLiteral("note");
}

void printDiagnostics(const graph::Model& model, const QString& file, const Output& output)
{
    QString text;
    for (const script::Diagnostic& diagnostic : model.diagnostics) {
        if (diagnostic.severity == script::Severity::Note)
            continue;
        const script::TextPosition position = model.tree->position(diagnostic.range.begin);
        const QString message = QString::fromStdString(diagnostic.message);
        output.object({{QStringLiteral("event"), QStringLiteral("problem")},
                       {QStringLiteral("severity"), severityWord(diagnostic.severity)},
                       {QStringLiteral("file"), file},
                       {QStringLiteral("line"), position.line},
                       {QStringLiteral("column"), position.column},
                       {QStringLiteral("message"), message}});
        text += QStringLiteral("\n%1:%2:%3: %4: %5")
                    .arg(file)
                    .arg(position.line)
                    .arg(position.column)
                    .arg(severityWord(diagnostic.severity), message);
    }
    if (model.hasErrors())
        output.error({QStringLiteral("The script has errors, so there is no model to work with."),
                      text.mid(1), QStringLiteral("Mend the lines named above and run the command again.")});
}

} // namespace

std::optional<CliProject> loadProject(const QString& given, const Output& output)
{
    const ExampleCopy found = findProject(given);
    if (found.directory.isEmpty()) {
        output.error(found.problem);
        return std::nullopt;
    }
    CliProject project;
    project.directory = QDir(found.directory);
    const QString file = project.directory.filePath(QStringLiteral("model.wr"));
    constexpr std::uint64_t kScriptLimit = 16U << 20U;
    const Result<std::vector<std::byte>> bytes = readFile(Vfs::posix(), file.toStdString(), kScriptLimit);
    if (!bytes) {
        output.error(explain(QStringLiteral("The script “%1” could not be read.").arg(file), bytes.error()));
        return std::nullopt;
    }
    project.model = graph::buildModel(
        script::parse(std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size())));
    printDiagnostics(*project.model, file, output);
    if (project.model->hasErrors())
        return std::nullopt;
    return project;
}

std::unique_ptr<TrainingRun> makeRun(const CliProject& project, const Invocation& invocation)
{
    const Output& output = invocation.output;
    runtime::RuntimeOptions options;
    if (const QString threads = invocation.options.isSet(QStringLiteral("threads"))
                                    ? invocation.options.value(QStringLiteral("threads"))
                                    : QString();
        !threads.isEmpty()) {
        bool ok = false;
        options.threads = threads.toInt(&ok);
        if (!ok || options.threads < 1 || options.threads > 1024) {
            output.error({QStringLiteral("“%1” is no number of threads.").arg(threads),
                          QStringLiteral("It must be a whole number from 1 to 1024."),
                          {}});
            return nullptr;
        }
    }
    Result<std::unique_ptr<TrainingRun>> run = TrainingRun::create(options);
    if (!run) {
        output.error(explain(QStringLiteral("The compute engine could not be started."), run.error()));
        return nullptr;
    }
    train::DataSource source;
    source.projectDirectory = project.directory.absolutePath().toStdString();
    if (invocation.options.isSet(QStringLiteral("data")))
        source.overrideDirectory = invocation.options.value(QStringLiteral("data")).toStdString();
    const Result<TrainingRun::BuildReport> built = (*run)->build(project.model, source);
    if (!built) {
        output.error(explain(QStringLiteral("The model could not be set up."), built.error()));
        return nullptr;
    }
    return std::move(*run);
}

std::optional<checkpoint::Profile> profileOption(const Invocation& invocation)
{
    const QString name = invocation.options.value(QStringLiteral("profile"));
    if (name.isEmpty() || name == QLatin1String("compact"))
        return checkpoint::Profile::Compact;
    if (name == QLatin1String("plain"))
        return checkpoint::Profile::Plain;
    if (name == QLatin1String("stored"))
        return checkpoint::Profile::Stored;
    invocation.output.error(
        {QStringLiteral("“%1” is no profile.").arg(name),
         QStringLiteral(
             "There are three: compact, the smallest; plain, which every tool reads; stored, the fastest."),
         {}});
    return std::nullopt;
}

bool outputIsFree(const Invocation& invocation)
{
    const QString path = invocation.options.value(QStringLiteral("output"));
    if (path.isEmpty() || !QFileInfo::exists(path))
        return true;
    invocation.output.error({QStringLiteral("Nothing was done: “%1” exists already.").arg(path),
                             QStringLiteral("A checkpoint that exists is never overwritten."),
                             QStringLiteral("Choose another name, or remove the file first.")});
    return false;
}

std::optional<checkpoint::SaveReport> saveRun(const CliProject& project, TrainingRun& run,
                                              const Invocation& invocation, checkpoint::Profile profile)
{
    const Output& output = invocation.output;
    if (!outputIsFree(invocation))
        return std::nullopt;
    const QString path = invocation.options.value(QStringLiteral("output"));
    const QString directory = path.isEmpty() ? project.checkpointDirectory() : QFileInfo(path).absolutePath();
    const Result<checkpoint::SaveReport> report =
        run.save(directory, path.isEmpty() ? path : QFileInfo(path).absoluteFilePath(), profile);
    if (!report) {
        output.error(explain(QStringLiteral("The checkpoint could not be saved."), report.error()));
        return std::nullopt;
    }
    if (path.isEmpty()) {
        // Nothing goes; the folder's list of checkpoints follows.
        if (const Status listed = tidyFolder(directory, {}, {}).status; !listed.isOk())
            output.error(
                explain(QStringLiteral("The folder's list of checkpoints could not be written."), listed));
    }
    const QString saved = QString::fromStdString(report->path);
    const auto bytes = static_cast<qint64>(report->fileBytes);
    output.object({{QStringLiteral("event"), QStringLiteral("saved")},
                   {QStringLiteral("checkpoint"), saved},
                   {QStringLiteral("bytes"), bytes}});
    output.line(QStringLiteral("checkpoint  %1 (%2)").arg(saved, byteText(bytes)));
    return *report;
}

} // namespace wr::app
