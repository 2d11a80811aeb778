// SPDX-License-Identifier: GPL-3.0-or-later
// A pickle alone, and both walks through what it makes.
#include "engine/formats/dcp/dcp_metadata.h"
#include "engine/formats/pytorch/state_walk.h"
#include "tests/formats/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::vector<std::byte> bytes = wr::formats::bytesOf(data, size);
    const auto pickle = wr::formats::readPickle(bytes);
    if (!pickle)
        return 0;
    for (const wr::formats::FoundTensor& tensor : wr::formats::findState(*pickle).tensors) {
        if (tensor.offset + tensor.extent > tensor.elements)
            std::abort();
    }
    static_cast<void>(wr::formats::parseDcpMetadata(*pickle));
    return 0;
}
