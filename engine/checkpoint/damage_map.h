// SPDX-License-Identifier: GPL-3.0-or-later
// What is wrong with a checkpoint file and where, and the recovery of what is right. Both read the whole
// file; any thread.
#pragma once

#include "engine/checkpoint/checkpoint.h"

namespace wr::checkpoint {

enum class DamageKind : std::uint8_t {
    Frame,   ///< a frame, or a stretch of the file in which none could be found
    Altered, ///< bytes of a frame that its content does not depend on
    Missing, ///< frames that should stand there and do not: the file was cut
    Header,  ///< what the header says
    Table,   ///< the table of frames
    Index,
    Tensor, ///< values that are not the ones that were saved, in frames that are whole
    Base,   ///< the base of a delta
};
std::string_view damageKindName(DamageKind kind);

struct DamagePlace {
    DamageKind kind = DamageKind::Frame;
    std::int64_t frame = -1;  ///< number in the file, from 0; −1 where it is no frame
    std::uint64_t offset = 0; ///< bytes of the file; nothing where size is 0
    std::uint64_t size = 0;
    std::vector<std::string> tensors; ///< whose values are touched
    std::string what;
};

struct DamageMap {
    std::string path;
    std::uint64_t fileBytes = 0;
    std::uint64_t frames = 0;
    std::uint64_t tensors = 0;
    bool knowsDigests = false; ///< false: whole means that all frames are
    std::vector<DamagePlace> places;
    std::vector<std::string> lost; ///< tensors that cannot be read, sorted
    bool isWhole() const { return places.empty(); }
};

/// Looks at every byte: frames, checksums, sizes, table, index, header and the digest of each tensor. The map
/// of a whole file is empty. Errors are those of reading, and InvalidArgument for what is no checkpoint at
/// all.
Result<DamageMap> verifyFile(Vfs& vfs, const std::string& path, const Progress& progress = {});

struct SalvageReport {
    SaveReport saved;
    std::vector<std::string> recovered;
    std::vector<Damage> lost;
};

/// Writes all whole tensors of a WR1 file, however damaged, to a new one: durable, or not at all. DataLoss
/// when nothing can be recovered.
Result<SalvageReport> salvageFile(Vfs& vfs, const std::string& path, const std::string& out,
                                  const SaveOptions& options, const Progress& progress = {});

} // namespace wr::checkpoint
