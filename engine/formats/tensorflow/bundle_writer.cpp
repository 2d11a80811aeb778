// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/tensorflow/bundle_writer.h"

#include "engine/base/crc32c.h"
#include "engine/checkpoint/durable_file.h"
#include "engine/formats/tensor_copy.h"
#include "engine/formats/tensorflow/bundle_entry.h"
#include "engine/formats/tensorflow/bundle_paths.h"
#include "engine/formats/tensorflow/table.h"
#include "engine/formats/tensorflow/table_writer.h"

#include <chrono>

namespace wr::formats {
namespace {

using checkpoint::CheckpointReader;
using checkpoint::DurableFile;

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
    CopyProgress copied(progress, total);
    std::size_t index = 0;
    for (const checkpoint::TensorEntry& tensor : from.tensors()) {
        BundleEntry entry;
        entry.type = tensorFlowNumber(tensor.spec.dtype);
        entry.shape = tensor.spec.shape;
        entry.offset = data.size();
        entry.size = tensor.logicalBytes;
        std::uint32_t crc = 0;
        const auto append = [&](std::span<const std::byte> part) {
            crc = crc32cExtended(crc, part);
            return data.append(part);
        };
        WR_RETURN_IF_ERROR(copyTensor(from, index++, tensor, append, copied));
        entry.checksum = maskedChecksum(crc);
        table.add(tensor.spec.name, encodeBundleEntry(entry));
    }
    WR_RETURN_IF_ERROR(data.finish());
    WR_ASSIGN_OR_RETURN(DurableFile indexFile, DurableFile::create(vfs, indexPath));
    const std::string indexBytes = table.finish();
    WR_RETURN_IF_ERROR(indexFile.append(std::as_bytes(std::span(indexBytes))));
    WR_RETURN_IF_ERROR(indexFile.finish());
    if (const Status status = data.commit(false); !status.isOk()) {
        if (status.code() != StatusCode::AlreadyExists) // it has its name, but perhaps not for long
            static_cast<void>(vfs.remove(dataPath));
        return fail(status);
    }
    if (const Status status = indexFile.commit(false); !status.isOk()) {
        if (!vfs.info(indexPath)) // values without an index are of no use
            static_cast<void>(vfs.remove(dataPath));
        return fail(status);
    }
    checkpoint::SaveReport report;
    report.path = indexPath;
    report.fileBytes = data.size() + indexFile.size();
    report.logicalBytes = total;
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return report;
}

} // namespace wr::formats
