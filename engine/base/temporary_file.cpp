// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/temporary_file.h"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <random>
#include <unistd.h>

namespace wr {
namespace {

constexpr std::string_view kMark = ".wrtmp-";

/// With the slash at its end; empty for a bare name.
std::string folderOf(const std::string& path)
{
    return path.substr(0, path.rfind('/') + 1);
}

std::string randomWord()
{
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz234567";
    std::random_device random;
    std::string word;
    for (int i = 0; i < 10; ++i)
        word += kLetters[random() % kLetters.size()];
    return word;
}

} // namespace

std::string temporaryPath(const std::string& path)
{
    const std::string folder = folderOf(path);
    // Long names leave no room for the mark within the 255 bytes that file systems allow.
    constexpr std::size_t kMostBytes = 180;
    return folder + "." + path.substr(folder.size(), kMostBytes) + std::string(kMark) +
           std::to_string(::getpid()) + "-" + randomWord();
}

void sweepTemporaries(Vfs& vfs, const std::string& path)
{
    const std::string folder = folderOf(path);
    const Result<std::vector<std::string>> names =
        vfs.list(folder.size() > 1 ? folder.substr(0, folder.size() - 1)
                 : folder.empty()  ? "."
                                   : "/");
    if (!names)
        return;
    for (const std::string& name : *names) {
        const std::size_t mark = name.rfind(kMark);
        if (name.empty() || name[0] != '.' || mark == std::string::npos)
            continue;
        const char* const first = name.data() + mark + kMark.size();
        int process = 0;
        const auto [end, error] = std::from_chars(first, name.data() + name.size(), process);
        if (error != std::errc() || *end != '-' || process <= 1)
            continue;
        if (::kill(process, 0) != 0 && errno == ESRCH)
            static_cast<void>(vfs.remove(folder + name));
    }
}

} // namespace wr
