// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/model_rows.h"

#include "app/document/quantity.h"
#include "app/document/variable_edit.h"
#include "engine/graph/device_name.h"

#include <QCoreApplication>
#include <algorithm>

namespace wr::app {
namespace {

Problem::Severity severityOf(script::Severity severity)
{
    switch (severity) {
    case script::Severity::Error:
        return Problem::Severity::Error;
    case script::Severity::Warning:
        return Problem::Severity::Warning;
    case script::Severity::Note:
        return Problem::Severity::Note;
    }
    return Problem::Severity::Error;
}

Problem problemAt(const script::Tree& tree, const TextMap& map, script::TextRange range)
{
    Problem problem;
    problem.begin = map.utf16At(range.begin);
    problem.end = std::max(problem.begin, map.utf16At(range.end));
    const script::TextPosition position = tree.position(range.begin);
    problem.line = position.line;
    problem.column = position.column;
    return problem;
}

/// The device in the script's own spelling, where one literal says all of it.
std::string deviceAsWritten(const graph::Variable& variable)
{
    if (variable.source.device == nullptr)
        return variable.device;
    const std::string& written = variable.source.device->text;
    const Result<graph::DeviceName> name = graph::DeviceName::parse(written);
    return name && name->toString() == variable.device ? written : variable.device;
}

/// The second seed of the first random op of the initial value; 0 when it has none.
quint64 randomSeed(const graph::Model& model, const graph::Variable& variable)
{
    constexpr std::size_t kMostNodes = 64;
    std::vector<graph::NodeId> open{variable.initialValue};
    for (std::size_t i = 0; i < open.size() && i < kMostNodes; ++i) {
        if (open[i] == graph::kNoNode)
            continue;
        const graph::Node& node = model.graph.node(open[i]);
        if (node.attributes.seed2 != 0)
            return node.attributes.seed2;
        if (node.op != backend::OpCode::Variable)
            open.insert(open.end(), node.inputs.begin(), node.inputs.end());
    }
    return 0;
}

} // namespace

QVector<VariableRow> variableRows(const graph::Model& model, const TextMap& map)
{
    QVector<VariableRow> rows;
    rows.reserve(static_cast<qsizetype>(model.variables.size()));
    const auto append = [&](const graph::Variable& variable) {
        VariableRow row;
        row.name = QString::fromStdString(variable.name);
        row.shape = shapeText(variable.shape);
        for (const std::int64_t dim : variable.shape.dims())
            row.dims.append(dim);
        row.dtype = QString::fromStdString(std::string(dtypeName(variable.dtype)));
        row.initializer = QString::fromStdString(variable.initializer);
        row.device = QString::fromStdString(deviceAsWritten(variable));
        row.trainable = variable.trainable;
        row.readOnlyReason = QString::fromStdString(readOnlyReason(model, variable));
        row.editable = row.readOnlyReason.isEmpty();
        row.isIncomplete = variable.isIncomplete;
        row.isClashing = variable.isClashing;
        row.takesShapeApart = variable.source.call != nullptr && takesShapeApart(*variable.source.call);
        if (const script::Expr* drawn = variable.slotOf.empty() ? seededCall(variable) : nullptr) {
            row.canHaveSeed = true;
            row.seed = QString::fromStdString(seedAsWritten(model, *drawn));
            if (row.seed.isEmpty())
                row.nameSeed = QStringLiteral("0x%1").arg(randomSeed(model, variable), 0, 16);
        }
        row.slotOf = QString::fromStdString(variable.slotOf);
        row.parameters = variable.shape.elementCount().value_or(0);
        row.bytes = row.parameters * static_cast<qint64>(dtypeSize(variable.dtype));
        row.begin = map.utf16At(variable.source.statement.begin);
        row.end = map.utf16At(variable.source.statement.end);
        rows.append(row);
    };
    for (const graph::Variable& variable : model.variables) {
        if (variable.slotOf.empty())
            append(variable);
    }
    for (const graph::Variable& variable : model.variables) {
        if (!variable.slotOf.empty())
            append(variable);
    }
    return rows;
}

QVector<Problem> modelProblems(const graph::Model& model, const TextMap& map)
{
    QVector<Problem> problems;
    for (const script::Diagnostic& diagnostic : model.diagnostics) {
        Problem problem = problemAt(*model.tree, map, diagnostic.range);
        problem.severity = severityOf(diagnostic.severity);
        problem.message = QString::fromStdString(diagnostic.message);
        problem.fixLabel = QString::fromStdString(diagnostic.fixLabel);
        for (const script::TextEdit& edit : diagnostic.fix)
            problem.fix.append({static_cast<int>(edit.range.begin), static_cast<int>(edit.range.end),
                                QString::fromStdString(edit.replacement)});
        problems.append(problem);
    }
    for (const graph::IgnoredDirective& ignored : model.ignored) {
        Problem problem = problemAt(*model.tree, map, ignored.source);
        problem.severity = Problem::Severity::Note;
        problem.message =
            QCoreApplication::translate("Problem", "%1 has no effect: %2")
                .arg(QString::fromStdString(ignored.what), QString::fromStdString(ignored.reason));
        const bool isTold = std::any_of(problems.begin(), problems.end(), [&](const Problem& other) {
            return other.begin == problem.begin && other.end == problem.end;
        });
        if (!isTold)
            problems.append(problem);
    }
    std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
        return a.severity != b.severity ? a.severity < b.severity : a.begin < b.begin;
    });
    return problems;
}

} // namespace wr::app
