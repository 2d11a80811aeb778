// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/processor.h"

#include "engine/base/vfs.h"
#include "engine/runtime/runtime.h"

#include <algorithm>
#include <charconv>
#include <sched.h>
#include <unistd.h>

namespace wr::runtime {
namespace {

/// A small file of the kernel, whose stated size is 0; empty when it cannot be read.
std::string readSmall(const std::string& path)
{
    Result<std::unique_ptr<File>> file = Vfs::posix().open(path, OpenMode::Read);
    if (!file)
        return {};
    std::string text(16384, '\0');
    const Result<std::size_t> length = (*file)->read(0, std::as_writable_bytes(std::span(text)));
    text.resize(length ? *length : 0);
    return text;
}

/// The processor time that a container may use, in whole processors, or 0 when it is not limited.
int quota()
{
    const std::string text = readSmall("/sys/fs/cgroup/cpu.max");
    std::int64_t allowed = 0;
    std::int64_t period = 0;
    const char* const end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, allowed);
    if (first.ec != std::errc{} || first.ptr == end ||
        std::from_chars(first.ptr + 1, end, period).ec != std::errc{} || period <= 0)
        return 0;
    return static_cast<int>(std::clamp<std::int64_t>((allowed + period - 1) / period, 1, 4096));
}

} // namespace

std::string processorName()
{
    const std::string text = readSmall("/proc/cpuinfo");
    const std::size_t key = text.find("model name");
    const std::size_t colon = text.find(':', key == std::string::npos ? text.size() : key);
    if (key == std::string::npos || colon == std::string::npos)
        return "CPU";
    const std::size_t begin = text.find_first_not_of(" \t", colon + 1);
    return text.substr(begin, text.find('\n', begin) - begin);
}

std::uint64_t physicalMemoryBytes()
{
    const long pages = sysconf(_SC_PHYS_PAGES);
    const long size = sysconf(_SC_PAGE_SIZE);
    return pages > 0 && size > 0 ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size) : 0;
}

std::string missingFeatures(std::string_view variant)
{
    std::string missing;
#if defined(__x86_64__)
    const auto need = [&missing](bool isThere, const char* name) {
        if (!isThere)
            missing += (missing.empty() ? "" : " ") + std::string(name);
    };
    if (variant == "avx2" || variant == "avx512") {
        need(__builtin_cpu_supports("fma") != 0, "fma");
        need(__builtin_cpu_supports("f16c") != 0, "f16c");
        need(__builtin_cpu_supports("avx2") != 0, "avx2");
    }
    if (variant == "avx512") {
        need(__builtin_cpu_supports("avx512f") != 0, "avx512f");
        need(__builtin_cpu_supports("avx512dq") != 0, "avx512dq");
        need(__builtin_cpu_supports("avx512bw") != 0, "avx512bw");
        need(__builtin_cpu_supports("avx512vl") != 0, "avx512vl");
    }
#else
    static_cast<void>(variant);
#endif
    return missing;
}

int usableThreads()
{
    cpu_set_t set;
    CPU_ZERO(&set);
    const int affine = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
    const int limit = quota();
    return std::max(1, limit > 0 ? std::min(affine, limit) : affine);
}

} // namespace wr::runtime
