// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers as bytes, least significant first, whatever the machine. Pure; any thread. Callers check bounds.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

namespace wr {

template <typename T>
T loadLittle(const std::byte* at)
{
    static_assert(std::is_unsigned_v<T>);
    T value = 0;
    if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(&value, at, sizeof(T));
        return value;
    }
    for (std::size_t i = 0; i < sizeof(T); ++i)
        value = static_cast<T>(value | static_cast<T>(static_cast<T>(at[i]) << (8U * i)));
    return value;
}

template <typename T>
void storeLittle(std::byte* at, T value)
{
    static_assert(std::is_unsigned_v<T>);
    if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(at, &value, sizeof(T));
        return;
    }
    for (std::size_t i = 0; i < sizeof(T); ++i)
        at[i] = static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8U * i));
}

template <typename T>
void appendLittle(std::vector<std::byte>& to, T value)
{
    to.resize(to.size() + sizeof(T));
    storeLittle(to.data() + to.size() - sizeof(T), value);
}

inline void appendBytes(std::vector<std::byte>& to, std::span<const std::byte> bytes)
{
    to.insert(to.end(), bytes.begin(), bytes.end());
}

} // namespace wr
