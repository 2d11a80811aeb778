// SPDX-License-Identifier: GPL-3.0-or-later
// A checkpoint of about a mebibyte in memory, to be damaged in place, and the question whether a check finds
// the damage and says where it is. One thread.
#pragma once

#include "engine/checkpoint/file_survey.h"
#include "tests/torture/experiment.h"
#include "tests/torture/model_disk.h"

namespace wr::torture {

class DamagedFile {
public:
    explicit DamagedFile(std::uint64_t seed);
    DamagedFile(const DamagedFile& other); ///< the same file once more, whole
    DamagedFile& operator=(const DamagedFile&) = delete;

    std::uint64_t size() const { return m_whole.size(); }
    /// Stretches of the file that a check looks at by themselves: frames, index, table.
    const std::vector<checkpoint::ScannedFrame>& parts() const { return m_parts; }
    std::size_t partOf(std::uint64_t at) const;
    std::string partName(std::size_t part) const;

    void flip(std::uint64_t bit) { (*m_bytes)[bit / 8] ^= std::byte{1} << static_cast<int>(bit % 8); }
    /// The file as it would be if it ended here; to be mended with the whole size.
    void cut(std::uint64_t size);

    /// Why a check of the file does not name exactly what is damaged by flips of these bits, one a part;
    /// empty when it does.
    std::string unseen(const std::vector<std::uint64_t>& bits);
    /// Why a check of the file, which was cut, does not tell that; empty when it does.
    std::string unseenCut();
    /// Why opening and reading it gives a wrong number; empty when what is read is right or refused.
    std::string wrongValues();
    /// Whether it opens without a warning.
    bool looksWhole();

private:
    std::vector<NamedTensor> m_tensors;
    Bytes m_whole;
    std::shared_ptr<Bytes> m_bytes;
    ModelDisk m_disk;
    std::vector<checkpoint::ScannedFrame> m_parts;
    std::vector<std::vector<std::string>> m_touched; ///< of each part, the tensors in it
};

} // namespace wr::torture
