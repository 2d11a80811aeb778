// SPDX-License-Identifier: GPL-3.0-or-later
// The table of frames at the end of a file, and the walk over the frames without it.
#include "tests/torture/fuzz/fuzz_input.h"

#include "engine/checkpoint/frame_scan.h"
#include "engine/checkpoint/seek_table.h"

using namespace wr;
using namespace wr::torture;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const Input input = inputOf(data, size);
    ModelDisk disk;
    disk.put("/f/a", std::make_shared<Bytes>(input.begin(), input.end()));
    const auto file = disk.open("/f/a", OpenMode::Read);
    const auto table = checkpoint::readSeekTable(**file, size);
    require(!table || table->fileSize() <= size, "frames beyond the end");
    static_cast<void>(checkpoint::walkFrames(**file, size));
    const auto scan = checkpoint::scanFrames(**file, size, table ? &*table : nullptr, {}, {});
    std::uint64_t end = 0;
    for (std::size_t i = 0; scan && i < scan->frames.size(); ++i) {
        require(scan->frames[i].fileOffset == end, "a stretch of the file that nobody looked at");
        end += scan->frames[i].fileSize;
    }
    require(!scan || end == size, "an end of the file that nobody looked at");
    return 0;
}
