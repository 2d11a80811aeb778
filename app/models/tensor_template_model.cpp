// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/tensor_template_model.h"

#include "app/document/quantity.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/remap/name_template.h"

#include <algorithm>

namespace wr::app {
namespace {

using Group = TensorTemplates::Group;

/// Of rows that are no template's: the template's row, counted from 1.
constexpr quintptr kTemplate = 0;

QString axesOf(const remap::NameTemplate& known)
{
    QStringList axes;
    for (std::size_t axis = 0; axis < known.axes.size(); ++axis) {
        const remap::IndexAxis& values = known.axes[axis];
        if (values.count < 2)
            continue;
        QString words = QStringLiteral("%1 = %2–%3")
                            .arg(QLatin1Char(remap::indexLetter(axis)))
                            .arg(values.first)
                            .arg(values.last);
        if (!values.isDense())
            words += TensorTemplateModel::tr(" (%1 of them)").arg(values.count);
        axes += words;
    }
    return axes.join(QStringLiteral(", "));
}

} // namespace

TensorTemplates TensorTemplates::of(const CheckpointFile& file, const QVector<int>& tensors)
{
    std::vector<TensorSpec> specs;
    specs.reserve(static_cast<std::size_t>(tensors.size()));
    for (const int tensor : tensors)
        specs.push_back(file.reader().tensor(static_cast<std::size_t>(tensor)).spec);
    const remap::TemplateSet set = remap::TemplateSet::of(specs);
    TensorTemplates result;
    result.tensors.reserve(tensors.size());
    for (std::size_t i = 0; i < set.templates().size(); ++i) {
        const remap::NameTemplate& known = set.templates()[i];
        Group group;
        group.text = QString::fromStdString(known.text());
        group.axes = axesOf(known);
        group.begin = static_cast<int>(result.tensors.size());
        for (const std::uint32_t member : set.members(i))
            result.tensors += tensors[static_cast<int>(member)];
        group.end = static_cast<int>(result.tensors.size());
        const int first = result.tensors[group.begin];
        if (known.hasOneShape)
            group.shape = file.columns().shape(first);
        if (known.hasOneType)
            group.type = file.columns().type(first);
        for (int at = group.begin; at < group.end; ++at)
            group.bytes += file.columns().bytes(result.tensors[at]);
        result.groups += group;
    }
    return result;
}

void TensorTemplateModel::show(std::shared_ptr<const CheckpointFile> file, const TensorTemplates& templates)
{
    beginResetModel();
    m_file = std::move(file);
    m_templates = templates;
    endResetModel();
}

int TensorTemplateModel::tensorIndex(const QModelIndex& index) const
{
    if (!index.isValid())
        return -1;
    const bool isTemplate = index.internalId() == kTemplate;
    const Group& group =
        m_templates.groups[isTemplate ? index.row() : static_cast<int>(index.internalId()) - 1];
    if (isTemplate && group.end - group.begin > 1)
        return -1;
    return m_templates.tensors[group.begin + (isTemplate ? 0 : index.row())];
}

QModelIndex TensorTemplateModel::indexOf(int tensor) const
{
    const auto at = static_cast<int>(m_templates.tensors.indexOf(tensor));
    if (at < 0)
        return {};
    const auto group = std::upper_bound(m_templates.groups.cbegin(), m_templates.groups.cend(), at,
                                        [](int place, const Group& g) { return place < g.end; });
    const QModelIndex row = index(static_cast<int>(group - m_templates.groups.cbegin()), 0);
    return group->end - group->begin > 1 ? index(at - group->begin, 0, row) : row;
}

QModelIndex TensorTemplateModel::index(int row, int column, const QModelIndex& parent) const
{
    if (row < 0 || column < 0 || column >= TensorListModel::ColumnCount || row >= rowCount(parent))
        return {};
    return createIndex(row, column, parent.isValid() ? static_cast<quintptr>(parent.row()) + 1 : kTemplate);
}

QModelIndex TensorTemplateModel::parent(const QModelIndex& index) const
{
    if (!index.isValid() || index.internalId() == kTemplate)
        return {};
    return createIndex(static_cast<int>(index.internalId()) - 1, 0, kTemplate);
}

int TensorTemplateModel::rowCount(const QModelIndex& parent) const
{
    if (!parent.isValid())
        return static_cast<int>(m_templates.groups.size());
    if (parent.internalId() != kTemplate || parent.column() > 0)
        return 0;
    const Group& group = m_templates.groups[parent.row()];
    return group.end - group.begin > 1 ? group.end - group.begin : 0;
}

int TensorTemplateModel::columnCount(const QModelIndex& /*parent*/) const
{
    return TensorListModel::ColumnCount;
}

QVariant TensorTemplateModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    if (const int tensor = tensorIndex(index); tensor >= 0)
        return TensorListModel::cell(*m_file, tensor, index.column(), role);
    const Group& group = m_templates.groups[index.row()];
    if (role == Qt::TextAlignmentRole && index.column() >= TensorListModel::BytesColumn)
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && index.column() == TensorListModel::NameColumn)
        return tr("%1\n%2").arg(group.text, group.axes);
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case TensorListModel::NameColumn:
        return tr("%1  ×%2").arg(group.text, countText(group.end - group.begin));
    case TensorListModel::ShapeColumn:
        return group.shape.isEmpty() ? tr("several") : group.shape;
    case TensorListModel::DTypeColumn:
        return group.type.isEmpty() ? tr("several") : group.type;
    case TensorListModel::BytesColumn:
        return byteText(group.bytes);
    default:
        return {};
    }
}

QVariant TensorTemplateModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return orientation == Qt::Horizontal ? TensorListModel::header(section, role) : QVariant();
}

} // namespace wr::app
