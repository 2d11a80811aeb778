// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of a pickle, taken from front to back: what is cut off is a problem that is kept, and reads as
// nothing. Owned by one reader.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace wr::formats {

class PickleBytes {
public:
    static constexpr std::size_t kLongestText = std::size_t{16} << 20U;

    explicit PickleBytes(std::span<const std::byte> bytes) : m_bytes(bytes) {}

    void wrong(const char* what)
    {
        if (m_problem == nullptr)
            m_problem = what;
    }

    std::span<const std::byte> take(std::uint64_t size)
    {
        if (size > m_bytes.size() - m_at) {
            wrong("it is cut off");
            return {};
        }
        const std::span<const std::byte> part = m_bytes.subspan(m_at, static_cast<std::size_t>(size));
        m_at += part.size();
        return part;
    }
    std::uint64_t number(std::size_t size)
    {
        std::uint64_t value = 0;
        const std::span<const std::byte> part = take(size);
        for (std::size_t i = part.size(); i-- > 0;)
            value = value << 8U | static_cast<std::uint64_t>(part[i]);
        return value;
    }
    std::string line()
    {
        const auto begin = m_bytes.begin() + static_cast<std::ptrdiff_t>(m_at);
        const auto end = std::find(begin, m_bytes.end(), std::byte{'\n'});
        if (end == m_bytes.end() || static_cast<std::size_t>(end - begin) > kLongestText) {
            wrong("a line does not end");
            return {};
        }
        const std::span<const std::byte> part = take(static_cast<std::uint64_t>(end - begin));
        ++m_at;
        return {reinterpret_cast<const char*>(part.data()), part.size()};
    }

protected:
    std::span<const std::byte> m_bytes;
    std::size_t m_at = 0;
    const char* m_problem = nullptr; ///< the first one
};

} // namespace wr::formats
