// SPDX-License-Identifier: GPL-3.0-or-later
// A zip archive whose entries are read by name and unpacked in memory as they are read; nothing is written
// anywhere, so an entry's name is never a path. Stored and deflated entries; sizes are checked before they
// are believed, checksums at each entry's end. Owns its file; one thread.
#pragma once

#include "engine/train/byte_stream.h"

#include <memory>
#include <string>
#include <vector>

namespace wr::train {

class ZipArchive {
public:
    /// InvalidArgument when it is no zip archive, with the reason.
    static Result<std::unique_ptr<ZipArchive>> open(Vfs& vfs, const std::string& path);
    ~ZipArchive();
    ZipArchive(const ZipArchive&) = delete;
    ZipArchive& operator=(const ZipArchive&) = delete;

    /// The entries' names, at most the first hundred, for messages.
    std::vector<std::string> names() const;
    bool has(const std::string& name) const;
    /// NotFound; Unimplemented for an entry that is packed or encrypted in another way; DataLoss when it
    /// declares more than it can hold. The stream must not outlive the archive.
    Result<std::unique_ptr<ByteStream>> read(const std::string& name);

private:
    struct State;
    explicit ZipArchive(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace wr::train
