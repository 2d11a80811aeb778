// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/hdf5/child/confinement.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

namespace wr::formats::hdf5 {
namespace {

#if defined(__x86_64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "the confined reader of HDF5 needs the number of this architecture"
#endif

// Descriptors that are open already, memory, time, and the end: nothing that names a file or a process.
constexpr std::array kAllowed = {
    __NR_read,      __NR_pread64,      __NR_write,          __NR_close,         __NR_lseek,
    __NR_fstat,     __NR_mmap,         __NR_munmap,         __NR_mremap,        __NR_mprotect,
    __NR_madvise,   __NR_brk,          __NR_futex,          __NR_clock_gettime, __NR_gettimeofday,
    __NR_getrandom, __NR_rt_sigaction, __NR_rt_sigprocmask, __NR_rt_sigreturn,  __NR_sigaltstack,
    __NR_exit,      __NR_exit_group,   __NR_sched_yield,    __NR_getpid,        __NR_gettid,
};

// Sanitizers reserve far more memory than they use.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMayLimitMemory = false;
#elif defined(__has_feature)
constexpr bool kMayLimitMemory = !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer);
#else
constexpr bool kMayLimitMemory = true;
#endif

bool limit(__rlimit_resource what, rlim_t most)
{
    const rlimit value = {most, most};
    return setrlimit(what, &value) == 0;
}

bool filterCalls()
{
    constexpr std::size_t kBefore = 4;
    std::array<sock_filter, kBefore + kAllowed.size() + 2> program{};
    std::size_t at = 0;
    const auto add = [&](unsigned code, unsigned k, unsigned yes = 0, unsigned no = 0) {
        program[at++] = {static_cast<unsigned short>(code), static_cast<unsigned char>(yes),
                         static_cast<unsigned char>(no), k};
    };
    add(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch));
    add(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0);
    add(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    add(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr));
    for (std::size_t i = 0; i < kAllowed.size(); ++i) // to the last instruction, over the refusal
        add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(kAllowed[i]),
            static_cast<unsigned>(kAllowed.size() - i), 0);
    add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    const sock_fprog filter = {static_cast<unsigned short>(at), program.data()};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}

} // namespace

bool confine()
{
    constexpr rlim_t kMemory = rlim_t{1} << 30U;
    if (kMayLimitMemory && !limit(RLIMIT_AS, kMemory))
        return false;
    constexpr rlim_t kSeconds = 600; // of the processor
    return limit(RLIMIT_CPU, kSeconds) && limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_CORE, 0) &&
           limit(RLIMIT_NPROC, 0) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && filterCalls();
}

} // namespace wr::formats::hdf5
