// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels of one instruction set, family by family. The sources of this folder are compiled once per
// instruction set; WR_CPU_VARIANT names the build and is its namespace, so that no function of one build can
// stand in for another's.
#pragma once

#include "engine/backend/kernel.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#ifndef WR_CPU_VARIANT
#error "WR_CPU_VARIANT must name the instruction set, for example avx2"
#endif

namespace wr::cpu::WR_CPU_VARIANT {

using backend::Kernel;
using backend::KernelArgs;
using backend::KernelEntry;
using backend::OpCode;
using backend::TensorView;

void addElementwise(std::vector<KernelEntry>& table);
void addUnary(std::vector<KernelEntry>& table);
void addCasts(std::vector<KernelEntry>& table);
void addInitialValues(std::vector<KernelEntry>& table);
void addMatMul(std::vector<KernelEntry>& table);
void addShapeOps(std::vector<KernelEntry>& table);
void addReductions(std::vector<KernelEntry>& table);
void addClassification(std::vector<KernelEntry>& table);
void addUpdates(std::vector<KernelEntry>& table);
void addOptimizerUpdates(std::vector<KernelEntry>& table);
void addOrthogonal(std::vector<KernelEntry>& table);
void addSlices(std::vector<KernelEntry>& table);
void addScatters(std::vector<KernelEntry>& table);

/// Elements of one tile of element-wise work: 64 KiB of float32, so that a tile's operands stay in the second
/// cache.
inline constexpr std::int64_t kElementTile = 16384;

template <typename T>
const T* in(const KernelArgs& args, int index)
{
    return static_cast<const T*>(args.inputs[index].data);
}

template <typename T>
T* out(const KernelArgs& args, int index = 0)
{
    return static_cast<T*>(args.outputs[index].data);
}

/// Tiles of `size` elements that cover `elements`; at least one.
inline std::int64_t tilesOf(std::int64_t elements, std::int64_t size)
{
    return std::max<std::int64_t>(1, (elements + size - 1) / size);
}

inline std::int64_t elementTiles(const KernelArgs& args)
{
    return tilesOf(args.outputs[0].elements, kElementTile);
}

/// The elements of tiles [begin, end) of a tensor of `elements`.
struct Span {
    std::int64_t first;
    std::int64_t last;
};
inline Span elementSpan(std::int64_t begin, std::int64_t end, std::int64_t elements)
{
    return {begin * kElementTile, std::min(end * kElementTile, elements)};
}

} // namespace wr::cpu::WR_CPU_VARIANT
