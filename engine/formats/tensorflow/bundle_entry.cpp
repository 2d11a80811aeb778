// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/tensorflow/bundle_entry.h"

#include "engine/formats/protobuf/wire_reader.h"

#include <array>
#include <string_view>

namespace wr::formats {
namespace {

using Kind = WireReader::Kind;

constexpr std::size_t kMostDimensions = 254; // TensorFlow's own limit
constexpr std::size_t kMostSlices = 4096;

struct TypeRow {
    std::string_view name;
    DType dtype = DType::Invalid;
};

/// By TensorFlow's numbers.
constexpr std::array<TypeRow, 24> kTypes{
    {{"no type", DType::Invalid},    {"float32", DType::Float32}, {"float64", DType::Float64},
     {"int32", DType::Int32},        {"uint8", DType::UInt8},     {"int16", DType::Int16},
     {"int8", DType::Int8},          {"string", DType::Invalid},  {"complex64", DType::Invalid},
     {"int64", DType::Int64},        {"bool", DType::Bool},       {"qint8", DType::Int8},
     {"quint8", DType::UInt8},       {"qint32", DType::Int32},    {"bfloat16", DType::BFloat16},
     {"qint16", DType::Int16},       {"quint16", DType::UInt16},  {"uint16", DType::UInt16},
     {"complex128", DType::Invalid}, {"float16", DType::Float16}, {"resource", DType::Invalid},
     {"variant", DType::Invalid},    {"uint32", DType::UInt32},   {"uint64", DType::UInt64}}};

/// A length byte, then the number's bytes, most significant first.
void appendIncreasing(std::string& to, std::uint64_t value)
{
    std::string bytes;
    for (; value != 0; value >>= 8U)
        bytes.insert(bytes.begin(), static_cast<char>(value & 0xFFU));
    to.push_back(static_cast<char>(bytes.size()));
    to += bytes;
}

/// n bytes hold [-2^(7n-1), 2^(7n-1)): the leading bits tell n, flipped for a negative number.
void appendSigned(std::string& to, std::int64_t value)
{
    const std::uint64_t magnitude = static_cast<std::uint64_t>(value < 0 ? ~value : value);
    unsigned size = 1;
    while (size < 10 && (7 * size - 1 >= 64 ? 0 : magnitude >> (7 * size - 1)) != 0)
        ++size;
    std::array<unsigned char, 10> bytes{};
    for (unsigned i = 0; i < size; ++i) {
        const unsigned shift = 8 * (size - 1 - i);
        bytes[i] = static_cast<unsigned char>(
            (shift >= 64 ? (value < 0 ? 0xFFU : 0U) : static_cast<std::uint64_t>(value >> shift)) & 0xFFU);
    }
    for (unsigned bit = 0; bit < size; ++bit)
        bytes[bit / 8] = static_cast<unsigned char>(bytes[bit / 8] ^ (0x80U >> (bit % 8)));
    to.append(reinterpret_cast<const char*>(bytes.data()), size);
}

} // namespace

DType dtypeFromTensorFlow(std::uint64_t number)
{
    return number < kTypes.size() ? kTypes[static_cast<std::size_t>(number)].dtype : DType::Invalid;
}

std::uint64_t tensorFlowNumber(DType dtype)
{
    for (const std::uint64_t number : {1U, 2U, 3U, 4U, 5U, 6U, 9U, 10U, 14U, 17U, 19U, 22U, 23U}) {
        if (dtypeFromTensorFlow(number) == dtype)
            return number;
    }
    return 0;
}

std::string tensorFlowTypeName(std::uint64_t number)
{
    return number < kTypes.size() ? std::string(kTypes[static_cast<std::size_t>(number)].name)
                                  : "type " + std::to_string(number);
}

Result<BundleHeader> parseBundleHeader(std::span<const std::byte> bytes)
{
    BundleHeader header;
    WireReader reader(bytes);
    WireReader::Field field;
    while (reader.next(field)) {
        if (field.is(1, Kind::Varint)) {
            header.shards = field.value;
        } else if (field.is(2, Kind::Varint)) {
            header.isBigEndian = field.value == 1;
        } else if (field.is(3, Kind::Bytes)) {
            WireReader version(field.bytes);
            WireReader::Field part;
            while (version.next(part)) {
                if (part.is(2, Kind::Varint))
                    header.minConsumer = part.value;
            }
        }
    }
    if (reader.isDamaged())
        return fail(StatusCode::DataLoss, "its header cannot be read");
    return header;
}

Result<Shape> parseShape(std::span<const std::byte> bytes)
{
    const auto wrong = [] { return fail(StatusCode::DataLoss, "its shape cannot be read"); };
    std::vector<std::int64_t> dims;
    WireReader reader(bytes);
    WireReader::Field field;
    while (reader.next(field)) {
        if (field.is(3, Kind::Varint) && field.value != 0)
            return wrong();
        if (!field.is(2, Kind::Bytes))
            continue;
        std::int64_t size = 0;
        WireReader dim(field.bytes);
        WireReader::Field part;
        while (dim.next(part)) {
            if (part.is(1, Kind::Varint))
                size = static_cast<std::int64_t>(part.value);
        }
        if (dim.isDamaged() || size < 0 || dims.size() == kMostDimensions)
            return wrong();
        dims.push_back(size);
    }
    Shape shape(std::move(dims));
    if (reader.isDamaged() || !shape.elementCount())
        return wrong();
    return shape;
}

Result<TensorSlice> parseSlice(std::span<const std::byte> bytes)
{
    const auto wrong = [] { return fail(StatusCode::DataLoss, "a slice of it cannot be read"); };
    TensorSlice slice;
    WireReader reader(bytes);
    WireReader::Field field;
    while (reader.next(field)) {
        if (!field.is(1, Kind::Bytes))
            continue;
        SliceExtent extent;
        WireReader inner(field.bytes);
        WireReader::Field part;
        while (inner.next(part)) {
            if (part.is(1, Kind::Varint))
                extent.start = static_cast<std::int64_t>(part.value);
            else if (part.is(2, Kind::Varint))
                extent.length = static_cast<std::int64_t>(part.value);
        }
        if (inner.isDamaged() || extent.start < 0 || extent.length.value_or(0) < 0 ||
            slice.size() == kMostDimensions)
            return wrong();
        slice.push_back(extent);
    }
    if (reader.isDamaged())
        return wrong();
    return slice;
}

Result<BundleEntry> parseBundleEntry(std::span<const std::byte> bytes)
{
    BundleEntry entry;
    WireReader reader(bytes);
    WireReader::Field field;
    while (reader.next(field)) {
        if (field.is(1, Kind::Varint)) {
            entry.type = field.value;
        } else if (field.is(2, Kind::Bytes)) {
            WR_ASSIGN_OR_RETURN(entry.shape, parseShape(field.bytes));
        } else if (field.is(3, Kind::Varint)) {
            entry.shard = field.value;
        } else if (field.is(4, Kind::Varint)) {
            entry.offset = field.value;
        } else if (field.is(5, Kind::Varint)) {
            entry.size = field.value;
        } else if (field.is(6, Kind::Fixed32)) {
            entry.checksum = static_cast<std::uint32_t>(field.value);
        } else if (field.is(7, Kind::Bytes)) {
            if (entry.slices.size() == kMostSlices)
                return fail(StatusCode::Unimplemented,
                            "it is cut into more than " + std::to_string(kMostSlices) + " slices");
            WR_ASSIGN_OR_RETURN(TensorSlice slice, parseSlice(field.bytes));
            entry.slices.push_back(std::move(slice));
        }
    }
    if (reader.isDamaged())
        return fail(StatusCode::DataLoss, "its entry cannot be read");
    return entry;
}

std::string encodeBundleHeader()
{
    return std::string("\x08\x01\x1A\x02\x08\x01"); // one shard, little-endian, producer 1
}

std::string encodeBundleEntry(const BundleEntry& entry)
{
    std::string shape;
    for (const std::int64_t dim : entry.shape.dims()) {
        std::string size;
        if (dim != 0) {
            size.push_back('\x08');
            appendVarint(size, static_cast<std::uint64_t>(dim));
        }
        shape.push_back('\x12');
        appendVarint(shape, size.size());
        shape += size;
    }
    std::string out;
    const auto number = [&](char tag, std::uint64_t value) {
        if (value == 0)
            return;
        out.push_back(tag);
        appendVarint(out, value);
    };
    number('\x08', entry.type);
    out.push_back('\x12'); // written even when empty
    appendVarint(out, shape.size());
    out += shape;
    number('\x18', entry.shard);
    number('\x20', entry.offset);
    number('\x28', entry.size);
    if (entry.checksum != 0) {
        out.push_back('\x35');
        for (unsigned i = 0; i < 4; ++i)
            out.push_back(static_cast<char>(entry.checksum >> (8 * i) & 0xFFU));
    }
    return out;
}

std::string sliceKey(const std::string& name, const TensorSlice& slice)
{
    std::string key;
    appendIncreasing(key, 0);
    for (const char c : name) {
        key.push_back(c);
        if (c == '\0')
            key.push_back('\xFF');
        else if (c == '\xFF')
            key.push_back('\0');
    }
    key.push_back('\0');
    key.push_back('\x01');
    appendIncreasing(key, slice.size());
    for (const SliceExtent& extent : slice) {
        appendSigned(key, extent.start);
        appendSigned(key, extent.length.value_or(-1));
    }
    return key;
}

} // namespace wr::formats
