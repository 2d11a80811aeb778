// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/dcp/dcp_metadata.h"

#include "engine/formats/pytorch/type_names.h"

#include <algorithm>
#include <optional>
#include <set>

namespace wr::formats {
namespace {

using Kind = PickleNode::Kind;
using Numbers = std::vector<std::int64_t>;

constexpr std::size_t kMostTensors = 1'000'000;
constexpr std::size_t kMostChunks = 4096; // of one tensor: they are compared with each other
constexpr std::size_t kMostRank = 64;
constexpr std::size_t kLongestName = 4096;

class MetadataWalk {
public:
    explicit MetadataWalk(const Pickle& pickle) : m_pickle(pickle) {}

    Result<DcpMetadata> run()
    {
        if (!isObject(m_pickle.root, "torch.distributed.checkpoint.metadata Metadata"))
            return fail(StatusCode::InvalidArgument, "it is no description of a distributed checkpoint");
        const PickleNode* const tensors = field(m_pickle.root, "state_dict_metadata");
        const PickleNode* const places = field(m_pickle.root, "storage_data");
        if (tensors == nullptr || tensors->kind != Kind::Dict || places == nullptr ||
            places->kind != Kind::Dict)
            return fail(StatusCode::DataLoss, "it does not say where its tensors lie");
        readPlaces(*places);
        for (std::size_t i = 0; i + 1 < tensors->items.size(); i += 2)
            readEntry(m_pickle[tensors->items[i]], tensors->items[i + 1]);
        std::sort(m_found.tensors.begin(), m_found.tensors.end(),
                  [](const DcpTensor& a, const DcpTensor& b) { return a.spec.name < b.spec.name; });
        return std::move(m_found);
    }

private:
    using Key = std::pair<std::string, Numbers>; ///< name and offsets

    void warn(const std::string& text)
    {
        constexpr std::size_t kMostWarnings = 50;
        if (m_found.warnings.size() < kMostWarnings)
            m_found.warnings.push_back(text);
    }
    bool isObject(PickleId id, std::string_view name) const
    {
        const PickleNode& node = m_pickle[id];
        return node.kind == Kind::Call && m_pickle[node.items[0]].kind == Kind::Global &&
               m_pickle[node.items[0]].text == name;
    }
    /// An attribute, from the dictionary that was the object's state.
    const PickleNode* field(PickleId id, std::string_view name) const
    {
        for (const PickleId state : m_pickle[id].states) {
            const PickleNode& dict = m_pickle[state];
            for (std::size_t i = 0; dict.kind == Kind::Dict && i + 1 < dict.items.size(); i += 2) {
                if (m_pickle[dict.items[i]].kind == Kind::Text && m_pickle[dict.items[i]].text == name)
                    return &m_pickle[dict.items[i + 1]];
            }
        }
        return nullptr;
    }
    std::optional<std::uint64_t> number(const PickleNode* node) const
    {
        if (node == nullptr || node->kind != Kind::Int || node->number < 0)
            return {};
        return static_cast<std::uint64_t>(node->number);
    }
    /// A tuple, or a torch.Size of one.
    std::optional<Numbers> numbers(const PickleNode* node) const
    {
        if (node != nullptr && node->kind == Kind::Call && m_pickle[node->items[0]].text == "torch Size") {
            const PickleNode& arguments = m_pickle[node->items[1]];
            node = arguments.items.empty() ? nullptr : &m_pickle[arguments.items[0]];
        }
        if (node == nullptr || (node->kind != Kind::Tuple && node->kind != Kind::List) ||
            node->items.size() > kMostRank)
            return {};
        Numbers found;
        for (const PickleId id : node->items) {
            if (m_pickle[id].kind != Kind::Int || m_pickle[id].number < 0)
                return {};
            found.push_back(m_pickle[id].number);
        }
        return found;
    }

    void readPlaces(const PickleNode& places)
    {
        for (std::size_t i = 0; i + 1 < places.items.size(); i += 2) {
            const PickleId key = places.items[i];
            const PickleId value = places.items[i + 1];
            const PickleNode* const name = field(key, "fqn");
            const PickleNode* const file = field(value, "relative_path");
            const auto offset = number(field(value, "offset"));
            const auto length = number(field(value, "length"));
            if (name == nullptr || name->kind != Kind::Text || file == nullptr || file->kind != Kind::Text ||
                !offset || !length) {
                warn("a part's place cannot be read");
                continue;
            }
            const PickleNode* const packing = field(value, "transform_descriptors");
            if (packing != nullptr && packing->kind != Kind::None &&
                !(packing->items.empty() && (packing->kind == Kind::List || packing->kind == Kind::Tuple))) {
                warn(name->text.substr(0, 200) + ": it is packed, which is not read");
                continue;
            }
            m_places[{name->text, numbers(field(key, "offset")).value_or(Numbers())}] = {file->text, *offset,
                                                                                         *length};
        }
    }

    void readEntry(const PickleNode& name, PickleId value)
    {
        if (name.kind != Kind::Text || name.text.size() > kLongestName ||
            m_found.tensors.size() + m_found.values.size() == kMostTensors)
            return warn("a name cannot be read");
        if (isObject(value, "torch.distributed.checkpoint.metadata BytesStorageMetadata")) {
            if (const auto place = m_places.find({name.text, {}}); place != m_places.end())
                m_found.values.emplace(name.text, place->second);
            return;
        }
        DcpTensor tensor;
        tensor.spec.name = name.text;
        if (const char* const problem = fillTensor(value, tensor); problem != nullptr)
            return warn(name.text.substr(0, 200) + ": " + problem);
        if (!m_names.insert(name.text).second)
            return warn(name.text.substr(0, 200) + ": it is listed twice");
        m_found.tensors.push_back(std::move(tensor));
    }

    /// What is wrong; nullptr when nothing is.
    const char* fillTensor(PickleId id, DcpTensor& tensor) const
    {
        const auto size = numbers(field(id, "size"));
        const PickleNode* const chunks = field(id, "chunks");
        if (!size || chunks == nullptr || chunks->kind != Kind::List || chunks->items.size() > kMostChunks)
            return "its description cannot be read";
        const std::optional<DType> dtype = typeOf(id);
        if (!dtype)
            return "its type is not read";
        tensor.spec.dtype = *dtype;
        tensor.spec.shape = Shape(*size);
        const std::optional<std::int64_t> elements = tensor.spec.shape.elementCount();
        std::uint64_t bytes = 0;
        if (!elements ||
            __builtin_mul_overflow(static_cast<std::uint64_t>(*elements), dtypeSize(*dtype), &bytes))
            return "it is larger than any real one";
        for (const PickleId part : chunks->items) {
            const auto offsets = numbers(field(part, "offsets"));
            const auto sizes = numbers(field(part, "sizes"));
            if (!offsets || !sizes)
                return "one of its parts cannot be read";
            const auto place = m_places.find({tensor.spec.name, *offsets});
            if (place == m_places.end())
                return "one of its parts is in no file";
            tensor.chunks.push_back({*offsets, *sizes, place->second});
        }
        return nullptr;
    }

    /// The type is the first of the properties, which are an object's state or, in older files, its fields.
    std::optional<DType> typeOf(PickleId id) const
    {
        const PickleNode* const properties = field(id, "properties");
        if (properties == nullptr)
            return {};
        for (const PickleId state : properties->states) {
            const PickleNode& node = m_pickle[state];
            const PickleNode* type = nullptr;
            if (node.kind == Kind::Tuple && !node.items.empty())
                type = &m_pickle[node.items[0]];
            for (std::size_t i = 0; node.kind == Kind::Dict && i + 1 < node.items.size(); i += 2) {
                if (m_pickle[node.items[i]].text == "dtype")
                    type = &m_pickle[node.items[i + 1]];
            }
            const PytorchType* const known =
                type != nullptr && type->kind == Kind::Global ? pytorchType(type->text) : nullptr;
            if (known != nullptr && known->dtype != DType::Invalid)
                return known->dtype;
        }
        return {};
    }

    const Pickle& m_pickle;
    std::map<Key, DcpPlace> m_places;
    std::set<std::string> m_names;
    DcpMetadata m_found;
};

} // namespace

Result<DcpMetadata> parseDcpMetadata(const Pickle& pickle)
{
    return MetadataWalk(pickle).run();
}

} // namespace wr::formats
