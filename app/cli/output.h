// SPDX-License-Identifier: GPL-3.0-or-later
// Where a command writes: sentences and tables for people, or one JSON object per line for programs. Errors
// of people go to standard error, those of programs are a line like any other. One thread.
#pragma once

#include "app/document/explanation.h"

#include <QJsonObject>
#include <QString>
#include <QStringList>
#include <QVector>

namespace wr::app {

/// Exit codes, as documented in cli.h.
enum ExitCode { ExitDone = 0, ExitDifferent = 1, ExitUsage = 2, ExitFailed = 3, ExitInterrupted = 130 };

class Output {
public:
    explicit Output(bool json) : m_json(json) {}

    bool isJson() const { return m_json; }
    void line(const QString& text) const;         ///< people only
    void object(const QJsonObject& object) const; ///< programs only
    /// Rewrites the current line of a terminal; nothing when standard error is no terminal.
    void status(const QString& text) const;
    void clearStatus() const;
    /// Columns padded to their widest cell; `right` lists the columns that are aligned to the right. People
    /// only.
    void table(const QStringList& header, const QVector<QStringList>& rows, const QVector<int>& right) const;
    void error(const Explanation& explanation) const;

private:
    bool m_json;
};

/// `text` with control characters and bidirectional marks spelled out, for names that come from files.
QString escapedName(const QString& text);

} // namespace wr::app
