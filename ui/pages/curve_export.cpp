// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/curve_export.h"

#include "app/models/event_export.h"
#include "ui/charts/curve_image.h"
#include "ui/dialogs/file_choice.h"
#include "ui/workspace.h"

#include <QCoreApplication>
#include <QMenu>
#include <QSaveFile>

namespace wr::ui {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("CurveExport", text);
}

/// What went wrong; empty when nothing did.
QString write(const QString& path, const QString& suffix, const app::MetricHistory& history,
              const QString& title)
{
    QSaveFile file(path);
    bool isGood = file.open(QIODevice::WriteOnly);
    if (isGood && suffix == QLatin1String("csv"))
        isGood = file.write(history.toCsv()) >= 0;
    else if (isGood && suffix == QLatin1String("svg"))
        isGood = file.write(curveDrawing(history, title)) >= 0;
    else if (isGood && suffix == QLatin1String("tfevents"))
        isGood = file.write(app::eventFile(history)) >= 0;
    else if (isGood)
        isGood = curveImage(history, title).save(&file, "PNG");
    return isGood && file.commit() ? QString() : file.errorString();
}

} // namespace

QMenu* makeExportMenu(Workspace* workspace, QWidget* window, const std::function<void(const QString&)>& noted,
                      const std::function<void(const app::Explanation&)>& complained)
{
    auto* menu = new QMenu(window);
    auto* jobs = new app::JobTracker(menu);
    const std::pair<QString, QString> kinds[] = {{tr("Numbers (CSV)…"), QStringLiteral("csv")},
                                                 {tr("Picture (PNG)…"), QStringLiteral("png")},
                                                 {tr("Drawing (SVG)…"), QStringLiteral("svg")},
                                                 {tr("TensorBoard events…"), QStringLiteral("tfevents")}};
    for (const auto& [label, suffix] : kinds) {
        menu->addAction(label, window, [workspace, window, jobs, noted, complained, suffix = suffix] {
            const QString title = workspace->project().title();
            // TensorBoard looks for "tfevents" in the name.
            const bool isEvents = suffix == QLatin1String("tfevents");
            const QString name =
                isEvents ? QStringLiteral("events.out.tfevents.%1").arg(title) : title + u'.' + suffix;
            chooseNewFile(window, tr("Export the curves"), name,
                          isEvents ? tr("TensorBoard events (*tfevents*)")
                                   : tr("%1 files (*.%2)").arg(suffix.toUpper(), suffix),
                          [workspace, jobs, noted, complained, suffix, title](const QString& path) {
                              // A long run has millions of points: they are written elsewhere.
                              const std::shared_ptr<const app::MetricHistory> curves(
                                  workspace->history().copy());
                              jobs->start(
                                  [curves, suffix, title, path](const app::JobTracker::Context&) {
                                      return write(path, suffix, *curves, title);
                                  },
                                  [path, noted, complained](const QString& problem) {
                                      if (problem.isEmpty())
                                          noted(tr("The curves are in %1.").arg(path));
                                      else
                                          complained({tr("The curves could not be written to %1.").arg(path),
                                                      problem, tr("Choose another folder.")});
                                  });
                          });
        });
    }
    return menu;
}

} // namespace wr::ui
