// SPDX-License-Identifier: GPL-3.0-or-later
// A whole file whose checksums are all right, whatever it says.
#include "tests/torture/fuzz/fuzz_input.h"

using namespace wr;
using namespace wr::torture;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const Input input = inputOf(data, size);
    ModelDisk disk;
    disk.put("/f/a.wrck", std::make_shared<Bytes>(packedFile(input)));
    useFile(disk, "/f/a.wrck");
    return 0;
}
