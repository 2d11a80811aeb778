// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/tensor_header.h"

#include "engine/base/little_endian.h"
#include "engine/checkpoint/json_text.h"

#include <algorithm>
#include <simdjson.h>

namespace wr::checkpoint {
namespace {

constexpr std::uint64_t kMaxNumber = std::uint64_t{1} << 48U;
constexpr std::size_t kMaxDepth = 8;

Status damaged(const std::string& what)
{
    return dataLoss("the header is damaged: " + what);
}

std::string inQuotes(std::string_view name)
{
    constexpr std::size_t kShown = 120;
    return "\"" + std::string(name.substr(0, kShown)) + (name.size() > kShown ? "…\"" : "\"");
}

/// A plain unsigned number of at most 2^48.
bool readNumber(simdjson::dom::element element, std::uint64_t& into)
{
    return element.get(into) == simdjson::SUCCESS && into <= kMaxNumber;
}

Status readShape(simdjson::dom::element element, Shape& shape)
{
    simdjson::dom::array array;
    if (element.get(array) != simdjson::SUCCESS)
        return damaged("its shape is no list");
    if (array.size() > static_cast<std::size_t>(kMaxRank))
        return damaged("it has more than 64 dimensions");
    std::vector<std::int64_t> dims;
    for (const simdjson::dom::element item : array) {
        std::uint64_t dim = 0;
        if (!readNumber(item, dim))
            return damaged("its shape holds something else than sizes");
        dims.push_back(static_cast<std::int64_t>(dim));
    }
    shape = Shape(std::move(dims));
    return {};
}

Status readOffsets(simdjson::dom::element element, HeaderTensor& tensor)
{
    simdjson::dom::array array;
    if (element.get(array) != simdjson::SUCCESS || array.size() != 2 ||
        !readNumber(array.at(0), tensor.begin) || !readNumber(array.at(1), tensor.end) ||
        tensor.begin > tensor.end)
        return damaged("its data_offsets are no two ascending places");
    return {};
}

Result<HeaderTensor> readTensor(std::string_view name, simdjson::dom::element element)
{
    if (name.size() > kMaxNameBytes)
        return fail(damaged("a name is longer than 64 KiB"));
    simdjson::dom::object object;
    if (element.get(object) != simdjson::SUCCESS)
        return fail(damaged("it is described by something else than an object"));
    HeaderTensor tensor;
    tensor.spec.name = name;
    int seen = 0;
    for (const simdjson::dom::key_value_pair field : object) {
        if (field.key == "dtype") {
            std::string_view word;
            if (field.value.get(word) != simdjson::SUCCESS)
                return fail(damaged("its dtype is no word"));
            const std::optional<DType> dtype = dtypeFromSafetensorsName(word);
            if (!dtype)
                return fail(StatusCode::Unimplemented,
                            "its type " + inQuotes(word) + " is not among those that Weightroom reads");
            tensor.spec.dtype = *dtype;
        } else if (field.key == "shape") {
            WR_RETURN_IF_ERROR(readShape(field.value, tensor.spec.shape));
        } else if (field.key == "data_offsets") {
            WR_RETURN_IF_ERROR(readOffsets(field.value, tensor));
        } else {
            continue;
        }
        ++seen;
    }
    if (seen != 3)
        return fail(damaged("it needs dtype, shape and data_offsets once each"));
    const std::optional<std::int64_t> elements = tensor.spec.shape.elementCount();
    if (!elements || static_cast<std::uint64_t>(*elements) > kMaxNumber ||
        static_cast<std::uint64_t>(*elements) * dtypeSize(tensor.spec.dtype) != tensor.end - tensor.begin)
        return fail(damaged("its shape " + tensor.spec.shape.toString() + " does not fill its " +
                            std::to_string(tensor.end - tensor.begin) + " bytes"));
    return tensor;
}

Status readMetadata(simdjson::dom::element element, Metadata& metadata)
{
    simdjson::dom::object object;
    if (element.get(object) != simdjson::SUCCESS)
        return damaged("__metadata__ is no object");
    for (const simdjson::dom::key_value_pair field : object) {
        std::string_view value;
        if (field.value.get(value) != simdjson::SUCCESS)
            return damaged("__metadata__ holds something else than strings");
        if (!metadata.emplace(field.key, value).second)
            return damaged("__metadata__ names " + inQuotes(field.key) + " twice");
    }
    return {};
}

Status checkPlaces(std::vector<HeaderTensor>& tensors, std::uint64_t bufferBytes)
{
    std::sort(tensors.begin(), tensors.end(), [](const HeaderTensor& a, const HeaderTensor& b) {
        return std::tie(a.begin, a.end, a.spec.name) < std::tie(b.begin, b.end, b.spec.name);
    });
    std::uint64_t at = 0;
    for (const HeaderTensor& tensor : tensors) {
        if (tensor.begin != at)
            return damaged("tensor " + inQuotes(tensor.spec.name) + " begins at byte " +
                           std::to_string(tensor.begin) + " instead of " + std::to_string(at));
        at = tensor.end;
    }
    if (at != bufferBytes && bufferBytes != kAnyBuffer)
        return damaged("its tensors take " + std::to_string(at) + " bytes but the file holds " +
                       std::to_string(bufferBytes));
    return {};
}

Status checkUnique(const std::vector<HeaderTensor>& tensors)
{
    std::vector<std::string_view> names;
    names.reserve(tensors.size());
    for (const HeaderTensor& tensor : tensors)
        names.push_back(tensor.spec.name);
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    return twice == names.end() ? Status() : damaged("it names tensor " + inQuotes(*twice) + " twice");
}

} // namespace

std::vector<std::byte> encodeHeader(const TensorHeader& header, std::size_t alignment)
{
    std::string json = "{";
    if (!header.metadata.empty())
        json += "\"__metadata__\":" + jsonObject(header.metadata);
    for (const HeaderTensor& tensor : header.tensors) {
        if (json.size() > 1)
            json += ',';
        appendJsonString(json, tensor.spec.name);
        json += ":{\"dtype\":\"";
        json += dtypeSafetensorsName(tensor.spec.dtype);
        json += "\",\"shape\":[";
        for (int axis = 0; axis < tensor.spec.shape.rank(); ++axis)
            json += (axis > 0 ? "," : "") + std::to_string(tensor.spec.shape.dim(axis));
        json +=
            "],\"data_offsets\":[" + std::to_string(tensor.begin) + "," + std::to_string(tensor.end) + "]}";
    }
    json += '}';
    json.append((alignment - (json.size() + 8) % alignment) % alignment, ' ');
    std::vector<std::byte> bytes;
    bytes.reserve(json.size() + 8);
    appendLittle(bytes, std::uint64_t{json.size()});
    appendBytes(bytes, std::as_bytes(std::span(json)));
    return bytes;
}

Result<TensorHeader> parseHeader(std::span<const std::byte> json, std::uint64_t bufferBytes)
{
    if (json.empty() || json[0] != std::byte{'{'})
        return fail(damaged("it does not begin with a brace"));
    simdjson::dom::parser parser;
    if (parser.allocate(json.size() + simdjson::SIMDJSON_PADDING, kMaxDepth) != simdjson::SUCCESS)
        return fail(StatusCode::ResourceExhausted, "out of memory for the header");
    simdjson::dom::element root;
    const auto error = parser.parse(reinterpret_cast<const char*>(json.data()), json.size()).get(root);
    simdjson::dom::object object;
    if (error != simdjson::SUCCESS)
        return fail(damaged(simdjson::error_message(error)));
    if (root.get(object) != simdjson::SUCCESS)
        return fail(damaged("it is no JSON object"));
    TensorHeader header;
    bool hasMetadata = false;
    for (const simdjson::dom::key_value_pair field : object) {
        if (field.key == "__metadata__") {
            if (hasMetadata)
                return fail(damaged("__metadata__ stands there twice"));
            hasMetadata = true;
            WR_RETURN_IF_ERROR(readMetadata(field.value, header.metadata));
            continue;
        }
        Result<HeaderTensor> tensor = readTensor(field.key, field.value);
        if (!tensor)
            return fail(tensor.error().withContext("tensor " + inQuotes(field.key)));
        header.tensors.push_back(std::move(*tensor));
    }
    WR_RETURN_IF_ERROR(checkUnique(header.tensors));
    WR_RETURN_IF_ERROR(checkPlaces(header.tensors, bufferBytes));
    return header;
}

Result<Metadata> headerMetadata(std::span<const std::byte> json)
{
    constexpr std::string_view kBegin = "{\"__metadata__\":";
    std::string_view text(reinterpret_cast<const char*>(json.data()), json.size());
    if (!text.starts_with(kBegin))
        return fail(StatusCode::NotFound, "the header does not begin with its metadata");
    text.remove_prefix(kBegin.size());
    bool isInString = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (isInString && text[i] == '\\')
            ++i;
        else if (text[i] == '"')
            isInString = !isInString;
        else if (!isInString && text[i] == '}')
            return parseJsonObject(text.substr(0, i + 1));
    }
    return fail(damaged("its metadata does not end"));
}

Status checkWritable(const TensorSpec& spec)
{
    if (spec.name == "__metadata__")
        return invalidArgument("a tensor cannot be called __metadata__");
    if (spec.name.size() > kMaxNameBytes / 2)
        return invalidArgument("the name " + inQuotes(spec.name) + " is longer than 32 KiB");
    if (!isUtf8(spec.name))
        return invalidArgument("a tensor's name is not UTF-8");
    if (spec.dtype == DType::Invalid || !spec.shape.elementCount() || spec.shape.rank() > kMaxRank)
        return invalidArgument("tensor " + inQuotes(spec.name) + " has no values that could be written");
    return {};
}

} // namespace wr::checkpoint
