// SPDX-License-Identifier: GPL-3.0-or-later
// What the readers of files that are listed whole when they are opened have in common: a sorted list of
// tensors, metadata, warnings, and a whole tensor read piece by piece, or a part of one that can only be read
// whole. May be used from several threads once it is filled; the last tensor is kept for parts.
#pragma once

#include "engine/checkpoint/checkpoint.h"

#include <mutex>

namespace wr::checkpoint {

/// Index of the entry of this name in a list that is sorted by name, or -1.
std::ptrdiff_t findByName(const std::vector<TensorEntry>& entries, std::string_view name);

class ListedReader : public CheckpointReader {
public:
    const std::string& path() const override { return m_path; }
    std::uint64_t fileBytes() const override { return m_fileBytes; }
    std::size_t tensorCount() const override { return m_entries.size(); }
    TensorEntry tensor(std::size_t index) const override { return m_entries[index]; }
    std::ptrdiff_t find(std::string_view name) const override { return findByName(m_entries, name); }
    void forEachName(const NameCall& call) const override
    {
        for (std::size_t i = 0; i < m_entries.size(); ++i)
            call(i, m_entries[i].spec.name);
    }
    const Metadata& metadata() const override { return m_metadata; }
    const std::vector<std::string>& warnings() const override { return m_warnings; }
    const std::vector<std::string>& losses() const override { return m_losses; }
    Result<Tensor> read(std::size_t index, const Progress& progress, int threads) const override;

protected:
    explicit ListedReader(std::string path) : m_path(std::move(path)) {}
    /// readPart() by read(), of which the last result is kept.
    Status partOfWhole(std::size_t index, std::uint64_t at, std::span<std::byte> into) const;

    /// What the file should hold and does not: a warning that comes before the others.
    void lose(const std::string& what);

    std::string m_path;
    std::uint64_t m_fileBytes = 0;
    std::vector<TensorEntry> m_entries; ///< sorted by name
    Metadata m_metadata;
    std::vector<std::string> m_warnings;
    std::vector<std::string> m_losses; ///< of the warnings

private:
    mutable std::mutex m_keptMutex;
    mutable Tensor m_kept;
    mutable std::size_t m_keptIndex = 0;
};

} // namespace wr::checkpoint
