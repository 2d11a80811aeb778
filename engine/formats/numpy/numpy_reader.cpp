// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/numpy/numpy_reader.h"

#include "engine/formats/metadata_json.h"
#include "engine/formats/numpy/numpy_writer.h"

#include <algorithm>
#include <cstring>

namespace wr::formats {
namespace {

constexpr std::size_t kLongestHeader = std::size_t{1} << 16U;
constexpr std::size_t kMostHead = kLongestHeader + 12;

struct Head {
    NpyHeader header;
    std::uint64_t begin = 0;
};

/// The header in the first bytes of an array of `total` bytes.
Result<Head> parseHead(std::span<const std::byte> head, std::uint64_t total)
{
    const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
    if (!text.starts_with("\x93NUMPY"))
        return fail(StatusCode::InvalidArgument, "it is no NumPy array");
    if (head.size() < 12)
        return fail(StatusCode::DataLoss, "it ends inside its header");
    const int version = static_cast<int>(head[6]);
    if (version < 1 || version > 3)
        return fail(StatusCode::Unimplemented, "version " + std::to_string(version) + " of NPY is not known");
    const std::size_t lengthBytes = version == 1 ? 2 : 4;
    std::size_t length = 0;
    for (std::size_t i = lengthBytes; i-- > 0;)
        length = length << 8U | static_cast<std::size_t>(head[8 + i]);
    Head result;
    result.begin = 8 + lengthBytes + length;
    if (length > kLongestHeader || result.begin > head.size())
        return fail(StatusCode::DataLoss, "it ends inside its header");
    WR_ASSIGN_OR_RETURN(result.header, parseNpyHeader(text.substr(8 + lengthBytes, length)));
    std::uint64_t bytes = dtypeSize(result.header.dtype);
    bool isTooLarge = !result.header.shape.elementCount();
    for (const std::int64_t dim : result.header.shape.dims())
        isTooLarge = __builtin_mul_overflow(bytes, static_cast<std::uint64_t>(dim), &bytes) || isTooLarge;
    if (isTooLarge || bytes != total - result.begin)
        return fail(StatusCode::DataLoss, "its header declares " + result.header.shape.toString() + " of " +
                                              std::string(dtypeName(result.header.dtype)) + ", but " +
                                              std::to_string(total - result.begin) + " bytes follow");
    return result;
}

/// The elements of an array whose first dimension runs fastest, in row-major order.
void copyRowMajor(std::span<const std::byte> from, const Shape& shape, std::size_t size,
                  std::span<std::byte> to)
{
    const std::vector<std::int64_t>& dims = shape.dims();
    std::vector<std::size_t> strides(dims.size(), size);
    for (std::size_t i = 1; i < dims.size(); ++i)
        strides[i] = strides[i - 1] * static_cast<std::size_t>(dims[i - 1]);
    std::vector<std::int64_t> index(dims.size());
    std::size_t at = 0;
    for (std::size_t out = 0; out < to.size(); out += size) {
        std::memcpy(to.data() + out, from.data() + at, size);
        for (std::size_t i = dims.size(); i-- > 0;) {
            at += strides[i];
            if (++index[i] < dims[i])
                break;
            at -= strides[i] * static_cast<std::size_t>(dims[i]);
            index[i] = 0;
        }
    }
}

} // namespace

void NumpyReader::add(const std::string& name, const Place& place)
{
    checkpoint::TensorEntry entry;
    entry.spec = {name, place.header.dtype, place.header.shape};
    entry.logicalBytes =
        static_cast<std::uint64_t>(*place.header.shape.elementCount()) * dtypeSize(place.header.dtype);
    entry.storedBytes = place.entry != nullptr ? place.entry->packedBytes : entry.logicalBytes;
    m_entries.push_back(std::move(entry));
    m_places.push_back(place);
}

Result<std::shared_ptr<const checkpoint::CheckpointReader>> NumpyReader::openArray(std::shared_ptr<File> file,
                                                                                   const std::string& path,
                                                                                   std::uint64_t fileBytes,
                                                                                   const std::string& name)
{
    std::vector<std::byte> head(static_cast<std::size_t>(std::min<std::uint64_t>(fileBytes, kMostHead)));
    WR_ASSIGN_OR_RETURN(const std::size_t got, file->read(0, head));
    head.resize(got);
    Result<Head> parsed = parseHead(head, fileBytes);
    if (!parsed)
        return fail(parsed.error().withContext(path));
    std::shared_ptr<NumpyReader> reader(new NumpyReader(path));
    reader->m_fileBytes = fileBytes;
    reader->m_file = std::move(file);
    reader->add(name, {parsed->header, parsed->begin, nullptr});
    return reader;
}

void NumpyReader::readMetadata(const ZipEntry& entry)
{
    constexpr std::uint64_t kLongest = std::uint64_t{64} << 20U;
    if (const auto json = m_zip->readSmall(entry, kLongest))
        m_metadata = metadataOfJson({reinterpret_cast<const char*>(json->data()), json->size()});
}

Result<std::shared_ptr<const checkpoint::CheckpointReader>>
NumpyReader::openArchive(ZipIndex index, const std::string& path, std::uint64_t fileBytes)
{
    std::shared_ptr<NumpyReader> reader(new NumpyReader(path));
    reader->m_fileBytes = fileBytes;
    reader->m_zip = std::move(index);
    reader->m_metadata = metadataOfJson(reader->m_zip->comment());
    std::map<std::string, const ZipEntry*> sorted;
    for (const ZipEntry& entry : reader->m_zip->entries()) {
        if (entry.name.size() > 4 && entry.name.ends_with(".npy"))
            sorted.emplace(entry.name.substr(0, entry.name.size() - 4), &entry);
        else if (entry.name == kNumpyMetadataName)
            reader->readMetadata(entry);
        else
            reader->m_warnings.push_back(entry.name + ": it is no array");
    }
    if (sorted.empty())
        return fail(StatusCode::InvalidArgument, path + ": a zip archive without NumPy arrays");
    for (const auto& [name, entry] : sorted) {
        // Most headers are short, and only some of a packed entry has to be unpacked for them.
        Result<Head> parsed = fail(StatusCode::DataLoss, "");
        for (const std::uint64_t most : {std::uint64_t{256}, std::uint64_t{kMostHead}}) {
            std::vector<std::byte> head(static_cast<std::size_t>(std::min(entry->bytes, most)));
            std::uint32_t crc = 0;
            const Status status = reader->m_zip->readFront(*entry, head, crc);
            parsed = status.isOk() ? parseHead(head, entry->bytes) : Result<Head>(fail(status));
            if (parsed)
                break;
        }
        if (parsed)
            reader->add(name, {parsed->header, parsed->begin, entry});
        else if (parsed.error().code() == StatusCode::DataLoss)
            reader->lose(name + ": " + parsed.error().message());
        else
            reader->m_warnings.push_back(name + ": " + parsed.error().message());
    }
    return reader;
}

Result<std::vector<std::byte>> NumpyReader::readEntry(const Place& place) const
{
    std::vector<std::byte> all(static_cast<std::size_t>(place.entry->bytes));
    std::uint32_t crc = 0;
    WR_RETURN_IF_ERROR(m_zip->readFront(*place.entry, all, crc));
    if (!place.entry->agrees(crc))
        return fail(StatusCode::DataLoss, "its checksum is wrong");
    return all;
}

Result<Tensor> NumpyReader::read(std::size_t index, const Progress& progress, int threads) const
{
    const Place& place = m_places[index];
    const checkpoint::TensorEntry& entry = m_entries[index];
    const auto inTensor = [&](const Status& status) { return fail(status.withContext(entry.spec.name)); };
    if (place.isPlain())
        return ListedReader::read(index, progress, threads);
    WR_ASSIGN_OR_RETURN(Tensor tensor, Tensor::create(entry.spec.dtype, entry.spec.shape));
    const std::span<std::byte> values = tensor.mutableBytes();
    std::vector<std::byte> all;
    std::size_t head = 0;
    if (place.entry != nullptr) {
        Result<std::vector<std::byte>> unpacked = readEntry(place);
        if (!unpacked)
            return inTensor(unpacked.error());
        all = std::move(*unpacked);
        head = static_cast<std::size_t>(place.begin);
    } else {
        all.resize(values.size());
        WR_ASSIGN_OR_RETURN(const std::size_t got, m_file->read(place.begin, all));
        if (got != all.size())
            return inTensor(dataLoss("the file became shorter while it was read"));
    }
    const std::span<std::byte> elements = std::span(all).subspan(head);
    const std::size_t size = dtypeSize(entry.spec.dtype);
    if (place.header.isSwapped) {
        for (std::size_t i = 0; i + size <= elements.size(); i += size)
            std::reverse(elements.begin() + static_cast<std::ptrdiff_t>(i),
                         elements.begin() + static_cast<std::ptrdiff_t>(i + size));
    }
    if (place.header.isFortran && entry.spec.shape.rank() > 1)
        copyRowMajor(elements, entry.spec.shape, size, values);
    else
        std::copy(elements.begin(), elements.end(), values.begin());
    if (entry.spec.dtype == DType::Bool) { // other bytes are no bool
        for (std::byte& byte : values)
            byte = byte == std::byte{0} ? byte : std::byte{1};
    }
    if (progress && !progress(values.size(), values.size()))
        return fail(cancelled("reading was cancelled"));
    return tensor;
}

Status NumpyReader::readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const
{
    const Place& place = m_places[index];
    if (!place.isPlain())
        return partOfWhole(index, at, into);
    if (place.entry != nullptr) {
        if (at == 0) { // so that the checksum of all of it can be compared
            std::vector<std::byte> head(static_cast<std::size_t>(place.begin));
            WR_RETURN_IF_ERROR(m_zip->readStored(*place.entry, 0, head));
        }
        return m_zip->readStored(*place.entry, place.begin + at, into)
            .withContext(m_entries[index].spec.name);
    }
    WR_ASSIGN_OR_RETURN(const std::size_t got, m_file->read(place.begin + at, into));
    return got == into.size()
               ? Status()
               : dataLoss(m_entries[index].spec.name + ": the file became shorter while it was read");
}

} // namespace wr::formats
