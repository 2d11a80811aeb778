// SPDX-License-Identifier: GPL-3.0-or-later
// The program weightroom-cli, started as a shell would, and what it said. For tests.
#pragma once

#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStringList>
#include <QVector>

namespace wr::app {

struct Outcome {
    int code = -1;
    QString out;
    QString err;
    QVector<QJsonObject> objects; ///< the lines of `out` with --json
    QJsonObject last() const { return objects.isEmpty() ? QJsonObject() : objects.last(); }
};

inline Outcome runCli(const QStringList& arguments)
{
    QProcess process;
    process.start(QStringLiteral(WEIGHTROOM_BIN_DIR "/weightroom-cli"), arguments);
    Outcome outcome;
    constexpr int kMilliseconds = 120000;
    if (!process.waitForFinished(kMilliseconds) || process.exitStatus() != QProcess::NormalExit)
        return outcome;
    outcome.code = process.exitCode();
    outcome.out = QString::fromUtf8(process.readAllStandardOutput());
    outcome.err = QString::fromUtf8(process.readAllStandardError());
    for (const QString& line : outcome.out.split(QLatin1Char('\n'), Qt::SkipEmptyParts))
        outcome.objects.append(QJsonDocument::fromJson(line.toUtf8()).object());
    return outcome;
}

} // namespace wr::app
