// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/half_file.h"

#include "engine/base/little_endian.h"
#include "engine/checkpoint/tensor_header.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace wr::formats {
namespace {

constexpr std::uint64_t kLongestAnswer = std::uint64_t{64} << 10U;

std::string lowered(std::string_view text)
{
    std::string low(text);
    std::transform(low.begin(), low.end(), low.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return low;
}

bool isText(std::string_view head)
{
    return std::all_of(head.begin(), head.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 ? byte != 0x7F : c == '\n' || c == '\r' || c == '\t';
    });
}

/// The beginning of a short text, on one line.
std::string quoted(std::string_view text)
{
    constexpr std::size_t kShown = 80;
    std::string line;
    for (const char c : text.substr(0, kShown))
        line += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
    return "\"" + line + (text.size() > kShown ? "…\"" : "\"");
}

std::string textAdvice(std::string_view text, std::uint64_t fileBytes)
{
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos)
        return "the file holds nothing but spaces; fetch it again";
    text.remove_prefix(first);
    const std::string low = lowered(text);
    if (low.starts_with("version https://git-lfs"))
        return "a Git LFS pointer, not the file itself; fetch it with \"git lfs pull\"";
    if (low.starts_with("<!doctype") || low.starts_with("<html") || low.find("<html") < 200)
        return "a web page, probably an error page saved in place of the file; download it again";
    if (low.starts_with("<?xml") || low.starts_with("<error"))
        return "a server's answer in XML, saved in place of the file: " + quoted(text) +
               "; download it again, with access to it";
    if (low.starts_with('{') && fileBytes <= kLongestAnswer &&
        (low.find("\"error\"") != std::string::npos || low.find("\"message\"") != std::string::npos))
        return "a server's answer, saved in place of the file: " + quoted(text) +
               "; download it again, with access to it";
    if (low.starts_with('{') || low.starts_with('['))
        return "a JSON text: it may describe a model, but holds no weights; choose the file of the weights";
    constexpr std::uint64_t kShort = 300;
    if (fileBytes <= kShort)
        return "a text file that says " + quoted(text) +
               ", not a checkpoint; if a server answered so, download the file again";
    return "a text file, not a checkpoint";
}

} // namespace

std::string standIn(File& file, std::uint64_t fileBytes)
{
    if (fileBytes == 0)
        return "the file is empty: a copy or a download that never began; fetch it again";
    std::array<std::byte, 512> head{};
    const Result<std::size_t> got = file.read(0, head);
    if (!got || *got == 0)
        return {};
    const std::string_view text(reinterpret_cast<const char*>(head.data()), *got);
    if (isText(text))
        return textAdvice(text, fileBytes);
    if (text.find_first_not_of('\0') == std::string_view::npos)
        return "the file begins with nothing but zeros: a download that reserved its place and did not fill "
               "it; fetch it again";
    constexpr std::size_t kTarMark = 257;
    if (text.substr(std::min(kTarMark, text.size())).starts_with("ustar"))
        return "a tar archive; unpack it first and choose the file of the weights";
    if (text.starts_with("7z\xBC\xAF\x27\x1C") ||
        text.starts_with("\xFD"
                         "7zXZ") ||
        text.starts_with("BZh"))
        return "a packed archive; unpack it first and choose the file of the weights";
    return {};
}

std::string partlyThere(std::uint64_t have, std::uint64_t need)
{
    return std::to_string(have) + " of " + std::to_string(need) + " bytes (" +
           std::to_string(have / (need / 100 + 1)) +
           " %) are there: a copy or a download that stopped; fetch it again";
}

Status explainedSafetensors(File& file, std::uint64_t fileBytes, const Status& problem)
{
    std::array<std::byte, 8> length{};
    const Result<std::size_t> got = file.read(0, length);
    if (problem.code() != StatusCode::DataLoss || !got || *got != length.size())
        return problem;
    const auto size = loadLittle<std::uint64_t>(length.data());
    if (size > checkpoint::kMaxHeaderBytes)
        return problem;
    if (size > fileBytes - length.size())
        return dataLoss("it ends inside its list of tensors, of which " +
                        partlyThere(fileBytes - length.size(), size));
    std::vector<std::byte> json(static_cast<std::size_t>(size));
    const Result<std::size_t> read = file.read(length.size(), json);
    if (!read || *read != json.size())
        return problem;
    const Result<checkpoint::TensorHeader> header = checkpoint::parseHeader(json, checkpoint::kAnyBuffer);
    if (!header)
        return problem;
    std::uint64_t need = length.size() + size;
    for (const checkpoint::HeaderTensor& tensor : header->tensors)
        need = std::max(need, length.size() + size + tensor.end);
    return need > fileBytes ? dataLoss(partlyThere(fileBytes, need)) : problem;
}

} // namespace wr::formats
