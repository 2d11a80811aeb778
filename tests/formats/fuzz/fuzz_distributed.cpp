// SPDX-License-Identifier: GPL-3.0-or-later
// The description of a distributed checkpoint, beside one file of parts: the input is the length of the
// description (two bytes), the description, and the parts.
#include "tests/formats/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2)
        return 0;
    const std::size_t length = std::min<std::size_t>(data[0] + 256U * data[1], size - 2);
    wr::MemoryVfs vfs;
    vfs.files["folder/.metadata"] = wr::formats::bytesOf(data + 2, length);
    vfs.files["folder/__0_0.distcp"] = wr::formats::bytesOf(data + 2 + length, size - 2 - length);
    wr::formats::useAll(wr::formats::openAnyCheckpoint(vfs, "folder"));
    return 0;
}
