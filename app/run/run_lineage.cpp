// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/run_lineage.h"

#include "engine/checkpoint/facts.h"

#include <QUuid>

namespace wr::app {

RunLineage RunLineage::fresh()
{
    return {QUuid::createUuid().toString(QUuid::WithoutBraces).toStdString(), {}, {}};
}

RunLineage RunLineage::of(const checkpoint::CheckpointReader& reader, bool continues)
{
    RunLineage lineage = fresh();
    const checkpoint::Facts facts = checkpoint::factsOf(reader.metadata());
    if (continues && !facts.runId.empty())
        lineage.runId = facts.runId;
    lineage.parent = reader.path();
    lineage.parentUuid = reader.uuid();
    return lineage;
}

} // namespace wr::app
