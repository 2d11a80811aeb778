// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of namings and how they are read. A table is text:
//
//   family bert
//   naming bert-hf | bert-tf              columns
//   a.{i}.weight | b_{i}/kernel ; transpose
//
// A cell is a NamePattern and what makes of its tensor the one that the table is about: weights of linear
// layers with the outputs in front, as PyTorch has them, rotary halves. "-": this naming does not have it. ";
// fuse(3)": it holds also those of the next two rows, which have "^" here, one after the other along axis 0.
// "; stack(j)": it holds those of all j along a new first axis. "; rope(q)", "; rope(k)": rows of a head lie
// in pairs.
//   for i=0..3 j=0..1 … end               rows for each of them, where {3*i+j} can be computed
//   derive bert-base bert-hf bert.        one more column: cells of bert-hf that begin with "bert.", without
//   it
#pragma once

#include "engine/remap/operation.h"

#include <string>
#include <string_view>
#include <vector>

namespace wr::remap {

inline constexpr std::int64_t kHeadsOfQueries = -1; ///< in place of a number of heads
inline constexpr std::int64_t kHeadsOfKeys = -2;

struct PresetCell {
    std::string pattern; ///< empty: not there
    std::vector<Operation> operations;
    std::size_t fused = 1;
    bool isContinued = false; ///< "^"
    std::string stacked;      ///< the variable
};

struct PresetFamily {
    std::string name;
    std::vector<std::string> namings;
    std::vector<std::vector<PresetCell>> rows; ///< one cell a naming
};

/// InvalidArgument names line and cause.
Result<std::vector<PresetFamily>> parsePresetTable(std::string_view text);

/// All tables, read once.
const std::vector<PresetFamily>& presetFamilies();

std::string_view decoderTables(); ///< Llama and its kin, GPT-2
std::string_view encoderTables(); ///< BERT, T5, Whisper
std::string_view visionTables();  ///< ResNet, ViT, U-Net of Stable Diffusion

} // namespace wr::remap
