// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/pytorch/pytorch_reader.h"

#include "engine/formats/metadata_json.h"
#include "engine/formats/pytorch/pytorch_writer.h"

#include <algorithm>
#include <cstring>

namespace wr::formats {
namespace {

constexpr std::uint64_t kLongestPickle = std::uint64_t{256} << 20U;
constexpr std::uint64_t kLongestMetadata = std::uint64_t{64} << 20U;
constexpr std::string_view kDataName = "data.pkl";

/// Copies elements that lie apart in `from` into row-major order.
void gather(std::span<const std::byte> from, const FoundTensor& tensor, std::span<std::byte> to)
{
    const std::vector<std::int64_t>& dims = tensor.spec.shape.dims();
    const std::size_t size = dtypeSize(tensor.spec.dtype);
    std::vector<std::int64_t> index(dims.size());
    std::uint64_t at = 0;
    for (std::size_t out = 0; out < to.size(); out += size) {
        std::memcpy(to.data() + out, from.data() + static_cast<std::size_t>(at) * size, size);
        for (std::size_t i = dims.size(); i-- > 0;) {
            at += tensor.strides[i];
            if (++index[i] < dims[i])
                break;
            at -= tensor.strides[i] * static_cast<std::uint64_t>(dims[i]);
            index[i] = 0;
        }
    }
}

} // namespace

const ZipEntry* PytorchReader::dataEntry(const ZipIndex& index)
{
    const auto found =
        std::find_if(index.entries().begin(), index.entries().end(), [](const ZipEntry& entry) {
            return entry.name.ends_with(kDataName) &&
                   entry.name.find('/') == entry.name.size() - kDataName.size() - 1;
        });
    return found == index.entries().end() ? nullptr : &*found;
}

void PytorchReader::addTensors(FoundState state, const std::map<std::string, Storage>& storages)
{
    m_warnings.insert(m_warnings.end(), state.warnings.begin(), state.warnings.end());
    m_metadata = std::move(state.values);
    std::map<std::string, std::size_t> uses;
    for (const FoundTensor& tensor : state.tensors)
        ++uses[tensor.storage];
    for (FoundTensor& tensor : state.tensors) {
        const auto storage = storages.find(tensor.storage);
        const std::size_t size = dtypeSize(tensor.spec.dtype);
        if (storage == storages.end() || storage->second.bytes / size < tensor.offset + tensor.extent) {
            lose(tensor.spec.name + ": its storage " + tensor.storage.substr(0, 100) +
                 (storage == storages.end() ? " is missing" : " is shorter than its description"));
            continue;
        }
        if (uses[tensor.storage] > 1)
            m_metadata["pytorch.storage." + tensor.spec.name] = tensor.storage;
        checkpoint::TensorEntry entry;
        entry.spec = tensor.spec;
        entry.logicalBytes = static_cast<std::uint64_t>(*tensor.spec.shape.elementCount()) * size;
        entry.storedBytes = tensor.extent * size;
        m_entries.push_back(std::move(entry));
        m_found.push_back(std::move(tensor));
        m_storages.push_back(storage->second);
    }
}

Result<std::shared_ptr<const checkpoint::CheckpointReader>>
PytorchReader::open(ZipIndex index, const std::string& path, std::uint64_t fileBytes)
{
    std::shared_ptr<PytorchReader> reader(new PytorchReader(path));
    reader->m_fileBytes = fileBytes;
    reader->m_zip = std::move(index);
    const ZipIndex& zip = *reader->m_zip;
    const ZipEntry& data = *dataEntry(zip);
    const std::string folder = data.name.substr(0, data.name.size() - kDataName.size());
    if (const ZipEntry* const order = zip.find(folder + "byteorder"); order != nullptr && order->bytes == 3)
        return fail(StatusCode::Unimplemented, path + ": written on a big-endian machine, which is not read");
    const Result<std::vector<std::byte>> bytes = zip.readSmall(data, kLongestPickle);
    if (!bytes)
        return fail(bytes.error().withContext(path));
    const Result<Pickle> pickle = readPickle(*bytes);
    if (!pickle)
        return fail(pickle.error().withContext(path));
    std::map<std::string, Storage> storages;
    for (const ZipEntry& entry : zip.entries()) {
        const std::string prefix = folder + "data/";
        if (entry.name.starts_with(prefix))
            storages[entry.name.substr(prefix.size())] = {&entry, 0, entry.bytes};
    }
    reader->addTensors(findState(*pickle), storages);
    if (const ZipEntry* const extra = zip.find(folder + std::string(kPytorchMetadataName));
        extra != nullptr) {
        if (const auto json = zip.readSmall(*extra, kLongestMetadata))
            reader->m_metadata.merge(
                metadataOfJson({reinterpret_cast<const char*>(json->data()), json->size()}));
    }
    return reader;
}

bool PytorchReader::isPlain(std::size_t index) const
{
    return m_found[index].isContiguous && !m_storages[index].isDeflated() &&
           m_found[index].spec.dtype != DType::Bool;
}

Status PytorchReader::readStored(const Storage& storage, std::uint64_t at, std::span<std::byte> into) const
{
    if (storage.entry != nullptr)
        return m_zip->readStored(*storage.entry, at, into);
    WR_ASSIGN_OR_RETURN(const std::size_t got, m_file->read(storage.begin + at, into));
    return got == into.size() ? Status() : dataLoss("the file became shorter while it was read");
}

Status PytorchReader::readExtent(std::size_t index, std::span<std::byte> into) const
{
    const FoundTensor& tensor = m_found[index];
    const Storage& storage = m_storages[index];
    const std::uint64_t begin = tensor.offset * dtypeSize(tensor.spec.dtype);
    if (!storage.isDeflated())
        return readStored(storage, begin, into);
    std::vector<std::byte> front(static_cast<std::size_t>(begin) + into.size());
    std::uint32_t crc = 0;
    WR_RETURN_IF_ERROR(m_zip->readFront(*storage.entry, front, crc));
    std::copy(front.begin() + static_cast<std::ptrdiff_t>(begin), front.end(), into.begin());
    return {};
}

Result<Tensor> PytorchReader::read(std::size_t index, const Progress& progress, int threads) const
{
    const FoundTensor& tensor = m_found[index];
    if (isPlain(index))
        return ListedReader::read(index, progress, threads);
    WR_ASSIGN_OR_RETURN(Tensor values, Tensor::create(tensor.spec.dtype, tensor.spec.shape));
    std::vector<std::byte> extent(static_cast<std::size_t>(tensor.extent) * dtypeSize(tensor.spec.dtype));
    if (const Status status = readExtent(index, extent); !status.isOk())
        return fail(status.withContext(tensor.spec.name));
    gather(extent, tensor, values.mutableBytes());
    if (tensor.spec.dtype == DType::Bool) { // other bytes are no bool
        for (std::byte& byte : values.mutableBytes())
            byte = byte == std::byte{0} ? byte : std::byte{1};
    }
    if (progress && !progress(values.byteSize(), values.byteSize()))
        return fail(cancelled("reading was cancelled"));
    return values;
}

Status PytorchReader::readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const
{
    const FoundTensor& tensor = m_found[index];
    if (!isPlain(index))
        return partOfWhole(index, at, into);
    const std::uint64_t begin = tensor.offset * dtypeSize(tensor.spec.dtype);
    return readStored(m_storages[index], begin + at, into).withContext(tensor.spec.name);
}

} // namespace wr::formats
