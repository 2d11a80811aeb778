// SPDX-License-Identifier: GPL-3.0-or-later
// What fuzz targets share: the entry point that libFuzzer and the replay call, inputs as bytes of ours, and
// files made of inputs with all checksums right, so that what lies behind the checksums is reached. One
// thread.
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "tests/torture/model_disk.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace wr::torture {

using Input = std::span<const std::byte>;
inline Input inputOf(const std::uint8_t* data, std::size_t size)
{
    return {reinterpret_cast<const std::byte*>(data), size};
}

/// Ends the process when something must not be, so that the fuzzer keeps the input.
void require(bool holds, const char* what);

/// What an index says of the rest of its file.
struct IndexPlace {
    std::uint64_t fileOffset = 0;
    std::uint64_t headerHash = 0;
    std::uint64_t contentSize = 0;
    std::uint64_t headerBytes = 0;
    Bytes frameHashes = {}; ///< taken for a section of as many bytes
};
/// An index frame with all hashes right. The input: u32 flags, u64 tensors, u32 frames, then sections: u8
/// kind, u16 size, bytes.
Bytes signedIndex(Input input, const IndexPlace& place);
/// The input that signedIndex() makes this frame of.
Bytes indexInput(Input frame);

/// A whole file with all checksums right. The input: u32 size of the JSON header, the header, u32 size of the
/// data, the data, then the input of signedIndex(), or nothing for a file without an index.
Bytes packedFile(Input input);
/// The input that packedFile() makes this file of.
Bytes fileInput(Input file);

/// Opens the file, reads everything, checks it and recovers what can be; whatever is read has to agree.
void useFile(ModelDisk& disk, const std::string& path);

} // namespace wr::torture
