// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoints as the rest of the program sees them: a reader that knows names, shapes and digests without
// reading values, and a save that is durable or did not happen. The format WR1 is described in
// checkpoint/FORMAT.md. A reader may be used from several threads; a save runs on the thread that calls it.
#pragma once

#include "engine/base/progress.h"
#include "engine/base/vfs.h"
#include "engine/tensor/statistics.h"
#include "engine/tensor/tensor.h"

#include <array>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace wr::checkpoint {

using Digest = std::array<std::uint8_t, 16>; ///< XXH3-128 of a tensor's logical bytes
using Metadata = std::map<std::string, std::string>;

struct TensorEntry {
    TensorSpec spec;
    std::uint64_t logicalBytes = 0;
    std::uint64_t storedBytes =
        0; ///< compressed bytes of the frames that hold it, shared frames counted in full
    std::optional<Digest> digest;
    std::optional<Statistics> statistics;
};

/// The keyframe that a delta was made against.
struct BaseReference {
    std::string uuid;   ///< 32 hexadecimal digits
    std::string digest; ///< contentDigest() of the base, 32 hexadecimal digits
    std::string hint;   ///< file name that the base had
};

class CheckpointReader;

/// The tensors of a reader, which it borrows, in the order of their names. An entry is made when it is asked
/// for and is the caller's own; entries of large lists cost some hundred nanoseconds each.
class TensorRange {
public:
    class Iterator;

    explicit TensorRange(const CheckpointReader& reader) : m_reader(&reader) {}
    std::size_t size() const;
    bool empty() const { return size() == 0; }
    TensorEntry operator[](std::size_t index) const;
    Iterator begin() const;
    Iterator end() const;

private:
    const CheckpointReader* m_reader;
};

class CheckpointReader {
public:
    virtual ~CheckpointReader() = default;

    virtual const std::string& path() const = 0;
    /// "WR1 compact", "WR1 plain", "safetensors".
    virtual std::string formatName() const = 0;
    virtual std::uint64_t fileBytes() const = 0;
    virtual std::size_t tensorCount() const = 0;
    /// The tensor at `index` < tensorCount() in the order of the names.
    virtual TensorEntry tensor(std::size_t index) const = 0;
    TensorRange tensors() const { return TensorRange(*this); }
    using NameCall = std::function<void(std::size_t index, std::string_view name)>;
    /// Calls with each name in order, valid during the call: much faster than by entries where those are
    /// many.
    virtual void forEachName(const NameCall& call) const
    {
        for (std::size_t i = 0; i < tensorCount(); ++i)
            call(i, tensor(i).spec.name);
    }
    /// Index of the tensor, or -1.
    virtual std::ptrdiff_t find(std::string_view name) const = 0;
    virtual const Metadata& metadata() const = 0;
    /// What is odd about the file but not fatal: an index that was ignored, and why.
    virtual const std::vector<std::string>& warnings() const = 0;
    /// Those of the warnings that tell what the file should hold and does not.
    virtual const std::vector<std::string>& losses() const { return warnings(); }
    /// Reads one tensor, every frame and the digest checked. DataLoss names tensor and frame; a delta whose
    /// base is missing gives NotFound. Large tensors are unpacked by as many threads as are given.
    virtual Result<Tensor> read(std::size_t index, const Progress& progress = {}, int threads = 1) const = 0;
    /// Reads bytes [at, at + into.size()) of a tensor's values. Frames are checked, the digest is not.
    virtual Status readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const = 0;
    /// Identity of the file, 32 hexadecimal digits; empty where the format has none.
    virtual std::string uuid() const { return {}; }
    /// What a delta is based on; nothing for a file that stands alone.
    virtual std::optional<BaseReference> base() const { return {}; }
    /// Whether the values of this tensor are found only together with the base.
    virtual bool needsBase(std::size_t /*index*/) const { return false; }
};

class TensorRange::Iterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = TensorEntry;
    using difference_type = std::ptrdiff_t;
    using pointer = const TensorEntry*;
    using reference = TensorEntry;

    Iterator(const CheckpointReader& reader, std::size_t index) : m_reader(&reader), m_index(index) {}
    TensorEntry operator*() const { return m_reader->tensor(m_index); }
    Iterator& operator++()
    {
        ++m_index;
        return *this;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

private:
    const CheckpointReader* m_reader;
    std::size_t m_index;
};

inline std::size_t TensorRange::size() const
{
    return m_reader->tensorCount();
}
inline TensorEntry TensorRange::operator[](std::size_t index) const
{
    return m_reader->tensor(index);
}
inline TensorRange::Iterator TensorRange::begin() const
{
    return {*m_reader, 0};
}
inline TensorRange::Iterator TensorRange::end() const
{
    return {*m_reader, size()};
}

/// Recognises the file by content. InvalidArgument when it is no checkpoint (says what it seems to be),
/// DataLoss when it is a damaged one.
Result<std::shared_ptr<const CheckpointReader>> openCheckpoint(Vfs& vfs, const std::string& path);

enum class Profile : std::uint8_t {
    Compact, ///< byte planes where they pay
    Plain,   ///< a safetensors file in zstd, as every tool reads it
    Stored,  ///< as compact, nothing compressed: for disks that are faster than the processor
};

struct SaveOptions {
    Profile profile = Profile::Compact;
    bool replace = false; ///< false: AlreadyExists when the name is taken
    int threads = 1;
    /// A compact keyframe in the same folder. Tensors that become clearly smaller are written as their
    /// difference to it; where none does, the file stands alone.
    std::shared_ptr<const CheckpointReader> base;
    std::map<std::string, std::string> baseNames; ///< name → the base's name, where they differ
    /// What passes one of these is saved as several files beside the one that is asked for, which lists them.
    std::size_t partTensors = 500'000;
    std::uint64_t partBytes = 256'000'000'000; ///< of values
};

struct SaveReport {
    std::string path;
    std::uint64_t fileBytes = 0;
    std::uint64_t logicalBytes = 0;
    double seconds = 0.0;
    bool isDelta = false;
    std::string uuid; ///< as CheckpointReader::uuid()
};

/// Writes, verifies, renames; when it returns a report the checkpoint survives a power cut. On any failure or
/// cancel nothing is left behind and nothing that existed before is touched; only where the very last step
/// fails, the sync of the directory, the whole file stands in its place and the message says so. Names must
/// be unique (InvalidArgument).
Result<SaveReport> saveCheckpoint(Vfs& vfs, const std::string& path, std::span<const NamedTensor> tensors,
                                  const Metadata& metadata, const SaveOptions& options,
                                  const Progress& progress = {});

/// Writes the tensors of a checkpoint anew, block by block, under its metadata: a delta becomes a keyframe,
/// a profile another one. `only`: these tensors (indices), all when empty.
Result<SaveReport> rewriteCheckpoint(Vfs& vfs, const CheckpointReader& from, const std::string& path,
                                     const SaveOptions& options, const Progress& progress = {},
                                     const std::vector<std::size_t>& only = {});

struct Damage {
    std::string tensor; ///< empty when the header or the index is concerned
    std::string what;
};

/// Reads every frame, size, checksum and digest; an empty list means whole. What a file holds beside tensors
/// is no damage.
Result<std::vector<Damage>> verifyCheckpoint(const CheckpointReader& reader, const Progress& progress = {});

} // namespace wr::checkpoint
