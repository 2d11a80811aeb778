// SPDX-License-Identifier: GPL-3.0-or-later
// A file system that fails, or lies, at one call or from one call on. Passes everything else on to another.
// One thread.
#pragma once

#include "engine/base/vfs.h"

namespace wr::torture {

enum class Fault {
    Error,      ///< the call is refused and does nothing
    ErrorHalf,  ///< a write or a sync is refused after half of it was done
    ShortWrite, ///< half of it is written, and all of it reported
    NoWrite,    ///< nothing is written, and all of it reported
    OtherBytes, ///< one bit of what is written is another one
    OtherPlace, ///< what is written goes to the beginning of the file
    ShortRead,  ///< a read ends early
    OtherRead,  ///< one bit of what is read is another one
};
inline constexpr Fault kFaults[] = {Fault::Error,     Fault::ErrorHalf,  Fault::ShortWrite,
                                    Fault::NoWrite,   Fault::OtherBytes, Fault::OtherPlace,
                                    Fault::ShortRead, Fault::OtherRead};
inline constexpr int kErrors = 6;
const char* errorName(int error); ///< of [0, kErrors): "ENOSPC", …
std::string faultName(Fault fault, int error);

struct FaultPlan {
    Fault fault = Fault::Error;
    int error = 0;          ///< in [0, kErrors)
    std::uint64_t call = 0; ///< from 0; of all calls
    enum class Mode {
        Once,
        ForFile,
        ForEver
    } mode = Mode::Once; ///< ForFile: that file or folder from then on
};

class FaultyDisk final : public Vfs {
public:
    /// Without a plan it only counts.
    explicit FaultyDisk(Vfs& disk) : m_disk(disk), m_isHealthy(true) {}
    FaultyDisk(Vfs& disk, const FaultPlan& plan) : m_disk(disk), m_plan(plan) {}

    std::uint64_t calls() const { return m_calls; }
    bool hasStruck() const { return m_hasStruck; }
    const std::string& struck() const { return m_struck; } ///< the name of the first call that was harmed

    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
    Status renameNoReplace(const std::string& from, const std::string& to) override;
    Status renameReplace(const std::string& from, const std::string& to) override;
    Status remove(const std::string& path) override;
    Status syncDirectory(const std::string& directory) override;
    Status makeDirectories(const std::string& directory) override;
    Result<FileInfo> info(const std::string& path) override;
    Result<std::vector<std::string>> list(const std::string& directory) override;
    Result<std::uint64_t> freeSpace(const std::string& directory) override;

private:
    class OpenFile;
    enum class Kind { Read, Write, Other };
    /// Counts a call; whether it is one that is to be harmed.
    bool strikes(Kind kind, const char* name, const std::string& path);
    Status error(const std::string& path, const char* what) const;

    Vfs& m_disk;
    FaultPlan m_plan;
    bool m_isHealthy = false;
    std::uint64_t m_calls = 0;
    bool m_hasStruck = false;
    std::string m_struck;
    std::string m_path; ///< of that call
};

} // namespace wr::torture
