// SPDX-License-Identifier: GPL-3.0-or-later
// Names of any number collapse to templates: "model.layers.{i}.mlp.experts.{j}.w1" stands for thousands of
// tensors. Which numbers are indices and which are part of a role is decided by their surroundings; the user
// may decide otherwise. Linear in the length of all names. Values; any thread.
#pragma once

#include "engine/tensor/tensor.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wr::remap {

/// The values that one index of a template takes.
struct IndexAxis {
    std::string
        place; ///< the name before the number, earlier indices as "{}": "model.layers.{}.mlp.experts."
    std::int64_t first = 0;
    std::int64_t last = 0;
    std::size_t count = 0; ///< different values
    std::size_t width = 0; ///< digits that every number has, where they are padded with zeros

    bool isDense() const { return last - first + 1 == static_cast<std::int64_t>(count); }
};

struct NameTemplate {
    std::vector<std::string> pieces; ///< what stands around the indices; one more than axes
    std::vector<IndexAxis> axes;
    TensorSpec first; ///< of the member whose indices are smallest
    std::size_t count = 0;
    std::uint64_t bytes = 0; ///< of all members; stays at 2^64 − 1 when it passes that
    bool hasOneShape = true;
    bool hasOneType = true;

    /// "model.layers.{i}.mlp.w1"; an index that takes one value only is written as that number.
    std::string text() const;
    /// The name with these values of the indices, one an axis.
    std::string nameOf(std::span<const std::int64_t> indices) const;
    /// Whether the indices take every combination of their values.
    bool isFull() const;
};

/// A number that was taken for part of a role ("w" 1–3), which the user may turn into an index.
struct RoleNumber {
    std::string place; ///< as IndexAxis::place
    std::int64_t first = 0;
    std::int64_t last = 0;
    std::size_t count = 0;
};

/// Decisions of the user: place → whether its numbers are indices.
using IndexChoices = std::map<std::string, bool, std::less<>>;

class TemplateSet {
public:
    TemplateSet() = default;
    static TemplateSet of(std::span<const TensorSpec> tensors, const IndexChoices& choices = {});

    /// In the order in which their first members come.
    const std::vector<NameTemplate>& templates() const { return m_templates; }
    std::size_t templateOf(std::size_t tensor) const { return m_templateOf[tensor]; }
    /// Tensors of a template, by their indices.
    std::span<const std::uint32_t> members(std::size_t index) const;
    /// The indices of a tensor, one an axis of its template.
    std::span<const std::int64_t> indices(std::size_t tensor) const;
    const std::vector<RoleNumber>& roleNumbers() const { return m_roleNumbers; }

private:
    friend class TemplateBuilder;
    std::vector<NameTemplate> m_templates;
    std::vector<std::uint32_t> m_templateOf;
    std::vector<std::uint32_t> m_members;   ///< all of the first template, then of the second …
    std::vector<std::size_t> m_memberBegin; ///< one more than templates
    std::vector<std::int64_t> m_values;     ///< indices of all tensors
    std::vector<std::size_t> m_valueBegin;  ///< one more than tensors
    std::vector<RoleNumber> m_roleNumbers;
};

/// The letter of an index: i, j, k, …
char indexLetter(std::size_t axis);

} // namespace wr::remap
