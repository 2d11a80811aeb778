// SPDX-License-Identifier: GPL-3.0-or-later
// One file of any format, recognised by content: safetensors, NumPy, PyTorch, GGUF, ONNX, TensorFlow's first
// format, and what is none of them.
#include "tests/formats/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    wr::MemoryVfs vfs;
    vfs.files["folder/file"] = wr::formats::bytesOf(data, size);
    vfs.files["folder/weights.bin"] = std::vector<std::byte>(64, std::byte{7}); // ONNX may name it
    wr::formats::useAll(wr::formats::openAnyCheckpoint(vfs, "folder/file"));
    return 0;
}
