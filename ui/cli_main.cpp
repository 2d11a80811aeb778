// SPDX-License-Identifier: GPL-3.0-or-later
// The program weightroom-cli. It needs no display: pictures are painted by Qt's offscreen platform, which is
// started only when one is wanted.
#include "app/cli/cli.h"
#include "ui/charts/curve_image.h"

#include <QGuiApplication>
#include <memory>

int main(int argc, char** argv)
{
    auto program = std::make_unique<QCoreApplication>(argc, argv);
    const auto paintCurves = [&](const wr::app::MetricHistory& history, const QString& title,
                                 const QString& path) {
        if (qobject_cast<QGuiApplication*>(program.get()) == nullptr) {
            program.reset(); // there can only be one
            qputenv("QT_QPA_PLATFORM", "offscreen");
            // Of the display's surroundings, which it reports here, nothing is used.
            const QtMessageHandler usual =
                qInstallMessageHandler([](QtMsgType, const QMessageLogContext&, const QString&) {});
            program = std::make_unique<QGuiApplication>(argc, argv);
            qInstallMessageHandler(usual);
        }
        return wr::ui::saveCurveImage(history, title, path);
    };
    return wr::app::runCommandLine(QCoreApplication::arguments().mid(1), paintCurves);
}
