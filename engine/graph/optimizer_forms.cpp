// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/optimizer_settings.h"

namespace wr::graph {

using backend::OpCode;

const std::vector<OptimizerForm>& optimizerForms()
{
    static const std::vector<OptimizerForm> kForms{
        {"tf.train.GradientDescentOptimizer",
         OpCode::ApplyGradientDescent,
         "GradientDescent",
         {},
         "rg",
         -1.0,
         {},
         {"learning_rate", "use_locking", "name"}},
        {"tf.train.MomentumOptimizer",
         OpCode::ApplyMomentum,
         "Momentum",
         {"momentum"},
         "0rgh",
         -1.0,
         {{"momentum", 0.0, true, -1e300}},
         {"learning_rate", "momentum", "use_locking", "name", "use_nesterov"}},
        {"tf.train.AdagradOptimizer",
         OpCode::ApplyAdagrad,
         "Adagrad",
         {"accumulator"},
         "0rg",
         -1.0,
         {},
         {"learning_rate", "initial_accumulator_value", "use_locking", "name"}},
        {"tf.train.AdadeltaOptimizer",
         OpCode::ApplyAdadelta,
         "Adadelta",
         {"accum", "accum_update"},
         "01rhhg",
         0.001,
         {{"rho", 0.95}, {"epsilon", 1e-8}},
         {"learning_rate", "rho", "epsilon", "use_locking", "name"}},
        {"tf.train.RMSPropOptimizer",
         OpCode::ApplyRMSProp,
         "RMSProp",
         {"rms", "momentum"},
         "01rhhhg",
         -1.0,
         {{"decay", 0.9}, {"momentum", 0.0}, {"epsilon", 1e-10}},
         {"learning_rate", "decay", "momentum", "epsilon", "use_locking", "centered", "name"}},
        {"tf.train.FtrlOptimizer",
         OpCode::ApplyFtrl,
         "Ftrl",
         {"accum", "linear"},
         "01grhhh",
         -1.0,
         {{"l1_regularization_strength", 0.0},
          {"l2_regularization_strength", 0.0},
          {"learning_rate_power", -0.5, false, -1e300}},
         {"learning_rate", "learning_rate_power", "initial_accumulator_value", "l1_regularization_strength",
          "l2_regularization_strength", "use_locking", "name", "accum_name", "linear_name",
          "l2_shrinkage_regularization_strength"}},
        {"tf.train.AdamOptimizer",
         OpCode::ApplyAdam,
         "Adam",
         {"m", "v"},
         "01pprhhhg",
         0.001,
         {{"beta1", 0.9, false, 0.0, 1.0}, {"beta2", 0.999, false, 0.0, 1.0}, {"epsilon", 1e-8}},
         {"learning_rate", "beta1", "beta2", "epsilon", "use_locking", "name"}},
        {"tf.contrib.opt.AdamWOptimizer",
         OpCode::ApplyAdamW,
         "AdamW",
         {"m", "v"},
         "01pprhhhhg",
         0.001,
         {{"beta1", 0.9, false, 0.0, 1.0},
          {"beta2", 0.999, false, 0.0, 1.0},
          {"epsilon", 1e-8},
          {"weight_decay", 0.0, true}},
         {"weight_decay", "learning_rate", "beta1", "beta2", "epsilon", "use_locking", "name"}}};
    return kForms;
}

const OptimizerForm* optimizerForm(std::string_view function)
{
    for (const OptimizerForm& form : optimizerForms()) {
        if (form.function == function)
            return &form;
    }
    return nullptr;
}

const OptimizerForm& centeredForm()
{
    static const OptimizerForm kForm = [] {
        OptimizerForm form = *optimizerForm("tf.train.RMSPropOptimizer");
        form.op = OpCode::ApplyCenteredRMSProp;
        form.slotKinds = {"rms", "mg", "momentum"};
        form.inputs = "102rhhhg";
        return form;
    }();
    return kForm;
}

const OptimizerForm& shrinkingForm()
{
    static const OptimizerForm kForm = [] {
        OptimizerForm form = *optimizerForm("tf.train.FtrlOptimizer");
        form.op = OpCode::ApplyFtrlV2;
        form.inputs = "01grhhhh";
        form.hyper.insert(form.hyper.begin() + 2, {"l2_shrinkage_regularization_strength", 0.0});
        return form;
    }();
    return kForm;
}

} // namespace wr::graph
