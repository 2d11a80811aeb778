// SPDX-License-Identifier: GPL-3.0-or-later
// Random words of many Philox blocks at once, word by word beside each other, and what is made of them: the
// same bits as one block at a time, in loops that become vector instructions. Values; any thread. To be
// compiled without contraction, as engine/base/philox.h is.
#pragma once

#include "engine/base/philox.h"
#include "engine/cpu/kernel_list.h"

namespace wr::cpu::WR_CPU_VARIANT {

inline constexpr std::int64_t kBatchBlocks = 64;

struct WordBatch {
    alignas(64) std::uint32_t words[4][kBatchBlocks];
};

/// Block blocks[i] of the stream into column i.
inline void drawBlocks(const Philox& stream, const std::uint64_t* blocks, WordBatch& batch)
{
    for (std::int64_t i = 0; i < kBatchBlocks; ++i) {
        const PhiloxBlock block = stream.at(blocks[i]);
        batch.words[0][i] = block[0];
        batch.words[1][i] = block[1];
        batch.words[2][i] = block[2];
        batch.words[3][i] = block[3];
    }
}

/// Values of one block lie `kBatchBlocks` apart.
template <typename T>
struct ValueBatch {
    static constexpr std::int64_t kPerBlock = sizeof(T) == 8 ? 2 : 4;
    alignas(64) T values[static_cast<std::size_t>(kPerBlock)][kBatchBlocks];
};

inline void drawUniforms(const WordBatch& batch, ValueBatch<float>& drawn)
{
    for (std::int64_t k = 0; k < 4; ++k) {
        for (std::int64_t i = 0; i < kBatchBlocks; ++i)
            drawn.values[k][i] = uniformFloat(batch.words[k][i]);
    }
}

inline void drawUniforms(const WordBatch& batch, ValueBatch<double>& drawn)
{
    for (std::int64_t k = 0; k < 2; ++k) {
        for (std::int64_t i = 0; i < kBatchBlocks; ++i)
            drawn.values[k][i] = uniformDouble(batch.words[2 * k][i], batch.words[2 * k + 1][i]);
    }
}

inline void drawNormals(const WordBatch& batch, ValueBatch<float>& drawn)
{
    alignas(64) float radius[kBatchBlocks];
    for (std::int64_t k = 0; k < 4; k += 2) {
        for (std::int64_t i = 0; i < kBatchBlocks; ++i)
            radius[i] = normalRadius(batch.words[k][i]);
        for (std::int64_t i = 0; i < kBatchBlocks; ++i) {
            const SineCosine turn = normalTurn(batch.words[k + 1][i]);
            drawn.values[k][i] = static_cast<float>(turn.sine) * radius[i];
            drawn.values[k + 1][i] = static_cast<float>(turn.cosine) * radius[i];
        }
    }
}

inline void drawNormals(const WordBatch& batch, ValueBatch<double>& drawn)
{
    alignas(64) double radius[kBatchBlocks];
    for (std::int64_t i = 0; i < kBatchBlocks; ++i)
        radius[i] = normalRadius(batch.words[0][i], batch.words[1][i]);
    for (std::int64_t i = 0; i < kBatchBlocks; ++i) {
        const SineCosine turn = normalTurn(batch.words[2][i], batch.words[3][i]);
        drawn.values[0][i] = turn.sine * radius[i];
        drawn.values[1][i] = turn.cosine * radius[i];
    }
}

/// Groups of values within two deviations, each drawn from consecutive blocks of its own stretch of the
/// stream until it is full. Most are full after one block; those that are not go on together.
template <typename T>
class TruncatedGroups {
public:
    static constexpr std::int64_t kSize = ValueBatch<T>::kPerBlock; ///< values of a group
    static constexpr std::int64_t kGroups = 1024;
    static constexpr std::uint64_t kBlocksOfGroup = 64 * kSize;

    /// Groups [first, first + count) into kSize · count values; count ≤ kGroups.
    void draw(const Philox& stream, std::uint64_t firstBlock, std::int64_t count, T* values)
    {
        for (std::int64_t group = 0; group < count; ++group) {
            m_open[group] = static_cast<std::int32_t>(group);
            m_filled[group] = 0;
        }
        std::int64_t open = count;
        for (std::uint64_t block = firstBlock; open > 0; ++block) {
            std::int64_t still = 0;
            for (std::int64_t begin = 0; begin < open; begin += kBatchBlocks)
                still = drawBatch(stream, block, begin, std::min(open, begin + kBatchBlocks), still, values);
            open = still;
        }
    }

private:
    std::int64_t drawBatch(const Philox& stream, std::uint64_t block, std::int64_t begin, std::int64_t end,
                           std::int64_t still, T* values)
    {
        std::uint64_t blocks[kBatchBlocks];
        for (std::int64_t i = 0; i < kBatchBlocks; ++i) {
            const std::int64_t group = m_open[std::min(begin + i, end - 1)];
            blocks[i] = block + static_cast<std::uint64_t>(group) * kBlocksOfGroup;
        }
        drawBlocks(stream, blocks, m_words);
        drawNormals(m_words, m_drawn);
        for (std::int64_t i = 0; i < end - begin; ++i) {
            const std::int32_t group = m_open[begin + i];
            std::int32_t filled = m_filled[group];
            for (std::int64_t k = 0; k < kSize; ++k) {
                const T value = m_drawn.values[k][i];
                if (filled < kSize && value > T{-2} && value < T{2})
                    values[group * kSize + filled++] = value;
            }
            m_filled[group] = static_cast<std::int8_t>(filled);
            if (filled < kSize)
                m_open[still++] = group; // behind what is still to be read
        }
        return still;
    }

    std::int32_t m_open[kGroups];
    std::int8_t m_filled[kGroups];
    WordBatch m_words;
    ValueBatch<T> m_drawn;
};

} // namespace wr::cpu::WR_CPU_VARIANT
