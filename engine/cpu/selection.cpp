// SPDX-License-Identifier: GPL-3.0-or-later
// The largest values of rows: TopK with their places, and whether a target is among them.
#include "engine/cpu/kernel_list.h"

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

constexpr std::int64_t kRowTile = 16;

std::int64_t rowsOf(const KernelArgs& args)
{
    const TensorView& x = args.inputs[0];
    const std::int64_t length = x.dims[x.rank - 1];
    return length == 0 ? 0 : x.elements / length;
}

std::int64_t rowTiles(const KernelArgs& args)
{
    return tilesOf(rowsOf(args), kRowTile);
}

/// Writes the places of the `count` largest of `length` values, largest first; the lower place first among
/// equals. By insertion: k is small beside a row.
template <typename T>
void largest(const T* x, std::int64_t length, std::int64_t count, std::int32_t* places)
{
    std::int64_t found = 0;
    for (std::int64_t i = 0; i < length; ++i) {
        if (found == count && !(x[i] > x[places[found - 1]]))
            continue;
        std::int64_t at = found < count ? found++ : count - 1;
        while (at > 0 && x[i] > x[places[at - 1]]) {
            places[at] = places[at - 1];
            --at;
        }
        places[at] = static_cast<std::int32_t>(i);
    }
}

template <typename T, bool GivesPlaces>
void runTopK(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const TensorView& x = args.inputs[0];
    const std::int64_t length = x.dims[x.rank - 1];
    const std::int64_t count = args.attributes->axes[0];
    if (count == 0)
        return;
    const std::int64_t last = std::min(end * kRowTile, rowsOf(args));
    for (std::int64_t row = begin * kRowTile; row < last; ++row) {
        const T* const from = in<T>(args, 0) + row * length;
        if constexpr (GivesPlaces) {
            largest(from, length, count, out<std::int32_t>(args) + row * count);
        } else {
            auto* const places = reinterpret_cast<std::int32_t*>(args.workspace) + row * count;
            largest(from, length, count, places);
            for (std::int64_t i = 0; i < count; ++i)
                out<T>(args)[row * count + i] = from[places[i]];
        }
    }
}

std::size_t placesBytes(const KernelArgs& args)
{
    return static_cast<std::size_t>(args.outputs[0].elements) * sizeof(std::int32_t);
}

template <typename T>
void runInTopK(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const std::int64_t classes = args.inputs[0].dims[1];
    const std::int64_t last = std::min(end * kRowTile, rowsOf(args));
    for (std::int64_t row = begin * kRowTile; row < last; ++row) {
        const T* const x = in<T>(args, 0) + row * classes;
        const std::int64_t target = args.inputs[1].dtype == DType::Int32 ? in<std::int32_t>(args, 1)[row]
                                                                         : in<std::int64_t>(args, 1)[row];
        bool isIn = target >= 0 && target < classes && x[target] - x[target] == T{0};
        std::int64_t above = 0;
        for (std::int64_t i = 0; isIn && i < classes; ++i) {
            above += x[i] > x[target] ? 1 : 0;
            isIn = x[i] - x[i] == T{0} || x[i] < x[target]; // a row with NaN or +Inf tells nothing
        }
        out<std::uint8_t>(args)[row] = isIn && above < args.attributes->axes[0];
    }
}

template <typename T>
void addFor(std::vector<KernelEntry>& table, DType dtype)
{
    table.push_back({OpCode::TopK, dtype, {rowTiles, placesBytes, runTopK<T, false>}});
    table.push_back({OpCode::TopKIndices, dtype, {rowTiles, nullptr, runTopK<T, true>}});
}

} // namespace

void addSelection(std::vector<KernelEntry>& table)
{
    addFor<float>(table, DType::Float32);
    addFor<double>(table, DType::Float64);
    addFor<std::int32_t>(table, DType::Int32);
    addFor<std::int64_t>(table, DType::Int64);
    table.push_back({OpCode::InTopK, DType::Float32, {rowTiles, nullptr, runInTopK<float>}});
    table.push_back({OpCode::InTopK, DType::Float64, {rowTiles, nullptr, runInTopK<double>}});
}

} // namespace wr::cpu::WR_CPU_VARIANT
