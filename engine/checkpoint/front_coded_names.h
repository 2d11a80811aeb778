// SPDX-License-Identifier: GPL-3.0-or-later
// The names section of an index: names in order, in blocks whose first one stands whole while the others
// share what they have in common with the one before. It is kept as it is stored; names are put together when
// they are asked for. A value; may be read from several threads.
#pragma once

#include "engine/base/status.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wr::checkpoint {

class FrontCodedNames {
public:
    /// Looks at every name of a section that must hold `count` of them: DataLoss where one is cut off or they
    /// are not in order.
    static Result<FrontCodedNames> open(std::vector<std::byte> section, std::size_t count);

    std::size_t size() const { return m_count; }
    std::string name(std::size_t index) const;
    /// Index of the name, or -1.
    std::ptrdiff_t find(std::string_view name) const;
    /// Calls with the names of [begin, end) in order; each is valid during the call.
    void forEach(std::size_t begin, std::size_t end,
                 const std::function<void(std::size_t, std::string_view)>& call) const;

private:
    std::string_view firstOf(std::size_t block) const;

    std::vector<std::byte> m_section;
    std::vector<std::uint32_t> m_blocks; ///< where they begin
    std::size_t m_count = 0;
};

/// Writes the section piece by piece: names in order, then finish().
class NamesEncoder {
public:
    void append(std::string_view name);
    std::size_t size() const { return m_bytes.size(); } ///< bytes so far
    /// The section; the offsets of the blocks stand at its end.
    std::vector<std::byte> finish();

private:
    std::vector<std::byte> m_bytes;
    std::vector<std::uint32_t> m_blocks;
    std::string m_previous;
    std::size_t m_count = 0;
};

} // namespace wr::checkpoint
