// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/hdf5/child_process.h"

#include "engine/formats/hdf5/child_messages.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace wr::formats {
namespace {

std::atomic<int> longestSilence{20'000}; // milliseconds

/// Beside this program, or where an installation and a build keep it.
std::string programPath()
{
    if (const char* const named = std::getenv("WEIGHTROOM_HDF5_READER"); named != nullptr)
        return named;
    std::array<char, 4096> self{};
    const ssize_t size = ::readlink("/proc/self/exe", self.data(), self.size());
    if (size <= 0)
        return {};
    std::string folder(self.data(), static_cast<std::size_t>(size));
    folder.resize(folder.rfind('/') + 1);
    for (const char* const place :
         {"weightroom-hdf5", "../libexec/weightroom-hdf5", "../bin/weightroom-hdf5"}) {
        if (::access((folder + place).c_str(), X_OK) == 0)
            return folder + place;
    }
    return {};
}

} // namespace

Result<Hdf5Process> Hdf5Process::start(int descriptor, std::uint64_t begin, std::uint64_t size)
{
    const std::string program = programPath();
    if (descriptor == hdf5::kSocketDescriptor)
        return fail(StatusCode::Internal, "the file is where the reader of HDF5 has its socket");
    if (program.empty())
        return fail(StatusCode::Unimplemented,
                    "an HDF5 file; the program weightroom-hdf5, which reads them, is not installed");
    std::array<int, 2> sockets{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0)
        return fail(StatusCode::ResourceExhausted, "no socket for the reader of HDF5");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, sockets[1], hdf5::kSocketDescriptor);
    posix_spawn_file_actions_adddup2(&actions, descriptor, hdf5::kFileDescriptor);
    std::string first = std::to_string(begin);
    std::string second = std::to_string(size);
    std::string name = "weightroom-hdf5";
    std::array<char*, 4> arguments = {name.data(), first.data(), second.data(), nullptr};
    std::array<char*, 1> environment = {nullptr};
    pid_t process = -1;
    const int error =
        posix_spawn(&process, program.c_str(), &actions, nullptr, arguments.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    ::close(sockets[1]);
    if (error != 0) {
        ::close(sockets[0]);
        return fail(StatusCode::Unavailable, program + ": the reader of HDF5 cannot be started");
    }
    return Hdf5Process(sockets[0], process);
}

void Hdf5Process::setLongestSilence(int milliseconds)
{
    longestSilence = milliseconds;
}

Hdf5Process::Hdf5Process(Hdf5Process&& other) noexcept
    : m_socket(std::exchange(other.m_socket, -1)), m_process(std::exchange(other.m_process, -1))
{
}

Hdf5Process::~Hdf5Process()
{
    end();
}

void Hdf5Process::end()
{
    if (m_socket >= 0)
        ::close(std::exchange(m_socket, -1));
    if (m_process > 0) {
        ::kill(m_process, SIGKILL);
        while (::waitpid(m_process, nullptr, 0) < 0 && errno == EINTR) {
        }
        m_process = -1;
    }
}

Status Hdf5Process::send(std::span<const std::byte> bytes)
{
    while (!bytes.empty() && m_socket >= 0) {
        const ssize_t sent = ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            end();
        else
            bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
    return bytes.empty() ? Status() : dataLoss("the reader of HDF5 ended; the file is damaged");
}

Status Hdf5Process::receive(std::span<std::byte> into)
{
    while (!into.empty()) {
        if (m_socket < 0)
            return dataLoss("the reader of HDF5 ended; the file is damaged");
        pollfd waiting = {m_socket, POLLIN, 0};
        const int ready = ::poll(&waiting, 1, longestSilence);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready == 0) {
            end();
            return dataLoss("the reader of HDF5 fell silent and was stopped; the file is damaged");
        }
        const ssize_t got = ::recv(m_socket, into.data(), into.size(), 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            end();
        else
            into = into.subspan(static_cast<std::size_t>(got));
    }
    return {};
}

Result<std::string> Hdf5Process::receiveText()
{
    std::uint32_t size = 0;
    WR_RETURN_IF_ERROR(receive(std::as_writable_bytes(std::span(&size, 1))));
    if (size > hdf5::kLongestText)
        return fail(StatusCode::DataLoss, "the reader of HDF5 makes no sense; the file is damaged");
    std::string text(size, '\0');
    WR_RETURN_IF_ERROR(receive(std::as_writable_bytes(std::span(text))));
    return text;
}

} // namespace wr::formats
