// SPDX-License-Identifier: GPL-3.0-or-later
// Models made from the text of a script, and described as text for comparing. For tests, on one thread.
#pragma once

#include "engine/graph/model.h"

#include <QStringList>

#include <initializer_list>
#include <memory>
#include <string>

namespace wr::graph {

inline std::shared_ptr<const Model> modelOf(const std::string& text)
{
    return buildModel(script::parse(text));
}

inline QString text(const std::string& bytes)
{
    return QString::fromStdString(bytes);
}

/// All problems of a model in one line, without notes; empty when there is none.
inline QString problems(const Model& model)
{
    QString all;
    for (const script::Diagnostic& diagnostic : model.diagnostics)
        if (diagnostic.severity != script::Severity::Note)
            all += text(diagnostic.message) + QLatin1Char('\n');
    return all;
}

/// "name dtype shape device" of every variable.
inline QStringList variables(const Model& model)
{
    QStringList lines;
    for (const Variable& variable : model.variables)
        lines.push_back(text(variable.name + " " + std::string(dtypeName(variable.dtype)) + " " +
                             variable.shape.toString() +
                             (variable.device.empty() ? "" : " " + variable.device)));
    return lines;
}

inline QStringList list(std::initializer_list<const char*> lines)
{
    QStringList all;
    for (const char* const line : lines)
        all.push_back(QString::fromUtf8(line));
    return all;
}

/// "line:column message" of each problem.
inline QStringList placed(const Model& model)
{
    QStringList lines;
    for (const script::Diagnostic& diagnostic : model.diagnostics) {
        const script::TextPosition position = model.tree->position(diagnostic.range.begin);
        lines.push_back(
            QStringLiteral("%1:%2 %3").arg(position.line).arg(position.column).arg(text(diagnostic.message)));
    }
    return lines;
}

} // namespace wr::graph
