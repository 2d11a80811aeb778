// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/hdf5/hdf5_reader.h"

#include "engine/formats/hdf5/child_messages.h"

#include <algorithm>
#include <numeric>

namespace wr::formats {
namespace {

template <typename T>
std::span<std::byte> bytesOf(T& value)
{
    return std::as_writable_bytes(std::span(&value, 1));
}

} // namespace

Result<std::shared_ptr<const checkpoint::CheckpointReader>>
Hdf5Reader::open(std::shared_ptr<File> file, const std::string& path, std::uint64_t begin, std::uint64_t size)
{
    if (file->descriptor() < 0)
        return fail(StatusCode::Unimplemented, path + ": an HDF5 file that is no file of the system");
    Result<Hdf5Process> process = Hdf5Process::start(file->descriptor(), begin, size);
    if (!process)
        return fail(process.error().withContext(path));
    std::shared_ptr<Hdf5Reader> reader(new Hdf5Reader(path, std::move(file), std::move(*process)));
    reader->m_fileBytes = size;
    if (const Status status = reader->takeList(); !status.isOk())
        return fail(status.withContext(path));
    return reader;
}

Status Hdf5Reader::takeList()
{
    using hdf5::Record;
    constexpr std::size_t kMostTexts = 1000;
    for (std::uint64_t tensors = 0;;) {
        Record record = Record::End;
        WR_RETURN_IF_ERROR(m_process.receive(bytesOf(record)));
        if (record == Record::End)
            break;
        if (record == Record::Tensor) {
            if (tensors == hdf5::kMostTensors)
                return dataLoss("it lists more tensors than any real file");
            WR_RETURN_IF_ERROR(takeTensor(tensors++));
            continue;
        }
        WR_ASSIGN_OR_RETURN(const std::string text, m_process.receiveText());
        if (record == Record::Failure)
            return dataLoss(text);
        if (record == Record::Attribute) {
            WR_ASSIGN_OR_RETURN(std::string value, m_process.receiveText());
            m_metadata[text] = std::move(value);
        } else if (record == Record::Loss) {
            lose(text);
        } else {
            m_warnings.push_back(text);
        }
        if (m_metadata.size() + m_warnings.size() > kMostTexts)
            return dataLoss("it lists more than any real file");
    }
    std::vector<std::size_t> order(m_entries.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return m_entries[a].spec.name < m_entries[b].spec.name; });
    std::vector<checkpoint::TensorEntry> sorted;
    std::vector<std::uint64_t> numbers;
    for (const std::size_t i : order) {
        if (!sorted.empty() && sorted.back().spec.name == m_entries[i].spec.name)
            return dataLoss(m_entries[i].spec.name + ": the file has two tensors of this name");
        sorted.push_back(std::move(m_entries[i]));
        numbers.push_back(m_numbers[i]);
    }
    m_entries = std::move(sorted);
    m_numbers = std::move(numbers);
    return {};
}

Status Hdf5Reader::takeTensor(std::uint64_t number)
{
    constexpr int kMostRank = 64;
    checkpoint::TensorEntry entry;
    std::uint8_t dtype = 0;
    std::uint8_t rank = 0;
    WR_RETURN_IF_ERROR(m_process.receive(bytesOf(dtype)));
    WR_RETURN_IF_ERROR(m_process.receive(bytesOf(rank)));
    std::vector<std::uint64_t> dims(rank);
    WR_RETURN_IF_ERROR(m_process.receive(std::as_writable_bytes(std::span(dims))));
    WR_RETURN_IF_ERROR(m_process.receive(bytesOf(entry.storedBytes)));
    WR_ASSIGN_OR_RETURN(entry.spec.name, m_process.receiveText());
    entry.spec.dtype = static_cast<DType>(dtype);
    const bool isPossible = rank <= kMostRank && dtypeSize(entry.spec.dtype) > 0 &&
                            std::all_of(dims.begin(), dims.end(),
                                        [](std::uint64_t dim) { return dim < std::uint64_t{1} << 62U; });
    if (!isPossible)
        return dataLoss(entry.spec.name.substr(0, 200) + ": its description makes no sense");
    entry.spec.shape = Shape(std::vector<std::int64_t>(dims.begin(), dims.end()));
    const std::optional<std::int64_t> elements = entry.spec.shape.elementCount();
    if (!elements ||
        __builtin_mul_overflow(static_cast<std::uint64_t>(*elements), dtypeSize(entry.spec.dtype),
                               &entry.logicalBytes) ||
        entry.logicalBytes / hdf5::kBestPacking > m_fileBytes)
        return dataLoss(entry.spec.name.substr(0, 200) + ": it declares more values than the file can hold");
    m_entries.push_back(std::move(entry));
    m_numbers.push_back(number);
    return {};
}

Status Hdf5Reader::readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const
{
    const checkpoint::TensorEntry& entry = m_entries[index];
    const std::lock_guard lock(m_mutex);
    while (!into.empty()) {
        hdf5::Request request = {m_numbers[index], at,
                                 std::min<std::uint64_t>(into.size(), hdf5::kMostRequested)};
        WR_RETURN_IF_ERROR(m_process.send(bytesOf(request)).withContext(entry.spec.name));
        std::uint8_t isRead = 0;
        WR_RETURN_IF_ERROR(m_process.receive(bytesOf(isRead)).withContext(entry.spec.name));
        if (isRead == 0) {
            WR_ASSIGN_OR_RETURN(const std::string text, m_process.receiveText());
            return dataLoss(text).withContext(entry.spec.name);
        }
        const std::span<std::byte> part = into.first(static_cast<std::size_t>(request.size));
        WR_RETURN_IF_ERROR(m_process.receive(part).withContext(entry.spec.name));
        if (entry.spec.dtype == DType::Bool) { // other bytes are no bool
            for (std::byte& byte : part)
                byte = byte == std::byte{0} ? byte : std::byte{1};
        }
        at += part.size();
        into = into.subspan(part.size());
    }
    return {};
}

} // namespace wr::formats
