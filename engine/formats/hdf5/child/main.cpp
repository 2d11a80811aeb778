// SPDX-License-Identifier: GPL-3.0-or-later
// weightroom-hdf5 BEGIN SIZE: reads the HDF5 file at that place of descriptor 3 for the program that started
// it, and answers over descriptor 0. It is confined before it looks at the first byte of the file.
#include "engine/formats/hdf5/child/confinement.h"
#include "engine/formats/hdf5/child/descriptor_driver.h"
#include "engine/formats/hdf5/child/file_walk.h"
#include "engine/formats/hdf5/child_messages.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <unistd.h>

namespace {

using namespace wr::formats::hdf5;

bool sendAll(const void* data, std::size_t size)
{
    const auto* from = static_cast<const char*>(data);
    while (size > 0) {
        const ssize_t sent = ::write(kSocketDescriptor, from, size);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        from += sent;
        size -= static_cast<std::size_t>(sent);
    }
    return true;
}

bool receiveAll(void* data, std::size_t size)
{
    auto* to = static_cast<char*>(data);
    while (size > 0) {
        const ssize_t got = ::read(kSocketDescriptor, to, size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        to += got;
        size -= static_cast<std::size_t>(got);
    }
    return true;
}

template <typename T>
void put(std::string& to, T value)
{
    to.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void putText(std::string& to, const std::string& text)
{
    const std::string cut = text.substr(0, kLongestText);
    put(to, static_cast<std::uint32_t>(cut.size()));
    to += cut;
}

std::string textRecord(Record kind, const std::string& text)
{
    std::string record;
    put(record, kind);
    putText(record, text);
    return record;
}

std::string listed(const Walked& walked)
{
    std::string records;
    for (const auto& [name, value] : walked.attributes) {
        put(records, Record::Attribute);
        putText(records, name);
        putText(records, value);
    }
    for (const std::string& warning : walked.warnings)
        records += textRecord(Record::Warning, warning);
    for (const std::string& loss : walked.losses)
        records += textRecord(Record::Loss, loss);
    for (const Dataset& dataset : walked.datasets) {
        put(records, Record::Tensor);
        put(records, dataset.dtype);
        put(records, static_cast<std::uint8_t>(dataset.dims.size()));
        for (const hsize_t dim : dataset.dims)
            put(records, static_cast<std::uint64_t>(dim));
        put(records, dataset.storedBytes);
        putText(records, dataset.name);
    }
    put(records, Record::End);
    return records;
}

void answer(const Walked& walked, const Request& request)
{
    std::vector<char> bytes;
    const bool isRead = request.tensor < walked.datasets.size() && request.size <= kMostRequested &&
                        readBytes(walked.datasets[request.tensor], request.at, request.size, bytes);
    const std::uint8_t word = isRead ? 1 : 0;
    sendAll(&word, 1);
    if (isRead) {
        sendAll(bytes.data(), bytes.size());
        return;
    }
    std::string text;
    putText(text, "libhdf5 cannot read its values; the file is damaged");
    sendAll(text.data(), text.size());
}

/// For tests: what a file could make this process do, were libhdf5 broken.
int tryToEscape()
{
    const std::FILE* const opened = std::fopen("/etc/hostname", "r");
    const pid_t forked = ::fork();
    if (forked == 0)
        ::_exit(0);
    return opened == nullptr && forked < 0 ? 0 : 1;
}

} // namespace

int main(int count, char** arguments)
{
    if (count < 3)
        return 2;
    const bool isTest = std::strcmp(arguments[1], "--escape") == 0;
    H5open();
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    H5PLset_loading_state(0); // no filters from elsewhere
    ::close_range(kFileDescriptor + 1, ~0U, 0);
    if (!confine())
        return 3;
    if (isTest)
        ::_exit(tryToEscape());
    const hid_t file = openDescriptor(kFileDescriptor, std::strtoull(arguments[1], nullptr, 10),
                                      std::strtoull(arguments[2], nullptr, 10));
    if (file < 0) {
        const std::string record =
            textRecord(Record::Failure, "libhdf5 cannot open it; the file is damaged or not all there");
        sendAll(record.data(), record.size());
        ::_exit(0);
    }
    const Walked walked = walk(file);
    const std::string records = listed(walked);
    Request request = {};
    if (sendAll(records.data(), records.size())) {
        while (receiveAll(&request, sizeof(request)))
            answer(walked, request);
    }
    ::_exit(0); // nothing to tidy up, and little that it would be allowed to
}
