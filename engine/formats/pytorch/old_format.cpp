// SPDX-License-Identifier: GPL-3.0-or-later
// PyTorch before version 1.6: four pickles (magic number, version, machine, state), a fifth with the keys of
// the storages, and the storages in that order, each behind the number of its elements.
#include "engine/base/little_endian.h"
#include "engine/formats/pytorch/pytorch_reader.h"
#include "engine/formats/pytorch/type_names.h"

#include <algorithm>
#include <array>

namespace wr::formats {
namespace {

using Kind = PickleNode::Kind;

// A pickle of the number 0x1950A86A20F9469CFC6C.
constexpr std::string_view kMagic("\x80\x02\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19.", 15);

struct OldHead {
    Pickle machine;
    Pickle state;
    Pickle keys;
    std::uint64_t end = 0; ///< where the storages begin
};

Result<OldHead> parseHead(std::span<const std::byte> bytes)
{
    OldHead head;
    Pickle version;
    std::size_t at = kMagic.size();
    for (Pickle* const pickle : {&version, &head.machine, &head.state, &head.keys}) {
        WR_ASSIGN_OR_RETURN(*pickle, readPickle(bytes.subspan(std::min(at, bytes.size()))));
        at += pickle->bytes;
    }
    head.end = at;
    return head;
}

/// How long the pickles are is known only when they are read.
Result<OldHead> readHead(File& file, std::uint64_t fileBytes)
{
    constexpr std::uint64_t kFirst = std::uint64_t{1} << 20U;
    constexpr std::uint64_t kMost = std::uint64_t{256} << 20U;
    for (std::uint64_t size = kFirst;; size *= 8) {
        std::vector<std::byte> bytes(static_cast<std::size_t>(std::min({size, kMost, fileBytes})));
        WR_ASSIGN_OR_RETURN(const std::size_t got, file.read(0, bytes));
        bytes.resize(got);
        Result<OldHead> head = parseHead(bytes);
        if (head || size >= std::min(kMost, fileBytes))
            return head;
    }
}

bool isBigEndian(const Pickle& machine)
{
    const PickleNode& root = machine[machine.root];
    for (std::size_t i = 0; root.kind == Kind::Dict && i + 1 < root.items.size(); i += 2) {
        const PickleNode& value = machine[root.items[i + 1]];
        if (machine[root.items[i]].text == "little_endian")
            return value.kind == Kind::Bool && value.number == 0;
    }
    return false;
}

/// Bytes of an element of each storage that the state names.
std::map<std::string, std::size_t> elementSizes(const Pickle& state)
{
    std::map<std::string, std::size_t> sizes;
    for (const PickleNode& node : state.nodes) {
        if (node.kind != Kind::Persistent)
            continue;
        const PickleNode& place = state[node.items[0]];
        if (place.kind != Kind::Tuple || place.items.size() < 5 || state[place.items[2]].kind != Kind::Text)
            continue;
        if (const PytorchType* const type = pytorchType(state[place.items[1]].text); type != nullptr)
            sizes.emplace(state[place.items[2]].text, type->size);
    }
    return sizes;
}

} // namespace

bool PytorchReader::isOld(std::string_view head)
{
    return head.starts_with(kMagic);
}

Result<std::shared_ptr<const checkpoint::CheckpointReader>>
PytorchReader::openOld(std::shared_ptr<File> file, const std::string& path, std::uint64_t fileBytes)
{
    const Result<OldHead> head = readHead(*file, fileBytes);
    if (!head)
        return fail(head.error().withContext(path));
    if (isBigEndian(head->machine))
        return fail(StatusCode::Unimplemented, path + ": written on a big-endian machine, which is not read");
    const PickleNode& list = head->keys[head->keys.root];
    if (list.kind != Kind::List)
        return fail(StatusCode::DataLoss, path + ": the list of its storages cannot be read");
    const std::map<std::string, std::size_t> sizes = elementSizes(head->state);
    std::map<std::string, Storage> storages;
    std::string problem;
    std::uint64_t at = head->end;
    for (const PickleId id : list.items) {
        const PickleNode& key = head->keys[id];
        const auto size = sizes.find(key.text);
        std::array<std::byte, 8> count{};
        if (key.kind != Kind::Text || size == sizes.end()) {
            problem = "a storage is of a type that is not known, so those behind it are not found";
            break;
        }
        WR_ASSIGN_OR_RETURN(const std::size_t got, file->read(at, count));
        Storage storage;
        storage.begin = at + count.size();
        if (got != count.size() ||
            __builtin_mul_overflow(loadLittle<std::uint64_t>(count.data()), size->second, &storage.bytes) ||
            storage.bytes > fileBytes - storage.begin) {
            problem = "the file ends inside a storage; a copy or download that stopped, fetch it again";
            break;
        }
        at = storage.begin + storage.bytes;
        storages[key.text] = storage;
    }
    std::shared_ptr<PytorchReader> reader(new PytorchReader(path));
    reader->m_fileBytes = fileBytes;
    reader->m_file = std::move(file);
    if (!problem.empty())
        reader->lose(problem);
    reader->addTensors(findState(head->state), storages);
    return reader;
}

} // namespace wr::formats
