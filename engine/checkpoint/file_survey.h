// SPDX-License-Identifier: GPL-3.0-or-later
// A WR1 file looked over whole, damaged or not: its frames and where each belongs in the content, its index,
// and a reader of what is left. Verify and salvage both begin here. A value; one thread.
#pragma once

#include "engine/checkpoint/frame_scan.h"
#include "engine/checkpoint/wr1_reader.h"

namespace wr::checkpoint {

struct FileSurvey {
    std::uint64_t fileBytes = 0;
    FrameScan scan;
    /// Of each scanned frame: its part of the content, where that is certain.
    struct Range {
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
    };
    std::vector<std::optional<Range>> content;
    std::optional<FrameTable> table;
    std::string tableProblem;
    std::optional<Index> index;
    std::string indexProblem;
    std::shared_ptr<const Wr1Reader> reader; ///< null where neither header nor index is left
    std::string headerProblem;
};

/// InvalidArgument when it is no WR1 file, Unavailable and the like when it cannot be read at all.
Result<FileSurvey> surveyFile(Vfs& vfs, const std::string& path, const Progress& progress);

} // namespace wr::checkpoint
