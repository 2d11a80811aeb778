// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/digest.h"

#include <cstring>

namespace wr::checkpoint {

Digest digestOf(std::span<const std::byte> bytes)
{
    return digestOf(XXH3_128bits(bytes.data(), bytes.size()));
}

Digest digestOf(XXH128_hash_t hash)
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, hash);
    Digest digest{};
    std::memcpy(digest.data(), canonical.digest, digest.size());
    return digest;
}

} // namespace wr::checkpoint
