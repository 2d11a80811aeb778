// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/pytorch/pytorch_writer.h"

#include "engine/checkpoint/json_text.h"
#include "engine/formats/metadata_json.h"
#include "engine/formats/pytorch/pytorch_reader.h"
#include "engine/formats/tensor_copy.h"
#include "engine/formats/zip/zip_writer.h"

#include <chrono>
#include <map>

namespace wr::formats {
namespace {

using checkpoint::CheckpointReader;
using checkpoint::SaveReport;
using checkpoint::TensorEntry;

constexpr std::size_t kAlignment = 64;

/// The class of a storage; nothing for types that only untyped storages hold.
std::string_view storageOf(DType dtype)
{
    switch (dtype) {
    case DType::Float32:
        return "FloatStorage";
    case DType::Float64:
        return "DoubleStorage";
    case DType::Float16:
        return "HalfStorage";
    case DType::BFloat16:
        return "BFloat16Storage";
    case DType::Int8:
        return "CharStorage";
    case DType::Int16:
        return "ShortStorage";
    case DType::Int32:
        return "IntStorage";
    case DType::Int64:
        return "LongStorage";
    case DType::UInt8:
        return "ByteStorage";
    case DType::Bool:
        return "BoolStorage";
    default:
        return {};
    }
}

/// Writes a pickle of protocol 2; what comes again is fetched from the memo.
class PickleText {
public:
    PickleText() : m_text("\x80\x02", 2) {}

    void op(char code) { m_text += code; }
    void number(std::uint64_t value)
    {
        if (value <= UINT8_MAX) {
            m_text += 'K';
            little(value, 1);
        } else if (value <= INT32_MAX) {
            m_text += 'J';
            little(value, 4);
        } else {
            m_text += "\x8A\x08";
            little(value, 8);
        }
    }
    void text(std::string_view value)
    {
        m_text += 'X';
        little(value.size(), 4);
        m_text += value;
    }
    /// A text that comes with every tensor.
    void word(const std::string& value)
    {
        if (!recall(value)) {
            text(value);
            store(value);
        }
    }
    void global(const std::string& module, std::string_view name)
    {
        std::string line = module + "\n" + std::string(name) + "\n";
        if (!recall(line)) {
            m_text += 'c';
            m_text += line;
            store(line);
        }
    }
    void tuple(const std::vector<std::uint64_t>& numbers)
    {
        m_text += '(';
        for (const std::uint64_t value : numbers)
            number(value);
        m_text += 't';
    }
    void emptyOrderedDict()
    {
        global("collections", "OrderedDict");
        m_text += ")R";
    }
    std::string finish() { return std::move(m_text) + "."; }

private:
    void little(std::uint64_t value, unsigned bytes)
    {
        for (unsigned i = 0; i < bytes; ++i)
            m_text += static_cast<char>(value >> (8U * i) & 0xFFU);
    }
    bool recall(const std::string& key)
    {
        const auto found = m_memo.find(key);
        if (found == m_memo.end())
            return false;
        m_text += 'h';
        little(found->second, 1);
        return true;
    }
    void store(const std::string& key)
    {
        m_text += 'q';
        little(m_memo.emplace(key, m_memo.size()).first->second, 1);
    }

    std::string m_text;
    std::map<std::string, std::size_t> m_memo; ///< at most some thirty words
};

std::vector<std::uint64_t> stridesOf(const Shape& shape)
{
    std::vector<std::uint64_t> strides(static_cast<std::size_t>(shape.rank()));
    std::uint64_t stride = 1;
    for (std::size_t axis = strides.size(); axis-- > 0;) {
        strides[axis] = stride;
        stride *= static_cast<std::uint64_t>(std::max<std::int64_t>(shape.dims()[axis], 1));
    }
    return strides;
}

void addTensor(PickleText& pickle, const TensorEntry& entry, std::size_t key)
{
    const std::string_view storage = storageOf(entry.spec.dtype);
    const Shape& shape = entry.spec.shape;
    pickle.text(entry.spec.name);
    pickle.global("torch._utils", storage.empty() ? "_rebuild_tensor_v3" : "_rebuild_tensor_v2");
    pickle.op('(');
    pickle.op('(');
    pickle.word("storage");
    if (storage.empty())
        pickle.global("torch.storage", "UntypedStorage");
    else
        pickle.global("torch", storage);
    pickle.text(std::to_string(key));
    pickle.word("cpu");
    pickle.number(storage.empty() ? entry.logicalBytes : static_cast<std::uint64_t>(*shape.elementCount()));
    pickle.op('t');
    pickle.op('Q');
    pickle.number(0);
    pickle.tuple({shape.dims().begin(), shape.dims().end()});
    pickle.tuple(stridesOf(shape));
    pickle.op('\x89'); // no gradient
    pickle.emptyOrderedDict();
    if (storage.empty())
        pickle.global("torch", dtypeName(entry.spec.dtype));
    pickle.op('t');
    pickle.op('R');
}

Status addRecord(ZipWriter& zip, std::string_view name, std::string_view bytes)
{
    WR_RETURN_IF_ERROR(zip.begin("archive/" + std::string(name), bytes.size(), kAlignment));
    WR_RETURN_IF_ERROR(zip.append(std::as_bytes(std::span(bytes))));
    return zip.end();
}

} // namespace

std::string pickledState(const CheckpointReader& from)
{
    PickleText pickle;
    pickle.emptyOrderedDict();
    pickle.op('(');
    std::size_t key = 0;
    for (const TensorEntry& entry : from.tensors())
        addTensor(pickle, entry, key++);
    pickle.op('u');
    return pickle.finish();
}

Result<SaveReport> writePytorch(Vfs& vfs, const CheckpointReader& from, const std::string& path, bool replace,
                                const Progress& progress)
{
    const auto start = std::chrono::steady_clock::now();
    for (const TensorEntry& entry : from.tensors()) {
        if (!checkpoint::isUtf8(entry.spec.name))
            return fail(invalidArgument("a tensor's name is no UTF-8, which a state dict needs"));
    }
    SaveReport report;
    report.path = path;
    WR_ASSIGN_OR_RETURN(report.logicalBytes, valueBytes(from));
    WR_ASSIGN_OR_RETURN(checkpoint::DurableFile file, checkpoint::DurableFile::create(vfs, path));
    ZipWriter zip(file);
    WR_RETURN_IF_ERROR(addRecord(zip, "data.pkl", pickledState(from)));
    WR_RETURN_IF_ERROR(addRecord(zip, "byteorder", "little"));
    CopyProgress copied(progress, report.logicalBytes);
    std::size_t index = 0;
    for (const TensorEntry& entry : from.tensors()) {
        WR_RETURN_IF_ERROR(
            zip.begin("archive/data/" + std::to_string(index), entry.logicalBytes, kAlignment));
        const auto append = [&](std::span<const std::byte> bytes) { return zip.append(bytes); };
        WR_RETURN_IF_ERROR(copyTensor(from, index, entry, append, copied));
        WR_RETURN_IF_ERROR(zip.end());
        ++index;
    }
    WR_RETURN_IF_ERROR(addRecord(zip, "version", "3\n"));
    if (const std::string metadata = metadataJson(from.metadata()); !metadata.empty())
        WR_RETURN_IF_ERROR(addRecord(zip, kPytorchMetadataName, metadata));
    WR_RETURN_IF_ERROR(zip.finish({}));
    WR_RETURN_IF_ERROR(file.finish());
    report.fileBytes = file.size();
    WR_ASSIGN_OR_RETURN(std::shared_ptr<File> written, vfs.open(file.temporaryPath(), OpenMode::Read));
    WR_ASSIGN_OR_RETURN(ZipIndex archive, ZipIndex::open(std::move(written), report.fileBytes));
    WR_ASSIGN_OR_RETURN(const auto reader, PytorchReader::open(std::move(archive), path, report.fileBytes));
    WR_RETURN_IF_ERROR(checkSameTensors(*reader, from));
    WR_RETURN_IF_ERROR(file.commit(replace));
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return report;
}

} // namespace wr::formats
