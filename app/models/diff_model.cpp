// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/diff_model.h"

#include "app/document/quantity.h"
#include "engine/checkpoint/diff.h"

#include <array>
#include <cmath>
#include <optional>

namespace wr::app {
namespace {

struct Outcome {
    std::optional<checkpoint::CheckpointDiff> diff;
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
    Result<checkpoint::CheckpointDiff> diff = checkpoint::diffCheckpoints(
        first.file->reader(), second.file->reader(), [&](std::uint64_t done, std::uint64_t total) {
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
    case DiffModel::Kind::Equal:
        return DiffModel::tr("Equal");
    }
    return {};
}

DiffModel::Kind kindOf(checkpoint::DiffKind kind)
{
    switch (kind) {
    case checkpoint::DiffKind::NonFinite:
        return DiffModel::Kind::NonFinite;
    case checkpoint::DiffKind::Damaged:
        return DiffModel::Kind::Damaged;
    case checkpoint::DiffKind::Reshaped:
        return DiffModel::Kind::Reshaped;
    case checkpoint::DiffKind::Removed:
        return DiffModel::Kind::Removed;
    case checkpoint::DiffKind::Added:
        return DiffModel::Kind::Added;
    case checkpoint::DiffKind::Changed:
        return DiffModel::Kind::Changed;
    case checkpoint::DiffKind::Equal:
        break;
    }
    return DiffModel::Kind::Equal;
}

bool hasValues(DiffModel::Kind kind)
{
    return kind == DiffModel::Kind::Changed || kind == DiffModel::Kind::NonFinite;
}

QString shapesText(const checkpoint::TensorDiff& row)
{
    if (row.a.dtype == DType::Invalid)
        return shapeText(row.b.shape);
    if (row.b.dtype == DType::Invalid || row.a.shape == row.b.shape)
        return shapeText(row.a.shape);
    return DiffModel::tr("%1 → %2").arg(shapeText(row.a.shape), shapeText(row.b.shape));
}

QString noteText(const checkpoint::TensorDiff& row)
{
    if (!row.problem.empty())
        return QString::fromStdString(row.problem);
    if (row.nonFiniteA > 0 || row.nonFiniteB > 0)
        return DiffModel::tr("NaN or Inf: %1 in A, %2 in B").arg(row.nonFiniteA).arg(row.nonFiniteB);
    if (row.a.dtype != DType::Invalid && row.b.dtype != DType::Invalid && row.a.dtype != row.b.dtype)
        return DiffModel::tr("%1 → %2").arg(QString::fromStdString(std::string(dtypeName(row.a.dtype))),
                                            QString::fromStdString(std::string(dtypeName(row.b.dtype))));
    if (row.kind == checkpoint::DiffKind::Equal)
        return row.byDigest ? DiffModel::tr("same digest") : DiffModel::tr("same values");
    if (row.kind == checkpoint::DiffKind::Changed && std::isinf(row.relativeL2))
        return DiffModel::tr("new from zero");
    return {};
}

} // namespace

struct DiffModel::Private {
    JobTracker jobs;
    checkpoint::CheckpointDiff diff;
    bool compared = false;
    bool showEqual = true;
    QVector<int> visible;

    void refilter()
    {
        visible.clear();
        for (std::size_t i = 0; i < diff.tensors.size(); ++i) {
            if (showEqual || diff.tensors[i].kind != checkpoint::DiffKind::Equal)
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
                      d->diff = outcome.diff ? std::move(*outcome.diff) : checkpoint::CheckpointDiff{};
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
    for (const checkpoint::TensorDiff& row : d->diff.tensors)
        number += kindOf(row.kind) == kind ? 1 : 0;
    return number;
}

QString DiffModel::summary() const
{
    if (!d->compared)
        return {};
    const std::array<std::pair<Kind, QString>, 7> phrases{{{Kind::NonFinite, tr("%1 with NaN or Inf")},
                                                           {Kind::Damaged, tr("%1 damaged")},
                                                           {Kind::Reshaped, tr("%1 reshaped")},
                                                           {Kind::Removed, tr("%1 only in A")},
                                                           {Kind::Added, tr("%1 only in B")},
                                                           {Kind::Changed, tr("%1 changed")},
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
    for (const checkpoint::TensorDiff& row : d->diff.tensors) {
        if (std::isfinite(row.relativeL2))
            largest = std::max(largest, row.relativeL2);
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
    const checkpoint::TensorDiff& row = d->diff.tensors[static_cast<std::size_t>(d->visible[index.row()])];
    const Kind kind = kindOf(row.kind);
    switch (role) {
    case KindRole:
        return static_cast<int>(kind);
    case RelativeRole:
        return hasValues(kind) ? QVariant(row.relativeL2) : QVariant();
    case Qt::ToolTipRole:
        return index.column() == NameColumn ? QString::fromStdString(row.name) : noteText(row);
    case Qt::TextAlignmentRole:
        if (index.column() >= RelativeColumn && index.column() <= ChangedColumn)
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
        return QString::fromStdString(row.name);
    case ShapeColumn:
        return shapesText(row);
    case RelativeColumn:
        return hasValues(kind) ? QVariant(valueText(row.relativeL2)) : QVariant();
    case MaxAbsColumn:
        return hasValues(kind) ? QVariant(valueText(row.maxAbs)) : QVariant();
    case ChangedColumn: {
        const std::int64_t elements = row.a.shape.elementCount().value_or(0);
        if (!hasValues(kind) || elements == 0)
            return {};
        return tr("%1 %").arg(100.0 * static_cast<double>(row.changed) / static_cast<double>(elements), 0,
                              'f', 1);
    }
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
    case NoteColumn:
        return tr("Note");
    default:
        return {};
    }
}

} // namespace wr::app
