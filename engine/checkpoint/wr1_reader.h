// SPDX-License-Identifier: GPL-3.0-or-later
// Reads WR1 files, compact and plain. Made by openCheckpoint(); may be used from several threads.
#pragma once

#include "engine/checkpoint/base_link.h"
#include "engine/checkpoint/content_stream.h"
#include "engine/checkpoint/index_listing.h"

namespace wr::checkpoint {

class Wr1Reader final : public CheckpointReader {
public:
    static Result<std::shared_ptr<const CheckpointReader>>
    open(Vfs& vfs, std::shared_ptr<File> file, const std::string& path, std::uint64_t fileBytes);

    /// Opens what is left of a damaged file: `table` holds the frames that are whole, at their places in a
    /// content of `table.contentSize` bytes. Names and places come from the header, or, where that is lost,
    /// from the index.
    static Result<std::shared_ptr<const Wr1Reader>> openRemains(Vfs& vfs, std::shared_ptr<File> file,
                                                                const std::string& path,
                                                                std::uint64_t fileBytes, FrameTable table,
                                                                const Index* index);
    /// Tensors that have values in [begin, end) of the content.
    std::vector<std::size_t> tensorsIn(std::uint64_t begin, std::uint64_t end) const;
    bool isCompact() const { return m_isCompact; }
    /// None where the index cannot be read any more.
    std::optional<Filter> filterOf(std::size_t index) const;
    /// The frame, as it lies in the file, whose content is exactly bytes [at, at + size) of the filtered
    /// tensor.
    std::optional<Frame> frameOf(std::size_t index, std::uint64_t at, std::uint32_t size) const;
    std::uint64_t contentSize() const { return m_content.size(); }

    const std::string& path() const override { return m_path; }
    std::string formatName() const override
    {
        return m_base ? "WR1 delta" : m_isCompact ? "WR1 compact" : "WR1 plain";
    }
    std::uint64_t fileBytes() const override { return m_fileBytes; }
    std::size_t tensorCount() const override;
    TensorEntry tensor(std::size_t index) const override;
    std::ptrdiff_t find(std::string_view name) const override;
    void forEachName(const NameCall& call) const override;
    const Metadata& metadata() const override { return m_metadata; }
    const std::vector<std::string>& warnings() const override { return m_warnings; }
    Result<Tensor> read(std::size_t index, const Progress& progress, int threads) const override;
    Status readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const override;
    std::string uuid() const override { return m_uuid; }
    std::optional<BaseReference> base() const override;
    bool needsBase(std::size_t index) const override;

private:
    struct StoredTensor {
        TensorEntry entry;
        std::uint64_t offset = 0; ///< in the content, the header included
        Filter filter = Filter::None;
    };
    struct Scratch {
        StreamScratch stream;
        std::vector<std::byte> planes;
        std::vector<std::byte> block;
        std::vector<std::byte> base;
    };
    class Borrowed;

    Wr1Reader(ContentStream content, std::string path, std::uint64_t fileBytes);
    Status useMetadata(Vfs& vfs, Metadata& stored);
    Status readBlocks(const StoredTensor& tensor, std::uint64_t at, std::span<std::byte> into,
                      Scratch& scratch) const;
    Status readBlock(const StoredTensor& tensor, std::uint64_t at, std::span<std::byte> into,
                     Scratch& scratch) const;
    Status readPart(const StoredTensor& tensor, std::uint64_t at, std::span<std::byte> into) const;
    Result<std::size_t> baseTensor(const TensorSpec& spec, const CheckpointReader& base) const;
    Status readValues(const StoredTensor& tensor, std::span<std::byte> values, const Progress& progress,
                      int threads) const;
    Result<std::vector<std::byte>> readHeader();
    Status useHeader(Vfs& vfs, std::span<const std::byte> unpacked);
    Result<Index> readIndex(File& file) const;
    Result<bool> openListing(Vfs& vfs, const std::shared_ptr<File>& file);
    Result<bool> areHeaderFramesOf(File& file, std::uint64_t payloadAt, const IndexHead& head) const;
    Result<Metadata> leadingMetadata(std::uint64_t headerBytes) const;
    Result<StoredTensor> stored(std::size_t index) const;
    Result<StoredTensor> placed(const IndexRow& row, std::uint64_t headerBytes) const;
    Status useIndex(const Index& index);
    Status useIndexAlone(const Index& index);
    std::uint64_t storedBytes(std::uint64_t begin, std::uint64_t size) const;

    ContentStream m_content;
    std::string m_path;
    std::uint64_t m_fileBytes;
    std::uint64_t m_headerHash = 0;
    bool m_isCompact = false;
    std::vector<StoredTensor> m_stored;            ///< sorted by name; empty where there is a listing
    std::unique_ptr<const IndexListing> m_listing; ///< of very many tensors
    std::uint64_t m_listedAt = 0;                  ///< where the listing's places begin in the content
    Metadata m_metadata;
    std::string m_uuid;
    std::unique_ptr<const BaseLink> m_base;
    Metadata m_baseNames; ///< name → the base's, where they differ
    mutable std::mutex m_idleMutex;
    mutable std::vector<std::unique_ptr<Scratch>> m_idle;
    std::vector<std::string> m_warnings;
};

} // namespace wr::checkpoint
