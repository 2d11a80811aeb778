// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/sharded_save.h"

#include "engine/checkpoint/base_link.h"
#include "engine/checkpoint/json_text.h"
#include "engine/checkpoint/prepared_file.h"

#include <algorithm>
#include <numeric>

namespace wr::checkpoint {
namespace {

std::uint64_t bytesOf(const TensorSpec& spec)
{
    return static_cast<std::uint64_t>(*spec.shape.elementCount()) * dtypeSize(spec.dtype);
}

/// Some tensors of another source.
class PartSource final : public TensorSource {
public:
    PartSource(const TensorSource& all, const std::vector<std::size_t>& tensors)
        : m_all(all), m_tensors(tensors)
    {
        m_specs.reserve(tensors.size());
        for (const std::size_t tensor : tensors)
            m_specs.push_back(all.specs()[tensor]);
    }
    const std::vector<TensorSpec>& specs() const override { return m_specs; }
    Result<std::span<const std::byte>> bytes(std::size_t tensor, std::uint64_t at, std::size_t size,
                                             std::vector<std::byte>& scratch) const override
    {
        return m_all.bytes(m_tensors[tensor], at, size, scratch);
    }
    Result<Tensor> whole(std::size_t tensor) const override { return m_all.whole(m_tensors[tensor]); }
    std::optional<Digest> knownDigest(std::size_t tensor) const override
    {
        return m_all.knownDigest(m_tensors[tensor]);
    }
    std::optional<Statistics> knownStatistics(std::size_t tensor) const override
    {
        return m_all.knownStatistics(m_tensors[tensor]);
    }

private:
    const TensorSource& m_all;
    const std::vector<std::size_t>& m_tensors;
    std::vector<TensorSpec> m_specs;
};

/// Parts that got their names, and lose them again unless all goes well.
class CommittedParts {
public:
    explicit CommittedParts(Vfs& vfs) : m_vfs(vfs) {}
    ~CommittedParts()
    {
        for (const std::string& path : m_paths)
            static_cast<void>(m_vfs.remove(path)); // the error that led here is the one to tell
    }
    CommittedParts(const CommittedParts&) = delete;
    CommittedParts& operator=(const CommittedParts&) = delete;
    void add(std::string path) { m_paths.push_back(std::move(path)); }
    void keep() { m_paths.clear(); }

private:
    Vfs& m_vfs;
    std::vector<std::string> m_paths;
};

Status appendText(DurableFile& file, const std::string& text)
{
    return file.append(std::as_bytes(std::span(text)));
}

/// The list of parts, and for other programs the file of each tensor.
Status writeList(Vfs& vfs, DurableFile& file, const ShardSet& set, std::uint64_t bytes,
                 const TensorSource& source, const std::vector<std::vector<std::size_t>>& parts)
{
    constexpr std::size_t kPiece = std::size_t{1} << 20U;
    std::string text = encodeSetHead(set, bytes) + ",\"weight_map\":{";
    bool isFirst = true;
    for (std::size_t part = 0; part < parts.size(); ++part) {
        for (const std::size_t tensor : parts[part]) {
            text += isFirst ? "\n" : ",\n";
            isFirst = false;
            appendJsonString(text, source.specs()[tensor].name);
            text += ':';
            appendJsonString(text, set.parts[part].file);
            if (text.size() >= kPiece) {
                WR_RETURN_IF_ERROR(appendText(file, text));
                text.clear();
            }
        }
    }
    text += "}}\n";
    WR_RETURN_IF_ERROR(appendText(file, text));
    WR_RETURN_IF_ERROR(file.finish());
    WR_ASSIGN_OR_RETURN(const ShardSet again, readShardSet(vfs, file.temporaryPath()));
    const bool isSame = encodeSetHead(again, bytes) == encodeSetHead(set, bytes);
    return isSame ? Status() : dataLoss("the list of parts that was read back is not what was written");
}

} // namespace

std::vector<std::vector<std::size_t>> partsOf(const TensorSource& source, const SaveOptions& options)
{
    const std::vector<TensorSpec>& specs = source.specs();
    std::uint64_t total = 0;
    for (const TensorSpec& spec : specs)
        total += bytesOf(spec);
    if (specs.size() <= options.partTensors && total <= options.partBytes)
        return {{}};
    std::vector<std::size_t> byName(specs.size());
    std::iota(byName.begin(), byName.end(), std::size_t{0});
    std::sort(byName.begin(), byName.end(),
              [&](std::size_t a, std::size_t b) { return specs[a].name < specs[b].name; });
    std::vector<std::vector<std::size_t>> parts;
    std::uint64_t bytes = 0;
    for (const std::size_t tensor : byName) {
        const std::uint64_t own = bytesOf(specs[tensor]);
        if (parts.empty() || parts.back().size() >= options.partTensors ||
            (!parts.back().empty() && bytes + own > options.partBytes)) {
            parts.emplace_back();
            bytes = 0;
        }
        parts.back().push_back(tensor);
        bytes += own;
    }
    return parts;
}

Result<SaveReport> saveParts(Vfs& vfs, const std::string& path, const TensorSource& source,
                             const std::vector<std::vector<std::size_t>>& parts, const Metadata& metadata,
                             const SaveOptions& options, const Progress& progress)
{
    const std::string folder = directoryOf(path);
    WR_ASSIGN_OR_RETURN(const std::optional<ShardSet> old, replacedSet(vfs, path, options));
    ShardSet set;
    set.uuid = hexText(randomUuid());
    set.metadata = metadata;
    for (std::size_t i = 0; i < parts.size(); ++i)
        set.parts.push_back({partName(path, i, parts.size(), {}), {}, parts[i].size()});
    // The parts of an older set must stay until the new list is in place.
    const bool areTaken = std::any_of(set.parts.begin(), set.parts.end(), [&](const ShardPart& part) {
        return vfs.info(folder + "/" + part.file).has_value();
    });
    for (std::size_t i = 0; i < parts.size() && areTaken; ++i)
        set.parts[i].file = partName(path, i, parts.size(), set.uuid);

    std::uint64_t total = 0;
    for (const TensorSpec& spec : source.specs())
        total += bytesOf(spec);
    SaveReport report;
    report.path = path;
    report.uuid = set.uuid;
    std::vector<PreparedFile> prepared;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const PartSource part(source, parts[i]);
        const std::uint64_t before = 2 * report.logicalBytes;
        const Progress told = [&](std::uint64_t done, std::uint64_t /*of*/) {
            return !progress || progress(std::min(before + done, 2 * total), 2 * total);
        };
        WR_ASSIGN_OR_RETURN(PreparedFile file, prepareFile(vfs, folder + "/" + set.parts[i].file, part,
                                                           metadata, options, told));
        set.parts[i].uuid = file.report.uuid;
        report.fileBytes += file.report.fileBytes;
        report.logicalBytes += file.report.logicalBytes;
        report.isDelta = report.isDelta || file.report.isDelta;
        prepared.push_back(std::move(file));
    }
    WR_ASSIGN_OR_RETURN(DurableFile list, DurableFile::create(vfs, path));
    WR_RETURN_IF_ERROR(writeList(vfs, list, set, report.logicalBytes, source, parts));
    report.fileBytes += list.size();
    CommittedParts committed(vfs);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::string partPath = folder + "/" + set.parts[i].file;
        const Status status = prepared[i].file.commit(false);
        if (status.isOk() || prepared[i].file.temporaryPath().empty())
            committed.add(partPath);
        WR_RETURN_IF_ERROR(status);
    }
    const Status status = list.commit(options.replace);
    if (status.isOk() || list.temporaryPath().empty())
        committed.keep();
    WR_RETURN_IF_ERROR(status);
    removeParts(vfs, path, old, set);
    return report;
}

} // namespace wr::checkpoint
