// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/torture/real_folder.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace wr::torture {

void fillFolder(const std::string& folder, const Disk& files)
{
    std::filesystem::create_directories(folder);
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        std::filesystem::remove_all(entry.path());
    for (const auto& [path, bytes] : files) {
        std::ofstream file(path, std::ios::binary);
        file.write(reinterpret_cast<const char*>(bytes->data()), static_cast<std::streamsize>(bytes->size()));
        if (!file.flush()) {
            std::fprintf(stderr, "%s cannot be written\n", path.c_str());
            std::exit(1);
        }
    }
}

Disk readFolder(const std::string& folder)
{
    Disk disk;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (!entry.is_regular_file())
            continue;
        std::ifstream file(entry.path(), std::ios::binary);
        auto bytes = std::make_shared<Bytes>(entry.file_size());
        file.read(reinterpret_cast<char*>(bytes->data()), static_cast<std::streamsize>(bytes->size()));
        disk[entry.path().string()] = std::move(bytes);
    }
    return disk;
}

} // namespace wr::torture
