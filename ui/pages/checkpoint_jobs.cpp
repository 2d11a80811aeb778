// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/checkpoint_jobs.h"

#include "app/document/quantity.h"

#include <QFileInfo>

namespace wr::ui {

CheckpointJobs::CheckpointJobs(QObject* parent) : QObject(parent)
{
    connect(&m_checker, &app::JobTracker::progress, this,
            [this](double fraction) { emit checkProgress(static_cast<int>(fraction * 100)); });
}

void CheckpointJobs::verify(const QStringList& paths)
{
    struct Verdict {
        qint64 tensors = 0;
        QString path; ///< of the first that is not whole
        app::CheckReport report;
    };
    emit checkStarted();
    m_checker.start(
        [paths](const app::JobTracker::Context& context) {
            Verdict verdict;
            for (qsizetype i = 0; i < paths.size(); ++i) {
                verdict.path = paths[i];
                verdict.report = app::checkFile(paths[i], [&](std::uint64_t done, std::uint64_t total) {
                    const double part =
                        total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 0.0;
                    context.report((static_cast<double>(i) + part) / static_cast<double>(paths.size()));
                    return !context.isCancelled();
                });
                if (!verdict.report.problem.isEmpty())
                    break;
                verdict.tensors += verdict.report.tensors;
            }
            return verdict;
        },
        [this](const Verdict& verdict) {
            emit checkEnded();
            if (verdict.report.problem.isEmpty())
                emit noted(tr("Every byte was read and every checksum agrees: %1 whole.")
                               .arg(app::countOf(verdict.tensors, tr("tensor"), tr("tensors"))));
            else if (verdict.report.canRecover)
                emit damaged(verdict.report.problem, verdict.path);
            else
                emit complained(verdict.report.problem);
        });
}

void CheckpointJobs::recover(const QString& path)
{
    m_writer.start(
        [path](const app::JobTracker::Context& context) {
            return app::recoverFile(path,
                                    [&](std::uint64_t, std::uint64_t) { return !context.isCancelled(); });
        },
        [this](const app::RecoveryReport& report) {
            if (!report.problem.isEmpty()) {
                emit complained(report.problem);
                return;
            }
            emit written(report.path);
            emit noted(tr("%1 recovered into %2, %3 lost.")
                           .arg(app::countOf(report.recovered, tr("tensor"), tr("tensors")),
                                QFileInfo(report.path).fileName(), app::countText(report.lost)));
        });
}

void CheckpointJobs::makeStandalone(const QString& path)
{
    m_writer.start(
        [path](const app::JobTracker::Context& context) {
            return app::makeStandalone(path,
                                       [&](std::uint64_t, std::uint64_t) { return !context.isCancelled(); });
        },
        [this, path](const app::Explanation& problem) {
            emit written(path);
            if (!problem.isEmpty())
                emit complained(problem);
            else
                emit noted(tr("%1 needs no other checkpoint.").arg(QFileInfo(path).fileName()));
        });
}

void CheckpointJobs::checkResume(const app::ResumeRequest& request)
{
    emit checkStarted();
    m_checker.start(
        [request](const app::JobTracker::Context& context) {
            return app::checkResume(request, [&](std::uint64_t done, std::uint64_t total) {
                context.report(total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 0.0);
                return !context.isCancelled();
            });
        },
        [this](const app::ResumeReport& report) {
            emit checkEnded();
            if (!report.problem.isEmpty())
                emit complained(report.problem);
            else if (report.isSame())
                emit noted(report.toText());
            else
                emit complained({report.toText(),
                                 tr("The data, the instruction set or the version of the program may not be "
                                    "those of the training."),
                                 {}});
        });
}

void CheckpointJobs::copy(const app::CopyRequest& request)
{
    emit checkStarted();
    m_checker.start(
        [request](const app::JobTracker::Context& context) {
            return app::copyCheckpoint(request, [&](std::uint64_t done, std::uint64_t total) {
                context.report(total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 0.0);
                return !context.isCancelled();
            });
        },
        [this](const app::CopyReport& report) {
            emit checkEnded();
            if (!report.problem.isEmpty()) {
                emit complained(report.problem);
                return;
            }
            emit copied(report.path);
            const QString words =
                tr("%1 is written, %2.").arg(QFileInfo(report.path).fileName(), app::byteText(report.bytes));
            emit noted(report.casts.isEmpty() ? words : words + u' ' + report.casts);
        });
}

} // namespace wr::ui
