// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/gguf/gguf_header.h"

#include "engine/base/little_endian.h"

#include <algorithm>
#include <array>
#include <bit>
#include <set>

namespace wr::formats {
namespace {

constexpr std::uint64_t kLongestName = 65'535;
constexpr std::uint64_t kLongestShown = std::uint64_t{1} << 16U;
constexpr std::uint64_t kMostShown = 8; ///< elements of a list
constexpr std::uint64_t kText = 8;
constexpr std::uint64_t kList = 9;
constexpr std::array<std::uint8_t, 13> kSizes = {1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8}; ///< or the least

/// The file from front to back, through a buffer. What is cut off is remembered, and reads as zeros.
class Front {
public:
    Front(File& file, std::uint64_t fileBytes) : m_file(file), m_fileBytes(fileBytes) {}

    std::uint64_t left() const { return m_fileBytes - m_at; }
    std::uint64_t at() const { return m_at; }
    bool isCutOff() const { return m_isCutOff; }

    void take(std::span<std::byte> into)
    {
        std::fill(into.begin(), into.end(), std::byte{0});
        while (!into.empty() && !m_isCutOff) {
            if (m_at < m_bufferAt || m_at >= m_bufferAt + m_buffer.size())
                fillBuffer();
            const auto begin = static_cast<std::size_t>(m_at - m_bufferAt);
            const std::size_t part =
                std::min(into.size(), m_buffer.size() - std::min(begin, m_buffer.size()));
            if (part == 0) {
                m_isCutOff = true;
                return;
            }
            std::copy_n(m_buffer.begin() + static_cast<std::ptrdiff_t>(begin), part, into.begin());
            into = into.subspan(part);
            m_at += part;
        }
    }
    void skip(std::uint64_t bytes)
    {
        if (bytes > left())
            m_isCutOff = true;
        else
            m_at += bytes;
    }
    std::uint64_t number(std::size_t size)
    {
        std::array<std::byte, 8> bytes{};
        take(std::span(bytes).first(size));
        return loadLittle<std::uint64_t>(bytes.data());
    }
    /// At most `shown` bytes of a text, and past all of it.
    std::string text(std::uint64_t shown)
    {
        const std::uint64_t length = number(8);
        if (length > left()) {
            m_isCutOff = true;
            return {};
        }
        std::string result(static_cast<std::size_t>(std::min(length, shown)), '\0');
        take(std::as_writable_bytes(std::span(result.data(), result.size())));
        skip(length - result.size());
        return result;
    }

private:
    void fillBuffer()
    {
        m_bufferAt = m_at;
        m_buffer.resize(static_cast<std::size_t>(std::min<std::uint64_t>(std::uint64_t{1} << 20U, left())));
        const Result<std::size_t> got = m_file.read(m_at, m_buffer);
        m_buffer.resize(got ? *got : 0);
    }

    File& m_file;
    std::uint64_t m_fileBytes;
    std::uint64_t m_at = 0;
    std::uint64_t m_bufferAt = 0;
    std::vector<std::byte> m_buffer;
    bool m_isCutOff = false;
};

std::string numberText(Front& front, std::uint64_t type)
{
    const std::size_t size = kSizes[static_cast<std::size_t>(type)];
    const std::uint64_t bits = front.number(size);
    if (type == 6)
        return std::to_string(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    if (type == 12)
        return std::to_string(std::bit_cast<double>(bits));
    if (type == 7)
        return bits != 0 ? "true" : "false";
    const bool isSigned = type == 1 || type == 3 || type == 5 || type == 11;
    if (!isSigned)
        return std::to_string(bits);
    const unsigned shift = 64U - 8U * static_cast<unsigned>(size);
    return std::to_string(static_cast<std::int64_t>(bits << shift) >> shift);
}

/// A list of numbers or texts; what a list of lists holds is walked over by the caller's refusal.
Result<std::string> listText(Front& front)
{
    const std::uint64_t type = front.number(4);
    const std::uint64_t count = front.number(8);
    if (type >= kSizes.size() || type == kList)
        return fail(StatusCode::Unimplemented, "a list of lists or of an unknown type");
    const std::uint64_t least = kSizes[static_cast<std::size_t>(type)];
    if (count > front.left() / least)
        return fail(StatusCode::DataLoss, "a list declares more elements than the file has bytes");
    std::string text = "[";
    for (std::uint64_t i = 0; i < count && !front.isCutOff(); ++i) {
        if (i == kMostShown && type != kText) {
            front.skip((count - i) * least);
            break;
        }
        const std::string element =
            type == kText ? front.text(i < kMostShown ? 100 : 0) : numberText(front, type);
        if (i < kMostShown)
            text += (i == 0 ? "" : ", ") + element;
    }
    return text + (count > kMostShown ? ", …] (" + std::to_string(count) + ")" : "]");
}

Status readMetadata(Front& front, std::uint64_t count, checkpoint::Metadata& metadata)
{
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string key = front.text(kLongestName);
        const std::uint64_t type = front.number(4);
        std::string value;
        if (type == kText) {
            value = front.text(kLongestShown);
        } else if (type == kList) {
            Result<std::string> list = listText(front);
            if (!list)
                return list.error().withContext(key.substr(0, 200));
            value = std::move(*list);
        } else if (type < kSizes.size()) {
            value = numberText(front, type);
        } else {
            return dataLoss(key.substr(0, 200) + ": of unknown type " + std::to_string(type));
        }
        if (front.isCutOff())
            return dataLoss("the file ends within its metadata");
        if (!metadata.emplace(key, std::move(value)).second)
            return dataLoss(key.substr(0, 200) + ": the metadata has two values for it");
    }
    return {};
}

} // namespace

Result<GgufHeader> readGgufHeader(File& file, std::uint64_t fileBytes)
{
    Front front(file, fileBytes);
    front.skip(4);
    const std::uint64_t version = front.number(4);
    if (version >= 65'536)
        return fail(StatusCode::Unimplemented, "written on a big-endian machine, which is not read");
    if (version != 2 && version != 3)
        return fail(StatusCode::Unimplemented, "version " + std::to_string(version) + " of GGUF is not read");
    const std::uint64_t tensors = front.number(8);
    const std::uint64_t values = front.number(8);
    if (tensors > front.left() / 24 || values > front.left() / 13)
        return fail(StatusCode::DataLoss, "it declares more entries than the file has bytes");
    GgufHeader header;
    WR_RETURN_IF_ERROR(readMetadata(front, values, header.metadata));
    std::uint64_t alignment = 32;
    if (const auto found = header.metadata.find("general.alignment"); found != header.metadata.end()) {
        const std::string& text = found->second;
        alignment = text.size() < 6 && !text.empty() &&
                            std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })
                        ? std::stoul(text)
                        : 0;
        if (alignment < 8 || alignment > 65'536 || !std::has_single_bit(alignment))
            return fail(StatusCode::DataLoss, "its alignment is " + text.substr(0, 100));
    }
    std::set<std::string> names;
    for (std::uint64_t i = 0; i < tensors; ++i) {
        GgufTensor tensor;
        tensor.name = front.text(kLongestName);
        const std::uint64_t rank = front.number(4);
        if (rank > 8)
            return fail(StatusCode::DataLoss,
                        tensor.name.substr(0, 200) + ": it declares " + std::to_string(rank) + " dimensions");
        std::vector<std::int64_t> dims(static_cast<std::size_t>(rank));
        for (std::size_t d = dims.size(); d-- > 0;) // the innermost comes first
            dims[d] = static_cast<std::int64_t>(front.number(8));
        tensor.shape = Shape(std::move(dims));
        tensor.type = front.number(4);
        tensor.offset = front.number(8);
        if (front.isCutOff())
            return fail(StatusCode::DataLoss, "the file ends within its list of tensors");
        if (!names.insert(tensor.name).second)
            return fail(StatusCode::DataLoss,
                        tensor.name.substr(0, 200) + ": the file has two tensors of this name");
        header.tensors.push_back(std::move(tensor));
    }
    header.valuesAt = (front.at() + alignment - 1) / alignment * alignment;
    return header;
}

} // namespace wr::formats
