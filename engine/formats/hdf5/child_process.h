// SPDX-License-Identifier: GPL-3.0-or-later
// The confined reader of HDF5, a process of its own: started for one file, asked over a socket, killed when
// it takes too long or is no longer needed. Owned by one reader; one thread at a time.
#pragma once

#include "engine/base/status.h"

#include <cstdint>
#include <span>
#include <string>

namespace wr::formats {

class Hdf5Process {
public:
    /// `descriptor`: the open file, in which [begin, begin + size) is read. Unimplemented when the program is
    /// not installed.
    static Result<Hdf5Process> start(int descriptor, std::uint64_t begin, std::uint64_t size);
    /// Of all processes; for tests. 20 seconds otherwise.
    static void setLongestSilence(int milliseconds);
    ~Hdf5Process();
    Hdf5Process(Hdf5Process&& other) noexcept;
    Hdf5Process& operator=(Hdf5Process&&) = delete;
    Hdf5Process(const Hdf5Process&) = delete;
    Hdf5Process& operator=(const Hdf5Process&) = delete;

    Status send(std::span<const std::byte> bytes);
    /// All of `into`. DataLoss when the process ended or fell silent: only a damaged file makes it.
    Status receive(std::span<std::byte> into);
    Result<std::string> receiveText();

private:
    Hdf5Process(int socket, int process) : m_socket(socket), m_process(process) {}
    void end();
    int m_socket;
    int m_process;
};

} // namespace wr::formats
