// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/damage_map.h"
#include "engine/checkpoint/file_survey.h"
#include "engine/checkpoint/tensor_source.h"

namespace wr::checkpoint {

Result<SalvageReport> salvageFile(Vfs& vfs, const std::string& path, const std::string& out,
                                  const SaveOptions& options, const Progress& progress)
{
    if (path == out)
        return fail(invalidArgument(out + ": what is recovered goes to another file"));
    if (!options.replace && vfs.info(out))
        return fail(alreadyExists(out + ": a file of this name exists"));
    // A third each for looking over the file, trying the tensors, writing them.
    const auto third = [&progress](std::uint64_t part) -> Progress {
        return [&progress, part](std::uint64_t done, std::uint64_t total) {
            return !progress || progress(part * total + done, 3 * total);
        };
    };
    WR_ASSIGN_OR_RETURN(const FileSurvey survey, surveyFile(vfs, path, third(0)));
    if (!survey.reader)
        return fail(dataLoss(path + ": neither its header nor its index can be read (" +
                             survey.headerProblem + "), so names and shapes are lost"));
    const Wr1Reader& reader = *survey.reader;
    const ReaderSource source(reader, {});
    SalvageReport report;
    std::vector<std::size_t> whole;
    std::uint64_t total = 0;
    for (const TensorEntry& entry : reader.tensors())
        total += entry.logicalBytes;
    std::uint64_t done = 0;
    const Progress trying = third(1);
    for (std::size_t i = 0; i < reader.tensors().size(); ++i) {
        const TensorEntry& entry = reader.tensors()[i];
        if (!trying(done, total))
            return fail(cancelled("the recovery was cancelled"));
        done += entry.logicalBytes;
        const Result<Digest> digest = streamedDigest(source, i);
        if (!digest) {
            report.lost.push_back({entry.spec.name, digest.error().message()});
        } else if (entry.digest && *entry.digest != *digest) {
            report.lost.push_back(
                {entry.spec.name, "its values differ from the digest that was saved with them"});
        } else {
            report.recovered.push_back(entry.spec.name);
            whole.push_back(i);
        }
    }
    if (whole.empty())
        return fail(dataLoss(path + ": none of its " + std::to_string(reader.tensors().size()) +
                             " tensors is whole"));
    WR_ASSIGN_OR_RETURN(report.saved, rewriteCheckpoint(vfs, reader, out, options, third(2), whole));
    return report;
}

} // namespace wr::checkpoint
