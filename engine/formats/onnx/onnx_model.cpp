// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/onnx/onnx_model.h"

#include "engine/formats/half_file.h"
#include "engine/formats/protobuf/wire_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>

namespace wr::formats {
namespace {

using Kind = WireReader::Kind;
using Field = WireFile::Field;

constexpr std::size_t kMostTensors = 1'000'000;
constexpr std::size_t kMostWarnings = 50;
constexpr std::size_t kMostRank = 64;
constexpr std::uint64_t kLongestName = 4096;
constexpr std::uint64_t kRawData = 9;
constexpr std::uint64_t kInt32Data = 5;

struct TypeRow {
    std::uint64_t number;
    std::string_view name;
    DType dtype;        ///< Invalid: not read
    std::uint64_t list; ///< the field of its numbers
    int packedBits;
};
constexpr std::array<TypeRow, 23> kTypes{{{1, "float", DType::Float32, 4, 0},
                                          {2, "uint8", DType::UInt8, 5, 0},
                                          {3, "int8", DType::Int8, 5, 0},
                                          {4, "uint16", DType::UInt16, 5, 0},
                                          {5, "int16", DType::Int16, 5, 0},
                                          {6, "int32", DType::Int32, 5, 0},
                                          {7, "int64", DType::Int64, 7, 0},
                                          {8, "text", DType::Invalid, 6, 0},
                                          {9, "bool", DType::Bool, 5, 0},
                                          {10, "float16", DType::Float16, 5, 0},
                                          {11, "double", DType::Float64, 10, 0},
                                          {12, "uint32", DType::UInt32, 11, 0},
                                          {13, "uint64", DType::UInt64, 11, 0},
                                          {14, "complex64", DType::Invalid, 4, 0},
                                          {15, "complex128", DType::Invalid, 10, 0},
                                          {16, "bfloat16", DType::BFloat16, 5, 0},
                                          {17, "float8e4m3fn", DType::Invalid, 5, 0},
                                          {18, "float8e4m3fnuz", DType::Invalid, 5, 0},
                                          {19, "float8e5m2", DType::Invalid, 5, 0},
                                          {20, "float8e5m2fnuz", DType::Invalid, 5, 0},
                                          {21, "uint4", DType::UInt8, 5, 4},
                                          {22, "int4", DType::Int8, 5, 4},
                                          {23, "float4e2m1", DType::Invalid, 5, 4}}};

class ModelWalk {
public:
    ModelWalk(File& file, std::uint64_t fileBytes) : m_file(file), m_fileBytes(fileBytes) {}

    Result<std::optional<OnnxModel>> run()
    {
        WireFile wire(m_file, 0, m_fileBytes);
        Field field;
        std::optional<Field> graph;
        bool hasVersion = false;
        int described = 0; // fields that only a model of ONNX has in this order
        while (wire.next(field)) {
            if (!isModelField(field))
                return std::optional<OnnxModel>();
            hasVersion = hasVersion || (field.number == 1 && field.value > 0 && field.value < 1000);
            described += field.number >= 2 && field.number <= 8 && field.number != 7 ? 1 : 0;
            if (field.number == 7)
                graph = field;
            else
                readDescription(wire, field);
        }
        if (!hasVersion)
            return std::optional<OnnxModel>();
        if (wire.isCutOff() && field.is(7, Kind::Bytes) && described > 0) {
            const std::uint64_t whole = field.begin + field.size;
            return fail(StatusCode::DataLoss, "an ONNX model, of which " + partlyThere(m_fileBytes, whole));
        }
        if (wire.isDamaged() || !graph)
            return std::optional<OnnxModel>();
        if (!readGraph(*graph))
            return std::optional<OnnxModel>();
        std::sort(m_model.tensors.begin(), m_model.tensors.end(),
                  [](const OnnxTensor& a, const OnnxTensor& b) { return a.spec.name < b.spec.name; });
        return std::optional(std::move(m_model));
    }

private:
    static bool isModelField(const Field& field)
    {
        switch (field.number) {
        case 1:
        case 5:
            return field.kind == Kind::Varint;
        case 2:
        case 3:
        case 4:
        case 6:
        case 7:
        case 8:
        case 14:
        case 20:
        case 25:
        case 26:
            return field.kind == Kind::Bytes;
        default:
            return false;
        }
    }

    void warn(const std::string& text)
    {
        if (m_model.warnings.size() < kMostWarnings)
            m_model.warnings.push_back(text);
    }

    void readDescription(const WireFile& wire, const Field& field)
    {
        constexpr std::uint64_t kLongestValue = 4096;
        constexpr std::size_t kMostEntries = 1000;
        if (m_model.metadata.size() >= kMostEntries)
            return;
        if (field.number == 1)
            m_model.metadata["onnx.ir_version"] = std::to_string(field.value);
        else if (field.number == 2)
            m_model.metadata["onnx.producer"] = wire.text(field, kLongestValue);
        else if (field.number == 3)
            m_model.metadata["onnx.producer_version"] = wire.text(field, kLongestValue);
        else if (field.number == 14)
            readProperty(field);
    }

    void readProperty(const Field& message)
    {
        constexpr std::uint64_t kLongestValue = std::uint64_t{64} << 10U;
        const auto [key, value] = readPair(message, kLongestValue);
        if (!key.empty())
            m_model.metadata["onnx." + key] = value;
    }

    std::pair<std::string, std::string> readPair(const Field& message, std::uint64_t longest) const
    {
        WireFile wire(m_file, message.begin, message.begin + message.size);
        std::pair<std::string, std::string> pair;
        Field field;
        while (wire.next(field)) {
            if (field.is(1, Kind::Bytes))
                pair.first = wire.text(field, kLongestName);
            else if (field.is(2, Kind::Bytes))
                pair.second = wire.text(field, longest);
        }
        return pair;
    }

    bool readGraph(const Field& message)
    {
        WireFile wire(m_file, message.begin, message.begin + message.size);
        Field field;
        std::size_t sparse = 0;
        while (wire.next(field)) {
            if (field.is(5, Kind::Bytes))
                readTensor(field);
            sparse += field.is(15, Kind::Bytes) ? 1U : 0U;
        }
        if (sparse > 0)
            warn(std::to_string(sparse) + " sparse tensors are not read");
        return !wire.isDamaged();
    }

    void readTensor(const Field& message)
    {
        OnnxTensor tensor;
        std::vector<std::int64_t> dims;
        std::uint64_t type = 0;
        std::map<std::uint64_t, Field> data; // by field; only the first of raw bytes counts
        std::map<std::string, std::string> external;
        bool isExternal = false;
        WireFile wire(m_file, message.begin, message.begin + message.size);
        Field field;
        while (wire.next(field) && dims.size() <= kMostRank) {
            if (field.is(1, Kind::Varint))
                dims.push_back(static_cast<std::int64_t>(field.value));
            else if (field.is(1, Kind::Bytes))
                readPackedDims(field, dims);
            else if (field.is(2, Kind::Varint))
                type = field.value;
            else if (field.is(8, Kind::Bytes))
                tensor.spec.name = wire.text(field, kLongestName + 1);
            else if (field.is(13, Kind::Bytes))
                external.insert(readPair(field, kLongestName));
            else if (field.is(14, Kind::Varint))
                isExternal = field.value == 1;
            else if (field.number >= 4 && field.number <= 11)
                data.emplace(field.number, field);
        }
        const std::string name = tensor.spec.name.substr(0, 200);
        if (wire.isDamaged() || dims.size() > kMostRank || tensor.spec.name.size() > kLongestName)
            return warn(name + ": its description cannot be read");
        if (const std::string problem = describe(tensor, dims, type); !problem.empty())
            return warn(name + ": " + problem);
        const std::uint64_t list = listOf(type);
        if (isExternal) {
            if (const char* const problem = placeOutside(tensor, external); problem != nullptr)
                return warn(name + ": " + problem);
        } else if (const auto raw = data.find(kRawData); raw != data.end()) {
            tensor.begin = raw->second.begin;
            tensor.size = raw->second.size;
            if (raw->second.kind != Kind::Bytes || tensor.size != tensor.storedBytes())
                return warn(name + ": its values are not as many as its shape says");
        } else {
            tensor.place = OnnxTensor::Place::List;
            tensor.begin = message.begin;
            tensor.size = message.size;
            tensor.field = list;
            // A number takes at least a byte, so that no message can stand for more than it holds.
            if (tensor.storedBytes() / dtypeSize(tensor.spec.dtype) > message.size)
                return warn(name + ": its values are not as many as its shape says");
        }
        if (m_model.tensors.size() == kMostTensors || !m_names.insert(tensor.spec.name).second)
            return warn(name + ": the model has two tensors of this name");
        m_model.tensors.push_back(std::move(tensor));
    }

    void readPackedDims(const Field& field, std::vector<std::int64_t>& dims) const
    {
        constexpr std::uint64_t kLongest = kMostRank * 10;
        WireFile wire(m_file, 0, 0);
        const std::string text = wire.text(field, kLongest);
        std::span<const std::byte> rest = std::as_bytes(std::span(text));
        std::uint64_t dim = 0;
        while (!rest.empty() && takeVarint(rest, dim) && dims.size() <= kMostRank)
            dims.push_back(static_cast<std::int64_t>(dim));
    }

    static std::uint64_t listOf(std::uint64_t type)
    {
        const auto* const row =
            std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeRow& r) { return r.number == type; });
        return row == kTypes.end() ? kInt32Data : row->list;
    }

    /// What is wrong; empty when nothing is.
    static std::string describe(OnnxTensor& tensor, const std::vector<std::int64_t>& dims, std::uint64_t type)
    {
        const auto* const row =
            std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeRow& r) { return r.number == type; });
        if (row == kTypes.end() || row->dtype == DType::Invalid)
            return "its type, " + (row == kTypes.end() ? std::to_string(type) : std::string(row->name)) +
                   ", is not read";
        tensor.spec.dtype = row->dtype;
        tensor.packedBits = row->packedBits;
        tensor.isSigned = row->dtype == DType::Int8;
        tensor.spec.shape = Shape(dims);
        const std::optional<std::int64_t> elements = tensor.spec.shape.elementCount();
        std::uint64_t bytes = 0;
        if (!elements || *elements < 0 ||
            __builtin_mul_overflow(static_cast<std::uint64_t>(*elements), dtypeSize(row->dtype), &bytes))
            return "its shape is no possible one";
        return {};
    }

    static const char* placeOutside(OnnxTensor& tensor, const std::map<std::string, std::string>& external)
    {
        const auto number = [&](const char* key, std::uint64_t& value) {
            const auto found = external.find(key);
            if (found == external.end())
                return true;
            const std::string& text = found->second;
            const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
            return result.ec == std::errc() && result.ptr == text.data() + text.size();
        };
        const auto location = external.find("location");
        tensor.place = OnnxTensor::Place::External;
        tensor.size = tensor.storedBytes();
        std::uint64_t length = tensor.size;
        if (location == external.end() || !number("offset", tensor.begin) || !number("length", length))
            return "it does not say where its values lie";
        if (length != tensor.size)
            return "its values are not as many as its shape says";
        tensor.location = location->second;
        return nullptr;
    }

    File& m_file;
    std::uint64_t m_fileBytes;
    std::set<std::string> m_names;
    OnnxModel m_model;
};

} // namespace

std::uint64_t OnnxTensor::storedBytes() const
{
    const auto elements = static_cast<std::uint64_t>(*spec.shape.elementCount());
    return packedBits == 4 ? elements / 2 + elements % 2 : elements * dtypeSize(spec.dtype);
}

Result<std::optional<OnnxModel>> readOnnxModel(File& file, std::uint64_t fileBytes)
{
    return ModelWalk(file, fileBytes).run();
}

} // namespace wr::formats
