// SPDX-License-Identifier: GPL-3.0-or-later
// What a list of tensors shows and is filtered by, kept in columns: a million tensors take some 60 MB and can
// be looked through in milliseconds. Immutable once built; any thread.
#pragma once

#include <QHash>
#include <QString>
#include <QVector>
#include <string>
#include <string_view>
#include <vector>

namespace wr::checkpoint {
class CheckpointReader;
}

namespace wr::app {

class TensorColumns {
public:
    TensorColumns() = default;
    explicit TensorColumns(const checkpoint::CheckpointReader& reader); ///< blocking: call from a job

    int count() const { return static_cast<int>(m_types.size()); }
    /// UTF-8, as in the file.
    std::string_view rawName(int tensor) const { return part(m_names, tensor); }
    QString name(int tensor) const;
    const QVector<qint64>& dims(int tensor) const { return m_shapes[m_shapeOf[at(tensor)]].dims; }
    const QString& shape(int tensor) const { return m_shapes[m_shapeOf[at(tensor)]].text; } ///< "784 × 200"
    qint64 elements(int tensor) const { return m_shapes[m_shapeOf[at(tensor)]].elements; }
    const QString& type(int tensor) const { return m_typeNames[m_types[at(tensor)]]; }
    qint64 bytes(int tensor) const { return m_bytes[at(tensor)]; }
    /// Index of the tensor with this name, or −1.
    int find(const QString& name) const;
    /// Whether the name contains `folded`, without regard to the case of letters a–z; `folded` is in lower
    /// case.
    bool nameContains(int tensor, std::string_view folded) const
    {
        return part(m_folded, tensor).find(folded) != std::string_view::npos;
    }
    /// Of those whose names contain it, in order; the same as asking for each, in one pass over all letters.
    QVector<int> whoseNameContains(std::string_view folded) const;

private:
    struct Shape {
        QVector<qint64> dims;
        QString text;
        qint64 elements = 0;
    };
    static std::size_t at(int tensor) { return static_cast<std::size_t>(tensor); }
    std::string_view part(const std::string& letters, int tensor) const
    {
        const std::size_t begin = m_begins[at(tensor)];
        return std::string_view(letters).substr(begin, m_begins[at(tensor) + 1] - begin);
    }

    std::string m_names;  ///< one behind the other
    std::string m_folded; ///< the same, A–Z in lower case
    std::vector<std::size_t> m_begins{0};
    std::vector<Shape> m_shapes;
    std::vector<std::uint32_t> m_shapeOf;
    std::vector<QString> m_typeNames;
    std::vector<std::uint8_t> m_types;
    std::vector<qint64> m_bytes;
};

} // namespace wr::app
