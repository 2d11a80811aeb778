// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/numpy/numpy_writer.h"

#include "engine/formats/metadata_json.h"
#include "engine/formats/numpy/numpy_reader.h"
#include "engine/formats/tensor_copy.h"
#include "engine/formats/zip/zip_writer.h"

#include <chrono>

namespace wr::formats {
namespace {

using checkpoint::CheckpointReader;
using checkpoint::DurableFile;
using checkpoint::SaveReport;
using checkpoint::TensorEntry;

constexpr std::size_t kAlignment = 64;

std::string_view spellingOf(DType dtype)
{
    switch (dtype) {
    case DType::Float16:
        return "<f2";
    case DType::Float32:
        return "<f4";
    case DType::Float64:
        return "<f8";
    case DType::Int8:
        return "|i1";
    case DType::Int16:
        return "<i2";
    case DType::Int32:
        return "<i4";
    case DType::Int64:
        return "<i8";
    case DType::UInt8:
        return "|u1";
    case DType::UInt16:
        return "<u2";
    case DType::UInt32:
        return "<u4";
    case DType::UInt64:
        return "<u8";
    case DType::Bool:
        return "|b1";
    case DType::BFloat16:
    case DType::Invalid:
        break;
    }
    return {};
}

Status checkArray(const TensorSpec& spec)
{
    if (!isNumpyType(spec.dtype))
        return invalidArgument(spec.name + ": NumPy has no " + std::string(dtypeName(spec.dtype)) +
                               "; write it as float32");
    if (static_cast<std::size_t>(spec.shape.rank()) > kMostNpyDimensions)
        return invalidArgument(spec.name + ": NumPy's arrays have at most " +
                               std::to_string(kMostNpyDimensions) + " dimensions");
    return {};
}

Status writeEntries(const CheckpointReader& from, ZipWriter& zip, CopyProgress& progress)
{
    std::size_t index = 0;
    for (const TensorEntry& entry : from.tensors()) {
        const std::string head = npyHead(entry.spec.dtype, entry.spec.shape);
        WR_RETURN_IF_ERROR(zip.begin(entry.spec.name + ".npy", head.size() + entry.logicalBytes, kAlignment));
        WR_RETURN_IF_ERROR(zip.append(std::as_bytes(std::span(head))));
        const auto append = [&](std::span<const std::byte> bytes) { return zip.append(bytes); };
        WR_RETURN_IF_ERROR(copyTensor(from, index++, entry, append, progress));
        WR_RETURN_IF_ERROR(zip.end());
    }
    return {};
}

/// Files that are taken away again unless all of them are there.
class NewFolder {
public:
    NewFolder(Vfs& vfs, std::string path) : m_vfs(vfs), m_path(std::move(path)) {}
    ~NewFolder()
    {
        if (m_isKept)
            return;
        for (const std::string& file : m_files)
            static_cast<void>(m_vfs.remove(file)); // the error that led here is the one to tell
        static_cast<void>(m_vfs.removeDirectory(m_path));
    }
    NewFolder(const NewFolder&) = delete;
    NewFolder& operator=(const NewFolder&) = delete;

    Result<std::uint64_t> write(const std::string& name, const std::function<Status(DurableFile&)>& fill)
    {
        const std::string path = m_path + "/" + name;
        WR_ASSIGN_OR_RETURN(DurableFile file, DurableFile::create(m_vfs, path));
        WR_RETURN_IF_ERROR(fill(file));
        WR_RETURN_IF_ERROR(file.finish());
        m_files.push_back(path);
        WR_RETURN_IF_ERROR(file.commit(false));
        return file.size();
    }
    void keep() { m_isKept = true; }

private:
    Vfs& m_vfs;
    std::string m_path;
    std::vector<std::string> m_files;
    bool m_isKept = false;
};

double secondsSince(std::chrono::steady_clock::time_point start)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

} // namespace

bool isNumpyType(DType dtype)
{
    return !spellingOf(dtype).empty();
}

std::string npyHead(DType dtype, const Shape& shape)
{
    std::string text =
        "{'descr': '" + std::string(spellingOf(dtype)) + "', 'fortran_order': False, 'shape': (";
    for (int axis = 0; axis < shape.rank(); ++axis)
        text += (axis > 0 ? ", " : "") + std::to_string(shape.dim(axis));
    text += shape.rank() == 1 ? ",), }" : "), }";
    constexpr std::size_t kPreamble = 10;
    text.append(kAlignment - 1 - (kPreamble + text.size()) % kAlignment, ' ');
    text += '\n';
    std::string head("\x93NUMPY\x01\x00", 8);
    head += static_cast<char>(text.size() & 0xFFU);
    head += static_cast<char>(text.size() >> 8U);
    return head + text;
}

std::string npyFileName(const std::string& tensor)
{
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string name;
    for (const char c : tensor) {
        const auto byte = static_cast<unsigned char>(c);
        const bool isSpelled = byte < 0x20 || byte == 0x7F || c == '/' || c == '\\' || c == '%' || c == ':' ||
                               (c == '.' && name.empty());
        if (isSpelled)
            name += {'%', kDigits[byte >> 4U], kDigits[byte & 0xFU]};
        else
            name += c;
    }
    return name + ".npy";
}

std::string tensorOfNpyFile(std::string_view fileName)
{
    if (fileName.ends_with(".npy"))
        fileName.remove_suffix(4);
    const auto digit = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    };
    std::string name;
    for (std::size_t i = 0; i < fileName.size(); ++i) {
        const bool isSpelled = fileName[i] == '%' && i + 2 < fileName.size() && digit(fileName[i + 1]) >= 0 &&
                               digit(fileName[i + 2]) >= 0;
        if (!isSpelled) {
            name += fileName[i];
            continue;
        }
        name += static_cast<char>(digit(fileName[i + 1]) * 16 + digit(fileName[i + 2]));
        i += 2;
    }
    return name;
}

Result<SaveReport> writeNumpyArchive(Vfs& vfs, const CheckpointReader& from, const std::string& path,
                                     bool replace, const Progress& progress)
{
    const auto start = std::chrono::steady_clock::now();
    for (const TensorEntry& entry : from.tensors())
        WR_RETURN_IF_ERROR(checkArray(entry.spec));
    SaveReport report;
    report.path = path;
    WR_ASSIGN_OR_RETURN(report.logicalBytes, valueBytes(from));
    WR_ASSIGN_OR_RETURN(DurableFile file, DurableFile::create(vfs, path));
    ZipWriter zip(file);
    CopyProgress copied(progress, report.logicalBytes);
    WR_RETURN_IF_ERROR(writeEntries(from, zip, copied));
    std::string metadata = metadataJson(from.metadata());
    if (metadata.size() > UINT16_MAX) {
        WR_RETURN_IF_ERROR(zip.begin(std::string(kNumpyMetadataName), metadata.size(), 1));
        WR_RETURN_IF_ERROR(zip.append(std::as_bytes(std::span(metadata))));
        WR_RETURN_IF_ERROR(zip.end());
        metadata.clear();
    }
    WR_RETURN_IF_ERROR(zip.finish(metadata));
    WR_RETURN_IF_ERROR(file.finish());
    report.fileBytes = file.size();
    if (!from.tensors().empty()) {
        WR_ASSIGN_OR_RETURN(std::shared_ptr<File> written, vfs.open(file.temporaryPath(), OpenMode::Read));
        WR_ASSIGN_OR_RETURN(ZipIndex index, ZipIndex::open(std::move(written), report.fileBytes));
        WR_ASSIGN_OR_RETURN(const auto reader,
                            NumpyReader::openArchive(std::move(index), path, report.fileBytes));
        WR_RETURN_IF_ERROR(checkSameTensors(*reader, from));
    }
    WR_RETURN_IF_ERROR(file.commit(replace));
    report.seconds = secondsSince(start);
    return report;
}

Result<SaveReport> writeNumpyFolder(Vfs& vfs, const CheckpointReader& from, const std::string& path,
                                    const Progress& progress)
{
    const auto start = std::chrono::steady_clock::now();
    std::string folder = path;
    while (folder.size() > 1 && folder.back() == '/')
        folder.pop_back();
    constexpr std::size_t kLongestFileName = 255;
    for (const TensorEntry& entry : from.tensors()) {
        WR_RETURN_IF_ERROR(checkArray(entry.spec));
        if (npyFileName(entry.spec.name).size() > kLongestFileName)
            return fail(invalidArgument(entry.spec.name.substr(0, 100) +
                                        "…: too long for the name of a file; write an .npz"));
    }
    SaveReport report;
    report.path = folder;
    WR_ASSIGN_OR_RETURN(report.logicalBytes, valueBytes(from));
    if (vfs.info(folder))
        return fail(StatusCode::AlreadyExists, folder + ": there is such a file or folder already");
    // The folder gets its name when everything is in it.
    const std::string parent = checkpoint::directoryOf(folder);
    WR_ASSIGN_OR_RETURN(const DurableFile name, DurableFile::create(vfs, folder));
    const std::string temporary = name.temporaryPath() + ".d";
    WR_RETURN_IF_ERROR(vfs.makeDirectories(temporary));
    NewFolder files(vfs, temporary);
    CopyProgress copied(progress, report.logicalBytes);
    std::size_t index = 0;
    for (const TensorEntry& entry : from.tensors()) {
        const auto fill = [&](DurableFile& file) -> Status {
            const std::string head = npyHead(entry.spec.dtype, entry.spec.shape);
            WR_RETURN_IF_ERROR(file.append(std::as_bytes(std::span(head))));
            const auto append = [&](std::span<const std::byte> bytes) { return file.append(bytes); };
            return copyTensor(from, index, entry, append, copied);
        };
        WR_ASSIGN_OR_RETURN(const std::uint64_t bytes, files.write(npyFileName(entry.spec.name), fill));
        report.fileBytes += bytes;
        ++index;
    }
    if (const std::string metadata = metadataJson(from.metadata()); !metadata.empty()) {
        const auto fill = [&](DurableFile& file) { return file.append(std::as_bytes(std::span(metadata))); };
        WR_ASSIGN_OR_RETURN(const std::uint64_t bytes, files.write(std::string(kNumpyMetadataName), fill));
        report.fileBytes += bytes;
    }
    WR_RETURN_IF_ERROR(vfs.renameNoReplace(temporary, folder));
    files.keep();
    WR_RETURN_IF_ERROR(vfs.syncDirectory(parent).withContext(
        "the folder is whole and in place, but may be lost if the power fails now"));
    report.seconds = secondsSince(start);
    return report;
}

} // namespace wr::formats
