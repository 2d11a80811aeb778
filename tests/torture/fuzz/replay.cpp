// SPDX-License-Identifier: GPL-3.0-or-later
// The main program of a fuzz target where there is no fuzzer: takes every file of its corpus, and each some
// more times with seeded damage. replay [--rounds N] FOLDER
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes damaged(Bytes bytes, const Bytes& other, std::mt19937_64& random)
{
    const auto place = [&](const Bytes& of) { return of.empty() ? 0 : random() % of.size(); };
    for (std::uint64_t times = 1 + random() % 4; times > 0; --times) {
        const std::size_t at = place(bytes);
        constexpr std::uint8_t kOdd[] = {0, 1, 0x7F, 0x80, 0xFF, '"', '{', '9'};
        switch (random() % 6) {
        case 0:
            if (!bytes.empty())
                bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ (1U << (random() % 8)));
            break;
        case 1:
            if (!bytes.empty())
                bytes[at] = kOdd[random() % std::size(kOdd)];
            break;
        case 2: // some bytes out
            bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                        bytes.begin() +
                            static_cast<std::ptrdiff_t>(std::min(bytes.size(), at + random() % 16)));
            break;
        case 3: // some bytes of another file in
        {
            const std::size_t from = place(other);
            const std::size_t count = std::min<std::size_t>(random() % 64, other.size() - from);
            bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                         other.begin() + static_cast<std::ptrdiff_t>(from),
                         other.begin() + static_cast<std::ptrdiff_t>(from + count));
            break;
        }
        case 4: // a number of four bytes
            for (std::size_t i = at; i < std::min(bytes.size(), at + 4); ++i)
                bytes[i] = random() % 2 == 0 ? 0xFF : 0;
            break;
        default:
            if (random() % 4 == 0)
                bytes.resize(at);
        }
    }
    return bytes;
}

} // namespace

int main(int count, char** words)
{
    std::uint64_t rounds = 100;
    std::string folder;
    for (int i = 1; i < count; ++i) {
        if (std::string(words[i]) == "--rounds" && i + 1 < count)
            rounds = std::strtoull(words[++i], nullptr, 10);
        else
            folder = words[i];
    }
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    std::vector<Bytes> inputs;
    for (const std::filesystem::path& path : paths) {
        std::ifstream file(path, std::ios::binary);
        inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
        LLVMFuzzerTestOneInput(inputs.back().data(), inputs.back().size());
    }
    LLVMFuzzerTestOneInput(nullptr, 0);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        std::mt19937_64 random(i);
        for (std::uint64_t round = 0; round < rounds; ++round) {
            const Bytes input = damaged(inputs[i], inputs[random() % inputs.size()], random);
            LLVMFuzzerTestOneInput(input.data(), input.size());
        }
    }
    std::printf("%zu inputs, each damaged in %llu ways\nTotals: %d passed, 0 failed, 0 skipped\n",
                inputs.size(), static_cast<unsigned long long>(rounds), inputs.empty() ? 0 : 1);
    return inputs.empty() ? 1 : 0;
}
