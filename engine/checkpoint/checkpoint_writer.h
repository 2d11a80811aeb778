// SPDX-License-Identifier: GPL-3.0-or-later
// Writes a plan to a file and reads it back: frames, the index with what was found in the values on the way,
// the table of frames. Owned by one thread; the file gets its name from somebody else.
#pragma once

#include "engine/checkpoint/durable_file.h"
#include "engine/checkpoint/frame_ring.h"
#include "engine/checkpoint/index.h"

namespace wr::checkpoint {

/// Tells of two passes, writing and reading back, each as half of the whole.
class SaveProgress {
public:
    SaveProgress(const Progress& progress, std::uint64_t bytes);
    /// Cancelled when that is wanted.
    Status tell(std::uint64_t pass, std::uint64_t done, std::uint64_t of) const;

private:
    const Progress& m_progress;
    std::uint64_t m_unit; ///< bytes of the values, at least 1
};

class CheckpointWriter {
public:
    CheckpointWriter(Vfs& vfs, DurableFile& file, const SavePlan& plan, int threads,
                     const SaveProgress& progress);

    /// From the first byte to the verified file. `uuid` is the one in the plan's header.
    Status writeAll(const Metadata& metadata, const Uuid& uuid, bool isCompact);

private:
    /// Bytes that lie together in the file.
    struct Written {
        std::uint64_t hash = 0; ///< XXH3-64
        std::uint32_t size = 0;
    };

    Status writeFrames();
    Status take(ValuePart& part);
    Status describeUnwritten();
    Status note(std::size_t tensor, const Digest& digest, std::optional<Statistics> statistics);
    Status appendHashed(std::span<const std::byte> bytes);
    Index makeIndex(const Metadata& metadata, const Uuid& uuid, bool isCompact);
    IndexRow rowOf(std::size_t tensor) const;
    Status verify();

    Vfs& m_vfs;
    DurableFile& m_file;
    const SavePlan& m_plan;
    int m_threads;
    const SaveProgress& m_progress;
    std::vector<Digest> m_digests; ///< of the plan's tensors
    std::vector<std::optional<Statistics>> m_statistics;
    std::optional<StatisticsSum> m_sum; ///< of the tensor whose parts come in
    FrameTable m_table;
    std::vector<Written> m_written;
    std::vector<std::uint32_t> m_frameHashes;
};

} // namespace wr::checkpoint
