// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/tensorflow/snappy.h"
#include "tests/formats/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static_cast<void>(wr::formats::unpackSnappy(wr::formats::bytesOf(data, size)));
    return 0;
}
