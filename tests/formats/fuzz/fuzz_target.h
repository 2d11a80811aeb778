// SPDX-License-Identifier: GPL-3.0-or-later
// What the fuzz targets of formats share: a checkpoint that opened is used as the program uses it.
#pragma once

#include "engine/formats/open.h"
#include "tests/formats/memory_vfs.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace wr::formats {

inline std::vector<std::byte> bytesOf(const std::uint8_t* data, std::size_t size)
{
    const auto* const begin = reinterpret_cast<const std::byte*>(data);
    return {begin, begin + size};
}

/// Reads what a checkpoint lists, whole and in part.
inline void useAll(const Result<std::shared_ptr<const checkpoint::CheckpointReader>>& opened)
{
    constexpr std::uint64_t kMostBytes = std::uint64_t{4} << 20U;
    constexpr int kMostTensors = 40;
    if (!opened)
        return;
    std::size_t index = 0;
    std::string before;
    for (const checkpoint::TensorEntry& entry : (*opened)->tensors()) {
        if (index > 0 && entry.spec.name <= before)
            std::abort(); // sorted, and no name twice
        before = entry.spec.name;
        if ((*opened)->find(entry.spec.name) != static_cast<std::ptrdiff_t>(index))
            std::abort();
        if (entry.logicalBytes <= kMostBytes && index < kMostTensors) {
            const Result<Tensor> tensor = (*opened)->read(index);
            if (tensor && tensor->byteSize() != entry.logicalBytes)
                std::abort();
            std::vector<std::byte> part(static_cast<std::size_t>(entry.logicalBytes / 2));
            const Status status = (*opened)->readPart(index, entry.logicalBytes / 3, part);
            if (tensor && status.isOk() &&
                !std::equal(part.begin(), part.end(),
                            tensor->bytes().begin() + static_cast<std::ptrdiff_t>(entry.logicalBytes / 3)))
                std::abort();
        }
        ++index;
    }
}

} // namespace wr::formats
