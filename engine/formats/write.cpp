// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/write.h"

#include "engine/checkpoint/durable_file.h"
#include "engine/formats/metadata_json.h"
#include "engine/formats/numpy/numpy_writer.h"
#include "engine/formats/pytorch/pytorch_writer.h"
#include "engine/formats/safetensors/safetensors_writer.h"
#include "engine/formats/tensor_copy.h"
#include "engine/formats/tensorflow/bundle_paths.h"
#include "engine/formats/tensorflow/bundle_writer.h"

#include <algorithm>
#include <array>

namespace wr::formats {
namespace {

using checkpoint::CheckpointReader;

/// "ckpt" of "model.ckpt-300".
std::string endingOf(const std::string& path)
{
    const std::string name = baseName(path);
    const std::size_t dot = name.rfind('.');
    if (dot == std::string::npos)
        return {};
    std::string ending = name.substr(dot + 1);
    std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) {
        return static_cast<char>(c < 'A' || c > 'Z' ? c : c + ('a' - 'A'));
    });
    const std::size_t dash = ending.find('-');
    if (dash != std::string::npos && ending.find_first_not_of("0123456789", dash + 1) == std::string::npos)
        ending.resize(dash);
    return ending;
}

/// The type that a tensor gets.
DType typeIn(TargetFormat format, const WriteOptions& options, DType own)
{
    if (!isFloating(own))
        return own;
    const DType asked = options.dtype.value_or(own);
    const bool isNumpy = format == TargetFormat::NumpyArchive || format == TargetFormat::NumpyFolder;
    return isNumpy && !isNumpyType(asked) ? DType::Float32 : asked;
}

std::uint64_t overheadOf(TargetFormat format, const checkpoint::TensorEntry& entry)
{
    const std::size_t name = entry.spec.name.size();
    const std::size_t shape = entry.spec.shape.toString().size();
    switch (format) {
    case TargetFormat::NumpyArchive:
        return npyHead(entry.spec.dtype, entry.spec.shape).size() + 2 * name + 30 + 46 + 16 + 8 + 36;
    case TargetFormat::NumpyFolder:
        return npyHead(entry.spec.dtype, entry.spec.shape).size();
    case TargetFormat::Pytorch:
        return 30 + 46 + 16 + 36 + 2 * 20 + name + 2 * shape + 60;
    case TargetFormat::TensorFlow:
        return name + 4 * static_cast<std::size_t>(entry.spec.shape.rank()) + 24;
    case TargetFormat::Safetensors:
        return name + shape + 70;
    case TargetFormat::Wr1:
        break;
    }
    return name + shape + 200;
}

std::string counted(std::size_t count, const char* one, const char* many)
{
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string tensorFlowPrefix(const std::string& path)
{
    constexpr std::string_view kIndex = ".index";
    return path.ends_with(kIndex) ? path.substr(0, path.size() - kIndex.size()) : path;
}

Result<checkpoint::SaveReport> write(Vfs& vfs, const CheckpointReader& from, const std::string& path,
                                     TargetFormat format, const WriteOptions& options,
                                     const Progress& progress)
{
    switch (format) {
    case TargetFormat::Safetensors:
        return writeSafetensors(vfs, from, path, options.replace, progress);
    case TargetFormat::TensorFlow:
        return writeBundle(vfs, from, tensorFlowPrefix(path), progress);
    case TargetFormat::NumpyArchive:
        return writeNumpyArchive(vfs, from, path, options.replace, progress);
    case TargetFormat::NumpyFolder:
        return writeNumpyFolder(vfs, from, path, progress);
    case TargetFormat::Pytorch:
        return writePytorch(vfs, from, path, options.replace, progress);
    case TargetFormat::Wr1:
        break;
    }
    checkpoint::SaveOptions save;
    save.profile = options.profile;
    save.replace = options.replace;
    save.threads = options.threads;
    return checkpoint::rewriteCheckpoint(vfs, from, path, save, progress);
}

} // namespace

Result<TargetFormat> targetFormat(const std::string& path)
{
    if (path.ends_with('/'))
        return TargetFormat::NumpyFolder;
    struct Row {
        std::string_view ending;
        TargetFormat format;
    };
    constexpr std::array<Row, 7> kWritten{{{"safetensors", TargetFormat::Safetensors},
                                           {"index", TargetFormat::TensorFlow},
                                           {"ckpt", TargetFormat::TensorFlow},
                                           {"npz", TargetFormat::NumpyArchive},
                                           {"pt", TargetFormat::Pytorch},
                                           {"pth", TargetFormat::Pytorch},
                                           {"bin", TargetFormat::Pytorch}}};
    const std::string ending = endingOf(path);
    for (const Row& row : kWritten) {
        if (row.ending == ending)
            return row.format;
    }
    if (ending == "npy")
        return fail(StatusCode::InvalidArgument,
                    path + ": an .npy file holds one array; write an .npz, or a folder of them by a name "
                           "that ends in \"/\"");
    constexpr std::array<std::string_view, 8> kRead{"h5",   "hdf5",   "keras", "onnx",
                                                    "gguf", "distcp", "json",  "pkl"};
    if (std::find(kRead.begin(), kRead.end(), ending) != kRead.end())
        return fail(
            StatusCode::InvalidArgument,
            path + ": files of the kind \"." + ending +
                "\" are not written; .wrck, .safetensors, .pt, .npz, .index (TensorFlow) and NAME/ (a "
                "folder of .npy) are");
    return TargetFormat::Wr1;
}

std::string_view targetFormatName(TargetFormat format)
{
    switch (format) {
    case TargetFormat::Safetensors:
        return "safetensors";
    case TargetFormat::TensorFlow:
        return "TensorFlow V2";
    case TargetFormat::NumpyArchive:
        return "NumPy archive";
    case TargetFormat::NumpyFolder:
        return "NumPy folder";
    case TargetFormat::Pytorch:
        return "PyTorch";
    case TargetFormat::Wr1:
        break;
    }
    return "WR1";
}

Result<WriteForecast> forecastWrite(const CheckpointReader& from, const std::string& path,
                                    const WriteOptions& options)
{
    WriteForecast forecast;
    WR_ASSIGN_OR_RETURN(forecast.format, targetFormat(path));
    if (options.dtype && !isFloating(*options.dtype))
        return fail(StatusCode::InvalidArgument,
                    "weights can become float64, float32, float16 or bfloat16, not " +
                        std::string(dtypeName(*options.dtype)));
    if (options.dtype && typeIn(forecast.format, options, *options.dtype) != *options.dtype)
        return fail(StatusCode::InvalidArgument,
                    "NumPy has no " + std::string(dtypeName(*options.dtype)) + "; choose float32 or float16");
    constexpr std::uint64_t kEnds = 1024;
    forecast.bytes = kEnds;
    std::size_t widened = 0;
    for (checkpoint::TensorEntry entry : from.tensors()) {
        const DType own = entry.spec.dtype;
        entry.spec.dtype = typeIn(forecast.format, options, own);
        const std::uint64_t bytes = entry.logicalBytes / dtypeSize(own) * dtypeSize(entry.spec.dtype) +
                                    overheadOf(forecast.format, entry);
        if (__builtin_add_overflow(forecast.bytes, bytes, &forecast.bytes))
            return fail(StatusCode::ResourceExhausted, "the tensors are too large for one file");
        if (!options.dtype && entry.spec.dtype != own)
            ++widened;
        ++forecast.tensors;
    }
    const std::string metadata = metadataJson(from.metadata());
    if (forecast.format == TargetFormat::TensorFlow) {
        if (!from.metadata().empty())
            forecast.notes.push_back("TensorFlow's checkpoints have no place for metadata: " +
                                     counted(from.metadata().size(), "entry is", "entries are") +
                                     " left out");
    } else {
        forecast.bytes += metadata.size();
    }
    if (widened > 0)
        forecast.notes.push_back(
            "NumPy has no bfloat16: " + counted(widened, "tensor becomes", "tensors become") +
            " float32, with the same values");
    if (!from.losses().empty())
        forecast.notes.push_back("not all of the file that is read is there: " + from.losses().front());
    else if (!from.warnings().empty())
        forecast.notes.push_back("the file that is read has " +
                                 counted(from.warnings().size(), "oddity", "oddities") + ": " +
                                 from.warnings().front());
    return forecast;
}

Result<WriteReport> writeAnyCheckpoint(Vfs& vfs, const CheckpointReader& from, const std::string& path,
                                       const WriteOptions& options, const Progress& progress)
{
    WR_ASSIGN_OR_RETURN(WriteForecast forecast, forecastWrite(from, path, options));
    if (forecast.format != TargetFormat::Wr1) { // which looks at the disk itself
        std::string place = path;
        while (place.size() > 1 && place.back() == '/')
            place.pop_back();
        const Result<std::uint64_t> free = vfs.freeSpace(checkpoint::directoryOf(place));
        if (free && *free < forecast.bytes)
            return fail(StatusCode::ResourceExhausted, path + ": " + std::to_string(forecast.bytes) +
                                                           " bytes are needed and " + std::to_string(*free) +
                                                           " are free");
    }
    WriteReport report;
    report.format = forecast.format;
    report.notes = std::move(forecast.notes);
    const CastReader cast(
        from, [&](const TensorSpec& spec) { return typeIn(forecast.format, options, spec.dtype); });
    // Where nothing is cast, the checkpoint itself is written: what is known of its values stays known.
    const bool isCast = !cast.casts().empty();
    WR_ASSIGN_OR_RETURN(report.saved, write(vfs, isCast ? static_cast<const CheckpointReader&>(cast) : from,
                                            path, report.format, options, progress));
    report.casts = cast.casts();
    return report;
}

} // namespace wr::formats
