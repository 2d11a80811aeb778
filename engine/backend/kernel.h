// SPDX-License-Identifier: GPL-3.0-or-later
// The narrow waist between a plan and the code that computes: plain structs and function pointers, so that
// the same kernel source can be compiled once per instruction set into modules that share nothing. A kernel's
// work is cut into tiles whose number depends on shapes only, never on threads: any assignment of tiles to
// threads gives the same bits. A kernel allocates nothing, fails never (shapes were checked when planning)
// and may run its tiles concurrently.
#pragma once

#include "engine/backend/opcode.h"
#include "engine/tensor/dtype.h"

#include <cstddef>
#include <cstdint>

namespace wr::backend {

/// Row-major array; `dims` has `rank` entries. `data` is 64-byte aligned.
struct TensorView {
    void* data = nullptr;
    const std::int64_t* dims = nullptr;
    std::int32_t rank = 0;
    DType dtype = DType::Invalid;
    std::int64_t elements = 0;
};

inline constexpr int kMaxRank = 8;

/// All that an op can be told besides its inputs. Which fields count is said beside each OpCode.
struct OpAttributes {
    bool transposeA = false;
    bool transposeB = false;
    bool keepDims = false;
    std::int32_t axisCount = 0;
    std::int32_t axes[kMaxRank] = {};
    std::uint64_t seed = 0;
    std::uint64_t seed2 = 0;
    std::uint64_t streamBlock = 0; ///< first 128-bit Philox block of this draw
    double scalars[4] = {};
};

struct KernelArgs {
    const TensorView* inputs = nullptr;
    std::int32_t inputCount = 0;
    const TensorView* outputs = nullptr;
    std::int32_t outputCount = 0;
    const OpAttributes* attributes = nullptr;
    std::byte* workspace = nullptr; ///< workspaceBytes() of 64-byte aligned memory, contents undefined
};

struct Kernel {
    /// Number of tiles, at least 1; data pointers may be null here.
    std::int64_t (*tileCount)(const KernelArgs& args) = nullptr;
    /// Bytes of workspace shared by all tiles; a null pointer means none.
    std::size_t (*workspaceBytes)(const KernelArgs& args) = nullptr;
    /// Computes tiles [begin, end).
    void (*run)(const KernelArgs& args, std::int64_t begin, std::int64_t end) = nullptr;
};

/// One row of a module's table. `dtype` is that of output 0, except where the output's is another than what
/// is computed on (comparisons and other questions, places of extremes, Cast): there it is that of input 0.
struct KernelEntry {
    OpCode op;
    DType dtype;
    Kernel kernel;
};

} // namespace wr::backend
