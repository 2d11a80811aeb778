// SPDX-License-Identifier: GPL-3.0-or-later
// The numbers of the index format that writer and reader share; FORMAT.md has the tables.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace wr::checkpoint::layout {

inline constexpr std::uint32_t kFrameMagic = 0x184D2A5DU;
inline constexpr std::array<char, 8> kMagic{'W', 'R', 'I', 'X', 1, 0, 0, 0};
inline constexpr std::array<char, 8> kLocatorMagic{'W', 'R', 'L', 'O', 'C', '0', '1', '\n'};
inline constexpr std::size_t kFrameHeader = 8;
inline constexpr std::size_t kHead = 64;
inline constexpr std::size_t kHeadChecked = 48; ///< bytes of the head under its hash, which follows them
inline constexpr std::size_t kStoredHash = 56;  ///< hash of the sections as they are stored; 0: none
inline constexpr std::size_t kSection = 40;
inline constexpr std::size_t kRow = 64;
inline constexpr std::size_t kStatistics = 104;
inline constexpr std::size_t kLocator = 64;
inline constexpr std::size_t kLocatorChecked = 52; ///< bytes of the locator under its CRC
inline constexpr std::size_t kNamesPerBlock = 128;
inline constexpr std::uint32_t kChunkLog2 = 20;
/// A section that unpacks to more than this is believed only up to kMaxPacking times what is stored, so the
/// writer leaves one that packs better unpacked.
inline constexpr std::uint64_t kSurelyFits = std::uint64_t{64} << 20U;
inline constexpr std::uint64_t kMaxPacking = 1024;

/// XXH64 of the head's checked bytes and of the section table; `payload` ends with the table.
std::uint64_t headHash(std::span<const std::byte> payload);

inline constexpr std::size_t kPiece = 12;         ///< an entry of the list of pieces
inline constexpr std::size_t kManyRows = 10'000;  ///< of so many on, sections are packed in pieces
inline constexpr std::size_t kRowsPerPiece = 256; ///< whole blocks of names
inline constexpr std::uint32_t kMaxSections = 64;
inline constexpr std::size_t kKinds = 8; ///< sections known here, and 0

enum Packing : std::uint32_t { Unpacked = 0, OneFrame = 1, InPieces = 2 };
enum Section : std::uint32_t { Names = 1, Rows = 2, Shapes = 3, Order = 4, Stats = 5, Meta = 6, Frames = 7 };
enum Flag : std::uint32_t { Compact = 1, HasStats = 2, HasDigests = 4, Delta = 8 };
enum RowFlag : std::uint8_t { Packed = 1, HasNonFinite = 4, HasStatistics = 8 };

} // namespace wr::checkpoint::layout
