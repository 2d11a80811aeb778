// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/listed_reader.h"

#include <algorithm>

namespace wr::formats {

std::ptrdiff_t ListedReader::find(std::string_view name) const
{
    const auto found = std::lower_bound(
        m_entries.begin(), m_entries.end(), name,
        [](const checkpoint::TensorEntry& entry, std::string_view n) { return entry.spec.name < n; });
    return found != m_entries.end() && found->spec.name == name ? found - m_entries.begin() : -1;
}

Result<Tensor> ListedReader::read(std::size_t index, const Progress& progress, int /*threads*/) const
{
    constexpr std::size_t kPiece = std::size_t{8} << 20U;
    const checkpoint::TensorEntry& entry = m_entries[index];
    WR_ASSIGN_OR_RETURN(Tensor tensor, Tensor::create(entry.spec.dtype, entry.spec.shape));
    const std::span<std::byte> values = tensor.mutableBytes();
    for (std::size_t at = 0; at < values.size();) {
        const std::span<std::byte> piece = values.subspan(at, std::min(kPiece, values.size() - at));
        WR_RETURN_IF_ERROR(readPart(index, at, piece));
        at += piece.size();
        if (progress && !progress(at, values.size()))
            return fail(cancelled("reading was cancelled"));
    }
    return tensor;
}

} // namespace wr::formats
