// SPDX-License-Identifier: GPL-3.0-or-later
// The list of a checkpoint in several files, beside two small parts.
#include "tests/formats/fuzz/fuzz_target.h"

namespace {

std::vector<std::byte> part(char name)
{
    std::string file = std::string(R"({"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})");
    file[2] = name;
    std::string length(8, '\0');
    length[0] = static_cast<char>(file.size());
    file = length + file + "ab";
    return wr::formats::bytesOf(reinterpret_cast<const std::uint8_t*>(file.data()), file.size());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    wr::MemoryVfs vfs;
    vfs.files["folder/m.safetensors.index.json"] = wr::formats::bytesOf(data, size);
    vfs.files["folder/m-00001-of-00002.safetensors"] = part('a');
    vfs.files["folder/m-00002-of-00002.safetensors"] = part('b');
    for (const char* path : {"folder/m.safetensors.index.json", "folder/m-00001-of-00002.safetensors"})
        wr::formats::useAll(wr::formats::openAnyCheckpoint(vfs, path));
    return 0;
}
