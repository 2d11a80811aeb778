// SPDX-License-Identifier: GPL-3.0-or-later
// A checkpoint of several files: parts of WR1 with consecutive ranges of the names, and a text that lists
// them, under the name of the checkpoint. The text is written last and replaced at once, so that the set is
// whole or not there. Values.
#pragma once

#include "engine/checkpoint/checkpoint.h"

namespace wr::checkpoint {

struct ShardPart {
    std::string file; ///< its name in the folder of the set
    std::string uuid; ///< of the part; empty for plain files
    std::uint64_t tensors = 0;
};

struct ShardSet {
    std::string uuid;
    std::vector<ShardPart> parts; ///< in the order of their names
    Metadata metadata;            ///< of the checkpoint
};

/// "NAME-00001-of-00003.EXT" of "NAME.EXT"; `mark` goes before the number where the plain name is taken.
std::string partName(const std::string& path, std::size_t part, std::size_t parts, const std::string& mark);
/// The path of the set that a file of this name would be a part of, by its name alone.
std::optional<std::string> setPathOf(const std::string& path);

/// A path that setPathOf() gave, without the mark of a part's name; nothing where there is none.
std::optional<std::string> withoutMark(const std::string& setPath);

/// The text, but for its map, which names the file of each tensor for other programs.
std::string encodeSetHead(const ShardSet& set, std::uint64_t totalBytes);
/// Whether a file begins like such a text.
bool isSetHead(std::span<const std::byte> head);
/// NotFound when the file is none, DataLoss when it is a damaged one.
Result<ShardSet> readShardSet(Vfs& vfs, const std::string& path);

/// The set that a save will replace, if `path` is one; errors are those of reading.
Result<std::optional<ShardSet>> replacedSet(Vfs& vfs, const std::string& path, const SaveOptions& options);
/// The files of a set besides its list, by the names that are its own; empty where `path` is no set that can
/// be read.
std::vector<std::string> partsBeside(Vfs& vfs, const std::string& path);
/// Whether the file is listed by a set in its folder.
bool isPartOfSet(Vfs& vfs, const std::string& path);
/// Removes the parts of a set that was replaced: those with names of its own, none of `kept`.
void removeParts(Vfs& vfs, const std::string& path, const std::optional<ShardSet>& old, const ShardSet& kept);

} // namespace wr::checkpoint
