// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/file_kind.h"

#include "engine/base/little_endian.h"
#include "engine/checkpoint/tensor_header.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace wr::checkpoint {
namespace {

bool isText(std::string_view head)
{
    return std::all_of(head.begin(), head.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 ? byte != 0x7F : c == '\n' || c == '\r' || c == '\t';
    });
}

bool isHtml(std::string_view head)
{
    const std::size_t start = head.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos)
        return false;
    std::string word(head.substr(start, 9));
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return word.starts_with("<!doctype") || word.starts_with("<html");
}

} // namespace

FileKind fileKind(std::span<const std::byte> head, std::span<const std::byte> tail, std::uint64_t fileBytes)
{
    constexpr std::uint64_t kTableMagic = 0xDB4775248B80FB57U; // footer of the table format
    const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
    if (fileBytes == 0 || head.empty())
        return FileKind::Empty;
    if (text.starts_with("\x28\xB5\x2F\xFD"))
        return FileKind::Zstd;
    if (head.size() >= 9 && text[8] == '{' && loadLittle<std::uint64_t>(head.data()) <= kMaxHeaderBytes)
        return FileKind::Safetensors;
    if (text.starts_with("version https://git-lfs"))
        return FileKind::GitLfsPointer;
    if (text.starts_with("PK\x03\x04") || text.starts_with("PK\x05\x06"))
        return FileKind::Zip;
    if (text.starts_with("\x89HDF\r\n\x1A\n"))
        return FileKind::Hdf5;
    if (text.starts_with("\x1F\x8B"))
        return FileKind::Gzip;
    if (text.starts_with("GGUF"))
        return FileKind::Gguf;
    if (text.starts_with("\x93NUMPY"))
        return FileKind::Numpy;
    if (head.size() >= 2 && text[0] == '\x80' && text[1] >= 2 && text[1] <= 5)
        return FileKind::Pickle;
    if (tail.size() == 8 && loadLittle<std::uint64_t>(tail.data()) == kTableMagic)
        return FileKind::TensorFlowIndex;
    if (isHtml(text))
        return FileKind::Html;
    return isText(text) ? FileKind::Text : FileKind::Unknown;
}

std::string fileKindAdvice(FileKind kind)
{
    switch (kind) {
    case FileKind::Empty:
        return "the file is empty";
    case FileKind::GitLfsPointer:
        return "a Git LFS pointer, not the file itself; fetch it with \"git lfs pull\"";
    case FileKind::Html:
        return "a web page, probably an error page saved in place of the file; download it again";
    case FileKind::Zip:
        return "a ZIP archive, as PyTorch and NumPy write; this version does not read it";
    case FileKind::Hdf5:
        return "an HDF5 file, as Keras writes; this version does not read it";
    case FileKind::Gzip:
        return "a gzip file; unpack it first";
    case FileKind::Pickle:
        return "a Python pickle; this version does not read it";
    case FileKind::Gguf:
        return "a GGUF file; this version does not read it";
    case FileKind::Numpy:
        return "a NumPy array; this version does not read it";
    case FileKind::TensorFlowIndex:
        return "the index or the first format of a TensorFlow checkpoint, which this command does not read";
    case FileKind::Text:
        return "a text file, not a checkpoint";
    case FileKind::Zstd:
    case FileKind::Safetensors:
    case FileKind::Unknown:
        break;
    }
    return "not a checkpoint that this version knows";
}

} // namespace wr::checkpoint
