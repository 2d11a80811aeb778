// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/parsed_script.h"

#include "app/document/model_rows.h"
#include "app/document/script_walk.h"
#include "app/jobs/job_tracker.h"

namespace wr::app {

std::shared_ptr<const ParsedScript> parseScript(const QString& text)
{
    const auto parsed = JobTracker::endingElsewhere(std::make_shared<ParsedScript>());
    parsed->map = TextMap(text);
    parsed->model = JobTracker::endingElsewhere(graph::buildModel(script::parse(parsed->map.utf8())));
    parsed->rows = variableRows(*parsed->model, parsed->map);
    parsed->problems = modelProblems(*parsed->model, parsed->map);
    visitBindings(parsed->model->tree->statements(),
                  [&](const script::Expr& name) { parsed->names.insert(QString::fromStdString(name.text)); });
    return parsed;
}

} // namespace wr::app
