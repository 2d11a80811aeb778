// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/tensorflow/snappy.h"

#include "engine/formats/protobuf/wire_reader.h"

namespace wr::formats {
namespace {

std::size_t littleNumber(std::span<const std::byte> bytes)
{
    std::size_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;)
        value = value << 8U | static_cast<std::size_t>(bytes[i]);
    return value;
}

} // namespace

Result<std::vector<std::byte>> unpackSnappy(std::span<const std::byte> packed)
{
    const auto wrong = [](const char* what) { return fail(StatusCode::DataLoss, what); };
    std::uint64_t size = 0;
    std::span<const std::byte> rest = packed;
    if (!takeVarint(rest, size))
        return wrong("its packed bytes are cut off");
    // Three bytes make at most 64.
    if (size > rest.size() * std::uint64_t{22} + 64)
        return wrong("it declares more bytes than it can hold");
    std::vector<std::byte> out;
    out.reserve(static_cast<std::size_t>(size));
    while (!rest.empty()) {
        const auto tag = static_cast<std::size_t>(rest[0]);
        rest = rest.subspan(1);
        std::size_t length = 0;
        if ((tag & 3U) == 0) {
            length = (tag >> 2U) + 1;
            if (length > 60) {
                const std::size_t extra = length - 60;
                if (rest.size() < extra)
                    return wrong("its packed bytes are cut off");
                length = littleNumber(rest.first(extra)) + 1;
                rest = rest.subspan(extra);
            }
            if (length > rest.size() || length > size - out.size())
                return wrong("its packed bytes do not fit");
            out.insert(out.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(length));
            rest = rest.subspan(length);
            continue;
        }
        const std::size_t extra = (tag & 3U) == 3 ? 4 : tag & 3U;
        if (rest.size() < extra)
            return wrong("its packed bytes are cut off");
        std::size_t distance = littleNumber(rest.first(extra));
        rest = rest.subspan(extra);
        if (extra == 1) {
            length = ((tag >> 2U) & 7U) + 4;
            distance |= (tag >> 5U) << 8U;
        } else {
            length = (tag >> 2U) + 1;
        }
        if (distance == 0 || distance > out.size() || length > size - out.size())
            return wrong("its packed bytes do not fit");
        for (std::size_t i = 0; i < length; ++i) // the source may overlap what is being written
            out.push_back(out[out.size() - distance]);
    }
    if (out.size() != size)
        return wrong("it unpacks to another size than it declares");
    return out;
}

} // namespace wr::formats
