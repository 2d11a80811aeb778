// SPDX-License-Identifier: GPL-3.0-or-later
// The program weightroom: weightroom [PROJECT | CHECKPOINT | EXAMPLE].
#include "app/library/example.h"
#include "ui/main_window/main_window.h"
#include "ui/theme/theme.h"
#include "ui/workspace.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QFileInfo>
#include <cstdio>

int main(int argc, char** argv)
{
    Q_INIT_RESOURCE(icons);
    QApplication program(argc, argv);
    QApplication::setApplicationName(QStringLiteral("Weightroom"));
    QApplication::setOrganizationName(QStringLiteral("Weightroom"));
    QApplication::setApplicationVersion(QStringLiteral(WEIGHTROOM_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("weightroom"));

    QCommandLineParser parser;
    parser.setApplicationDescription(
        QCoreApplication::translate("main", "Set up models, train them, and look after their checkpoints."));
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption theme(
        QStringLiteral("theme"),
        QCoreApplication::translate("main", "light, dark or system, this time only."),
        QStringLiteral("THEME"));
    parser.addOption(theme);
    parser.addPositionalArgument(
        QStringLiteral("PATH"),
        QCoreApplication::translate("main",
                                    "A project folder, a checkpoint, or the name of an example (digits)."),
        QStringLiteral("[PATH]"));
    parser.process(program);
    if (parser.positionalArguments().size() > 1) {
        std::fputs("weightroom: one project or checkpoint at a time\n", stderr);
        return 2;
    }
    if (parser.isSet(theme) && !wr::ui::Theme::instance().setChoice(parser.value(theme), false)) {
        std::fputs("weightroom: the theme is light, dark or system\n", stderr);
        return 2;
    }

    wr::ui::Theme::instance();
    wr::ui::Workspace workspace;
    wr::ui::MainWindow window(&workspace);
    const QString given = parser.positionalArguments().value(0);
    if (QFileInfo::exists(given))
        window.openPath(given);
    else if (!given.isEmpty())
        workspace.openExample(given);
    else
        window.showStart();
    window.show();
    return QApplication::exec();
}
