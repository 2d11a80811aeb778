// SPDX-License-Identifier: GPL-3.0-or-later
// The index at the end of a WR1 file: as it is, and with all hashes right.
#include "tests/torture/fuzz/fuzz_input.h"

#include "engine/checkpoint/index.h"

using namespace wr;
using namespace wr::torture;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const Input input = inputOf(data, size);
    static_cast<void>(checkpoint::decodeIndex(input, 1000));
    const Bytes frame = signedIndex(input, {1000, 1, 100000, 100});
    const auto index = checkpoint::decodeIndex(frame, 1000);
    if (index) {
        require(index->fileOrder.size() == index->rows.size(), "an order of other rows");
        const auto again = encodeIndex(*index, 1000);
        require(!again || checkpoint::decodeIndex(*again, 1000).has_value(), "what was written is refused");
    }
    return 0;
}
