// SPDX-License-Identifier: GPL-3.0-or-later
// The nodes of one step of an optimizer: its scalars, slots, one Apply a variable, the advance of Adam's
// powers. Lives for one minimize(); the builder's thread. What fails has its diagnostic.
#pragma once

#include "engine/graph/model_builder.h"
#include "engine/graph/optimizer_settings.h"

namespace wr::graph {

class UpdateBuilder {
public:
    /// `dtype`: of the scalars, as the loss has it.
    UpdateBuilder(ModelBuilder& builder, OptimizerSettings& settings, DType dtype);

    bool makeScalars(TrainOp& op);
    void apply(std::size_t variable, NodeId gradient, TrainOp& op);
    /// After all Apply nodes: Adam's powers advance.
    void finish(TrainOp& op);
    void addUpdate(Node node, const std::string& name, const std::string& device, TrainOp& op);
    bool failed() const { return m_failed; }

private:
    NodeId scalar(const std::string& name, double value) { return scalar(name, value, m_dtype); }
    NodeId scalar(const std::string& name, double value, DType dtype);
    /// The scalar for a variable whose type is another than the loss's.
    NodeId inType(NodeId id, DType dtype);
    /// The rate for this variable: times the factor of the first pattern that its name matches.
    NodeId rateOf(const Variable& variable);
    NodeId hyperOf(std::size_t hyper, std::size_t variable);
    NodeId slotOf(std::size_t variable, std::size_t slot);
    std::size_t makeSlot(std::string name, Shape shape, double start, const std::string& of, DType dtype);

    ModelBuilder& m_builder;
    OptimizerSettings& m_settings;
    DType m_dtype;
    NodeId m_learningRate = kNoNode;
    std::vector<NodeId> m_hyper;
    std::vector<NodeId> m_powers;
    std::map<double, NodeId> m_scaledRates; ///< by factor
    bool m_failed = false;
};

} // namespace wr::graph
