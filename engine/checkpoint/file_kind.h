// SPDX-License-Identifier: GPL-3.0-or-later
// What a file seems to be, told from its first bytes: so that a wrong file is called by its right name. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace wr::checkpoint {

enum class FileKind : std::uint8_t {
    Empty,
    Zstd,
    Safetensors,
    GitLfsPointer,
    Html,
    Zip,
    Hdf5,
    Gzip,
    Pickle,
    Gguf,
    Numpy,
    TensorFlowIndex,
    Text,
    Unknown,
};

inline constexpr std::size_t kSniffBytes = 512;

/// `head`: the first kSniffBytes of the file, or all of it; `tail`: its last 8 bytes.
FileKind fileKind(std::span<const std::byte> head, std::span<const std::byte> tail, std::uint64_t fileBytes);
/// "looks like a ZIP archive, as PyTorch writes; …": what it is and what to do.
std::string fileKindAdvice(FileKind kind);

} // namespace wr::checkpoint
