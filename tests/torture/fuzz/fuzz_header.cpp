// SPDX-License-Identifier: GPL-3.0-or-later
// The JSON header of a safetensors file, which a WR1 file has too.
#include "tests/torture/fuzz/fuzz_input.h"

#include "engine/checkpoint/tensor_header.h"

using namespace wr;
using namespace wr::torture;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const Input input = inputOf(data, size);
    const auto any = checkpoint::parseHeader(input, checkpoint::kAnyBuffer);
    if (any) {
        std::uint64_t end = 0;
        for (const checkpoint::HeaderTensor& tensor : any->tensors) {
            require(tensor.begin == end && tensor.end >= end, "a gap or an overlap");
            end = tensor.end;
        }
        const auto exact = checkpoint::parseHeader(input, end);
        require(exact.has_value(), "refused with the size that it asks for");
        require(!checkpoint::parseHeader(input, end + 1), "taken with another size");
    }
    static_cast<void>(checkpoint::headerMetadata(input));
    return 0;
}
