// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/planes.h"

#include "engine/base/little_endian.h"

namespace wr::checkpoint {
namespace {

template <std::size_t Size>
void split(std::span<const std::byte> block, std::size_t plane, std::byte* into)
{
    const std::size_t count = block.size() / Size;
    for (std::size_t i = 0; i < count; ++i)
        into[i] = block[i * Size + plane];
}

template <std::size_t Size>
void join(std::span<const std::byte> planes, std::byte* into)
{
    const std::size_t count = planes.size() / Size;
    for (std::size_t plane = 0; plane < Size; ++plane) {
        const std::byte* const from = planes.data() + plane * count;
        for (std::size_t i = 0; i < count; ++i)
            into[i * Size + plane] = from[i];
    }
}

std::uint16_t rotatedLeft(std::uint16_t bits)
{
    return static_cast<std::uint16_t>(bits << 1U | bits >> 15U);
}

std::uint16_t rotatedRight(std::uint16_t bits)
{
    return static_cast<std::uint16_t>(bits >> 1U | bits << 15U);
}

} // namespace

std::string_view filterName(Filter filter)
{
    switch (filter) {
    case Filter::None:
        break;
    case Filter::Planes:
        return "bp";
    case Filter::RotatedPlanes:
        return "rbp";
    case Filter::Difference:
        return "isub";
    case Filter::Same:
        return "same";
    }
    return "";
}

std::optional<Filter> filterFromName(std::string_view name)
{
    if (name == "bp")
        return Filter::Planes;
    if (name == "rbp")
        return Filter::RotatedPlanes;
    if (name == "isub")
        return Filter::Difference;
    if (name == "same")
        return Filter::Same;
    return std::nullopt;
}

bool hasPlanes(DType dtype)
{
    return dtypeSize(dtype) > 1;
}

void splitPlane(std::span<const std::byte> block, std::size_t elementSize, Filter filter, std::size_t plane,
                std::byte* into)
{
    if (filter == Filter::RotatedPlanes) {
        for (std::size_t i = 0; i * 2 < block.size(); ++i)
            into[i] = static_cast<std::byte>(rotatedLeft(loadLittle<std::uint16_t>(block.data() + i * 2)) >>
                                             (8U * plane));
        return;
    }
    if (elementSize == 2)
        split<2>(block, plane, into);
    else if (elementSize == 4)
        split<4>(block, plane, into);
    else
        split<8>(block, plane, into);
}

void joinPlanes(std::span<const std::byte> planes, std::size_t elementSize, Filter filter, std::byte* into)
{
    if (elementSize == 2)
        join<2>(planes, into);
    else if (elementSize == 4)
        join<4>(planes, into);
    else
        join<8>(planes, into);
    if (filter == Filter::RotatedPlanes) {
        for (std::size_t i = 0; i < planes.size(); i += 2)
            storeLittle(into + i, rotatedRight(loadLittle<std::uint16_t>(into + i)));
    }
}

} // namespace wr::checkpoint
