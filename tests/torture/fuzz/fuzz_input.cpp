// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/torture/fuzz/fuzz_input.h"

#include "engine/base/crc32c.h"
#include "engine/base/little_endian.h"
#include "engine/checkpoint/damage_map.h"
#include "engine/checkpoint/frame.h"
#include "engine/checkpoint/index.h"
#include "engine/checkpoint/index_layout.h"
#include "engine/checkpoint/seek_table.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <xxhash.h>
#include <zstd.h>

namespace wr::torture {
namespace {

namespace layout = checkpoint::layout;

constexpr std::uint64_t kMostValues = 1U << 22U; ///< bytes that are read of one input

/// Takes numbers and bytes from the front; nothing where the input has ended.
class Reader {
public:
    explicit Reader(Input input) : m_input(input) {}

    template <typename T>
    T number()
    {
        std::array<std::byte, sizeof(T)> bytes{};
        const Input from = some(sizeof(T));
        std::copy(from.begin(), from.end(), bytes.begin());
        return loadLittle<T>(bytes.data());
    }
    Input some(std::size_t count)
    {
        const Input taken = m_input.first(std::min(count, m_input.size()));
        m_input = m_input.subspan(taken.size());
        return taken;
    }
    Input rest() const { return m_input; }

private:
    Input m_input;
};

template <typename T>
void append(Bytes& bytes, T number) requires std::is_unsigned_v<T>
{
    bytes.resize(bytes.size() + sizeof(T));
    storeLittle(bytes.data() + bytes.size() - sizeof(T), number);
}

void append(Bytes& bytes, Input more)
{
    bytes.insert(bytes.end(), more.begin(), more.end());
}

} // namespace

void require(bool holds, const char* what)
{
    if (holds)
        return;
    std::fprintf(stderr, "must not be: %s\n", what);
    std::abort();
}

Bytes signedIndex(Input input, const IndexPlace& place)
{
    Reader reader(input);
    const auto flags = reader.number<std::uint32_t>();
    const auto tensors = reader.number<std::uint64_t>();
    const auto frames = reader.number<std::uint32_t>();
    struct Section {
        std::uint32_t kind = 0;
        Input bytes;
    };
    std::vector<Section> sections;
    while (!reader.rest().empty() && sections.size() < 16) {
        const auto kind = reader.number<std::uint8_t>();
        sections.push_back({kind, reader.some(reader.number<std::uint16_t>())});
        if (kind == layout::Frames && sections.back().bytes.size() == place.frameHashes.size())
            sections.back().bytes = place.frameHashes;
    }
    Bytes payload(layout::kHead);
    std::memcpy(payload.data(), layout::kMagic.data(), layout::kMagic.size());
    storeLittle(payload.data() + 8, flags);
    storeLittle(payload.data() + 12, static_cast<std::uint32_t>(sections.size()));
    storeLittle(payload.data() + 32, place.headerHash);
    storeLittle(payload.data() + 40, tensors);
    std::uint64_t at = layout::kHead + layout::kSection * sections.size();
    for (const Section& section : sections) {
        append(payload, section.kind);
        append(payload, std::uint32_t{0});
        append(payload, at);
        append(payload, std::uint64_t{section.bytes.size()});
        append(payload, std::uint64_t{section.bytes.size()});
        append(payload, std::uint64_t{XXH64(section.bytes.data(), section.bytes.size(), 0)});
        at += section.bytes.size();
    }
    storeLittle(payload.data() + layout::kHeadChecked, layout::headHash(payload));
    for (const Section& section : sections)
        append(payload, section.bytes);
    Bytes locator;
    append(locator, place.fileOffset + layout::kFrameHeader);
    append(locator, std::uint64_t{payload.size() + layout::kLocator});
    append(locator, place.contentSize);
    append(locator, place.headerBytes);
    append(locator, tensors);
    append(locator, frames);
    append(locator, layout::kChunkLog2);
    append(locator, flags);
    append(locator, crc32c(locator));
    append(locator, std::as_bytes(std::span(layout::kLocatorMagic)));
    append(payload, locator);
    Bytes frame;
    append(frame, layout::kFrameMagic);
    append(frame, static_cast<std::uint32_t>(payload.size()));
    append(frame, payload);
    return frame;
}

Bytes indexInput(Input frame)
{
    const Input payload = frame.subspan(layout::kFrameHeader);
    const Input locator = payload.last(layout::kLocator);
    Bytes input;
    append(input, payload.subspan(8, 4));
    append(input, payload.subspan(40, 8));
    append(input, locator.subspan(40, 4));
    const auto count = loadLittle<std::uint32_t>(payload.data() + 12);
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::byte* const row = payload.data() + layout::kHead + layout::kSection * i;
        const Input stored = payload.subspan(static_cast<std::size_t>(loadLittle<std::uint64_t>(row + 8)),
                                             static_cast<std::size_t>(loadLittle<std::uint64_t>(row + 16)));
        Bytes raw(static_cast<std::size_t>(loadLittle<std::uint64_t>(row + 24)));
        if (loadLittle<std::uint32_t>(row + 4) == 1)
            static_cast<void>(ZSTD_decompress(raw.data(), raw.size(), stored.data(), stored.size()));
        else
            raw.assign(stored.begin(), stored.end());
        append(input, static_cast<std::uint8_t>(loadLittle<std::uint32_t>(row)));
        append(input, static_cast<std::uint16_t>(raw.size()));
        append(input, raw);
    }
    return input;
}

Bytes packedFile(Input input)
{
    Reader reader(input);
    const Input json = reader.some(reader.number<std::uint32_t>());
    const Input data = reader.some(reader.number<std::uint32_t>());
    Bytes header;
    append(header, std::uint64_t{json.size()});
    append(header, json);
    checkpoint::FrameEncoder encoder;
    checkpoint::FrameTable table;
    Bytes file;
    Bytes hashes;
    for (const Input part : {Input(header), data}) {
        for (std::size_t at = 0; at < part.size(); at += checkpoint::kMaxFrameContent) {
            const auto frame =
                encoder.encode(part.subspan(at, std::min(checkpoint::kMaxFrameContent, part.size() - at)),
                               checkpoint::Coder::Lz);
            require(frame.has_value(), "a frame cannot be made");
            table.append(static_cast<std::uint32_t>(frame->bytes.size()), frame->contentSize,
                         frame->checksum);
            append(file, frame->bytes);
            append(hashes, checkpoint::frameHash(frame->bytes));
        }
    }
    if (!reader.rest().empty()) {
        const Bytes index = signedIndex(reader.rest(), {file.size(), XXH64(header.data(), header.size(), 0),
                                                        header.size() + data.size(), header.size(), hashes});
        table.append(static_cast<std::uint32_t>(index.size()), 0, 0);
        append(file, index);
    }
    append(file, encodeSeekTable(table));
    return file;
}

Bytes fileInput(Input file)
{
    auto disk = ModelDisk();
    disk.put("/f/a", std::make_shared<Bytes>(file.begin(), file.end()));
    const auto opened = disk.open("/f/a", OpenMode::Read);
    const auto table = checkpoint::readSeekTable(**opened, file.size());
    Bytes content;
    Bytes index;
    checkpoint::FrameDecoder decoder;
    for (const checkpoint::FramePlace& frame : table->frames) {
        const Input bytes = file.subspan(static_cast<std::size_t>(frame.fileOffset), frame.fileSize);
        if (frame.contentSize == 0) {
            index = indexInput(bytes);
            continue;
        }
        const std::size_t before = content.size();
        content.resize(before + frame.contentSize);
        require(decoder.decode(bytes, std::span(content).subspan(before), frame.checksum).isOk(),
                "a seed is damaged");
    }
    const auto json = static_cast<std::uint32_t>(loadLittle<std::uint64_t>(content.data()));
    Bytes input;
    append(input, json);
    append(input, Input(content).subspan(8, json));
    append(input, static_cast<std::uint32_t>(content.size() - 8 - json));
    append(input, Input(content).subspan(8 + std::size_t{json}));
    append(input, index);
    return input;
}

void useFile(ModelDisk& disk, const std::string& path)
{
    const auto reader = checkpoint::openCheckpoint(disk, path);
    require(reader || !reader.error().message().empty(), "a file is refused without a word");
    std::uint64_t bytes = 0;
    bool areAllRead = true;
    for (std::size_t i = 0; reader && i < (*reader)->tensors().size(); ++i) {
        const checkpoint::TensorEntry& entry = (*reader)->tensors()[i];
        require((*reader)->find(entry.spec.name) == static_cast<std::ptrdiff_t>(i), "a tensor is not found");
        bytes += std::min(entry.logicalBytes, kMostValues);
        if (bytes >= kMostValues)
            return; // it takes too long
        const Result<Tensor> tensor = (*reader)->read(i);
        areAllRead = areAllRead && tensor.has_value();
        require(!tensor || tensor->byteSize() == entry.logicalBytes,
                "a tensor is longer or shorter than said");
    }
    const auto map = checkpoint::verifyFile(disk, path);
    if (map && map->isWhole())
        require(reader.has_value() && areAllRead, "a file is called whole and cannot be read");
    const auto salvaged = checkpoint::salvageFile(disk, path, path + ".out", {});
    if (!salvaged)
        return;
    const auto again = checkpoint::verifyFile(disk, path + ".out");
    require(again && again->isWhole(), "what was recovered is not whole");
    require(again->tensors == salvaged->recovered.size(), "what was recovered is not what was said");
}

} // namespace wr::torture
