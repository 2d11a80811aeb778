// SPDX-License-Identifier: GPL-3.0-or-later
// A difference to a whole file beside it: as it is, and with all checksums right.
#include "tests/torture/fuzz/fuzz_input.h"

#include "tests/torture/fuzz/fuzz_seeds.h"

using namespace wr;
using namespace wr::torture;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const Input input = inputOf(data, size);
    static const DeltaSeed seed = deltaSeed();
    for (const bool isSigned : {false, true}) {
        ModelDisk disk;
        disk.put("/f/base.wrck", seed.base);
        disk.put("/f/a.wrck",
                 std::make_shared<Bytes>(isSigned ? packedFile(input) : Bytes(input.begin(), input.end())));
        useFile(disk, "/f/a.wrck");
    }
    return 0;
}
