// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/remap/rewrite.h"

#include "engine/remap/recipe_source.h"

#include <algorithm>

namespace wr::remap {

std::string textOf(const std::vector<MappingProblem>& problems, const Mapping& mapping)
{
    constexpr std::size_t kMostTold = 8;
    std::string text;
    for (std::size_t i = 0; i < problems.size() && i < kMostTold; ++i) {
        const MappingProblem& problem = problems[i];
        text += i > 0 ? "; " : "";
        if (!problem.rules.empty() && problem.rules.front() < mapping.rules.size())
            text += placeOf(mapping, problem.rules.front()) + ": ";
        text += (problem.tensor.empty() ? "" : "\"" + problem.tensor + "\": ") + problem.what;
    }
    if (problems.size() > kMostTold)
        text += "; and " + std::to_string(problems.size() - kMostTold) + " more";
    return text;
}

Result<RewriteReport> rewriteMapped(Vfs& vfs, const checkpoint::CheckpointReader& from,
                                    const Mapping& mapping, const std::string& path,
                                    const checkpoint::SaveOptions& options, const Progress& progress)
{
    std::vector<TensorSpec> sources;
    for (const checkpoint::TensorEntry& entry : from.tensors())
        sources.push_back(entry.spec);
    Evaluation evaluation = evaluate(mapping, sources);
    if (!evaluation.problems.empty())
        return fail(StatusCode::InvalidArgument, textOf(evaluation.problems, mapping));
    RewriteReport report;
    report.tensors = evaluation.recipes.size();
    report.renamedOnly =
        static_cast<std::size_t>(std::count_if(evaluation.recipes.begin(), evaluation.recipes.end(),
                                               [](const Recipe& recipe) { return recipe.isCopy(); }));
    for (const std::size_t source : evaluation.dropped)
        report.leftOut.push_back(sources[source].name);
    if (!mapping.keepsOthers) {
        for (const std::size_t source : evaluation.others)
            report.leftOut.push_back(sources[source].name);
    }
    WR_ASSIGN_OR_RETURN(const std::unique_ptr<RecipeSource> source,
                        RecipeSource::of(from, std::move(evaluation.recipes)));
    checkpoint::SaveOptions own = options;
    own.base.reset();
    WR_ASSIGN_OR_RETURN(report.save,
                        checkpoint::saveSource(vfs, path, *source, from.metadata(), own, progress));
    return report;
}

} // namespace wr::remap
