// SPDX-License-Identifier: GPL-3.0-or-later
// Carries the values of a tensor from a checkpoint into a file, part by part, in little memory. Runs on the
// thread that calls it.
#pragma once

#include "engine/checkpoint/checkpoint.h"

namespace wr::formats {

/// Takes the next bytes of a tensor.
using ByteSink = std::function<Status(std::span<const std::byte> bytes)>;

/// How far the copying of a whole checkpoint is.
class CopyProgress {
public:
    CopyProgress(const Progress& progress, std::uint64_t total) : m_progress(progress), m_total(total) {}
    /// Cancelled when the caller wants to stop.
    Status add(std::uint64_t bytes);

private:
    const Progress& m_progress;
    std::uint64_t m_total;
    std::uint64_t m_done = 0;
};

/// Sum of the values' bytes; ResourceExhausted when it cannot be counted.
Result<std::uint64_t> valueBytes(const checkpoint::CheckpointReader& from);

/// `entry` is tensor `index` of `from`. Small tensors are read whole, because only that compares the
/// checksums of every origin.
Status copyTensor(const checkpoint::CheckpointReader& from, std::size_t index,
                  const checkpoint::TensorEntry& entry, const ByteSink& to, CopyProgress& progress);

/// DataLoss unless both list the same names, types and shapes.
Status checkSameTensors(const checkpoint::CheckpointReader& written,
                        const checkpoint::CheckpointReader& from);

} // namespace wr::formats
