// SPDX-License-Identifier: GPL-3.0-or-later
// A whole file: opened, read, checked, recovered.
#include "tests/torture/fuzz/fuzz_input.h"

using namespace wr;
using namespace wr::torture;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const Input input = inputOf(data, size);
    ModelDisk disk;
    disk.put("/f/a.wrck", std::make_shared<Bytes>(input.begin(), input.end()));
    useFile(disk, "/f/a.wrck");
    return 0;
}
