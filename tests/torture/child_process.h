// SPDX-License-Identifier: GPL-3.0-or-later
// A program that is started to be killed: its standard output comes by lines, its errors are dropped. One
// thread.
#pragma once

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace wr::torture {

class ChildProcess {
public:
    /// Starts words[0], searched in PATH, with nothing on its standard input; in a process group of its own.
    explicit ChildProcess(const std::vector<std::string>& words);
    ~ChildProcess(); ///< kills what still runs
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    /// The next whole line, without its end; nothing when the output has ended or `seconds` are over.
    std::optional<std::string> line(double seconds);
    /// Kills the whole group with SIGKILL.
    void kill();
    /// Waits for its end, at most so long: the exit code, 128 + signal, or nothing where it still ran and was
    /// killed.
    std::optional<int> wait(double seconds);

private:
    pid_t m_process = -1;
    int m_output = -1;
    std::string m_pending;
    std::optional<int> m_code;
};

/// Whether a program of this name is found in PATH.
bool isInstalled(const std::string& program);

} // namespace wr::torture
