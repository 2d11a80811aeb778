// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/initial_value.h"

#include "app/document/field_text.h"
#include "app/document/function_notes.h"
#include "app/document/quantity.h"
#include "engine/graph/known_functions.h"
#include "engine/graph/model.h"
#include "engine/script/edit.h"
#include "engine/session/session.h"
#include "engine/tensor/statistics.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

namespace wr::app {
namespace {

QString say(const char* text)
{
    return QCoreApplication::translate("InitialValue", text);
}

using Parameter = InitialValueParameter;

Parameter number(const char* name, const char* value = "", bool isNeeded = false)
{
    return {QLatin1String(name), QLatin1String(value), {}, isNeeded};
}

Parameter choice(const char* name, const QStringList& words)
{
    return {QLatin1String(name), {}, words, false};
}

/// Everything that a version of the script's language may know; what this one does not is left out.
QVector<InitialValueForm> candidates()
{
    QVector<InitialValueForm> forms;
    const auto add = [&forms](const char* function, bool isObject, const QVector<Parameter>& parameters,
                              const char* shapeKeyword = "") {
        InitialValueForm form;
        form.function = QLatin1String(function);
        form.label = functionNote(form.function);
        form.parameters = parameters;
        form.isObject = isObject;
        form.shapeKeyword = QLatin1String(shapeKeyword);
        forms.append(form);
    };
    const QVector<Parameter> normal{number("mean"), number("stddev", "0.1"), number("seed")};
    const QVector<Parameter> uniform{number("minval", "-0.1"), number("maxval", "0.1"), number("seed")};
    const QVector<Parameter> seed{number("seed")};
    add("tf.zeros", false, {});
    add("tf.ones", false, {});
    add("tf.constant", false, {number("value", "0.1", true)}, "shape");
    add("tf.random_normal", false, normal);
    add("tf.truncated_normal", false, normal);
    add("tf.random_uniform", false, uniform);
    add("tf.glorot_uniform_initializer", true, seed);
    add("tf.glorot_normal_initializer", true, seed);
    add("tf.variance_scaling_initializer", true,
        {number("scale", "2.0"),
         choice("mode", {QStringLiteral("fan_in"), QStringLiteral("fan_out"), QStringLiteral("fan_avg")}),
         choice("distribution", {QStringLiteral("normal"), QStringLiteral("truncated_normal"),
                                 QStringLiteral("untruncated_normal"), QStringLiteral("uniform")}),
         number("seed")});
    for (const char* name : {"tf.initializers.he_normal", "tf.initializers.he_uniform",
                             "tf.initializers.lecun_normal", "tf.initializers.lecun_uniform"})
        add(name, true, seed);
    add("tf.uniform_unit_scaling_initializer", true, {number("factor", "1.0"), number("seed")});
    add("tf.orthogonal_initializer", true, {number("gain", "1.0"), number("seed")});
    add("tf.identity_initializer", true, {number("gain", "1.0")});
    add("tf.constant_initializer", true, {number("value", "0.1", true)});
    add("tf.random_normal_initializer", true, normal);
    add("tf.truncated_normal_initializer", true, normal);
    add("tf.random_uniform_initializer", true, uniform);
    add("tf.zeros_initializer", true, {});
    add("tf.ones_initializer", true, {});
    return forms;
}

std::shared_ptr<const graph::Model> modelOf(const std::string& value, const std::string& name)
{
    return graph::buildModel(
        script::parse("v = tf.Variable(" + value + ", name=" + script::quoted(name) + ")\n"));
}

QString firstError(const graph::Model& model)
{
    for (const script::Diagnostic& diagnostic : model.diagnostics) {
        if (diagnostic.severity == script::Severity::Error)
            return QString::fromStdString(diagnostic.message);
    }
    return {};
}

QString shapeLiteral(const QVector<qint64>& dims)
{
    QStringList parts;
    for (const qint64 dim : dims)
        parts += QString::number(dim);
    return u'[' + parts.join(QLatin1String(", ")) + u']';
}

qint64 productOf(const QVector<qint64>& dims)
{
    constexpr qint64 kMost = qint64{1} << 40;
    qint64 product = 1;
    for (const qint64 dim : dims) {
        if (dim > 0 && product > kMost / dim)
            return kMost;
        product *= dim;
    }
    return product;
}

/// Rows are left out until the rest is quickly drawn; the last dimension says most of the fans, and stays.
QVector<qint64> capped(QVector<qint64> dims, qint64 most)
{
    for (qint64& dim : dims) {
        const qint64 rest = std::max<qint64>(1, productOf(dims) / std::max<qint64>(1, dim));
        if (productOf(dims) > most)
            dim = std::clamp<qint64>(most / rest, 1, dim);
    }
    return dims;
}

void countFans(const QVector<qint64>& dims, InitialValueSample& sample)
{
    const qsizetype rank = dims.size();
    if (rank == 0) {
        sample.fanIn = sample.fanOut = 1;
        return;
    }
    if (rank == 1) {
        sample.fanIn = sample.fanOut = dims[0];
        return;
    }
    const qint64 field = productOf(dims.mid(0, rank - 2));
    sample.fanIn = field * dims[rank - 2];
    sample.fanOut = field * dims[rank - 1];
}

/// The parameters of a call as written, by name; false when it has one that the form does not know.
bool readParameters(const script::Tree& tree, const script::Expr& call, InitialValueForm& form)
{
    const std::string name = form.function.toStdString();
    const std::vector<graph::KnownFunction>& known = graph::knownFunctions();
    const auto function = std::find_if(known.begin(), known.end(),
                                       [&](const graph::KnownFunction& each) { return each.name == name; });
    std::size_t place = 0;
    for (Parameter& parameter : form.parameters)
        parameter.value.clear();
    for (const script::Argument& argument : call.arguments) {
        std::string keyword = argument.keyword;
        if (keyword.empty()) {
            if (function == known.end() || place >= function->parameters.size())
                return false;
            keyword = function->parameters[place++];
        }
        if (keyword == "shape" || keyword == "dims" || keyword == "dtype")
            continue;
        const auto found =
            std::find_if(form.parameters.begin(), form.parameters.end(),
                         [&](const Parameter& parameter) { return parameter.name.toStdString() == keyword; });
        if (found == form.parameters.end())
            return false;
        const script::Expr& value = *argument.value;
        found->value = QString::fromStdString(
            value.kind == script::ExprKind::String ? value.text : std::string(tree.slice(value.range)));
    }
    return true;
}

} // namespace

const QVector<InitialValueForm>& initialValueForms()
{
    static const QVector<InitialValueForm> forms = [] {
        QVector<InitialValueForm> made = candidates();
        const auto isUnknown = [](const InitialValueForm& form) {
            const QString text = initialValueText(form, {2, 3}, QStringLiteral("float32"), false);
            return modelOf(text.toStdString(), "v")->hasErrors();
        };
        made.erase(std::remove_if(made.begin(), made.end(), isUnknown), made.end());
        return made;
    }();
    return forms;
}

QString initialValueText(const InitialValueForm& form, const QVector<qint64>& dims, const QString& dtype,
                         bool shapeApart)
{
    QStringList arguments;
    if (!form.isObject && form.shapeKeyword.isEmpty())
        arguments += shapeLiteral(dims);
    bool isFirst = true;
    for (const Parameter& parameter : form.parameters) {
        const QString value = parameter.value.trimmed();
        if (value.isEmpty())
            continue;
        const QString written =
            parameter.words.isEmpty() ? value : QString::fromStdString(script::quoted(value.toStdString()));
        const bool isBare = isFirst && parameter.isNeeded;
        arguments += isBare ? written : parameter.name + u'=' + written;
        isFirst = false;
    }
    if (!form.shapeKeyword.isEmpty())
        arguments += form.shapeKeyword + u'=' + shapeLiteral(dims);
    if (!dtype.isEmpty() && dtype != QLatin1String("float32"))
        arguments += QStringLiteral("dtype=tf.") + dtype;
    const QString call = form.function + u'(' + arguments.join(QLatin1String(", ")) + u')';
    return form.isObject && !shapeApart ? call + u'(' + shapeLiteral(dims) + u')' : call;
}

int formOf(const QString& text, InitialValueForm* form)
{
    const std::shared_ptr<const script::Tree> tree = script::parse(text.trimmed().toStdString());
    if (tree->statements().size() != 1 || !tree->statements()[0].value ||
        tree->statements()[0].value->kind != script::ExprKind::Call)
        return -1;
    for (const script::Diagnostic& diagnostic : tree->diagnostics()) {
        if (diagnostic.severity == script::Severity::Error)
            return -1;
    }
    const script::Expr* call = tree->statements()[0].value.get();
    if (call->children[0]->kind == script::ExprKind::Call)
        call = call->children[0].get();
    const QString function = QString::fromStdString(script::dottedName(*call->children[0]));
    const QVector<InitialValueForm>& forms = initialValueForms();
    for (qsizetype i = 0; i < forms.size(); ++i) {
        if (forms[i].function != function)
            continue;
        InitialValueForm found = forms[i];
        if (!readParameters(*tree, *call, found))
            return -1;
        *form = found;
        return static_cast<int>(i);
    }
    return -1;
}

InitialValueSample drawInitialValue(const QString& text, const QVector<qint64>& dims, const QString& name,
                                    bool shapeApart)
{
    constexpr qint64 kMostElements = 65536;
    constexpr int kBins = 48;
    InitialValueSample sample;
    const Result<std::string> expression = readExpression(text);
    if (!expression) {
        sample.problem = QString::fromStdString(expression.error().message());
        return sample;
    }
    std::string value = *expression;
    if (shapeApart) // an object without its shape
        value += "(" + shapeLiteral(capped(dims, kMostElements)).toStdString() + ")";
    const std::string variableName = name.isEmpty() ? std::string("v") : name.toStdString();
    std::shared_ptr<const graph::Model> model = modelOf(value, variableName);
    const auto isGood = [&] {
        return !model->hasErrors() && model->variables.size() == 1 &&
               model->variables[0].initialValue != graph::kNoNode;
    };
    if (!isGood()) {
        sample.problem = firstError(*model);
        if (sample.problem.isEmpty())
            sample.problem = say("There is nothing to draw yet.");
        return sample;
    }
    QVector<qint64> made;
    for (const std::int64_t dim : model->variables[0].shape.dims())
        made.append(dim);
    countFans(shapeApart ? dims : made, sample);
    const QVector<qint64> few = capped(made, kMostElements);
    sample.isCapped = few != made || (shapeApart && capped(dims, kMostElements) != dims);
    if (few != made) {
        const script::Expr* literal = model->variables[0].source.shape;
        if (literal == nullptr) {
            sample.problem = say("It is too large to be drawn here.");
            return sample;
        }
        // The literal lies inside "v = tf.Variable(", which stays as it is.
        const Result<std::string> shorter =
            script::applyEdits(model->tree->text(), {{literal->range, shapeLiteral(few).toStdString()}});
        model = graph::buildModel(script::parse(shorter ? *shorter : std::string()));
        if (!isGood()) {
            sample.problem = firstError(*model);
            return sample;
        }
    }
    runtime::RuntimeOptions options;
    options.threads = 1; // the training has the others
    const Result<std::unique_ptr<runtime::Runtime>> runtime = runtime::Runtime::create(options);
    if (!runtime) {
        sample.problem = QString::fromStdString(runtime.error().message());
        return sample;
    }
    const Result<std::unique_ptr<session::Session>> session = session::Session::create(model, **runtime);
    Status status = session ? (*session)->initializeAll() : session.error();
    const Result<Tensor> drawn =
        status.isOk() ? (*session)->value(model->variables[0].name) : Result<Tensor>(fail(status));
    if (!drawn) {
        sample.problem = QString::fromStdString(drawn.error().message());
        return sample;
    }
    const Statistics statistics = computeStatistics(*drawn);
    const Histogram histogram = computeHistogram(*drawn, kBins);
    sample.shape = shapeText(drawn->shape());
    sample.count = drawn->shape().elementCount().value_or(0);
    sample.mean = statistics.mean;
    sample.stddev = statistics.stddev;
    sample.min = statistics.min;
    sample.max = statistics.max;
    sample.low = histogram.low;
    sample.high = histogram.high;
    for (const std::uint64_t count : histogram.counts)
        sample.bins.append(static_cast<double>(count));
    return sample;
}

} // namespace wr::app
