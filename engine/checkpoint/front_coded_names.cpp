// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/front_coded_names.h"

#include "engine/base/little_endian.h"
#include "engine/checkpoint/index_layout.h"

#include <algorithm>

namespace wr::checkpoint {
namespace {

constexpr std::size_t kHead = 3; ///< u8 shared, u16 length of the rest
constexpr std::size_t kBlock = layout::kNamesPerBlock;

Status unusable(const char* why)
{
    return dataLoss(std::string("the index cannot be used: ") + why);
}

/// Turns the name before into the one at `at`, and moves past it. What is stored is known to be sound.
void step(const std::byte*& at, std::string& name)
{
    const auto shared = static_cast<std::size_t>(*at);
    const std::size_t length = loadLittle<std::uint16_t>(at + 1);
    name.resize(shared);
    name.append(reinterpret_cast<const char*>(at + kHead), length);
    at += kHead + length;
}

} // namespace

Result<FrontCodedNames> FrontCodedNames::open(std::vector<std::byte> section, std::size_t count)
{
    FrontCodedNames names;
    const std::size_t blocks = (count + kBlock - 1) / kBlock;
    if (section.size() / sizeof(std::uint32_t) < blocks || section.size() > UINT32_MAX)
        return fail(unusable("names are missing"));
    const std::size_t end = section.size() - blocks * sizeof(std::uint32_t);
    names.m_blocks.reserve(blocks);
    std::string name;
    const auto less = [](char a, char b) {
        return static_cast<unsigned char>(a) < static_cast<unsigned char>(b);
    };
    for (std::size_t i = 0, at = 0; i < count; ++i) {
        const bool isFirst = i % kBlock == 0;
        if (isFirst)
            names.m_blocks.push_back(static_cast<std::uint32_t>(at));
        if (end - at < kHead)
            return fail(unusable("a name is cut off"));
        const auto shared = static_cast<std::size_t>(section[at]);
        const std::size_t length = loadLittle<std::uint16_t>(section.data() + at + 1);
        if (shared > (isFirst ? 0 : name.size()) || end - at - kHead < length)
            return fail(unusable("a name is cut off"));
        const auto* const rest = reinterpret_cast<const char*>(section.data() + at + kHead);
        // They are in order when what differs is, which is all of it in the first of a block.
        if (i > 0 && !std::lexicographical_compare(name.begin() + static_cast<std::ptrdiff_t>(shared),
                                                   name.end(), rest, rest + length, less))
            return fail(unusable("its names are not in order"));
        name.resize(shared);
        name.append(rest, length);
        at += kHead + length;
    }
    names.m_section = std::move(section);
    names.m_count = count;
    return names;
}

void FrontCodedNames::forEach(std::size_t begin, std::size_t end,
                              const std::function<void(std::size_t, std::string_view)>& call) const
{
    if (begin >= end)
        return;
    const std::byte* at = m_section.data() + m_blocks[begin / kBlock];
    std::string name;
    for (std::size_t i = begin - begin % kBlock; i < end; ++i) {
        step(at, name);
        if (i >= begin)
            call(i, name);
    }
}

std::string FrontCodedNames::name(std::size_t index) const
{
    const std::byte* at = m_section.data() + m_blocks[index / kBlock];
    std::string name;
    for (std::size_t i = index - index % kBlock; i <= index; ++i)
        step(at, name);
    return name;
}

std::string_view FrontCodedNames::firstOf(std::size_t block) const
{
    const std::byte* const at = m_section.data() + m_blocks[block];
    return {reinterpret_cast<const char*>(at + kHead), loadLittle<std::uint16_t>(at + 1)};
}

std::ptrdiff_t FrontCodedNames::find(std::string_view name) const
{
    std::size_t low = 0;
    std::size_t high = m_blocks.size();
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        if (firstOf(middle) <= name)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return -1;
    const std::size_t from = (low - 1) * kBlock;
    const std::byte* at = m_section.data() + m_blocks[low - 1];
    std::string here;
    for (std::size_t i = from; i < std::min(from + kBlock, m_count); ++i) {
        step(at, here);
        if (here == name)
            return static_cast<std::ptrdiff_t>(i);
    }
    return -1;
}

void NamesEncoder::append(std::string_view name)
{
    if (m_count++ % kBlock == 0) {
        m_blocks.push_back(static_cast<std::uint32_t>(m_bytes.size()));
        m_previous.clear();
    }
    const auto differ = std::mismatch(name.begin(), name.end(), m_previous.begin(), m_previous.end()).first;
    const auto shared = static_cast<std::uint8_t>(std::min<std::ptrdiff_t>(differ - name.begin(), 255));
    const std::string_view rest = name.substr(shared);
    appendLittle(m_bytes, shared);
    appendLittle(m_bytes, static_cast<std::uint16_t>(rest.size()));
    appendBytes(m_bytes, std::as_bytes(std::span(rest)));
    m_previous = name;
}

std::vector<std::byte> NamesEncoder::finish()
{
    for (const std::uint32_t block : m_blocks)
        appendLittle(m_bytes, block);
    return std::move(m_bytes);
}

} // namespace wr::checkpoint
