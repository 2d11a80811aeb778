// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/workspace.h"

#include "app/library/example.h"

#include <QSettings>
#include <utility>

namespace wr::ui {
namespace {
constexpr int kFrameMilliseconds = 40;
constexpr int kMostRecent = 10;
} // namespace

Workspace::Workspace(QObject* parent) : QObject(parent)
{
    connect(&m_project, &app::Project::modelChanged, this, &Workspace::useModel);
    connect(&m_project, &app::Project::locationChanged, this, &Workspace::useLocation);
    connect(&m_run, &app::RunController::metricsReset, this, [this] {
        m_runs.keepCurrent();
        m_history.reset();
        noteSettings();
    });
    connect(&m_project, &app::Project::textReset, &m_runs, &app::RunList::clear);
    connect(&m_run, &app::RunController::stateChanged, this,
            [this] { m_history.setMetrics(m_run.state().metrics); });
    connect(&m_run, &app::RunController::event, &m_history, &app::MetricHistory::addEvent);
    connect(&m_run, &app::RunController::failed, this, &Workspace::complained);
    connect(&m_run, &app::RunController::saved, &m_library, &app::CheckpointLibrary::refresh);
    m_frame.setInterval(kFrameMilliseconds);
    connect(&m_frame, &QTimer::timeout, this, [this] {
        const QVector<app::MetricPoint> points = m_run.takeMetrics();
        if (!points.isEmpty())
            m_history.append(points);
    });
    m_frame.start();
    connect(&m_journal, &app::SessionJournal::written, this, [this] {
        for (const QString& record : std::exchange(m_adopted, {}))
            app::discardSession(record);
    });
}

Workspace::~Workspace() = default;

bool Workspace::openProject(const QString& path)
{
    const app::Explanation problem = m_project.open(path);
    if (!problem.isEmpty()) {
        emit complained(problem);
        return false;
    }
    remember(m_project.directory());
    useLocation();
    return true;
}

bool Workspace::openExample(const QString& name)
{
    const app::ExampleCopy copy = app::findProject(name);
    if (copy.directory.isEmpty()) {
        emit complained(copy.problem);
        return false;
    }
    return openProject(copy.directory);
}

bool Workspace::openRecovered(const app::LostSession& session)
{
    const app::SessionRecord& record = session.record;
    if (session.isFolderThere) {
        if (!openProject(record.directory))
            return false;
    } else {
        m_project.newFromText(record.script, record.title);
    }
    if (record.hasEdits)
        m_project.replaceText(record.script, tr("Recovered edits"));
    for (const QString& checkpoint : record.homeless)
        m_library.addExternal(checkpoint);
    if (m_project.isModified() || m_project.directory().isEmpty())
        m_adopted += session.path;
    else
        app::discardSession(session.path);
    return true;
}

bool Workspace::save()
{
    const app::Explanation problem = m_project.save();
    if (!problem.isEmpty())
        emit complained(problem);
    return problem.isEmpty();
}

bool Workspace::saveAs(const QString& directory)
{
    const app::Explanation problem = m_project.saveAs(directory);
    if (!problem.isEmpty()) {
        emit complained(problem);
        return false;
    }
    remember(m_project.directory());
    return true;
}

QStringList Workspace::recent() const
{
    return QSettings().value(QStringLiteral("recent")).toStringList();
}

void Workspace::forget(const QString& path)
{
    QStringList all = recent();
    all.removeAll(path);
    QSettings().setValue(QStringLiteral("recent"), all);
}

void Workspace::remember(const QString& path)
{
    QStringList all = recent();
    all.removeAll(path);
    all.prepend(path);
    QSettings().setValue(QStringLiteral("recent"), all.mid(0, kMostRecent));
}

void Workspace::prepareRestore(const QString& path)
{
    m_opener.start([path](const app::JobTracker::Context&) { return app::CheckpointFile::open(path); },
                   [this](const app::CheckpointFile::Opened& opened) {
                       if (!opened.file) {
                           emit complained(opened.problem);
                           return;
                       }
                       m_restored = opened.file;
                       if (!m_project.isParsing())
                           offerRestore();
                   });
}

void Workspace::offerRestore()
{
    const std::shared_ptr<const app::CheckpointFile> file = std::move(m_restored);
    m_restored.reset();
    if (!m_project.model()) {
        emit complained({tr("There is no model to restore into."), tr("The script has errors or is empty."),
                         tr("Mend the problems listed on the Model page first.")});
        return;
    }
    QHash<QString, app::VariableLife> lives;
    for (const app::VariableRow& row : m_project.variables())
        lives.insert(row.name, m_run.variableLife(row.name));
    emit restoreReady(std::make_shared<app::RestoreSession>(file, m_project.model(), lives));
}

void Workspace::noteSettings()
{
    if (const std::shared_ptr<const graph::Model> model = m_project.model())
        m_runs.setSettings(app::runSettings(*model));
}

void Workspace::useModel()
{
    noteSettings();
    if (!m_project.isStale() && m_project.model())
        m_library.setRules(app::keepingRules(*m_project.model()));
    if (!m_project.isStale())
        m_run.setModel(m_project.model(), m_project.directory(), m_project.checkpointDirectory());
    if (m_restored && !m_project.isParsing())
        offerRestore();
}

void Workspace::useLocation()
{
    m_library.setDirectory(m_project.checkpointDirectory());
    useModel();
}

} // namespace wr::ui
