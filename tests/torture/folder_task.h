// SPDX-License-Identifier: GPL-3.0-or-later
// One thing done to a prepared folder of checkpoints, and the judgement whether folder and answer agree: a
// success is a whole file with the right values, a failure has changed nothing. For experiments that harm the
// file system in between. One thread.
#pragma once

#include "engine/tensor/tensor.h"
#include "tests/torture/experiment.h"
#include "tests/torture/model_disk.h"

namespace wr::torture {

class FolderTask {
public:
    enum class Kind { Save, Replace, Delta, Rewrite, Salvage, Tidy, Small };
    static constexpr Kind kKinds[] = {Kind::Save,    Kind::Replace, Kind::Delta, Kind::Rewrite,
                                      Kind::Salvage, Kind::Tidy,    Kind::Small};
    static const char* name(Kind kind);

    /// Prepares the folder: a keyframe, a difference to it, a plain file and a damaged one. `bytes`: about
    /// the size of each.
    FolderTask(Kind kind, std::uint64_t seed, std::uint64_t bytes = 4000, std::string folder = "/run");

    const Disk& before() const { return m_before; }
    const std::string& folder() const { return m_folder; }
    /// Does it. `vfs` is what the engine sees of the disk.
    Status run(Vfs& vfs);
    /// Why the answer of the last run() and the disk do not go together; empty when they do.
    std::string complaint(ModelDisk& disk, const Status& answer) const;
    /// Another process did it, and one does not know what it took for needed and what it removed.
    void doneElsewhere();

private:
    std::string judgeTarget(ModelDisk& disk, const Status& answer) const;
    std::string judgeRemoval(ModelDisk& disk) const;

    std::string at(const char* name) const { return m_folder + "/" + name; }

    Kind m_kind;
    std::string m_folder;
    Disk m_before;
    std::string m_target;
    std::vector<NamedTensor> m_first;  ///< of the keyframe
    std::vector<NamedTensor> m_values; ///< that the target is to hold
    std::vector<std::string> m_removed;
    std::vector<std::string> m_unneeded;
    std::vector<std::string> m_recovered;
};

} // namespace wr::torture
