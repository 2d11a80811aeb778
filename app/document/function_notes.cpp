// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/function_notes.h"

#include <QCoreApplication>
#include <QHash>

namespace wr::app {
namespace {

struct Note {
    const char* function;
    const char* text;
};

constexpr Note kNotes[] = {
    {"tf.Variable", QT_TRANSLATE_NOOP("FunctionNote", "a tensor that keeps its value between steps")},
    {"tf.get_variable", QT_TRANSLATE_NOOP("FunctionNote", "makes or shares the variable of this name")},
    {"tf.placeholder", QT_TRANSLATE_NOOP("FunctionNote", "a value that every step is fed with")},
    {"tf.constant",
     QT_TRANSLATE_NOOP("FunctionNote", "fixed values; a short list is filled up with its last")},
    {"tf.zeros", QT_TRANSLATE_NOOP("FunctionNote", "all 0")},
    {"tf.ones", QT_TRANSLATE_NOOP("FunctionNote", "all 1")},
    {"tf.zeros_like", QT_TRANSLATE_NOOP("FunctionNote", "all 0, in the shape of another tensor")},
    {"tf.ones_like", QT_TRANSLATE_NOOP("FunctionNote", "all 1, in the shape of another tensor")},
    {"tf.fill", QT_TRANSLATE_NOOP("FunctionNote", "one value everywhere")},
    {"tf.random_normal", QT_TRANSLATE_NOOP("FunctionNote", "drawn from a normal distribution")},
    {"tf.truncated_normal",
     QT_TRANSLATE_NOOP("FunctionNote", "normal, drawn again beyond two standard deviations")},
    {"tf.random_uniform", QT_TRANSLATE_NOOP("FunctionNote", "drawn evenly from [minval, maxval)")},
    {"tf.random_shuffle", QT_TRANSLATE_NOOP("FunctionNote", "the rows of a tensor in random order")},
    {"tf.random_gamma", QT_TRANSLATE_NOOP("FunctionNote", "drawn from gamma distributions")},
    {"tf.multinomial", QT_TRANSLATE_NOOP("FunctionNote", "classes drawn by their logits")},
    {"tf.range", QT_TRANSLATE_NOOP("FunctionNote", "numbers from start to limit, in steps of delta")},
    {"tf.linspace", QT_TRANSLATE_NOOP("FunctionNote", "num numbers from start to stop, both included")},
    {"tf.lin_space", QT_TRANSLATE_NOOP("FunctionNote", "num numbers from start to stop, both included")},
    {"tf.eye", QT_TRANSLATE_NOOP("FunctionNote", "1 on the diagonal, 0 elsewhere")},
    {"range", QT_TRANSLATE_NOOP("FunctionNote", "whole numbers to loop over")},
    {"tf.add", QT_TRANSLATE_NOOP("FunctionNote", "x + y, element by element")},
    {"tf.subtract", QT_TRANSLATE_NOOP("FunctionNote", "x − y, element by element")},
    {"tf.multiply", QT_TRANSLATE_NOOP("FunctionNote", "x · y, element by element")},
    {"tf.divide", QT_TRANSLATE_NOOP("FunctionNote", "x / y, element by element")},
    {"tf.pow", QT_TRANSLATE_NOOP("FunctionNote", "x to the power of y")},
    {"tf.maximum", QT_TRANSLATE_NOOP("FunctionNote", "the larger of x and y")},
    {"tf.minimum", QT_TRANSLATE_NOOP("FunctionNote", "the smaller of x and y")},
    {"tf.equal", QT_TRANSLATE_NOOP("FunctionNote", "where x and y are equal")},
    {"tf.matmul", QT_TRANSLATE_NOOP("FunctionNote", "matrix product")},
    {"tf.transpose", QT_TRANSLATE_NOOP("FunctionNote", "exchanges the dimensions")},
    {"tf.reshape", QT_TRANSLATE_NOOP("FunctionNote", "the same values in another shape")},
    {"tf.cast", QT_TRANSLATE_NOOP("FunctionNote", "the same values in another type")},
    {"tf.to_float", QT_TRANSLATE_NOOP("FunctionNote", "as float32")},
    {"tf.identity", QT_TRANSLATE_NOOP("FunctionNote", "the same value under another name")},
    {"tf.square", QT_TRANSLATE_NOOP("FunctionNote", "x · x")},
    {"tf.sqrt", QT_TRANSLATE_NOOP("FunctionNote", "square root")},
    {"tf.exp", QT_TRANSLATE_NOOP("FunctionNote", "e to the power of x")},
    {"tf.log", QT_TRANSLATE_NOOP("FunctionNote", "natural logarithm")},
    {"tf.sigmoid", QT_TRANSLATE_NOOP("FunctionNote", "1 / (1 + exp(−x))")},
    {"tf.tanh", QT_TRANSLATE_NOOP("FunctionNote", "hyperbolic tangent")},
    {"tf.nn.relu", QT_TRANSLATE_NOOP("FunctionNote", "max(x, 0)")},
    {"tf.nn.softplus", QT_TRANSLATE_NOOP("FunctionNote", "log(exp(x) + 1)")},
    {"tf.nn.softmax", QT_TRANSLATE_NOOP("FunctionNote", "probabilities of the last dimension")},
    {"tf.nn.log_softmax", QT_TRANSLATE_NOOP("FunctionNote", "logarithms of the probabilities")},
    {"tf.nn.bias_add", QT_TRANSLATE_NOOP("FunctionNote", "adds a vector to the last dimension")},
    {"tf.nn.softmax_cross_entropy_with_logits",
     QT_TRANSLATE_NOOP("FunctionNote", "loss of each example; labels are probabilities")},
    {"tf.nn.sparse_softmax_cross_entropy_with_logits",
     QT_TRANSLATE_NOOP("FunctionNote", "loss of each example; labels are class numbers")},
    {"tf.reduce_sum", QT_TRANSLATE_NOOP("FunctionNote", "sum over all or some dimensions")},
    {"tf.reduce_mean", QT_TRANSLATE_NOOP("FunctionNote", "mean over all or some dimensions")},
    {"tf.reduce_max", QT_TRANSLATE_NOOP("FunctionNote", "largest over all or some dimensions")},
    {"tf.argmax", QT_TRANSLATE_NOOP("FunctionNote", "place of the largest value")},
    {"tf.device", QT_TRANSLATE_NOOP("FunctionNote", "where the ops of the block run")},
    {"tf.name_scope", QT_TRANSLATE_NOOP("FunctionNote", "puts a prefix before the names of the block")},
    {"tf.variable_scope",
     QT_TRANSLATE_NOOP("FunctionNote", "puts a prefix before the variables of the block")},
    {"tf.initialize_all_variables",
     QT_TRANSLATE_NOOP("FunctionNote", "initialises every variable (old name)")},
    {"tf.global_variables_initializer", QT_TRANSLATE_NOOP("FunctionNote", "initialises every variable")},
    {"tf.initialize_variables",
     QT_TRANSLATE_NOOP("FunctionNote", "initialises the listed variables (old name)")},
    {"tf.variables_initializer", QT_TRANSLATE_NOOP("FunctionNote", "initialises the listed variables")},
    {"tf.Session", QT_TRANSLATE_NOOP("FunctionNote", "a list of actions, run by a button")},
    {"tf.train.Saver", QT_TRANSLATE_NOOP("FunctionNote", "which variables are saved, and under which names")},
    {"tf.train.GradientDescentOptimizer", QT_TRANSLATE_NOOP("FunctionNote", "plain gradient descent")},
    {"tf.train.MomentumOptimizer",
     QT_TRANSLATE_NOOP("FunctionNote", "gradient descent with a moving average of the gradients")},
    {"tf.train.AdamOptimizer", QT_TRANSLATE_NOOP("FunctionNote", "steps scaled by moving averages")},
    {"tf.set_random_seed", QT_TRANSLATE_NOOP("FunctionNote", "the seed that all random ops begin with")},
    {"wr.data.digits", QT_TRANSLATE_NOOP("FunctionNote", "made pictures of digits, 28 × 28")},
    {"wr.data.idx", QT_TRANSLATE_NOOP("FunctionNote", "pictures and labels from IDX files")},
    {"wr.train", QT_TRANSLATE_NOOP("FunctionNote", "how the model is trained when you press Run")},
    {"wr.alias", QT_TRANSLATE_NOOP("FunctionNote", "checkpoints may hold the variable under an old name")},
    {"wr.place", QT_TRANSLATE_NOOP("FunctionNote", "a device for the variables whose names match")},
    {"wr.options", QT_TRANSLATE_NOOP("FunctionNote", "which rules of TensorFlow apply")},
    {"tf.constant_initializer", QT_TRANSLATE_NOOP("FunctionNote", "one value, or a list filled up")},
    {"tf.zeros_initializer", QT_TRANSLATE_NOOP("FunctionNote", "all 0")},
    {"tf.ones_initializer", QT_TRANSLATE_NOOP("FunctionNote", "all 1")},
    {"tf.random_normal_initializer", QT_TRANSLATE_NOOP("FunctionNote", "drawn from a normal distribution")},
    {"tf.truncated_normal_initializer",
     QT_TRANSLATE_NOOP("FunctionNote", "normal, drawn again beyond two standard deviations")},
    {"tf.random_uniform_initializer",
     QT_TRANSLATE_NOOP("FunctionNote", "drawn evenly from [minval, maxval)")},
    {"tf.uniform_unit_scaling_initializer",
     QT_TRANSLATE_NOOP("FunctionNote", "uniform, so that the scale of the input stays")},
    {"tf.variance_scaling_initializer",
     QT_TRANSLATE_NOOP("FunctionNote", "scaled by the number of inputs or outputs")},
    {"tf.glorot_uniform_initializer",
     QT_TRANSLATE_NOOP("FunctionNote", "uniform within √(6 / (fan-in + fan-out))")},
    {"tf.glorot_normal_initializer",
     QT_TRANSLATE_NOOP("FunctionNote", "truncated normal, σ = √(2 / (fan-in + fan-out))")},
    {"tf.orthogonal_initializer", QT_TRANSLATE_NOOP("FunctionNote", "a random orthogonal matrix")},
    {"tf.identity_initializer", QT_TRANSLATE_NOOP("FunctionNote", "1 on the diagonal, 0 elsewhere")},
    {"initialized_value",
     QT_TRANSLATE_NOOP("FunctionNote", "the variable's value, once it has been initialised")},
    {"assign", QT_TRANSLATE_NOOP("FunctionNote", "an op that gives the variable a value")},
    {"assign_add", QT_TRANSLATE_NOOP("FunctionNote", "an op that adds to the variable")},
    {"assign_sub", QT_TRANSLATE_NOOP("FunctionNote", "an op that subtracts from the variable")},
    {"minimize", QT_TRANSLATE_NOOP("FunctionNote", "one step of training for a loss")},
};

} // namespace

QString functionNote(const QString& function)
{
    static const QHash<QString, const char*> notes = [] {
        QHash<QString, const char*> result;
        for (const Note& note : kNotes)
            result.insert(QLatin1String(note.function), note.text);
        return result;
    }();
    const char* note = notes.value(function, nullptr);
    return note == nullptr ? QString() : QCoreApplication::translate("FunctionNote", note);
}

} // namespace wr::app
