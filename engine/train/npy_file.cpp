// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/npy_file.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace wr::train {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20U;
constexpr std::size_t kLongestHeader = std::size_t{1} << 16U;

std::string guess(std::string_view head)
{
    if (head.empty())
        return "it is empty";
    if (head.starts_with("PK"))
        return "it is a zip archive; if it is an .npz file, wr.data.npz reads it";
    if (head.starts_with("\x89HDF"))
        return "it is an HDF5 file";
    if (head.starts_with("\x80"))
        return "it looks like a Python pickle, which is never read";
    if (head.starts_with("vers"))
        return "it looks like a git-lfs pointer, not the file itself";
    return "it begins with other bytes than an NPY file does";
}

void swapElements(std::span<std::byte> bytes, std::size_t size)
{
    for (std::size_t i = 0; i + size <= bytes.size(); i += size)
        std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(i),
                     bytes.begin() + static_cast<std::ptrdiff_t>(i + size));
}

/// The elements of an array whose first dimension runs fastest, in row-major order.
Result<Tensor> rowMajor(const Tensor& fortran)
{
    const std::vector<std::int64_t>& dims = fortran.shape().dims();
    WR_ASSIGN_OR_RETURN(Tensor ordered, Tensor::create(fortran.dtype(), fortran.shape()));
    const std::size_t size = dtypeSize(fortran.dtype());
    std::array<std::int64_t, kMostNpyDimensions> strides{1};
    for (std::size_t i = 1; i < dims.size(); ++i)
        strides[i] = strides[i - 1] * dims[i - 1];
    std::array<std::int64_t, kMostNpyDimensions> index{};
    std::int64_t from = 0;
    for (std::int64_t to = 0; to < fortran.elementCount(); ++to) {
        std::memcpy(ordered.mutableBytes().data() + static_cast<std::size_t>(to) * size,
                    fortran.bytes().data() + static_cast<std::size_t>(from) * size, size);
        for (std::size_t i = dims.size(); i-- > 0;) {
            from += strides[i];
            if (++index[i] < dims[i])
                break;
            from -= strides[i] * dims[i];
            index[i] = 0;
        }
    }
    return ordered;
}

} // namespace

Result<NpyHeader> readNpyHeader(ByteStream& stream, const std::string& name, std::uint64_t& begin)
{
    const auto ends = [&] { return fail(StatusCode::DataLoss, name + ": it ends inside its header"); };
    std::array<std::byte, 8> head{};
    WR_ASSIGN_OR_RETURN(const std::size_t headRead, stream.read(head));
    const std::string_view magic(reinterpret_cast<const char*>(head.data()), headRead);
    if (!magic.starts_with("\x93NUMPY") && !std::string_view("\x93NUMPY").starts_with(magic))
        return fail(StatusCode::InvalidArgument, name + ": it is no NPY file; " + guess(magic));
    if (magic.empty())
        return fail(StatusCode::InvalidArgument, name + ": it is no NPY file; it is empty");
    if (headRead != head.size())
        return ends();
    const int version = static_cast<int>(head[6]);
    if (version < 1 || version > 3 || head[7] != std::byte{0})
        return fail(StatusCode::InvalidArgument, name + ": version " + std::to_string(version) + "." +
                                                     std::to_string(static_cast<int>(head[7])) +
                                                     " of NPY is not known; 1.0 to 3.0 are");
    std::array<std::byte, 4> lengthBytes{};
    const std::size_t lengthSize = version == 1 ? 2 : 4;
    WR_ASSIGN_OR_RETURN(const std::size_t lengthRead, stream.read(std::span(lengthBytes).first(lengthSize)));
    if (lengthRead != lengthSize)
        return ends();
    std::size_t length = 0;
    for (std::size_t i = lengthSize; i-- > 0;)
        length = length << 8U | static_cast<std::size_t>(lengthBytes[i]);
    if (length > kLongestHeader)
        return fail(StatusCode::InvalidArgument,
                    name + ": a header of " + std::to_string(length) + " bytes is not what NumPy writes");
    std::string text(length, '\0');
    WR_ASSIGN_OR_RETURN(const std::size_t textRead,
                        stream.read(std::as_writable_bytes(std::span(text.data(), length))));
    if (textRead != length)
        return ends();
    begin = head.size() + lengthSize + length;
    Result<NpyHeader> header = parseNpyHeader(text);
    if (!header)
        return fail(header.error().withContext(name));
    std::uint64_t total = dtypeSize(header->dtype);
    bool isTooLarge = false;
    for (const std::int64_t dim : header->shape.dims())
        isTooLarge = __builtin_mul_overflow(total, static_cast<std::uint64_t>(dim), &total) || isTooLarge;
    const std::uint64_t present = stream.size() > begin ? stream.size() - begin : 0;
    if (isTooLarge || total != present)
        return fail(StatusCode::DataLoss, name + ": its header declares " + header->shape.toString() +
                                              " of " + std::string(dtypeName(header->dtype)) + ", but " +
                                              std::to_string(present) + " bytes follow");
    return header;
}

Result<Tensor> readNpy(ByteStream& stream, const std::string& name, const Progress& progress)
{
    std::uint64_t begin = 0;
    WR_ASSIGN_OR_RETURN(const NpyHeader header, readNpyHeader(stream, name, begin));
    WR_ASSIGN_OR_RETURN(Tensor tensor, Tensor::create(header.dtype, header.shape));
    const std::uint64_t total = tensor.byteSize();
    std::span<std::byte> rest = tensor.mutableBytes();
    while (!rest.empty()) {
        const std::size_t wanted = std::min(rest.size(), kChunk);
        WR_ASSIGN_OR_RETURN(const std::size_t read, stream.read(rest.first(wanted)));
        if (read != wanted)
            return fail(StatusCode::DataLoss,
                        name + ": it ends " + std::to_string(rest.size() - read) + " bytes too early");
        rest = rest.subspan(read);
        if (progress && !progress(total - rest.size(), total))
            return fail(StatusCode::Cancelled, "reading " + name + " was cancelled");
    }
    // At the end an archive compares its checksum.
    std::array<std::byte, 1> more{};
    WR_ASSIGN_OR_RETURN(const std::size_t extra, stream.read(more));
    if (extra != 0)
        return fail(StatusCode::DataLoss, name + ": more bytes follow than its header declares");
    if (header.isSwapped)
        swapElements(tensor.mutableBytes(), dtypeSize(header.dtype));
    if (header.dtype == DType::Bool) // other bytes are no bool
        for (std::byte& byte : tensor.mutableBytes())
            byte = byte == std::byte{0} ? byte : std::byte{1};
    return header.isFortran && header.shape.rank() > 1 ? rowMajor(tensor) : Result<Tensor>(tensor);
}

} // namespace wr::train
