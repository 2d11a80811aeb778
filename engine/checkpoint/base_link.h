// SPDX-License-Identifier: GPL-3.0-or-later
// From a delta to the keyframe it was made against: found by identity in the delta's folder, its digests
// compared with those of then, kept open. Shared by the threads that read the delta.
#pragma once

#include "engine/checkpoint/checkpoint.h"

#include <mutex>

namespace wr::checkpoint {

/// XXH3-128 of the names and digests of all tensors, in the order of the names: what a checkpoint holds,
/// however it is packed. Digests that the file does not carry are computed from the values.
Result<Digest> contentDigest(const CheckpointReader& reader);

std::string hexText(std::span<const std::uint8_t> bytes);

class BaseLink {
public:
    /// `path` is the delta's.
    BaseLink(Vfs& vfs, std::string path, BaseReference reference);

    const BaseReference& reference() const { return m_reference; }
    /// NotFound when no file of the folder is the base, DataLoss when it holds other values than then.
    Result<std::shared_ptr<const CheckpointReader>> open() const;

private:
    Result<std::shared_ptr<const CheckpointReader>> search() const;
    std::shared_ptr<const CheckpointReader> candidate(const std::string& name) const;

    Vfs* m_vfs;
    std::string m_path;
    BaseReference m_reference;
    mutable std::mutex m_mutex;
    mutable std::shared_ptr<const CheckpointReader> m_base;
};

} // namespace wr::checkpoint
