// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/zip_archive.h"

#include <algorithm>
#include <zip.h>

namespace wr::train {

struct ZipArchive::State {
    std::string path;
    std::unique_ptr<File> file;
    std::uint64_t size = 0;
    std::uint64_t offset = 0;
    zip_error_t error = {};
    zip_t* archive = nullptr;

    /// What libzip asks of the file, answered by way of the Vfs.
    static zip_int64_t answer(void* user, void* data, zip_uint64_t length, zip_source_cmd_t command)
    {
        State& state = *static_cast<State*>(user);
        switch (command) {
        case ZIP_SOURCE_OPEN:
            state.offset = 0;
            return 0;
        case ZIP_SOURCE_READ: {
            const auto wanted =
                static_cast<std::size_t>(std::min(length, state.size - std::min(state.offset, state.size)));
            const Result<std::size_t> read =
                state.file->read(state.offset, std::span(static_cast<std::byte*>(data), wanted));
            if (!read) {
                zip_error_set(&state.error, ZIP_ER_READ, 0);
                return -1;
            }
            state.offset += *read;
            return static_cast<zip_int64_t>(*read);
        }
        case ZIP_SOURCE_SEEK: {
            const zip_int64_t place =
                zip_source_seek_compute_offset(state.offset, state.size, data, length, &state.error);
            if (place < 0)
                return -1;
            state.offset = static_cast<std::uint64_t>(place);
            return 0;
        }
        case ZIP_SOURCE_TELL:
            return static_cast<zip_int64_t>(state.offset);
        case ZIP_SOURCE_STAT: {
            auto* const stat = static_cast<zip_stat_t*>(data);
            zip_stat_init(stat);
            stat->size = state.size;
            stat->valid = ZIP_STAT_SIZE;
            return sizeof(zip_stat_t);
        }
        case ZIP_SOURCE_ERROR:
            return zip_error_to_data(&state.error, data, length);
        case ZIP_SOURCE_CLOSE:
        case ZIP_SOURCE_FREE:
            return 0;
        case ZIP_SOURCE_SUPPORTS:
            return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE,
                                                  ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE,
                                                  ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, ZIP_SOURCE_SUPPORTS, -1);
        default:
            zip_error_set(&state.error, ZIP_ER_OPNOTSUPP, 0);
            return -1;
        }
    }
};

namespace {

class EntryStream final : public ByteStream {
public:
    EntryStream(zip_file_t* entry, std::string name, std::uint64_t size)
        : m_entry(entry), m_name(std::move(name)), m_size(size)
    {
    }
    ~EntryStream() override { zip_fclose(m_entry); }
    EntryStream(const EntryStream&) = delete;
    EntryStream& operator=(const EntryStream&) = delete;

    Result<std::size_t> read(std::span<std::byte> into) override
    {
        std::size_t done = 0;
        while (done < into.size()) {
            const zip_int64_t count = zip_fread(m_entry, into.data() + done, into.size() - done);
            if (count < 0)
                return fail(StatusCode::DataLoss,
                            m_name + ": it cannot be unpacked: " + zip_file_strerror(m_entry));
            if (count == 0)
                break;
            done += static_cast<std::size_t>(count);
        }
        return done;
    }
    std::uint64_t size() const override { return m_size; }

private:
    zip_file_t* m_entry;
    std::string m_name;
    std::uint64_t m_size;
};

} // namespace

ZipArchive::ZipArchive(std::unique_ptr<State> state) : m_state(std::move(state)) {}

ZipArchive::~ZipArchive()
{
    if (m_state->archive != nullptr)
        zip_discard(m_state->archive);
    zip_error_fini(&m_state->error);
}

Result<std::unique_ptr<ZipArchive>> ZipArchive::open(Vfs& vfs, const std::string& path)
{
    auto state = std::make_unique<State>();
    zip_error_init(&state->error);
    state->path = path;
    WR_ASSIGN_OR_RETURN(state->file, vfs.open(path, OpenMode::Read));
    WR_ASSIGN_OR_RETURN(state->size, state->file->size());
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* const source = zip_source_function_create(&State::answer, state.get(), &error);
    if (source != nullptr)
        state->archive = zip_open_from_source(source, ZIP_RDONLY, &error);
    if (state->archive == nullptr) {
        const std::string reason = zip_error_strerror(&error);
        if (source != nullptr)
            zip_source_free(source);
        zip_error_fini(&error);
        zip_error_fini(&state->error);
        return fail(StatusCode::InvalidArgument, path + ": it cannot be read as a zip archive: " + reason);
    }
    zip_error_fini(&error);
    return std::unique_ptr<ZipArchive>(new ZipArchive(std::move(state)));
}

std::vector<std::string> ZipArchive::names() const
{
    constexpr zip_int64_t kMost = 100;
    std::vector<std::string> all;
    const zip_int64_t count = std::min(kMost, zip_get_num_entries(m_state->archive, 0));
    for (zip_int64_t i = 0; i < count; ++i) {
        const char* const name = zip_get_name(m_state->archive, static_cast<zip_uint64_t>(i), 0);
        if (name != nullptr)
            all.emplace_back(name);
    }
    return all;
}

bool ZipArchive::has(const std::string& name) const
{
    return zip_name_locate(m_state->archive, name.c_str(), 0) >= 0;
}

Result<std::unique_ptr<ByteStream>> ZipArchive::read(const std::string& name)
{
    const std::string where = m_state->path + ": " + name;
    const zip_int64_t index = zip_name_locate(m_state->archive, name.c_str(), 0);
    if (index < 0)
        return fail(StatusCode::NotFound, where + ": there is no such entry");
    zip_stat_t stat;
    zip_stat_init(&stat);
    constexpr zip_uint64_t kNeeded = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
    if (zip_stat_index(m_state->archive, static_cast<zip_uint64_t>(index), 0, &stat) != 0 ||
        (stat.valid & kNeeded) != kNeeded)
        return fail(StatusCode::DataLoss, where + ": the archive does not say how large it is");
    const bool isEncrypted =
        (stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE;
    const bool isKnown = stat.comp_method == ZIP_CM_STORE || stat.comp_method == ZIP_CM_DEFLATE;
    if (isEncrypted || !isKnown)
        return fail(
            StatusCode::Unimplemented,
            where + (isEncrypted ? ": it is encrypted" : ": it is packed by another method than deflate"));
    // An entry lies inside the file, and deflate packs at most about a thousand to one.
    constexpr std::uint64_t kBestPacking = 1100;
    const bool isPossible = stat.comp_size <= m_state->size &&
                            (stat.comp_method == ZIP_CM_STORE ? stat.size == stat.comp_size
                                                              : stat.size <= stat.comp_size * kBestPacking);
    if (!isPossible)
        return fail(StatusCode::DataLoss,
                    where + ": it declares " + std::to_string(stat.size) + " bytes, more than it can hold");
    zip_file_t* const entry = zip_fopen_index(m_state->archive, static_cast<zip_uint64_t>(index), 0);
    if (entry == nullptr)
        return fail(StatusCode::DataLoss, where + ": " + zip_strerror(m_state->archive));
    return std::unique_ptr<ByteStream>(std::make_unique<EntryStream>(entry, where, stat.size));
}

} // namespace wr::train
