// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/diff_model.h"

#include "app/document/quantity.h"
#include "engine/remap/comparison.h"

#include <array>
#include <cmath>
#include <optional>

namespace wr::app {
namespace {

struct Outcome {
    std::optional<remap::Comparison> diff;
    Explanation problem;
};

Outcome compareFiles(const QString& a, const QString& b, const JobTracker::Context& context)
{
    Outcome outcome;
    const CheckpointFile::Opened first = CheckpointFile::open(a);
    if (!first.file) {
        outcome.problem = first.problem;
        return outcome;
    }
    const CheckpointFile::Opened second = CheckpointFile::open(b);
    if (!second.file) {
        outcome.problem = second.problem;
        return outcome;
    }
    remap::ComparisonOptions options;
    remap::addHints(options.match, first.file->reader().metadata());
    remap::addHints(options.match, second.file->reader().metadata());
    Result<remap::Comparison> diff = remap::compareCheckpoints(
        first.file->reader(), second.file->reader(), options, [&](std::uint64_t done, std::uint64_t total) {
            context.report(total == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(total));
            return !context.isCancelled();
        });
    if (diff)
        outcome.diff = std::move(*diff);
    else
        outcome.problem = explain(DiffModel::tr("The two checkpoints could not be compared."), diff.error());
    return outcome;
}

QString kindText(DiffModel::Kind kind)
{
    switch (kind) {
    case DiffModel::Kind::NonFinite:
        return DiffModel::tr("NaN or Inf");
    case DiffModel::Kind::Damaged:
        return DiffModel::tr("Damaged");
    case DiffModel::Kind::Reshaped:
        return DiffModel::tr("Reshaped");
    case DiffModel::Kind::Removed:
        return DiffModel::tr("Only in A");
    case DiffModel::Kind::Added:
        return DiffModel::tr("Only in B");
    case DiffModel::Kind::Changed:
        return DiffModel::tr("Changed");
    case DiffModel::Kind::Renamed:
        return DiffModel::tr("Renamed");
    case DiffModel::Kind::Equal:
        return DiffModel::tr("Equal");
    }
    return {};
}

DiffModel::Kind kindOf(remap::PairKind kind)
{
    switch (kind) {
    case remap::PairKind::NonFinite:
        return DiffModel::Kind::NonFinite;
    case remap::PairKind::Damaged:
        return DiffModel::Kind::Damaged;
    case remap::PairKind::Reshaped:
        return DiffModel::Kind::Reshaped;
    case remap::PairKind::Removed:
        return DiffModel::Kind::Removed;
    case remap::PairKind::Added:
        return DiffModel::Kind::Added;
    case remap::PairKind::Changed:
        return DiffModel::Kind::Changed;
    case remap::PairKind::Renamed:
        return DiffModel::Kind::Renamed;
    case remap::PairKind::Equal:
        break;
    }
    return DiffModel::Kind::Equal;
}

QString shapesText(const remap::TensorPair& row)
{
    if (row.a.dtype == DType::Invalid)
        return shapeText(row.b.shape);
    if (row.b.dtype == DType::Invalid || row.a.shape == row.b.shape)
        return shapeText(row.a.shape);
    return DiffModel::tr("%1 → %2").arg(shapeText(row.a.shape), shapeText(row.b.shape));
}

/// "layer1/w", or "old → new".
QString nameText(const remap::TensorPair& row)
{
    const QString a = QString::fromStdString(row.nameA);
    const QString b = QString::fromStdString(row.nameB);
    if (a.isEmpty() || b.isEmpty() || a == b)
        return a.isEmpty() ? b : a;
    return DiffModel::tr("%1 → %2").arg(a, b);
}

QString noteText(const remap::TensorPair& row)
{
    if (!row.problem.empty())
        return QString::fromStdString(row.problem);
    QStringList notes;
    const remap::PairNumbers& numbers = row.numbers;
    if (row.hasNumbers && numbers.nanA + numbers.nanB + numbers.infA + numbers.infB > 0)
        notes += DiffModel::tr("NaN or Inf: %1 in A, %2 in B")
                     .arg(numbers.nanA + numbers.infA)
                     .arg(numbers.nanB + numbers.infB);
    if (!row.operation.empty())
        notes += row.isSame ? DiffModel::tr("equal after %1").arg(QString::fromStdString(row.operation))
                            : DiffModel::tr("compared after %1").arg(QString::fromStdString(row.operation));
    if (row.a.dtype != DType::Invalid && row.b.dtype != DType::Invalid && row.a.dtype != row.b.dtype)
        notes += DiffModel::tr("%1 → %2").arg(QString::fromStdString(std::string(dtypeName(row.a.dtype))),
                                              QString::fromStdString(std::string(dtypeName(row.b.dtype))));
    if (row.kind == remap::PairKind::Equal)
        notes += row.byDigest ? DiffModel::tr("same digest") : DiffModel::tr("same values");
    if (row.kind == remap::PairKind::Changed && std::isinf(numbers.relativeL2))
        notes += DiffModel::tr("new from zero");
    if (!row.reason.empty())
        notes += QString::fromStdString(row.reason);
    return notes.join(QStringLiteral("; "));
}

/// All numbers of a pair, a line each.
QString numbersText(const remap::TensorPair& row)
{
    if (!row.hasNumbers)
        return {};
    const remap::PairNumbers& n = row.numbers;
    const auto pair = [](const QString& what, const QString& a, const QString& b) {
        return DiffModel::tr("%1: %2 in A, %3 in B").arg(what, a, b);
    };
    return QStringList{
        DiffModel::tr("elements: %1").arg(countText(n.elements)),
        DiffModel::tr("mean Δ %1, RMS Δ %2").arg(valueText(n.mean), valueText(n.rms)),
        DiffModel::tr("largest |Δ| %1 at element %2").arg(valueText(n.maxAbs), countText(n.maxIndex)),
        DiffModel::tr("cosine %1").arg(valueText(n.cosine)),
        DiffModel::tr("%1 changed, %2 with another sign").arg(countText(n.changed), countText(n.signFlips)),
        pair(DiffModel::tr("mean"), valueText(n.meanA), valueText(n.meanB)),
        pair(DiffModel::tr("standard deviation"), valueText(n.stddevA), valueText(n.stddevB)),
        pair(DiffModel::tr("zeros"), countText(n.zerosA), countText(n.zerosB))}
        .join(u'\n');
}

} // namespace

struct DiffModel::Private {
    JobTracker jobs;
    remap::Comparison diff;
    bool compared = false;
    bool showEqual = true;
    QVector<int> visible;

    void refilter()
    {
        visible.clear();
        for (std::size_t i = 0; i < diff.pairs.size(); ++i) {
            if (showEqual || diff.pairs[i].kind != remap::PairKind::Equal)
                visible.append(static_cast<int>(i));
        }
    }
};

DiffModel::DiffModel(QObject* parent) : QAbstractTableModel(parent), d(std::make_unique<Private>())
{
    connect(&d->jobs, &JobTracker::progress, this, &DiffModel::progress);
    connect(&d->jobs, &JobTracker::started, this, &DiffModel::started);
}

DiffModel::~DiffModel() = default;

void DiffModel::compare(const QString& a, const QString& b)
{
    d->jobs.start([a, b](const JobTracker::Context& context) { return compareFiles(a, b, context); },
                  [this](Outcome outcome) {
                      beginResetModel();
                      d->compared = outcome.diff.has_value();
                      d->diff = outcome.diff ? std::move(*outcome.diff) : remap::Comparison{};
                      d->refilter();
                      endResetModel();
                      if (!outcome.problem.isEmpty())
                          emit failed(outcome.problem);
                      emit finished();
                  });
}

void DiffModel::cancel()
{
    if (!d->jobs.isRunning())
        return;
    d->jobs.cancel();
    emit finished();
}

void DiffModel::setShowEqual(bool show)
{
    beginResetModel();
    d->showEqual = show;
    d->refilter();
    endResetModel();
}

bool DiffModel::isRunning() const
{
    return d->jobs.isRunning();
}

int DiffModel::count(Kind kind) const
{
    int number = 0;
    for (const remap::TensorPair& row : d->diff.pairs)
        number += kindOf(row.kind) == kind ? 1 : 0;
    return number;
}

QString DiffModel::summary() const
{
    if (!d->compared)
        return {};
    const std::array<std::pair<Kind, QString>, 8> phrases{{{Kind::NonFinite, tr("%1 with NaN or Inf")},
                                                           {Kind::Damaged, tr("%1 damaged")},
                                                           {Kind::Reshaped, tr("%1 reshaped")},
                                                           {Kind::Removed, tr("%1 only in A")},
                                                           {Kind::Added, tr("%1 only in B")},
                                                           {Kind::Changed, tr("%1 changed")},
                                                           {Kind::Renamed, tr("%1 renamed")},
                                                           {Kind::Equal, tr("%1 equal")}}};
    QStringList parts;
    for (const auto& [kind, phrase] : phrases) {
        if (const int number = count(kind); number > 0)
            parts += phrase.arg(number);
    }
    return parts.isEmpty() ? tr("Both checkpoints are empty") : parts.join(QStringLiteral(" · "));
}

double DiffModel::largestRelative() const
{
    double largest = 0.0;
    for (const remap::TensorPair& row : d->diff.pairs) {
        if (std::isfinite(row.numbers.relativeL2))
            largest = std::max(largest, row.numbers.relativeL2);
    }
    return largest;
}

int DiffModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(d->visible.size());
}

int DiffModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant DiffModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const remap::TensorPair& row = d->diff.pairs[static_cast<std::size_t>(d->visible[index.row()])];
    const Kind kind = kindOf(row.kind);
    switch (role) {
    case KindRole:
        return static_cast<int>(kind);
    case RelativeRole:
        return row.hasNumbers ? QVariant(row.numbers.relativeL2) : QVariant();
    case Qt::ToolTipRole:
        return index.column() == NameColumn   ? nameText(row)
               : index.column() == NoteColumn ? noteText(row)
                                              : numbersText(row);
    case Qt::TextAlignmentRole:
        if (index.column() >= RelativeColumn && index.column() <= SurpriseColumn)
            return QVariant(Qt::AlignRight | Qt::AlignVCenter);
        return {};
    case Qt::DisplayRole:
        break;
    default:
        return {};
    }
    switch (index.column()) {
    case KindColumn:
        return kindText(kind);
    case NameColumn:
        return nameText(row);
    case ShapeColumn:
        return shapesText(row);
    case RelativeColumn:
        return row.hasNumbers ? QVariant(valueText(row.numbers.relativeL2)) : QVariant();
    case MaxAbsColumn:
        return row.hasNumbers ? QVariant(valueText(row.numbers.maxAbs)) : QVariant();
    case ChangedColumn: {
        const std::int64_t elements = row.numbers.elements;
        if (!row.hasNumbers || elements == 0)
            return {};
        return tr("%1 %").arg(
            100.0 * static_cast<double>(row.numbers.changed) / static_cast<double>(elements), 0, 'f', 1);
    }
    case SurpriseColumn:
        return row.hasNumbers && row.surprise > 0.0 ? QVariant(valueText(row.surprise)) : QVariant();
    case NoteColumn:
        return noteText(row);
    default:
        return {};
    }
}

QVariant DiffModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::ToolTipRole && section == RelativeColumn)
        return tr("‖B − A‖ divided by ‖A‖");
    if (role == Qt::ToolTipRole && section == SurpriseColumn)
        return tr("How far the change is from what is usual among tensors of the same template, in median "
                  "deviations");
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case KindColumn:
        return tr("Difference");
    case NameColumn:
        return tr("Tensor");
    case ShapeColumn:
        return tr("Shape");
    case RelativeColumn:
        return tr("Relative L2");
    case MaxAbsColumn:
        return tr("Max |Δ|");
    case ChangedColumn:
        return tr("Elements changed");
    case SurpriseColumn:
        return tr("Surprise");
    case NoteColumn:
        return tr("Note");
    default:
        return {};
    }
}

} // namespace wr::app
