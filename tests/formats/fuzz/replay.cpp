// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a fuzz target without a fuzzer: on every seed, on its beginnings, and on some thousand small changes
// of it. Usage: PROGRAM FILE_OR_FOLDER…
#include "tests/formats/fuzz/fuzz_target.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

namespace {

std::vector<std::uint8_t> contents(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void run(const std::vector<std::uint8_t>& bytes)
{
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

void replay(const std::vector<std::uint8_t>& seed)
{
    constexpr int kChanges = 1500;
    constexpr std::size_t kCuts = 100;
    run(seed);
    for (std::size_t i = 0; i < kCuts; ++i)
        run({seed.begin(), seed.begin() + static_cast<std::ptrdiff_t>(seed.size() * i / kCuts)});
    std::mt19937 random(static_cast<unsigned>(seed.size()));
    for (int i = 0; i < kChanges && !seed.empty(); ++i) {
        std::vector<std::uint8_t> changed = seed;
        for (unsigned k = random() % 4 + 1; k > 0; --k)
            changed[random() % changed.size()] =
                static_cast<std::uint8_t>(random() % 3 == 0 ? 0xFFU : random() & 0xFFU);
        run(changed);
    }
}

} // namespace

int main(int count, char** arguments)
{
    int seeds = 0;
    for (int i = 1; i < count; ++i) {
        const std::filesystem::path path = arguments[i];
        std::vector<std::filesystem::path> files;
        if (std::filesystem::is_directory(path)) {
            for (const auto& entry : std::filesystem::directory_iterator(path))
                files.push_back(entry.path());
        } else {
            files.push_back(path);
        }
        for (const std::filesystem::path& file : files) {
            replay(contents(file));
            ++seeds;
        }
    }
    std::printf("%d seeds\n", seeds);
    return seeds > 0 ? 0 : 1;
}
