// SPDX-License-Identifier: GPL-3.0-or-later
// weightroom-cli diff A B [--all]
#include "app/cli/command.h"
#include "app/cli/file_command.h"
#include "app/document/quantity.h"
#include "app/library/checkpoint_file.h"
#include "engine/remap/comparison.h"

#include <cmath>

namespace wr::app {
namespace {

using remap::PairKind;

constexpr PairKind kKinds[] = {PairKind::NonFinite, PairKind::Damaged, PairKind::Reshaped, PairKind::Removed,
                               PairKind::Added,     PairKind::Changed, PairKind::Renamed,  PairKind::Equal};

QString kindWord(PairKind kind)
{
    switch (kind) {
    case PairKind::NonFinite:
        return QStringLiteral("nonfinite");
    case PairKind::Damaged:
        return QStringLiteral("damaged");
    case PairKind::Reshaped:
        return QStringLiteral("reshaped");
    case PairKind::Removed:
        return QStringLiteral("removed");
    case PairKind::Added:
        return QStringLiteral("added");
    case PairKind::Changed:
        return QStringLiteral("changed");
    case PairKind::Renamed:
        return QStringLiteral("renamed");
    case PairKind::Equal:
        break;
    }
    return QStringLiteral("equal");
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

/// "old → new" where the names differ.
QString nameText(const remap::TensorPair& pair)
{
    const QString a = escapedName(QString::fromStdString(pair.nameA));
    const QString b = escapedName(QString::fromStdString(pair.nameB));
    return a == b || b.isEmpty() ? a : a.isEmpty() ? b : QStringLiteral("%1 → %2").arg(a, b);
}

QString noteText(const remap::TensorPair& pair)
{
    if (!pair.problem.empty())
        return QString::fromStdString(pair.problem);
    QStringList notes;
    if (!pair.operation.empty())
        notes += (pair.isSame ? QStringLiteral("equal after %1") : QStringLiteral("compared after %1"))
                     .arg(QString::fromStdString(pair.operation));
    else if (pair.isSame && !(pair.a.dtype == pair.b.dtype))
        notes += QStringLiteral("equal but for the type");
    if (!pair.reason.empty())
        notes += QString::fromStdString(pair.reason);
    return notes.join(QStringLiteral("; "));
}

void addNumbers(QJsonObject& object, const remap::PairNumbers& n)
{
    const auto count = [&object](const char* key, std::int64_t value) {
        object.insert(QString::fromLatin1(key), static_cast<qint64>(value));
    };
    const auto value = [&object](const char* key, double number) {
        object.insert(QString::fromLatin1(key), finiteOrNull(number));
    };
    count("elements", n.elements);
    value("relative_l2", n.relativeL2);
    value("max_abs", n.maxAbs);
    count("max_index", n.maxIndex);
    value("mean_delta", n.mean);
    value("rms_delta", n.rms);
    value("cosine", n.cosine);
    count("changed", n.changed);
    count("beyond_tolerance", n.beyond);
    count("sign_flips", n.signFlips);
    value("mean_a", n.meanA);
    value("mean_b", n.meanB);
    value("stddev_a", n.stddevA);
    value("stddev_b", n.stddevB);
    count("zeros_a", n.zerosA);
    count("zeros_b", n.zerosB);
    count("nan_a", n.nanA);
    count("nan_b", n.nanB);
    count("inf_a", n.infA);
    count("inf_b", n.infB);
    count("non_finite_a", n.nanA + n.infA);
    count("non_finite_b", n.nanB + n.infB);
    value("max_ulps", static_cast<double>(n.maxUlps));
}

QJsonObject rowObject(const remap::TensorPair& pair)
{
    QJsonObject object{
        {QStringLiteral("event"), QStringLiteral("tensor")},
        {QStringLiteral("kind"), kindWord(pair.kind)},
        {QStringLiteral("name"), QString::fromStdString(pair.nameB.empty() ? pair.nameA : pair.nameB)},
        {QStringLiteral("name_a"), QString::fromStdString(pair.nameA)},
        {QStringLiteral("name_b"), QString::fromStdString(pair.nameB)},
        {QStringLiteral("a"), specText(pair.a)},
        {QStringLiteral("b"), specText(pair.b)},
        {QStringLiteral("reason"), QString::fromStdString(pair.reason)},
        {QStringLiteral("operation"), QString::fromStdString(pair.operation)},
        {QStringLiteral("same_values"), pair.isSame}};
    if (pair.hasNumbers) {
        addNumbers(object, pair.numbers);
        object.insert(QStringLiteral("surprise"), pair.surprise);
    }
    if (!pair.problem.empty())
        object.insert(QStringLiteral("problem"), QString::fromStdString(pair.problem));
    return object;
}

/// False after printing which option is no number.
bool readOptions(const Invocation& invocation, remap::ComparisonOptions& options)
{
    options.pairsByNameOnly = invocation.options.isSet(QStringLiteral("by-name"));
    for (const auto& [name, into] : {std::pair{"tolerance", &options.absoluteTolerance},
                                     std::pair{"relative-tolerance", &options.relativeTolerance}}) {
        const QString option = QString::fromLatin1(name);
        if (!invocation.options.isSet(option))
            continue;
        bool isNumber = false;
        *into = invocation.options.value(option).toDouble(&isNumber);
        if (!isNumber || !(*into >= 0.0)) {
            invocation.output.error(
                {QStringLiteral("“%1” does not suit --%2.").arg(invocation.options.value(option), option),
                 QStringLiteral("It must be a number, 0 or above."),
                 {}});
            return false;
        }
    }
    for (const auto& [name, count] : {std::pair{"heads", &options.match.heads.heads},
                                      std::pair{"kv-heads", &options.match.heads.keyHeads}}) {
        if (const qint64 value = invocation.options.value(QString::fromLatin1(name)).toLongLong(); value > 0)
            *count = value;
    }
    return true;
}

} // namespace

int runDiff(const Invocation& invocation)
{
    const Output& output = invocation.output;
    remap::ComparisonOptions options;
    if (!readOptions(invocation, options))
        return ExitUsage;
    std::shared_ptr<const CheckpointFile> files[2];
    for (int i = 0; i < 2; ++i) {
        CheckpointFile::Opened opened = CheckpointFile::open(invocation.positional[i]);
        if (!opened.file) {
            output.error(opened.problem);
            return ExitUsage;
        }
        files[i] = std::move(opened.file);
    }
    const Result<remap::Comparison> diff =
        remap::compareCheckpoints(files[0]->reader(), files[1]->reader(), options,
                                  commandProgress(output, QStringLiteral("comparing")));
    output.clearStatus();
    if (!diff) {
        const int code =
            failed(output, QStringLiteral("The two checkpoints could not be compared."), diff.error());
        return code == ExitInterrupted ? code : ExitUsage; // 1 says that they differ, 2 that nobody knows
    }

    const bool all = invocation.options.isSet(QStringLiteral("all"));
    QVector<QStringList> rows;
    for (const remap::TensorPair& pair : diff->pairs) {
        if (pair.kind == PairKind::Equal && !all)
            continue;
        output.object(rowObject(pair));
        const bool hasValues = pair.hasNumbers && !pair.isSame;
        rows.append({kindWord(pair.kind), nameText(pair), specText(pair.a),
                     pair.a.dtype == pair.b.dtype && pair.a.shape == pair.b.shape ? QStringLiteral("same")
                                                                                  : specText(pair.b),
                     hasValues ? valueText(pair.numbers.relativeL2) : QString(),
                     hasValues ? valueText(pair.numbers.maxAbs) : QString(), escapedName(noteText(pair))});
    }
    if (!rows.isEmpty())
        output.table({QStringLiteral("kind"), QStringLiteral("tensor"), QStringLiteral("A"),
                      QStringLiteral("B"), QStringLiteral("relative L2"), QStringLiteral("max |Δ|"),
                      QStringLiteral("note")},
                     rows, {4, 5});
    QJsonObject summary{{QStringLiteral("event"), QStringLiteral("done")},
                        {QStringLiteral("equal"), diff->isEqual()}};
    QStringList words;
    for (const PairKind kind : kKinds) {
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
