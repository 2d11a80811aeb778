// SPDX-License-Identifier: GPL-3.0-or-later
// A runtime and a session made from a script, for tests.
#pragma once

#include "engine/runtime/runtime.h"
#include "engine/script/parser.h"
#include "engine/session/session.h"

#include <QtGlobal>
#include <memory>
#include <string>

namespace wr::session {

inline std::shared_ptr<const graph::Model> modelOf(const std::string& script)
{
    auto model = graph::buildModel(script::parse(script));
    for (const script::Diagnostic& diagnostic : model->diagnostics) {
        if (diagnostic.severity == script::Severity::Error)
            qFatal("line %d: %s", model->tree->position(diagnostic.range.begin).line,
                   diagnostic.message.c_str());
    }
    return model;
}

struct SessionFixture {
    explicit SessionFixture(const std::string& script, runtime::RuntimeOptions options = {},
                            SessionOptions sessionOptions = {})
        : runtime(*runtime::Runtime::create(options)),
          session(*Session::create(modelOf(script), *runtime, sessionOptions))
    {
    }
    std::unique_ptr<runtime::Runtime> runtime;
    std::unique_ptr<Session> session;

    /// The node of this name; an op's own name, as "MatMul" or a name= of the script.
    graph::NodeId node(const std::string& name) const
    {
        const auto& nodes = session->model().graph.nodes();
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            if (nodes[i].name == name)
                return static_cast<graph::NodeId>(i);
        }
        qFatal("there is no node %s", name.c_str());
    }
    std::vector<float> values(const std::string& variable) const
    {
        const Result<Tensor> value = session->value(variable);
        if (!value)
            qFatal("%s", value.error().toString().c_str());
        const auto span = value->values<float>();
        return {span.begin(), span.end()};
    }
};

} // namespace wr::session
