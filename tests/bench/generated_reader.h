// SPDX-License-Identifier: GPL-3.0-or-later
// A checkpoint of any size that takes no memory and no disk: weights that repeat every few mebibytes. For
// benchmarks.
#pragma once

#include "engine/checkpoint/listed_reader.h"

#include <algorithm>
#include <cstring>
#include <random>

namespace wr::bench {

class GeneratedReader final : public checkpoint::ListedReader {
public:
    GeneratedReader(std::uint64_t bytes, std::int64_t elementsEach) : ListedReader("generated")
    {
        std::mt19937 random(1);
        std::normal_distribution<float> normal(0.0F, 0.03F);
        m_pool.resize(kPool);
        for (std::size_t at = 0; at < kPool; at += sizeof(float)) {
            const float value = normal(random);
            std::memcpy(m_pool.data() + at, &value, sizeof(value));
        }
        for (int i = 0; m_fileBytes < bytes; ++i) {
            checkpoint::TensorEntry entry;
            entry.spec = {"block_" + std::to_string(1000 + i) + "/kernel", DType::Float32,
                          Shape{elementsEach}};
            entry.logicalBytes = entry.storedBytes = static_cast<std::uint64_t>(elementsEach) * sizeof(float);
            m_fileBytes += entry.logicalBytes;
            m_entries.push_back(std::move(entry));
        }
    }
    std::string formatName() const override { return "generated"; }
    Status readPart(std::size_t /*index*/, std::uint64_t at, std::span<std::byte> into) const override
    {
        for (std::size_t done = 0; done < into.size();) {
            const auto from = static_cast<std::size_t>((at + done) % kPool);
            const std::size_t size = std::min(into.size() - done, kPool - from);
            std::memcpy(into.data() + done, m_pool.data() + from, size);
            done += size;
        }
        return {};
    }

private:
    static constexpr std::size_t kPool = std::size_t{4} << 20U;
    std::vector<std::byte> m_pool;
};

} // namespace wr::bench
