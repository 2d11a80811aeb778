// SPDX-License-Identifier: GPL-3.0-or-later
// Each system call of a save, by name and occurrence as a trace has them (strace counts by name), killed
// once, and refused with six errors once and from then on.
#include "engine/base/temporary_file.h"
#include "tests/torture/child_process.h"
#include "tests/torture/experiment.h"
#include "tests/torture/folder_ledger.h"
#include "tests/torture/folder_task.h"
#include "tests/torture/real_folder.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <unistd.h>

namespace wr::torture {
namespace {

constexpr const char* kBegin = "/weightroom-torture-begins-here";
constexpr FolderTask::Kind kKinds[] = {FolderTask::Kind::Save, FolderTask::Kind::Replace,
                                       FolderTask::Kind::Delta, FolderTask::Kind::Tidy,
                                       FolderTask::Kind::Small};

struct SystemCall {
    std::string name;
    int occurrence = 0; ///< from 1, by name
};

/// What the worker said and how it ended.
struct Answer {
    Status status;
    bool hasStruck = false;
};

/// Whether nothing can be said to be saved once this was refused. Interrupted writes are repeated.
bool isNeeded(const std::string& injection)
{
    return injection.starts_with("fsync:error") ||
           (injection.starts_with("pwrite64:error") && injection.find("EINTR") == std::string::npos);
}

class Tracing {
public:
    Tracing(const Options& options, FolderTask::Kind kind, Tally& tally)
        : m_options(options), m_kind(kind), m_folder(options.folder + "/run"),
          m_log(options.folder + "/trace"), m_tally(tally), m_task(kind, options.seed, 4000, m_folder)
    {
        m_task.doneElsewhere();
    }

    std::vector<SystemCall> calls()
    {
        run({});
        std::ifstream log(m_log);
        std::map<std::string, int> seen;
        std::vector<SystemCall> calls;
        bool hasBegun = false;
        for (std::string line; std::getline(log, line);) {
            const std::size_t open = line.find('(');
            const std::size_t from = line.find_first_not_of("0123456789 ");
            if (open == std::string::npos || from >= open)
                continue;
            const std::string name = line.substr(from, open - from);
            const int occurrence = ++seen[name];
            if (hasBegun && !name.starts_with("exit"))
                calls.push_back({name, occurrence});
            hasBegun = hasBegun || line.find(kBegin) != std::string::npos;
        }
        return calls;
    }

    /// `inject`: as strace takes it, without the name: "signal=KILL:when=3".
    void attempt(const SystemCall& call, const std::string& fault)
    {
        attempt({call.name + ":" + fault + std::to_string(call.occurrence)});
    }

    void attempt(const std::vector<std::string>& injections)
    {
        const Answer answer = run(injections);
        if (!answer.hasStruck)
            return;
        ModelDisk disk(readFolder(m_folder));
        std::string cause = m_task.complaint(disk, answer.status);
        if (cause.empty() && answer.status.isOk() && isNeeded(injections.front()))
            cause = "it is said to be saved";
        if (cause.empty()) {
            sweepTemporaries(Vfs::posix(), m_folder + "/any");
            for (const auto& [path, bytes] : readFolder(m_folder)) {
                if (isTemporary(path))
                    cause = path + ": left over after the next start";
            }
        }
        std::string all;
        for (const std::string& injection : injections)
            all += " " + injection;
        m_tally.count(cause.empty() ? cause
                                    : std::string(FolderTask::name(m_kind)) + ", strace -f -e inject=…" +
                                          all + ": " + cause);
    }

private:
    Answer run(const std::vector<std::string>& injections)
    {
        fillFolder(m_folder, m_task.before());
        std::vector<std::string> words{"strace", "-f", "-qq", "-o", m_log};
        for (const std::string& injection : injections) {
            words.insert(words.end(), {"-e", "inject=" + injection});
        }
        if (!injections.empty()) {
            std::string names = "trace=";
            for (const std::string& injection : injections)
                names += injection.substr(0, injection.find(':')) + ",";
            names.pop_back();
            words.insert(words.end(), {"-e", names});
        }
        words.insert(words.end(), {m_options.program, "--task", std::to_string(static_cast<int>(m_kind)),
                                   std::to_string(m_options.seed), m_folder});
        ChildProcess worker(words);
        constexpr double kPatience = 60.0;
        Answer answer{unavailable("killed; if it was at the very end, the file is whole and in place")};
        if (const auto line = worker.line(kPatience))
            answer.status = *line == "saved" ? Status() : unavailable(*line);
        const std::optional<int> code = worker.wait(kPatience);
        if (!code)
            m_tally.count(std::string(FolderTask::name(m_kind)) + ": it hangs");
        std::ifstream log(m_log);
        for (std::string line; std::getline(log, line);)
            answer.hasStruck = answer.hasStruck || line.find("(INJECTED)") != std::string::npos ||
                               line.find("killed by SIGKILL") != std::string::npos;
        return answer;
    }

    const Options& m_options;
    FolderTask::Kind m_kind;
    std::string m_folder;
    std::string m_log;
    Tally& m_tally;
    FolderTask m_task;
};

} // namespace

int runTask(const std::string& number, const std::string& seed, const std::string& folder)
{
    FolderTask task(static_cast<FolderTask::Kind>(std::stoi(number)), std::stoull(seed), 4000, folder);
    static_cast<void>(::access(kBegin, F_OK));
    const Status status = task.run(Vfs::posix());
    const std::string answer = (status.isOk() ? "saved" : status.toString()) + "\n";
    static_cast<void>(::write(STDOUT_FILENO, answer.data(), answer.size()) > 0);
    return status.isOk() ? 0 : 1;
}

void syscalls(const Options& options, Tally& tally)
{
    if (!isInstalled("strace"))
        return tally.skip("strace is not installed");
    std::size_t all = 0;
    for (const FolderTask::Kind kind : kKinds) {
        Tracing tracing(options, kind, tally);
        const std::vector<SystemCall> calls = tracing.calls();
        if (calls.empty())
            return tally.skip("nothing can be traced here");
        all += calls.size();
        for (std::size_t i = 0; i < calls.size(); ++i) {
            // The quick form kills at each call of one save, and takes the rest in turn.
            if (options.isFull || kind == FolderTask::Kind::Replace || i % 10 == 0)
                tracing.attempt(calls[i], "signal=KILL:when=");
            constexpr const char* kErrnos[] = {"ENOSPC", "EIO", "EDQUOT", "EINTR", "EACCES", "EROFS"};
            for (std::size_t error = 0; error < std::size(kErrnos); ++error) {
                if (!options.isFull && (i + error) % 30 != 0)
                    continue;
                const SystemCall& call = calls[i];
                const std::string when = std::string("error=") + kErrnos[error] + ":when=";
                tracing.attempt(call, when);
                tracing.attempt({call.name + ":" + when + std::to_string(call.occurrence) + "+"});
            }
        }
        // A file system that cannot rename without replacing: a link and an unlink instead.
        for (const char* const error : {"EINVAL", "ENOSYS"}) {
            const std::string old = std::string("renameat2:error=") + error;
            tracing.attempt(std::vector<std::string>{old});
            tracing.attempt({old, "link:signal=KILL:when=1"});
            tracing.attempt({old, "unlink:signal=KILL:when=1"});
            tracing.attempt({old, "link:error=EIO:when=1"});
        }
    }
    tally.note(std::to_string(all) + " system calls in " + std::to_string(std::size(kKinds)) + " tasks");
}

} // namespace wr::torture
