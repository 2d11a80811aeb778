// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/torture/child_process.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wr::torture {
namespace {

using Clock = std::chrono::steady_clock;

double secondsUntil(Clock::time_point end)
{
    return std::chrono::duration<double>(end - Clock::now()).count();
}

Clock::time_point after(double seconds)
{
    return Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

} // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& words)
{
    std::vector<char*> arguments;
    for (const std::string& word : words)
        arguments.push_back(const_cast<char*>(word.c_str())); // execvp takes them so
    arguments.push_back(nullptr);
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return;
    m_process = ::fork();
    if (m_process == 0) {
        ::setpgid(0, 0);
        const int nothing = ::open("/dev/null", O_RDWR);
        ::dup2(nothing, STDIN_FILENO);
        ::dup2(ends[1], STDOUT_FILENO);
        ::dup2(nothing, STDERR_FILENO);
        ::execvp(arguments[0], arguments.data());
        constexpr int kNotFound = 127;
        ::_exit(kNotFound);
    }
    ::close(ends[1]);
    m_output = ends[0];
}

ChildProcess::~ChildProcess()
{
    if (!m_code) {
        kill();
        static_cast<void>(wait(10.0));
    }
    if (m_output >= 0)
        ::close(m_output);
}

std::optional<std::string> ChildProcess::line(double seconds)
{
    const Clock::time_point end = after(seconds);
    for (;;) {
        if (const std::size_t found = m_pending.find('\n'); found != std::string::npos) {
            std::string text = m_pending.substr(0, found);
            m_pending.erase(0, found + 1);
            return text;
        }
        pollfd one = {m_output, POLLIN, 0};
        const double left = secondsUntil(end);
        if (left <= 0 || ::poll(&one, 1, static_cast<int>(left * 1e3) + 1) <= 0)
            return {};
        char bytes[4096];
        const ssize_t got = ::read(m_output, bytes, sizeof bytes);
        if (got <= 0)
            return {};
        m_pending.append(bytes, static_cast<std::size_t>(got));
    }
}

void ChildProcess::kill()
{
    if (m_process > 0 && !m_code) {
        ::kill(-m_process, SIGKILL);
        ::kill(m_process, SIGKILL); // it may not have made its group yet
    }
}

std::optional<int> ChildProcess::wait(double seconds)
{
    if (m_code || m_process <= 0)
        return m_code;
    const Clock::time_point end = after(seconds);
    int state = 0;
    bool wasKilled = false;
    while (::waitpid(m_process, &state, WNOHANG) == 0) {
        if (secondsUntil(end) <= 0 && !wasKilled) {
            kill();
            wasKilled = true;
        }
        ::usleep(200);
    }
    constexpr int kSignalled = 128;
    m_code = WIFSIGNALED(state) ? kSignalled + WTERMSIG(state) : WEXITSTATUS(state);
    return wasKilled ? std::nullopt : m_code;
}

bool isInstalled(const std::string& program)
{
    const char* const path = std::getenv("PATH");
    std::string folders = path != nullptr ? path : "/usr/bin:/bin";
    for (std::size_t at = 0; at <= folders.size();) {
        const std::size_t end = std::min(folders.find(':', at), folders.size());
        if (::access((folders.substr(at, end - at) + "/" + program).c_str(), X_OK) == 0)
            return true;
        at = end + 1;
    }
    return false;
}

} // namespace wr::torture
