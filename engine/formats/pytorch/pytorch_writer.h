// SPDX-License-Identifier: GPL-3.0-or-later
// Writes a plain state dict as PyTorch writes it: a zip archive with a pickle that describes the tensors and
// one storage a tensor, at places where it can be mapped. torch.load(weights_only=True) reads it. Runs on the
// thread that calls it.
#pragma once

#include "engine/checkpoint/checkpoint.h"

namespace wr::formats {

/// Metadata stands in this entry of the archive, which PyTorch leaves alone.
inline constexpr std::string_view kPytorchMetadataName = "extra/metadata.json";

/// The pickle: an OrderedDict of CPU tensors without gradients; tensor i of `from` has the storage "i".
std::string pickledState(const checkpoint::CheckpointReader& from);

/// Written whole or not at all; AlreadyExists when the name is taken and `replace` is false.
Result<checkpoint::SaveReport> writePytorch(Vfs& vfs, const checkpoint::CheckpointReader& from,
                                            const std::string& path, bool replace,
                                            const Progress& progress = {});

} // namespace wr::formats
