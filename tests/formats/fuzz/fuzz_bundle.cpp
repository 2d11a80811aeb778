// SPDX-License-Identifier: GPL-3.0-or-later
// The index of a TensorFlow checkpoint, beside values that are whatever they are.
#include "tests/formats/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    wr::MemoryVfs vfs;
    vfs.files["folder/model.index"] = wr::formats::bytesOf(data, size);
    vfs.files["folder/model.data-00000-of-00001"] = std::vector<std::byte>(4096);
    wr::formats::useAll(wr::formats::openAnyCheckpoint(vfs, "folder/model.index"));
    return 0;
}
