// SPDX-License-Identifier: GPL-3.0-or-later
// weightroom-cli diff A B [--all]
#include "app/cli/command.h"
#include "app/document/quantity.h"
#include "app/library/checkpoint_file.h"
#include "engine/checkpoint/diff.h"

#include <cmath>

namespace wr::app {
namespace {

QString kindWord(checkpoint::DiffKind kind)
{
    switch (kind) {
    case checkpoint::DiffKind::NonFinite:
        return QStringLiteral("nonfinite");
    case checkpoint::DiffKind::Damaged:
        return QStringLiteral("damaged");
    case checkpoint::DiffKind::Reshaped:
        return QStringLiteral("reshaped");
    case checkpoint::DiffKind::Removed:
        return QStringLiteral("removed");
    case checkpoint::DiffKind::Added:
        return QStringLiteral("added");
    case checkpoint::DiffKind::Changed:
        return QStringLiteral("changed");
    case checkpoint::DiffKind::Equal:
        break;
    }
    return QStringLiteral("equal");
}

bool hasValues(checkpoint::DiffKind kind)
{
    return kind == checkpoint::DiffKind::Changed || kind == checkpoint::DiffKind::NonFinite;
}

QString specText(const TensorSpec& spec)
{
    if (spec.dtype == DType::Invalid)
        return QStringLiteral("–");
    return QStringLiteral("%1 %2").arg(QString::fromStdString(std::string(dtypeName(spec.dtype))),
                                       bracketText(spec.shape));
}

/// JSON has no infinity; null stands for "new from zero".
QJsonValue finiteOrNull(double value)
{
    return std::isfinite(value) ? QJsonValue(value) : QJsonValue();
}

QJsonObject rowObject(const checkpoint::TensorDiff& row)
{
    QJsonObject object{{QStringLiteral("event"), QStringLiteral("tensor")},
                       {QStringLiteral("kind"), kindWord(row.kind)},
                       {QStringLiteral("name"), QString::fromStdString(row.name)},
                       {QStringLiteral("a"), specText(row.a)},
                       {QStringLiteral("b"), specText(row.b)}};
    if (hasValues(row.kind)) {
        object.insert(QStringLiteral("relative_l2"), finiteOrNull(row.relativeL2));
        object.insert(QStringLiteral("max_abs"), finiteOrNull(row.maxAbs));
        object.insert(QStringLiteral("max_index"), static_cast<qint64>(row.maxIndex));
        object.insert(QStringLiteral("changed"), static_cast<qint64>(row.changed));
        object.insert(QStringLiteral("non_finite_a"), static_cast<qint64>(row.nonFiniteA));
        object.insert(QStringLiteral("non_finite_b"), static_cast<qint64>(row.nonFiniteB));
    }
    if (!row.problem.empty())
        object.insert(QStringLiteral("problem"), QString::fromStdString(row.problem));
    return object;
}

} // namespace

int runDiff(const Invocation& invocation)
{
    const Output& output = invocation.output;
    std::shared_ptr<const CheckpointFile> files[2];
    for (int i = 0; i < 2; ++i) {
        CheckpointFile::Opened opened = CheckpointFile::open(invocation.positional[i]);
        if (!opened.file) {
            output.error(opened.problem);
            return ExitUsage;
        }
        files[i] = std::move(opened.file);
    }
    const Result<checkpoint::CheckpointDiff> diff = checkpoint::diffCheckpoints(
        files[0]->reader(), files[1]->reader(), [&](std::uint64_t done, std::uint64_t total) {
            output.status(
                QStringLiteral("comparing %1 of %2")
                    .arg(byteText(static_cast<qint64>(done)), byteText(static_cast<qint64>(total))));
            return true;
        });
    output.clearStatus();
    if (!diff) {
        output.error(explain(QStringLiteral("The two checkpoints could not be compared."), diff.error()));
        return ExitFailed;
    }

    const bool all = invocation.options.isSet(QStringLiteral("all"));
    QVector<QStringList> rows;
    for (const checkpoint::TensorDiff& row : diff->tensors) {
        if (row.kind == checkpoint::DiffKind::Equal && !all)
            continue;
        output.object(rowObject(row));
        const bool values = hasValues(row.kind);
        rows.append({kindWord(row.kind), escapedName(QString::fromStdString(row.name)), specText(row.a),
                     row.a == row.b ? QStringLiteral("same") : specText(row.b),
                     values ? valueText(row.relativeL2) : QString(),
                     values ? valueText(row.maxAbs) : QString()});
    }
    if (!rows.isEmpty())
        output.table({QStringLiteral("kind"), QStringLiteral("tensor"), QStringLiteral("A"),
                      QStringLiteral("B"), QStringLiteral("relative L2"), QStringLiteral("max |Δ|")},
                     rows, {4, 5});
    QJsonObject summary{{QStringLiteral("event"), QStringLiteral("done")},
                        {QStringLiteral("equal"), diff->isEqual()}};
    QStringList words;
    for (const checkpoint::DiffKind kind :
         {checkpoint::DiffKind::NonFinite, checkpoint::DiffKind::Damaged, checkpoint::DiffKind::Reshaped,
          checkpoint::DiffKind::Removed, checkpoint::DiffKind::Added, checkpoint::DiffKind::Changed,
          checkpoint::DiffKind::Equal}) {
        const auto count = static_cast<qint64>(diff->count(kind));
        summary.insert(QStringLiteral("count_") + kindWord(kind), count);
        if (count > 0)
            words += QStringLiteral("%1 %2").arg(count).arg(kindWord(kind));
    }
    output.line(words.isEmpty() ? QStringLiteral("both are empty") : words.join(QStringLiteral(", ")));
    output.object(summary);
    return diff->isEqual() ? ExitDone : ExitDifferent;
}

} // namespace wr::app
