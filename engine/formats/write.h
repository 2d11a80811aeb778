// SPDX-License-Identifier: GPL-3.0-or-later
// Writes any checkpoint that can be read in any format that is written here: the name of the new file says
// which. Values go through part by part, so that a checkpoint may be larger than memory; on request they
// change their floating type on the way. Runs on the thread that calls it.
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/formats/cast/cast_reader.h"

namespace wr::formats {

enum class TargetFormat : std::uint8_t {
    Wr1,          ///< NAME.wrck
    Safetensors,  ///< NAME.safetensors
    TensorFlow,   ///< NAME.index, NAME.ckpt, NAME.ckpt-STEP: the second format
    NumpyArchive, ///< NAME.npz
    NumpyFolder,  ///< NAME/
    Pytorch,      ///< NAME.pt, NAME.pth, NAME.bin
};

/// What a new file of this name would be. InvalidArgument for the name of a format that is only read; names
/// of no known kind are Wr1.
Result<TargetFormat> targetFormat(const std::string& path);
std::string_view targetFormatName(TargetFormat format);

struct WriteOptions {
    std::optional<DType> dtype; ///< what floating tensors become; whole numbers and bools stay
    bool replace = false;       ///< false: AlreadyExists when the name is taken
    checkpoint::Profile profile = checkpoint::Profile::Compact; ///< of Wr1
    int threads = 1;                                            ///< of Wr1
};

struct WriteForecast {
    TargetFormat format = TargetFormat::Wr1;
    std::uint64_t tensors = 0;
    std::uint64_t bytes = 0; ///< of all files; of Wr1 at most, since it packs
    /// What the format makes other than it was, in sentences.
    std::vector<std::string> notes;
};

/// How much would be written and what would change, without reading values.
Result<WriteForecast> forecastWrite(const checkpoint::CheckpointReader& from, const std::string& path,
                                    const WriteOptions& options);

struct WriteReport {
    checkpoint::SaveReport saved;
    TargetFormat format = TargetFormat::Wr1;
    std::vector<TensorCast> casts; ///< tensors of another type than before, and what that cost
    std::vector<std::string> notes;
};

/// Durable as every save: whole and in its place, or nothing. ResourceExhausted when the disk has not enough
/// room for it.
Result<WriteReport> writeAnyCheckpoint(Vfs& vfs, const checkpoint::CheckpointReader& from,
                                       const std::string& path, const WriteOptions& options,
                                       const Progress& progress = {});

} // namespace wr::formats
