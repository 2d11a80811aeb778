// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/tensorflow/bundle_writer.h"

#include "engine/base/crc32c.h"
#include "engine/checkpoint/durable_file.h"
#include "engine/formats/tensorflow/bundle_entry.h"
#include "engine/formats/tensorflow/bundle_paths.h"
#include "engine/formats/tensorflow/table.h"
#include "engine/formats/tensorflow/table_writer.h"

#include <algorithm>
#include <chrono>

namespace wr::formats {
namespace {

using checkpoint::CheckpointReader;
using checkpoint::DurableFile;

/// Smaller tensors are read whole, because only that compares the checksums of their origin.
constexpr std::uint64_t kLargeTensor = std::uint64_t{256} << 20U;
constexpr std::size_t kPiece = std::size_t{8} << 20U;

/// Appends the values of a tensor; returns the checksum.
Result<std::uint32_t> copyTensor(const CheckpointReader& from, std::size_t index, DurableFile& to)
{
    const checkpoint::TensorEntry& entry = from.tensors()[index];
    if (entry.logicalBytes <= kLargeTensor) {
        WR_ASSIGN_OR_RETURN(const Tensor tensor, from.read(index));
        WR_RETURN_IF_ERROR(to.append(tensor.bytes()));
        return crc32c(tensor.bytes());
    }
    std::vector<std::byte> buffer(kPiece);
    std::uint32_t crc = 0;
    for (std::uint64_t at = 0; at < entry.logicalBytes;) {
        const std::span<std::byte> part = std::span(buffer).first(
            static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, entry.logicalBytes - at)));
        WR_RETURN_IF_ERROR(from.readPart(index, at, part));
        WR_RETURN_IF_ERROR(to.append(part));
        crc = crc32cExtended(crc, part);
        at += part.size();
    }
    return crc;
}

} // namespace

Result<checkpoint::SaveReport> writeBundle(Vfs& vfs, const CheckpointReader& from, const std::string& prefix,
                                           const Progress& progress)
{
    const auto began = std::chrono::steady_clock::now();
    const std::string dataPath = dataFile(prefix, 0, 1);
    const std::string indexPath = prefix + ".index";
    for (const std::string& path : {dataPath, indexPath}) {
        if (vfs.info(path))
            return fail(StatusCode::AlreadyExists, path + ": there is such a file already");
    }
    std::uint64_t total = 0;
    for (const checkpoint::TensorEntry& entry : from.tensors()) {
        if (entry.spec.name.empty() || tensorFlowNumber(entry.spec.dtype) == 0)
            return fail(StatusCode::InvalidArgument,
                        "\"" + entry.spec.name + "\": TensorFlow knows no such name or type");
        total += entry.logicalBytes;
    }
    WR_ASSIGN_OR_RETURN(DurableFile data, DurableFile::create(vfs, dataPath));
    TableWriter table;
    table.add("", encodeBundleHeader());
    for (std::size_t i = 0; i < from.tensors().size(); ++i) {
        const checkpoint::TensorEntry& tensor = from.tensors()[i];
        BundleEntry entry;
        entry.type = tensorFlowNumber(tensor.spec.dtype);
        entry.shape = tensor.spec.shape;
        entry.offset = data.size();
        entry.size = tensor.logicalBytes;
        WR_ASSIGN_OR_RETURN(const std::uint32_t crc, copyTensor(from, i, data));
        entry.checksum = maskedChecksum(crc);
        table.add(tensor.spec.name, encodeBundleEntry(entry));
        if (progress && !progress(data.size(), total))
            return fail(cancelled("writing was cancelled"));
    }
    WR_RETURN_IF_ERROR(data.finish());
    WR_ASSIGN_OR_RETURN(DurableFile index, DurableFile::create(vfs, indexPath));
    const std::string indexBytes = table.finish();
    WR_RETURN_IF_ERROR(index.append(std::as_bytes(std::span(indexBytes))));
    WR_RETURN_IF_ERROR(index.finish());
    WR_RETURN_IF_ERROR(data.commit(false));
    if (const Status status = index.commit(false); !status.isOk()) {
        if (!vfs.info(indexPath)) // values without an index are of no use
            static_cast<void>(vfs.remove(dataPath));
        return fail(status);
    }
    checkpoint::SaveReport report;
    report.path = indexPath;
    report.fileBytes = data.size() + index.size();
    report.logicalBytes = total;
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return report;
}

} // namespace wr::formats
