// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/mangled_name.h"

#include <charconv>
#include <vector>

namespace wr::checkpoint {
namespace {

constexpr std::string_view kMark = "::wr1:";
constexpr std::string_view kStem = "::wr1";
constexpr std::size_t kMaxDims = 64;

/// Length of the marker-like word at `at` ("::wr1", any number of "e", ":"); 0 when there is none.
std::size_t markLength(std::string_view text, std::size_t at)
{
    if (text.substr(at, kStem.size()) != kStem)
        return 0;
    std::size_t end = at + kStem.size();
    while (end < text.size() && text[end] == 'e')
        ++end;
    return end < text.size() && text[end] == ':' ? end + 1 - at : 0;
}

std::string escaped(std::string_view name)
{
    std::string out;
    for (std::size_t at = 0; at < name.size();) {
        if (const std::size_t length = markLength(name, at); length > 0) {
            out += name.substr(at, length - 1);
            out += "e"; // the colon may begin the next marker, so it is left to the next turn
            at += length - 1;
        } else {
            out += name[at++];
        }
    }
    return out;
}

Result<std::string> unescaped(std::string_view name)
{
    std::string out;
    for (std::size_t at = 0; at < name.size();) {
        const std::size_t length = markLength(name, at);
        if (length == kMark.size())
            return fail(StatusCode::DataLoss,
                        "the stored name \"" + std::string(name) + "\" has a second marker");
        if (length > 0) {
            out += name.substr(at, length - 2);
            at += length - 1;
        } else {
            out += name[at++];
        }
    }
    return out;
}

bool readDims(std::string_view text, std::vector<std::int64_t>& dims)
{
    if (text == "-")
        return true;
    while (true) {
        std::int64_t dim = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), dim);
        if (error != std::errc() || dim < 0 || dims.size() == kMaxDims)
            return false;
        dims.push_back(dim);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        if (text.empty())
            return true;
        if (text[0] != 'x')
            return false;
        text.remove_prefix(1);
    }
}

} // namespace

std::string mangledName(const TensorSpec& spec, Filter filter)
{
    std::string name = escaped(spec.name);
    if (filter == Filter::None)
        return name;
    name += kMark;
    name += filterName(filter);
    name += ':';
    name += dtypeSafetensorsName(spec.dtype);
    name += ':';
    if (spec.shape.rank() == 0)
        name += '-';
    for (int axis = 0; axis < spec.shape.rank(); ++axis)
        name += (axis > 0 ? "x" : "") + std::to_string(spec.shape.dim(axis));
    return name;
}

Result<OriginalTensor> originalTensor(std::string_view stored)
{
    OriginalTensor original;
    const std::size_t mark = stored.rfind(kMark);
    if (mark == std::string_view::npos) {
        WR_ASSIGN_OR_RETURN(original.spec.name, unescaped(stored));
        return original;
    }
    const auto broken = [&] {
        return fail(StatusCode::DataLoss, "the stored name \"" + std::string(stored) + "\" cannot be read");
    };
    WR_ASSIGN_OR_RETURN(original.spec.name, unescaped(stored.substr(0, mark)));
    const std::string_view rest = stored.substr(mark + kMark.size());
    const std::size_t first = rest.find(':');
    const std::size_t second = first == std::string_view::npos ? first : rest.find(':', first + 1);
    if (second == std::string_view::npos)
        return broken();
    const std::optional<Filter> filter = filterFromName(rest.substr(0, first));
    const std::optional<DType> dtype = dtypeFromSafetensorsName(rest.substr(first + 1, second - first - 1));
    std::vector<std::int64_t> dims;
    if (!filter || !dtype || (*filter != Filter::Same && !hasPlanes(*dtype)) ||
        !readDims(rest.substr(second + 1), dims))
        return broken();
    if (*filter == Filter::RotatedPlanes && *dtype != DType::BFloat16)
        return broken();
    original.filter = *filter;
    original.spec.dtype = *dtype;
    original.spec.shape = Shape(std::move(dims));
    return original;
}

} // namespace wr::checkpoint
