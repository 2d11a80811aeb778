// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/tensor_tree_model.h"

#include "app/document/quantity.h"

#include <algorithm>

namespace wr::app {
namespace {

/// Letters up to the next separator and with it; all of them where there is none.
std::size_t nextScope(std::string_view name, std::size_t from)
{
    const std::size_t at = name.find_first_of("/.", from);
    return at == std::string_view::npos ? name.size() : at + 1;
}

bool isDigit(char letter)
{
    return letter >= '0' && letter <= '9';
}

/// "layer.2" stands before "layer.10".
bool comesBefore(std::string_view a, std::string_view b)
{
    std::size_t i = 0;
    std::size_t j = 0;
    const auto number = [](std::string_view text, std::size_t& at) {
        while (at < text.size() && text[at] == '0')
            ++at;
        const std::size_t begin = at;
        while (at < text.size() && isDigit(text[at]))
            ++at;
        return text.substr(begin, at - begin);
    };
    while (i < a.size() && j < b.size()) {
        if (isDigit(a[i]) && isDigit(b[j])) {
            const std::string_view first = number(a, i);
            const std::string_view second = number(b, j);
            if (first != second)
                return first.size() != second.size() ? first.size() < second.size() : first < second;
        } else if (a[i] != b[j]) {
            return a[i] < b[j];
        } else {
            ++i;
            ++j;
        }
    }
    return a.size() - i < b.size() - j;
}

} // namespace

TensorTreeModel::TensorTreeModel(QObject* parent) : QAbstractItemModel(parent)
{
    show(nullptr, {});
}

void TensorTreeModel::show(std::shared_ptr<const CheckpointFile> file, const QVector<int>& tensors)
{
    beginResetModel();
    m_file = std::move(file);
    m_visible = tensors;
    m_bytesBefore.assign(1, 0);
    m_bytesBefore.reserve(static_cast<std::size_t>(tensors.size()) + 1);
    for (const int tensor : tensors)
        m_bytesBefore.push_back(m_bytesBefore.back() + m_file->columns().bytes(tensor));
    m_nodes.assign(1, Node());
    m_nodes.front().end = static_cast<int>(tensors.size());
    endResetModel();
}

const TensorTreeModel::Node& TensorTreeModel::nodeOf(const QModelIndex& index) const
{
    return m_nodes[index.isValid() ? static_cast<std::size_t>(index.internalId()) : 0];
}

/// The first of [begin, end) whose name does not begin with the prefix; those that do stand in front.
int TensorTreeModel::endOfPrefix(int begin, int end, std::string_view prefix) const
{
    while (begin < end) {
        const int middle = begin + (end - begin) / 2;
        if (m_file->columns().rawName(m_visible[middle]).substr(0, prefix.size()) == prefix)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}

void TensorTreeModel::open(int at) const
{
    m_nodes[static_cast<std::size_t>(at)].isOpened = true;
    const Node parent = m_nodes[static_cast<std::size_t>(at)];
    std::vector<int> children;
    for (int begin = parent.begin; begin < parent.end;) {
        const std::string_view first = m_file->columns().rawName(m_visible[begin]);
        std::size_t prefix = nextScope(first, parent.prefix);
        int end =
            prefix == first.size() ? begin + 1 : endOfPrefix(begin, parent.end, first.substr(0, prefix));
        // A scope with a single scope in it is one row with it.
        while (prefix < first.size()) {
            const std::size_t further = nextScope(first, prefix);
            if (further == first.size() ? end - begin > 1
                                        : endOfPrefix(begin, end, first.substr(0, further)) != end)
                break;
            prefix = further;
        }
        Node child;
        child.parent = at;
        child.begin = begin;
        child.end = end;
        child.told = parent.prefix;
        child.prefix = prefix;
        if (prefix == first.size())
            child.tensor = m_visible[begin];
        children.push_back(static_cast<int>(m_nodes.size()));
        m_nodes.push_back(std::move(child));
        begin = end;
    }
    constexpr std::size_t kMostSorted = 20000;
    if (children.size() <= kMostSorted)
        std::stable_sort(children.begin(), children.end(),
                         [this](int a, int b) { return comesBefore(label(a), label(b)); });
    for (std::size_t row = 0; row < children.size(); ++row)
        m_nodes[static_cast<std::size_t>(children[row])].row = static_cast<int>(row);
    m_nodes[static_cast<std::size_t>(at)].children = std::move(children);
}

std::string_view TensorTreeModel::label(int at) const
{
    const Node& node = m_nodes[static_cast<std::size_t>(at)];
    return m_file->columns().rawName(m_visible[node.begin]).substr(node.told, node.prefix - node.told);
}

const std::vector<int>& TensorTreeModel::childrenOf(int node) const
{
    const Node& known = m_nodes[static_cast<std::size_t>(node)];
    if (!known.isOpened && known.tensor < 0)
        open(node);
    return m_nodes[static_cast<std::size_t>(node)].children;
}

int TensorTreeModel::tensorIndex(const QModelIndex& index) const
{
    return index.isValid() ? nodeOf(index).tensor : -1;
}

int TensorTreeModel::tensorsIn(const QModelIndex& index) const
{
    const Node& node = nodeOf(index);
    return node.end - node.begin;
}

QModelIndex TensorTreeModel::indexOf(int tensor)
{
    const auto place = std::lower_bound(m_visible.cbegin(), m_visible.cend(), tensor);
    if (place == m_visible.cend() || *place != tensor)
        return {};
    const auto at = static_cast<int>(place - m_visible.cbegin());
    QModelIndex found;
    while (tensorIndex(found) < 0) {
        const std::vector<int>& children =
            childrenOf(found.isValid() ? static_cast<int>(found.internalId()) : 0);
        const auto child = std::find_if(children.begin(), children.end(), [&](int node) {
            const Node& branch = m_nodes[static_cast<std::size_t>(node)];
            return branch.begin <= at && at < branch.end;
        });
        found = index(static_cast<int>(child - children.begin()), 0, found);
    }
    return found;
}

QModelIndex TensorTreeModel::index(int row, int column, const QModelIndex& parent) const
{
    if (row < 0 || column < 0 || column >= TensorListModel::ColumnCount || parent.column() > 0)
        return {};
    const std::vector<int>& children =
        childrenOf(parent.isValid() ? static_cast<int>(parent.internalId()) : 0);
    if (row >= static_cast<int>(children.size()))
        return {};
    return createIndex(row, column, static_cast<quintptr>(children[static_cast<std::size_t>(row)]));
}

QModelIndex TensorTreeModel::parent(const QModelIndex& index) const
{
    if (!index.isValid())
        return {};
    const int parent = nodeOf(index).parent;
    return parent <= 0
               ? QModelIndex()
               : createIndex(m_nodes[static_cast<std::size_t>(parent)].row, 0, static_cast<quintptr>(parent));
}

int TensorTreeModel::rowCount(const QModelIndex& parent) const
{
    if (parent.column() > 0)
        return 0;
    return static_cast<int>(childrenOf(parent.isValid() ? static_cast<int>(parent.internalId()) : 0).size());
}

int TensorTreeModel::columnCount(const QModelIndex& /*parent*/) const
{
    return TensorListModel::ColumnCount;
}

bool TensorTreeModel::hasChildren(const QModelIndex& parent) const
{
    const Node& node = nodeOf(parent);
    return parent.column() <= 0 && node.tensor < 0 && node.end > node.begin;
}

QVariant TensorTreeModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Node& node = nodeOf(index);
    const bool isName = index.column() == TensorListModel::NameColumn;
    const std::string_view name = m_file->columns().rawName(m_visible[node.begin]);
    if (isName && role == Qt::DisplayRole) {
        const std::string_view part = label(static_cast<int>(index.internalId()));
        return QString::fromUtf8(part.data(), static_cast<qsizetype>(part.size()));
    }
    if (node.tensor >= 0)
        return TensorListModel::cell(*m_file, node.tensor, index.column(), role);
    if (role == Qt::TextAlignmentRole && index.column() >= TensorListModel::BytesColumn)
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && isName)
        return QString::fromUtf8(name.data(), static_cast<qsizetype>(node.prefix));
    if (role != Qt::DisplayRole)
        return {};
    if (index.column() == TensorListModel::ShapeColumn)
        return countOf(node.end - node.begin, tr("tensor"), tr("tensors"));
    if (index.column() == TensorListModel::BytesColumn)
        return byteText(m_bytesBefore[static_cast<std::size_t>(node.end)] -
                        m_bytesBefore[static_cast<std::size_t>(node.begin)]);
    return {};
}

QVariant TensorTreeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return orientation == Qt::Horizontal ? TensorListModel::header(section, role) : QVariant();
}

} // namespace wr::app
