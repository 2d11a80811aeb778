// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes read from front to back: those of a file, or of an entry of an archive. Owned by one reader; one
// thread. Errors name the file.
#pragma once

#include "engine/base/vfs.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace wr::train {

class ByteStream {
public:
    virtual ~ByteStream() = default;
    /// Fills `into`; fewer bytes only at the end.
    virtual Result<std::size_t> read(std::span<std::byte> into) = 0;
    /// Bytes in all, as declared; what is declared is possible, but need not be true.
    virtual std::uint64_t size() const = 0;
};

/// The bytes of the file `path`.
Result<std::unique_ptr<ByteStream>> openStream(Vfs& vfs, const std::string& path);

} // namespace wr::train
