// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/pytorch/state_walk.h"

#include "engine/formats/pytorch/type_names.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>

namespace wr::formats {
namespace {

using Kind = PickleNode::Kind;

constexpr std::size_t kLongestName = 4096;
constexpr std::size_t kMostNameBytes = std::size_t{256} << 20U;
constexpr std::size_t kMostValues = 1000;
constexpr std::size_t kMostWarnings = 50;
constexpr std::size_t kMostDimensions = 64;

bool isKnown(std::string_view global)
{
    constexpr std::array<std::string_view, 9> kKnown = {"collections OrderedDict",
                                                        "torch._utils _rebuild_tensor_v2",
                                                        "torch._utils _rebuild_tensor_v3",
                                                        "torch._utils _rebuild_tensor",
                                                        "torch._utils _rebuild_parameter",
                                                        "torch Size",
                                                        "torch device",
                                                        "torch.nn.parameter Parameter",
                                                        "torch.serialization _get_layout"};
    return std::find(kKnown.begin(), kKnown.end(), global) != kKnown.end() || pytorchType(global) != nullptr;
}

class Walk {
public:
    explicit Walk(const Pickle& pickle) : m_pickle(pickle), m_isSeen(pickle.nodes.size()) {}

    FoundState run()
    {
        warnOfGlobals();
        m_todo.push_back({m_pickle.root, ""});
        while (!m_todo.empty()) {
            const Place place = std::move(m_todo.back());
            m_todo.pop_back();
            visit(place);
        }
        std::sort(m_found.tensors.begin(), m_found.tensors.end(),
                  [](const FoundTensor& a, const FoundTensor& b) { return a.spec.name < b.spec.name; });
        return std::move(m_found);
    }

private:
    struct Place {
        PickleId id = 0;
        std::string name;
    };

    void warn(const std::string& text)
    {
        if (m_found.warnings.size() < kMostWarnings)
            m_found.warnings.push_back(text);
    }

    void warnOfGlobals()
    {
        std::set<std::string_view> told;
        for (const PickleNode& node : m_pickle.nodes) {
            if (node.kind == Kind::Global && !isKnown(node.text) && told.insert(node.text).second)
                warn("the file names the Python function or class \"" + node.text.substr(0, 200) +
                     "\"; it was not looked up and not called");
        }
    }

    const PickleNode* argument(const PickleNode& call, std::size_t index) const
    {
        const PickleNode& arguments = m_pickle[call.items[1]];
        return arguments.kind == Kind::Tuple && index < arguments.items.size()
                   ? &m_pickle[arguments.items[index]]
                   : nullptr;
    }

    std::string_view callee(const PickleNode& call) const
    {
        const PickleNode& node = m_pickle[call.items[0]];
        return node.kind == Kind::Global ? std::string_view(node.text) : std::string_view();
    }

    void visit(const Place& place)
    {
        const PickleNode& node = m_pickle[place.id];
        if (node.kind == Kind::Call && callee(node).starts_with("torch._utils _rebuild_tensor"))
            return addTensor(node, place.name);
        if (node.kind <= Kind::Bytes || node.kind == Kind::Global || node.kind == Kind::Persistent)
            return addValue(node, place.name);
        if (m_isSeen[place.id])
            return;
        if (node.kind == Kind::Call && callee(node) == "torch._utils _rebuild_parameter") {
            const PickleNode& arguments = m_pickle[node.items[1]];
            if (arguments.kind == Kind::Tuple && !arguments.items.empty() &&
                m_depth++ < m_pickle.nodes.size())
                m_todo.push_back({arguments.items[0], place.name});
            return;
        }
        m_isSeen[place.id] = true;
        const std::size_t first = node.kind == Kind::Call ? 2 : 0;
        if (node.kind == Kind::Dict || (node.kind == Kind::Call && node.isFilled)) {
            for (std::size_t i = first; i + 1 < node.items.size(); i += 2) {
                const PickleNode& key = m_pickle[node.items[i]];
                if (key.kind == Kind::Text || key.kind == Kind::Int)
                    go(place.name, key.kind == Kind::Text ? key.text : std::to_string(key.number),
                       node.items[i + 1]);
            }
        } else {
            for (std::size_t i = first; i < node.items.size(); ++i)
                go(place.name, std::to_string(i - first), node.items[i]);
        }
        for (const PickleId state : node.states)
            m_todo.push_back({state, place.name});
    }

    void go(const std::string& name, const std::string& part, PickleId id)
    {
        if (name.size() + part.size() + 1 > kLongestName)
            return warn("names longer than " + std::to_string(kLongestName) + " bytes are left out");
        m_nameBytes += name.size() + part.size() + 1;
        if (m_nameBytes > kMostNameBytes)
            return warn("it holds more names than any real one; the rest is left out");
        m_todo.push_back({id, name.empty() ? part : name + "." + part});
    }

    void addValue(const PickleNode& node, const std::string& name)
    {
        constexpr std::size_t kLongestValue = 400;
        if (name.empty() || m_found.values.size() == kMostValues)
            return;
        if (node.kind == Kind::Int || node.kind == Kind::Bool)
            m_found.values[name] = std::to_string(node.number);
        else if (node.kind == Kind::Float)
            m_found.values[name] = std::to_string(node.real);
        else if (node.kind == Kind::Text && node.text.size() <= kLongestValue)
            m_found.values[name] = node.text;
    }

    /// Numbers of a tuple that are none below zero.
    bool takeNumbers(const PickleNode* node, std::vector<std::uint64_t>& numbers) const
    {
        if (node != nullptr && node->kind == Kind::Call && callee(*node) == "torch Size")
            node = argument(*node, 0);
        if (node == nullptr || node->kind != Kind::Tuple || node->items.size() > kMostDimensions)
            return false;
        for (const PickleId id : node->items) {
            if (m_pickle[id].kind != Kind::Int || m_pickle[id].number < 0)
                return false;
            numbers.push_back(static_cast<std::uint64_t>(m_pickle[id].number));
        }
        return true;
    }

    void addTensor(const PickleNode& call, const std::string& name)
    {
        FoundTensor tensor;
        tensor.spec.name = name.empty() ? "tensor" : name;
        if (const char* const problem = fillTensor(call, tensor); problem != nullptr)
            return warn(tensor.spec.name.substr(0, 200) + ": " + problem);
        if (!m_names.insert(tensor.spec.name).second)
            return warn(tensor.spec.name.substr(0, 200) + ": the file has two tensors of this name");
        m_found.tensors.push_back(std::move(tensor));
    }

    /// What is wrong with it; nullptr when nothing is.
    const char* fillTensor(const PickleNode& call, FoundTensor& tensor) const
    {
        const PickleNode* const storage = argument(call, 0);
        const PickleNode* const offset = argument(call, 1);
        std::vector<std::uint64_t> sizes;
        if (storage == nullptr || storage->kind != Kind::Persistent || offset == nullptr ||
            offset->kind != Kind::Int || offset->number < 0 || !takeNumbers(argument(call, 2), sizes) ||
            !takeNumbers(argument(call, 3), tensor.strides) || sizes.size() != tensor.strides.size())
            return "its description cannot be read";
        const PickleNode& place = m_pickle[storage->items[0]];
        if (place.kind != Kind::Tuple || place.items.size() < 5)
            return "its storage cannot be read";
        const PickleNode& type = m_pickle[place.items[1]];
        const PickleNode& key = m_pickle[place.items[2]];
        const PickleNode& count = m_pickle[place.items[4]];
        // Old files may keep a part of a storage under a key of its own.
        if (place.items.size() > 5 && m_pickle[place.items[5]].kind != Kind::None)
            return "its storage is a part of another one, which is not read";
        if (type.kind != Kind::Global || key.kind != Kind::Text || count.kind != Kind::Int ||
            count.number < 0)
            return "its storage cannot be read";
        const PytorchType* row = pytorchType(type.text);
        tensor.elements = static_cast<std::uint64_t>(count.number);
        if (row != nullptr && isUntyped(*row)) {
            const PickleNode* const dtype = argument(call, 6);
            row = dtype != nullptr && dtype->kind == Kind::Global ? pytorchType(dtype->text) : nullptr;
            if (row != nullptr && row->dtype != DType::Invalid)
                tensor.elements /= dtypeSize(row->dtype);
        }
        if (row == nullptr || row->dtype == DType::Invalid)
            return "its type is not read";
        tensor.spec.dtype = row->dtype;
        tensor.storage = key.text;
        tensor.offset = static_cast<std::uint64_t>(offset->number);
        tensor.spec.shape = Shape(std::vector<std::int64_t>(sizes.begin(), sizes.end()));
        const std::optional<std::int64_t> elements = tensor.spec.shape.elementCount();
        if (!elements || static_cast<std::uint64_t>(*elements) > tensor.elements)
            return "it declares more elements than its storage has";
        std::uint64_t extent = *elements == 0 ? 0 : 1;
        std::uint64_t dense = 1;
        for (std::size_t i = sizes.size(); i-- > 0 && *elements != 0;) {
            std::uint64_t reach = 0;
            if (__builtin_mul_overflow(sizes[i] - 1, tensor.strides[i], &reach) ||
                __builtin_add_overflow(extent, reach, &extent))
                return "its strides reach outside of its storage";
            tensor.isContiguous = tensor.isContiguous && (sizes[i] == 1 || tensor.strides[i] == dense);
            dense *= sizes[i];
        }
        if (tensor.offset > tensor.elements || extent > tensor.elements - tensor.offset)
            return "its strides reach outside of its storage";
        tensor.extent = extent;
        return nullptr;
    }

    const Pickle& m_pickle;
    std::vector<bool> m_isSeen;
    std::vector<Place> m_todo;
    std::set<std::string> m_names;
    std::size_t m_nameBytes = 0;
    std::size_t m_depth = 0; ///< parameters of parameters
    FoundState m_found;
};

} // namespace

FoundState findState(const Pickle& pickle)
{
    return Walk(pickle).run();
}

} // namespace wr::formats
