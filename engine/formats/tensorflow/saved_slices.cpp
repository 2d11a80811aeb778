// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/tensorflow/saved_slices.h"

#include "engine/base/little_endian.h"
#include "engine/formats/protobuf/wire_reader.h"

#include <algorithm>
#include <array>

namespace wr::formats {
namespace {

using Kind = WireReader::Kind;

constexpr std::size_t kMostSlices = 4096;

/// The message in field `number`, the last one if there are several.
Result<std::span<const std::byte>> inner(std::span<const std::byte> bytes, std::uint64_t number)
{
    std::span<const std::byte> found;
    bool has = false;
    WireReader reader(bytes);
    WireReader::Field field;
    while (reader.next(field)) {
        if (field.is(number, Kind::Bytes)) {
            found = field.bytes;
            has = true;
        }
    }
    if (reader.isDamaged() || !has)
        return fail(StatusCode::DataLoss, "an entry cannot be read");
    return found;
}

Result<SavedTensor> parseSavedTensor(std::span<const std::byte> bytes)
{
    SavedTensor tensor;
    WireReader reader(bytes);
    WireReader::Field field;
    while (reader.next(field)) {
        if (field.is(1, Kind::Bytes)) {
            tensor.name = field.text();
        } else if (field.is(2, Kind::Bytes)) {
            WR_ASSIGN_OR_RETURN(tensor.shape, parseShape(field.bytes));
        } else if (field.is(3, Kind::Varint)) {
            tensor.type = field.value;
        } else if (field.is(4, Kind::Bytes)) {
            if (tensor.slices.size() == kMostSlices)
                return fail(StatusCode::Unimplemented, tensor.name + ": it is cut into more than " +
                                                           std::to_string(kMostSlices) + " slices");
            WR_ASSIGN_OR_RETURN(TensorSlice slice, parseSlice(field.bytes));
            tensor.slices.push_back(std::move(slice));
        }
    }
    if (reader.isDamaged())
        return fail(StatusCode::DataLoss, "an entry of the list of tensors cannot be read");
    return tensor;
}

/// In which field of a TensorProto the values of a type stand, and how.
struct ValueField {
    std::uint64_t number = 0;
    Kind kind = Kind::Varint;
};

ValueField fieldOf(DType dtype)
{
    switch (dtype) {
    case DType::Float32:
        return {5, Kind::Fixed32};
    case DType::Float64:
        return {6, Kind::Fixed64};
    case DType::Int64:
        return {10, Kind::Varint};
    case DType::Bool:
        return {11, Kind::Varint};
    case DType::Float16:
    case DType::BFloat16:
        return {13, Kind::Varint};
    case DType::UInt32:
        return {16, Kind::Varint};
    case DType::UInt64:
        return {17, Kind::Varint};
    default:
        return {7, Kind::Varint}; // all smaller integers
    }
}

/// Takes the next number off packed values.
bool takeNumber(std::span<const std::byte>& bytes, Kind kind, std::uint64_t& value)
{
    if (kind == Kind::Varint)
        return takeVarint(bytes, value);
    const std::size_t size = kind == Kind::Fixed32 ? 4 : 8;
    if (bytes.size() < size)
        return false;
    value = size == 4 ? loadLittle<std::uint32_t>(bytes.data()) : loadLittle<std::uint64_t>(bytes.data());
    bytes = bytes.subspan(size);
    return true;
}

} // namespace

Result<std::vector<SavedTensor>> parseSavedTensors(std::span<const std::byte> bytes)
{
    std::vector<SavedTensor> tensors;
    WR_ASSIGN_OR_RETURN(const std::span<const std::byte> meta, inner(bytes, 1));
    WireReader reader(meta);
    WireReader::Field field;
    while (reader.next(field)) {
        if (!field.is(1, Kind::Bytes))
            continue;
        WR_ASSIGN_OR_RETURN(SavedTensor tensor, parseSavedTensor(field.bytes));
        tensors.push_back(std::move(tensor));
    }
    if (reader.isDamaged())
        return fail(StatusCode::DataLoss, "its list of tensors cannot be read");
    return tensors;
}

Status parseSavedValues(std::span<const std::byte> bytes, DType dtype, std::span<std::byte> into)
{
    WR_ASSIGN_OR_RETURN(const std::span<const std::byte> slice, inner(bytes, 2));
    WR_ASSIGN_OR_RETURN(const std::span<const std::byte> tensor, inner(slice, 3));
    const ValueField expected = fieldOf(dtype);
    const std::size_t size = dtypeSize(dtype);
    std::size_t at = 0;
    const auto put = [&](std::uint64_t value) {
        if (size > into.size() - at)
            return false;
        if (dtype == DType::Bool)
            value = value != 0 ? 1 : 0;
        std::array<std::byte, 8> number{};
        storeLittle(number.data(), value);
        std::copy_n(number.begin(), size, into.begin() + static_cast<std::ptrdiff_t>(at));
        at += size;
        return true;
    };
    WireReader reader(tensor);
    WireReader::Field field;
    while (reader.next(field)) {
        if (field.number != expected.number)
            continue;
        bool fits = true;
        if (field.kind == expected.kind) {
            fits = put(field.value);
        } else if (field.kind == Kind::Bytes) {
            std::uint64_t value = 0;
            for (std::span<const std::byte> rest = field.bytes; fits && !rest.empty();)
                fits = takeNumber(rest, expected.kind, value) && put(value);
        }
        if (!fits)
            return dataLoss("its values do not fit its shape");
    }
    if (reader.isDamaged())
        return dataLoss("its values cannot be read");
    return at == into.size() ? Status() : dataLoss("it has fewer values than its shape");
}

} // namespace wr::formats
