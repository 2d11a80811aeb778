// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/hdf5/child/descriptor_driver.h"

#include <cerrno>
#include <cstdlib>
#include <unistd.h>

namespace wr::formats::hdf5 {
namespace {

struct Place {
    int descriptor = -1;
    std::uint64_t begin = 0;
    std::uint64_t size = 0;
};
Place place; // of the one file that this process reads

struct OpenFile {
    H5FD_t base; // libhdf5's part comes first
    haddr_t allocated;
};

OpenFile* own(H5FD_t* file)
{
    return reinterpret_cast<OpenFile*>(file);
}

H5FD_t* open(const char* /*name*/, unsigned flags, hid_t /*properties*/, haddr_t /*most*/)
{
    if ((flags & (H5F_ACC_RDWR | H5F_ACC_TRUNC | H5F_ACC_CREAT)) != 0)
        return nullptr;
    return static_cast<H5FD_t*>(std::calloc(1, sizeof(OpenFile)));
}
herr_t close(H5FD_t* file)
{
    std::free(file);
    return 0;
}
herr_t query(const H5FD_t* /*file*/, unsigned long* flags)
{
    *flags = H5FD_FEAT_DATA_SIEVE | H5FD_FEAT_AGGREGATE_METADATA;
    return 0;
}
haddr_t getAllocated(const H5FD_t* file, H5FD_mem_t /*type*/)
{
    return reinterpret_cast<const OpenFile*>(file)->allocated;
}
herr_t setAllocated(H5FD_t* file, H5FD_mem_t /*type*/, haddr_t address)
{
    own(file)->allocated = address;
    return 0;
}
haddr_t getEnd(const H5FD_t* /*file*/, H5FD_mem_t /*type*/)
{
    return place.size;
}
herr_t read(H5FD_t* /*file*/, H5FD_mem_t /*type*/, hid_t /*properties*/, haddr_t address, size_t size,
            void* buffer)
{
    if (address > place.size || size > place.size - address)
        return -1;
    auto* to = static_cast<char*>(buffer);
    while (size > 0) {
        const ssize_t got = ::pread(place.descriptor, to, size, static_cast<off_t>(place.begin + address));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return -1;
        to += got;
        address += static_cast<haddr_t>(got);
        size -= static_cast<size_t>(got);
    }
    return 0;
}
herr_t write(H5FD_t* /*file*/, H5FD_mem_t /*type*/, hid_t /*properties*/, haddr_t /*address*/,
             size_t /*size*/, const void* /*buffer*/)
{
    return -1;
}

} // namespace

hid_t openDescriptor(int descriptor, std::uint64_t begin, std::uint64_t size)
{
    place = {descriptor, begin, size};
    H5FD_class_t driver = {};
    driver.name = "descriptor";
    driver.maxaddr = static_cast<haddr_t>(INT64_MAX);
    driver.fc_degree = H5F_CLOSE_STRONG;
    driver.open = open;
    driver.close = close;
    driver.query = query;
    driver.get_eoa = getAllocated;
    driver.set_eoa = setAllocated;
    driver.get_eof = getEnd;
    driver.read = read;
    driver.write = write;
    constexpr H5FD_mem_t kKinds[H5FD_MEM_NTYPES] = {H5FD_MEM_SUPER};
    for (int i = 0; i < H5FD_MEM_NTYPES; ++i)
        driver.fl_map[i] = kKinds[0];
    const hid_t id = H5FDregister(&driver);
    const hid_t properties = H5Pcreate(H5P_FILE_ACCESS);
    if (id < 0 || properties < 0 || H5Pset_driver(properties, id, nullptr) < 0)
        return -1;
    return H5Fopen("file", H5F_ACC_RDONLY, properties);
}

} // namespace wr::formats::hdf5
