// SPDX-License-Identifier: GPL-3.0-or-later
// Every bit of a checkpoint flipped; the file cut at every length.
#include "tests/torture/damaged_file.h"

#include <algorithm>
#include <thread>

namespace wr::torture {
namespace {

/// Works through [0, count) in `step`s, on each core with a file of its own.
void onEachCore(const Options& options, const DamagedFile& whole, std::uint64_t count, std::uint64_t step,
                const std::function<void(DamagedFile& file, std::uint64_t at)>& body)
{
    const unsigned cores = options.isFull ? std::max(1U, std::thread::hardware_concurrency()) : 1U;
    std::vector<std::thread> threads;
    for (unsigned core = 0; core < cores; ++core) {
        threads.emplace_back([&, core] {
            DamagedFile file(whole);
            for (std::uint64_t at = core * step; at < count; at += cores * step)
                body(file, at);
        });
    }
    for (std::thread& thread : threads)
        thread.join();
}

struct PartBits {
    std::uint64_t first = 0;
    std::uint64_t count = 0;
};

} // namespace

void flips(const Options& options, Tally& tally)
{
    DamagedFile whole(options.seed);
    tally.count(whole.looksWhole() ? std::string() : "the file is not whole to begin with");
    // One after the other: all of header, index and table, and some everywhere.
    std::vector<std::uint64_t> single;
    const std::uint64_t stride = options.pick(16'381 * kThin, 1'021);
    for (std::uint64_t bit = 0; bit < whole.size() * 8; bit += stride)
        single.push_back(bit);
    std::vector<PartBits> frames;
    for (std::size_t part = 0; part < whole.parts().size(); ++part) {
        const PartBits bits{whole.parts()[part].fileOffset * 8, whole.parts()[part].fileSize * 8};
        if (whole.partName(part).starts_with("frame")) {
            frames.push_back(bits);
            continue;
        }
        for (std::uint64_t i = 0; i < bits.count; i += options.pick(97 * kThin, 1))
            single.push_back(bits.first + i);
    }
    onEachCore(options, whole, single.size(), 1, [&](DamagedFile& file, std::uint64_t i) {
        file.flip(single[i]);
        std::string cause = file.unseen({single[i]});
        if (cause.empty() && i % 8 == 0)
            cause = file.wrongValues();
        file.flip(single[i]);
        tally.count(cause);
    });
    // All bits of the frames: one of each frame at a time, since a check looks at each frame by itself. It
    // has to name every frame that was harmed and no other.
    std::uint64_t most = 0;
    std::uint64_t all = 0;
    for (const PartBits& frame : frames) {
        most = std::max(most, frame.count);
        all += frame.count;
    }
    onEachCore(options, whole, most, options.pick(1'499 * kThin, 1), [&](DamagedFile& file, std::uint64_t i) {
        std::vector<std::uint64_t> bits;
        for (const PartBits& frame : frames) {
            if (i < frame.count)
                bits.push_back(frame.first + i);
        }
        for (const std::uint64_t bit : bits)
            file.flip(bit);
        const std::string cause = file.unseen(bits);
        for (const std::uint64_t bit : bits)
            file.flip(bit);
        tally.count(cause);
        tally.pass(bits.size() - 1);
    });
    tally.note(std::to_string(whole.size()) + " bytes; " + std::to_string(single.size()) +
               " bits flipped alone, of header, index and table " + (options.isFull ? "every one" : "some") +
               (options.isFull
                    ? "; all " + std::to_string(all) + " bits of the frames, one of each frame together"
                    : ""));
}

void truncations(const Options& options, Tally& tally)
{
    DamagedFile whole(options.seed);
    // Opening tells of most; a check has the last word, above all near the borders of frames.
    std::vector<std::uint64_t> looked;
    for (const auto& part : whole.parts()) {
        const std::uint64_t end = part.fileOffset + part.fileSize;
        for (std::uint64_t at = end - std::min<std::uint64_t>(end, options.pick(4, 40));
             at < end + options.pick(4, 40); ++at) {
            if (at < whole.size())
                looked.push_back(at);
        }
    }
    onEachCore(options, whole, looked.size(), 1, [&](DamagedFile& file, std::uint64_t i) {
        file.cut(looked[i]);
        std::string cause = file.unseenCut();
        if (cause.empty() && file.looksWhole())
            cause = "cut at " + std::to_string(looked[i]) + ": opened without a warning";
        tally.count(cause);
        file.cut(whole.size());
    });
    onEachCore(options, whole, whole.size(), options.pick(211 * kThin, 1),
               [&](DamagedFile& file, std::uint64_t size) {
                   file.cut(size);
                   std::string cause;
                   if (file.looksWhole())
                       cause = "cut at " + std::to_string(size) + ": opened without a warning";
                   else if (size % 4'001 == 0)
                       cause = file.unseenCut() + file.wrongValues();
                   file.cut(whole.size());
                   tally.count(cause);
               });
    tally.note(std::to_string(whole.size()) + " bytes; " + std::to_string(looked.size()) +
               " cuts at the borders of frames looked at by a check");
}

} // namespace wr::torture
