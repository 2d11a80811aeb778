// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/onnx/onnx_reader.h"

#include "engine/formats/neighbour_file.h"
#include "engine/formats/protobuf/wire_reader.h"
#include "engine/formats/tensorflow/bundle_paths.h"

#include <algorithm>
#include <cstring>

namespace wr::formats {
namespace {

using Kind = WireReader::Kind;

/// Puts numbers into a tensor's memory, an element's low bytes each.
class Elements {
public:
    Elements(std::span<std::byte> into, std::size_t size) : m_into(into), m_size(size) {}
    bool isFull() const { return m_at == m_into.size(); }
    bool put(std::uint64_t value)
    {
        if (m_into.size() - m_at < m_size)
            return false;
        for (std::size_t i = 0; i < m_size; ++i)
            m_into[m_at++] = static_cast<std::byte>(value >> (8 * i) & 0xFFU);
        return true;
    }
    bool put(std::span<const std::byte> bytes)
    {
        if (bytes.size() > m_into.size() - m_at)
            return false;
        std::copy(bytes.begin(), bytes.end(), m_into.begin() + static_cast<std::ptrdiff_t>(m_at));
        m_at += bytes.size();
        return true;
    }

private:
    std::span<std::byte> m_into;
    std::size_t m_size;
    std::size_t m_at = 0;
};

void unpackHalves(std::span<const std::byte> packed, bool isSigned, std::span<std::byte> to)
{
    for (std::size_t i = 0; i < to.size(); ++i) {
        const unsigned both = static_cast<unsigned>(packed[i / 2]);
        unsigned value = i % 2 == 0 ? both & 0xFU : both >> 4U;
        if (isSigned && (value & 8U) != 0)
            value |= 0xF0U;
        to[i] = static_cast<std::byte>(value);
    }
}

} // namespace

Result<std::shared_ptr<const checkpoint::CheckpointReader>>
OnnxReader::open(Vfs& vfs, std::shared_ptr<File> file, const std::string& path)
{
    WR_ASSIGN_OR_RETURN(const std::uint64_t size, file->size());
    Result<std::optional<OnnxModel>> model = readOnnxModel(*file, size);
    if (!model)
        return fail(model.error().withContext(path));
    if (!*model)
        return std::shared_ptr<const checkpoint::CheckpointReader>();
    std::shared_ptr<OnnxReader> reader(new OnnxReader(path));
    reader->m_fileBytes = size;
    reader->m_file = std::move(file);
    reader->m_metadata = std::move((*model)->metadata);
    reader->m_warnings = std::move((*model)->warnings);
    reader->m_tensors = std::move((*model)->tensors);
    if (const Status status = reader->openOthers(vfs); !status.isOk())
        return fail(status.withContext(path));
    WR_RETURN_IF_ERROR(reader->dropCutOff());
    for (const OnnxTensor& tensor : reader->m_tensors) {
        checkpoint::TensorEntry entry;
        entry.spec = tensor.spec;
        entry.logicalBytes =
            static_cast<std::uint64_t>(*tensor.spec.shape.elementCount()) * dtypeSize(tensor.spec.dtype);
        entry.storedBytes = tensor.place == OnnxTensor::Place::List ? tensor.size : tensor.storedBytes();
        if (tensor.packedBits == 4)
            reader->m_metadata["onnx.four_bits." + tensor.spec.name] = tensor.isSigned ? "int4" : "uint4";
        reader->m_entries.push_back(std::move(entry));
    }
    return reader;
}

Status OnnxReader::openOthers(Vfs& vfs)
{
    constexpr std::size_t kMostFiles = 10'000;
    for (const OnnxTensor& tensor : m_tensors) {
        if (tensor.place != OnnxTensor::Place::External || m_others.contains(tensor.location))
            continue;
        if (m_others.size() == kMostFiles)
            return dataLoss("its values lie in more files than any real one's");
        Result<std::shared_ptr<File>> file = openNeighbour(vfs, directoryOf(m_path), tensor.location);
        if (!file && file.error().code() != StatusCode::NotFound)
            return file.error();
        if (!file) {
            lose("the file of its values, " + tensor.location.substr(0, 200) +
                 ", is missing; put it beside the model");
            m_others[tensor.location] = nullptr;
            continue;
        }
        WR_ASSIGN_OR_RETURN(const std::uint64_t size, (*file)->size());
        m_fileBytes += size;
        m_others[tensor.location] = std::move(*file);
    }
    return {};
}

/// A shape is believed only where as many bytes are there.
Status OnnxReader::dropCutOff()
{
    std::vector<OnnxTensor> kept;
    for (OnnxTensor& tensor : m_tensors) {
        const auto other = m_others.find(tensor.location);
        if (tensor.place == OnnxTensor::Place::External && other != m_others.end() && other->second) {
            WR_ASSIGN_OR_RETURN(const std::uint64_t size, other->second->size());
            if (tensor.begin > size || tensor.size > size - tensor.begin) {
                lose(tensor.spec.name.substr(0, 200) + ": " + tensor.location.substr(0, 200) +
                     " ends before its values do; a copy that stopped, fetch it again");
                continue;
            }
        }
        kept.push_back(std::move(tensor));
    }
    m_tensors = std::move(kept);
    return {};
}

bool OnnxReader::isMissing(const OnnxTensor& tensor) const
{
    return tensor.place == OnnxTensor::Place::External && !m_others.at(tensor.location);
}

bool OnnxReader::isPlain(const OnnxTensor& tensor) const
{
    return tensor.place != OnnxTensor::Place::List && tensor.packedBits == 0 &&
           tensor.spec.dtype != DType::Bool;
}

Status OnnxReader::readStored(const OnnxTensor& tensor, std::uint64_t at, std::span<std::byte> into) const
{
    const bool isOutside = tensor.place == OnnxTensor::Place::External;
    File* const file = isOutside ? m_others.at(tensor.location).get() : m_file.get();
    if (file == nullptr)
        return notFound(tensor.spec.name + ": " + tensor.location + " is missing");
    std::uint64_t begin = 0;
    if (__builtin_add_overflow(tensor.begin, at, &begin))
        return dataLoss(tensor.spec.name + ": its values lie outside of any file");
    WR_ASSIGN_OR_RETURN(const std::size_t got, file->read(begin, into));
    return got == into.size()
               ? Status()
               : dataLoss(tensor.spec.name + ": " + (isOutside ? tensor.location : "the model") +
                          " ends before its values do; a copy that stopped, fetch it again");
}

Status OnnxReader::decodeList(const OnnxTensor& tensor, std::span<std::byte> into) const
{
    std::vector<std::byte> message(static_cast<std::size_t>(tensor.size));
    WR_ASSIGN_OR_RETURN(const std::size_t got, m_file->read(tensor.begin, message));
    if (got != message.size())
        return dataLoss(tensor.spec.name + ": the file became shorter while it was read");
    const std::size_t size = tensor.packedBits == 4 ? 1 : dtypeSize(tensor.spec.dtype);
    const bool isFixed = tensor.field == 4 || tensor.field == 10; // floats and doubles
    Elements elements(into, size);
    WireReader wire(message);
    WireReader::Field field;
    bool fits = true;
    while (fits && wire.next(field)) {
        if (field.number != tensor.field)
            continue;
        if (field.kind != Kind::Bytes) {
            fits = elements.put(field.value);
        } else if (isFixed) {
            fits = elements.put(field.bytes);
        } else {
            std::uint64_t value = 0;
            for (std::span<const std::byte> rest = field.bytes; fits && !rest.empty();)
                fits = takeVarint(rest, value) && elements.put(value);
        }
    }
    return fits && elements.isFull()
               ? Status()
               : dataLoss(tensor.spec.name + ": its values are not as many as its shape says");
}

Result<Tensor> OnnxReader::read(std::size_t index, const Progress& progress, int threads) const
{
    const OnnxTensor& tensor = m_tensors[index];
    if (isMissing(tensor))
        return fail(StatusCode::NotFound, tensor.spec.name + ": " + tensor.location + " is missing");
    if (isPlain(tensor))
        return ListedReader::read(index, progress, threads);
    WR_ASSIGN_OR_RETURN(Tensor values, Tensor::create(tensor.spec.dtype, tensor.spec.shape));
    std::vector<std::byte> packed(tensor.packedBits == 4 ? static_cast<std::size_t>(tensor.storedBytes())
                                                         : 0);
    const std::span<std::byte> stored = tensor.packedBits == 4 ? std::span(packed) : values.mutableBytes();
    WR_RETURN_IF_ERROR(tensor.place == OnnxTensor::Place::List ? decodeList(tensor, stored)
                                                               : readStored(tensor, 0, stored));
    if (tensor.packedBits == 4)
        unpackHalves(packed, tensor.isSigned, values.mutableBytes());
    if (tensor.spec.dtype == DType::Bool) { // other bytes are no bool
        for (std::byte& byte : values.mutableBytes())
            byte = byte == std::byte{0} ? byte : std::byte{1};
    }
    if (progress && !progress(values.byteSize(), values.byteSize()))
        return fail(cancelled("reading was cancelled"));
    return values;
}

Status OnnxReader::readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const
{
    const OnnxTensor& tensor = m_tensors[index];
    return isPlain(tensor) ? readStored(tensor, at, into) : partOfWhole(index, at, into);
}

} // namespace wr::formats
