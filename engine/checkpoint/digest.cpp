// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/digest.h"

#include <cstring>
#include <xxhash.h>

namespace wr::checkpoint {

Digest digestOf(std::span<const std::byte> bytes)
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
    Digest digest{};
    std::memcpy(digest.data(), canonical.digest, digest.size());
    return digest;
}

} // namespace wr::checkpoint
