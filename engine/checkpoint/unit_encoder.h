// SPDX-License-Identifier: GPL-3.0-or-later
// One unit of a plan from its values to its frames, with what the index says of the values: they are read
// once, and all is made of them while they are near. Used by one thread, all but ContentDigest, which goes
// from hand to hand.
#pragma once

#include "engine/checkpoint/save_plan.h"

#include <memory>

struct XXH3_state_s;

namespace wr::checkpoint {

/// What was found in the values of a tensor, or of a part of one.
struct ValuePart {
    std::size_t tensor = 0; ///< in the plan
    StatisticsPart statistics;
    std::optional<Digest> digest; ///< with the last part of the tensor
};

/// Frames that follow each other in the file.
struct EncodedUnit {
    std::vector<FrameInfo> frames;
    std::vector<std::uint64_t> hashes; ///< XXH3-64 of each frame
    std::vector<ValuePart> values;
    std::span<const std::byte> bytes() const { return {m_buffer.get(), m_size}; }

private:
    friend class UnitEncoder;
    std::byte* end() const { return m_buffer.get() + m_size; }
    void append(const FrameInfo& frame);
    std::unique_ptr<std::byte[]> m_buffer;
    std::size_t m_capacity = 0;
    std::size_t m_size = 0;
};

/// The digest of the tensor at hand, which its blocks must reach in their order.
class ContentDigest {
public:
    ContentDigest();
    ~ContentDigest();
    ContentDigest(const ContentDigest&) = delete;
    ContentDigest& operator=(const ContentDigest&) = delete;
    void begin();
    void add(std::span<const std::byte> bytes);
    Digest finish() const;

private:
    XXH3_state_s* m_state;
};

class UnitEncoder {
public:
    explicit UnitEncoder(const SavePlan& plan) : m_plan(plan) {}

    /// Gets the values of a unit. Fails where the source or the base cannot be read.
    Status load(std::size_t unit);
    /// Adds what was loaded to the digest of its tensor; to be called unit by unit.
    void digest(ContentDigest& digest);
    /// The frames of what was loaded; `into` gives the memory.
    Status encode(EncodedUnit& into);

private:
    /// Values of one tensor in the unit.
    struct Piece {
        std::size_t tensor = 0;
        std::uint64_t at = 0;
        std::span<const std::byte> bytes;
        std::optional<Digest> digest;
    };

    std::optional<std::vector<Frame>> storedFrames() const;
    Status loadStretch(const FrameJob& job);
    Status loadBlock(const FrameJob& job);
    static void copyFrames(const std::vector<Frame>& stored, EncodedUnit& into);
    Status encodeStretch(EncodedUnit& into);
    Status encodeBlock(EncodedUnit& into);
    Coder coderOf(const FrameJob& job, std::size_t elementSize, Filter filter);
    bool isWhole(const Piece& piece) const;
    void describe(Piece& piece, EncodedUnit& into) const;

    const SavePlan& m_plan;
    FrameEncoder m_encoder;
    std::size_t m_unit = 0;
    std::vector<Piece> m_pieces;
    std::span<const std::byte> m_stretch; ///< content of the frame, where nothing is filtered
    std::span<const std::byte> m_block;   ///< elements whose planes are encoded
    std::vector<std::byte> m_content;     ///< of one frame, or all planes of a block
    std::vector<std::byte> m_source;
    std::vector<std::byte> m_base;
    std::vector<std::byte> m_distances;
    std::vector<std::byte> m_sample;
};

} // namespace wr::checkpoint
