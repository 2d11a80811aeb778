// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/library/tensor_columns.h"

#include "app/document/quantity.h"
#include "engine/checkpoint/checkpoint.h"

#include <algorithm>
#include <map>

namespace wr::app {

TensorColumns::TensorColumns(const checkpoint::CheckpointReader& reader)
{
    std::map<std::vector<std::int64_t>, std::uint32_t> shapes;
    std::map<DType, std::uint8_t> types;
    std::vector<std::int64_t> dims;
    const std::size_t count = reader.tensors().size();
    m_begins.reserve(count + 1);
    m_shapeOf.reserve(count);
    m_types.reserve(count);
    m_bytes.reserve(count);
    for (const checkpoint::TensorEntry& entry : reader.tensors()) {
        m_names += entry.spec.name;
        m_begins.push_back(m_names.size());
        m_bytes.push_back(static_cast<qint64>(entry.logicalBytes));
        dims.clear();
        for (int axis = 0; axis < entry.spec.shape.rank(); ++axis)
            dims.push_back(entry.spec.shape.dim(axis));
        const auto [shape, isNewShape] =
            shapes.try_emplace(dims, static_cast<std::uint32_t>(m_shapes.size()));
        if (isNewShape)
            m_shapes.push_back({QVector<qint64>(dims.cbegin(), dims.cend()), shapeText(entry.spec.shape),
                                entry.spec.shape.elementCount().value_or(0)});
        m_shapeOf.push_back(shape->second);
        const auto [type, isNewType] =
            types.try_emplace(entry.spec.dtype, static_cast<std::uint8_t>(m_typeNames.size()));
        if (isNewType)
            m_typeNames.push_back(QString::fromStdString(std::string(dtypeName(entry.spec.dtype))));
        m_types.push_back(type->second);
    }
    m_folded = m_names;
    for (char& letter : m_folded)
        if (letter >= 'A' && letter <= 'Z')
            letter = static_cast<char>(letter - 'A' + 'a');
}

QString TensorColumns::name(int tensor) const
{
    const std::string_view name = rawName(tensor);
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
}

int TensorColumns::find(const QString& name) const
{
    const std::string wanted = name.toStdString();
    int low = 0;
    int high = count();
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (rawName(middle) < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count() && rawName(low) == wanted ? low : -1;
}

QVector<int> TensorColumns::whoseNameContains(std::string_view folded) const
{
    QVector<int> found;
    const std::string_view all = m_folded;
    int tensor = 0;
    for (std::size_t at = 0; (at = all.find(folded, at)) != std::string_view::npos;) {
        while (m_begins[static_cast<std::size_t>(tensor) + 1] <= at && tensor + 1 < count())
            ++tensor;
        const std::size_t end = m_begins[static_cast<std::size_t>(tensor) + 1];
        if (at + folded.size() <= end) {
            found.append(tensor);
            at = end;
        } else {
            ++at; // it reaches into the next name
        }
    }
    return found;
}

} // namespace wr::app
