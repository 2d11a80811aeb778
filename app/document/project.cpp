// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/project.h"

#include "app/document/project_state.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <algorithm>
#include <utility>

namespace wr::app {
namespace {

constexpr const char* kScriptName = "model.wr";
constexpr int kSettleMilliseconds = 60;
constexpr qsizetype kLongText = qsizetype{64} * 1024;

QString scriptPath(const QString& directory)
{
    return QDir(directory).filePath(QLatin1String(kScriptName));
}

qsizetype ownVariables(const QVector<VariableRow>& rows)
{
    return std::count_if(rows.begin(), rows.end(),
                         [](const VariableRow& row) { return row.slotOf.isEmpty(); });
}

bool isSyntaxSound(const script::Tree& tree)
{
    return std::none_of(
        tree.diagnostics().begin(), tree.diagnostics().end(),
        [](const script::Diagnostic& diagnostic) { return diagnostic.severity == script::Severity::Error; });
}

/// Checkpoints saved before the project had a folder; failures leave the file where it is.
void moveCheckpoints(const QString& from, const QString& to)
{
    const QStringList names = QDir(from).entryList(QDir::Files);
    if (names.isEmpty() || !QDir().mkpath(to))
        return;
    for (const QString& name : names)
        QFile::rename(QDir(from).filePath(name), QDir(to).filePath(name));
}

} // namespace

Project::Project(QObject* parent) : QObject(parent), d(std::make_unique<Private>(this))
{
    d->settle.setSingleShot(true);
    d->settle.setInterval(kSettleMilliseconds);
    connect(&d->settle, &QTimer::timeout, this, [this] { d->startParse(); });
    d->parsed = parseScript({});
}

Project::~Project() = default;

void Project::Private::reset(ScriptFile text, const QString& newDirectory, const QString& newTitle)
{
    file = std::move(text);
    savedText = newDirectory.isEmpty() ? QString() : file.text;
    directory = newDirectory;
    title = newTitle;
    scratch.reset();
    history.clear();
    ++revision;
    settle.stop();
    parser.cancel();
    placer.cancel();
    editor.cancel();
    waiting.clear();
    good.reset();
    rows.clear();
    problems.clear();
    isStale = false;
    madeUpNames.clear();
    emit q->textReset();
    emit q->historyChanged();
    emit q->locationChanged();
    if (!q->isLong()) {
        q->parseNow();
        return;
    }
    parsed = parseScript({}); // nothing of the text before is shown meanwhile
    startParse();
    emit q->modelChanged();
}

void Project::Private::apply(const QVector<TextChange>& changes, bool tellEditor)
{
    for (const TextChange& change : changes) {
        file.text.replace(change.begin, change.removed.size(), change.inserted);
        if (tellEditor)
            emit q->textEdited(change.begin, static_cast<int>(change.removed.size()), change.inserted);
    }
    textChanged();
}

void Project::Private::textChanged()
{
    ++revision;
    settle.start();
    emit q->historyChanged();
}

void Project::Private::startParse()
{
    parser.start([text = file.text](const JobTracker::Context&) { return parseScript(text); },
                 [this, of = revision](std::shared_ptr<const ParsedScript> result) {
                     if (of == revision)
                         adopt(std::move(result));
                 });
}

void Project::Private::adopt(std::shared_ptr<const ParsedScript> result)
{
    parsed = std::move(result);
    parsedRevision = revision;
    const graph::Model& model = *parsed->model;
    problems = parsed->problems;
    isStale = model.hasErrors();
    QVector<VariableRow> current = parsed->rows;
    if (!isStale) {
        good = parsed->model;
        rows = std::move(current);
    } else if (isSyntaxSound(*model.tree) && ownVariables(current) >= ownVariables(rows)) {
        // All variables are there, though something else is wrong: the table stays of use to mend it. Slots
        // come from a minimize() that may be out of order just now.
        QSet<QString> known;
        for (const VariableRow& row : std::as_const(current))
            known.insert(row.name);
        for (const VariableRow& row : std::as_const(rows)) {
            if (!row.slotOf.isEmpty() && !known.contains(row.name))
                current.append(row);
        }
        rows = std::move(current);
    }
    emit q->modelChanged();
}

Explanation Project::open(const QString& path)
{
    const QFileInfo info(path);
    const QString what = tr("“%1” could not be opened.").arg(path);
    if (!info.exists())
        return {what, tr("There is no such file or folder."),
                tr("Check the path; a project is a folder with a file %1 in it.")
                    .arg(QLatin1String(kScriptName))};
    if (!info.isDir() && info.fileName() != QLatin1String(kScriptName))
        return {what, tr("It is neither a folder nor a file named %1.").arg(QLatin1String(kScriptName)),
                tr("Open the folder of a project. A checkpoint is opened with “Open checkpoint”.")};
    const QString folder = info.isDir() ? info.absoluteFilePath() : info.absolutePath();
    if (!QFileInfo::exists(scriptPath(folder)))
        return {what, tr("The folder holds no %1.").arg(QLatin1String(kScriptName)),
                tr("Choose the folder of a project, or begin a new one and save it here.")};
    ScriptStore store;
    Result<ScriptFile> file = store.read(scriptPath(folder));
    if (!file) {
        Explanation explanation = explain(what, file.error());
        if (file.error().code() == StatusCode::InvalidArgument)
            explanation.wayOut =
                tr("Save the file as UTF-8 text with one kind of line end in the program that "
                   "wrote it. It was not touched.");
        return explanation;
    }
    d->store = std::move(store);
    d->reset(std::move(*file), folder, QDir(folder).dirName());
    return {};
}

void Project::newFromText(const QString& script, const QString& title)
{
    ScriptFile file;
    file.text = script;
    file.text.replace(QLatin1String("\r\n"), QLatin1String("\n"));
    file.text.replace(u'\r', u'\n');
    d->store = {};
    d->reset(std::move(file), {}, title);
}

Explanation Project::Private::write(const QString& target)
{
    const Status status = store.write(scriptPath(target), file);
    if (status.isOk()) {
        history.setClean();
        savedText = file.text;
        emit q->historyChanged();
    }
    return explain(tr("“%1” was not saved.").arg(scriptPath(target)), status);
}

Explanation Project::save()
{
    if (d->directory.isEmpty())
        return {tr("“%1” was not saved.").arg(d->title), tr("It has no folder yet."),
                tr("Choose a folder with “Save as”.")};
    if (isChangedOnDisk())
        return {
            tr("“%1” was not saved.").arg(scriptPath(d->directory)),
            tr("Another program changed or removed the file since it was opened."),
            tr("Save anyway to replace its version with yours, or save into another folder to keep both.")};
    return d->write(d->directory);
}

Explanation Project::saveAnyway()
{
    return d->directory.isEmpty() ? save() : d->write(d->directory);
}

Explanation Project::saveAs(const QString& directory)
{
    const QString folder = QFileInfo(directory).absoluteFilePath();
    if (folder == d->directory)
        return save();
    const QString what = tr("“%1” was not saved.").arg(scriptPath(folder));
    if (QFileInfo::exists(scriptPath(folder)))
        return {what, tr("The folder holds another project."),
                tr("Choose a new or an empty folder; nothing was overwritten.")};
    if (!QDir().mkpath(folder))
        return {what, tr("The folder could not be made."),
                tr("Check the permissions and the free space there, or choose another place.")};
    const ScriptStore before = d->store;
    d->store = {};
    if (Explanation explanation = d->write(folder); !explanation.isEmpty()) {
        d->store = before;
        return explanation;
    }
    d->directory = folder;
    d->title = QDir(folder).dirName();
    if (d->scratch) {
        moveCheckpoints(d->scratch->path(), checkpointDirectory());
        d->scratch.reset();
    }
    emit locationChanged();
    return {};
}

bool Project::isChangedOnDisk() const
{
    return !d->directory.isEmpty() && d->store.isChanged(scriptPath(d->directory));
}

QString Project::directory() const
{
    return d->directory;
}

QString Project::title() const
{
    return d->title;
}

bool Project::isModified() const
{
    return !d->history.isClean();
}

QString Project::savedText() const
{
    return d->savedText;
}

QStringList Project::unsavedEdits() const
{
    QStringList edits;
    for (const QString& label : d->history.unsavedLabels()) {
        const QString words = label.isEmpty() ? tr("Typing") : label;
        if (edits.isEmpty() || edits.last() != words || !label.isEmpty())
            edits += words;
    }
    return edits;
}

bool Project::isReadOnlyFolder() const
{
    return !d->directory.isEmpty() && !QFileInfo(d->directory).isWritable();
}

QString Project::checkpointDirectory() const
{
    if (!d->directory.isEmpty())
        return QDir(d->directory).filePath(QStringLiteral("checkpoints"));
    if (!d->scratch)
        d->scratch = std::make_unique<QTemporaryDir>(
            QDir::temp().filePath(QStringLiteral("weightroom-unsaved-XXXXXX")));
    return d->scratch->path();
}

QString Project::script() const
{
    return d->file.text;
}

void Project::editText(int begin, int removed, const QString& inserted, const QString& label)
{
    const auto size = static_cast<int>(d->file.text.size());
    TextChange change;
    change.begin = std::clamp(begin, 0, size);
    change.removed = d->file.text.mid(change.begin, std::clamp(removed, 0, size - change.begin));
    change.inserted = inserted;
    change.inserted.replace(QLatin1String("\r\n"), QLatin1String("\n"));
    change.inserted.replace(u'\r', u'\n');
    if (change.removed == change.inserted)
        return;
    d->history.push({change}, label);
    d->apply({change}, false);
}

void Project::replaceText(const QString& text, const QString& label)
{
    const QString& now = d->file.text;
    const qsizetype most = std::min(now.size(), text.size());
    qsizetype head = 0;
    while (head < most && now[head] == text[head])
        ++head;
    if (head > 0 && now[head - 1].isHighSurrogate())
        --head;
    qsizetype tail = 0;
    while (tail < most - head && now[now.size() - 1 - tail] == text[text.size() - 1 - tail])
        ++tail;
    if (tail > 0 && now[now.size() - tail].isLowSurrogate())
        --tail;
    const TextChange change{static_cast<int>(head), now.mid(head, now.size() - tail - head),
                            text.mid(head, text.size() - tail - head)};
    if (change.removed.isEmpty() && change.inserted.isEmpty())
        return;
    d->history.push({change}, label);
    d->apply({change}, true);
}

bool Project::canUndo() const
{
    return d->history.canUndo();
}

bool Project::canRedo() const
{
    return d->history.canRedo();
}

QString Project::undoLabel() const
{
    return d->history.undoLabel();
}

QString Project::redoLabel() const
{
    return d->history.redoLabel();
}

void Project::undo()
{
    if (d->history.canUndo())
        d->apply(d->history.undo(), true);
}

void Project::redo()
{
    if (d->history.canRedo())
        d->apply(d->history.redo(), true);
}

const QVector<VariableRow>& Project::variables() const
{
    return d->rows;
}

const QVector<Problem>& Project::problems() const
{
    return d->problems;
}

const QSet<QString>& Project::pythonNames() const
{
    return d->parsed->names;
}

bool Project::isStale() const
{
    return d->isStale;
}

bool Project::isLong() const
{
    return d->file.text.size() > kLongText;
}

bool Project::isParsing() const
{
    return d->settle.isActive() || d->parser.isRunning();
}

void Project::parseNow()
{
    d->settle.stop();
    d->parser.cancel();
    if (d->parsedRevision != d->revision)
        d->adopt(parseScript(d->file.text));
}

std::shared_ptr<const graph::Model> Project::model() const
{
    return d->good;
}

} // namespace wr::app
