// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/script_functions.h"

#include "app/document/script_completion.h"
#include "engine/graph/known_functions.h"

#include <QSet>

namespace wr::app {

const QHash<QString, ScriptFunction>& scriptFunctions()
{
    static const QHash<QString, ScriptFunction> table = [] {
        QHash<QString, ScriptFunction> result;
        const auto add = [&result](const QString& name, const QStringList& parameters) {
            result.insert(name, {name, parameters});
        };
        for (const graph::KnownFunction& known : graph::knownFunctions()) {
            QStringList parameters;
            for (const std::string_view parameter : known.parameters)
                parameters += QString::fromUtf8(parameter.data(), static_cast<qsizetype>(parameter.size()));
            add(QString::fromUtf8(known.name.data(), static_cast<qsizetype>(known.name.size())), parameters);
        }
        const QStringList assignment{QStringLiteral("value"), QStringLiteral("use_locking"),
                                     QStringLiteral("name")};
        add(QStringLiteral(".assign"), assignment);
        add(QStringLiteral(".assign_add"), assignment);
        add(QStringLiteral(".assign_sub"), assignment);
        add(QStringLiteral(".initialized_value"), {});
        const QString step = QStringLiteral("global_step");
        const QString variables = QStringLiteral("var_list");
        add(QStringLiteral(".minimize"), {QStringLiteral("loss"), step, variables, QStringLiteral("name")});
        add(QStringLiteral(".compute_gradients"), {QStringLiteral("loss"), variables});
        add(QStringLiteral(".apply_gradients"),
            {QStringLiteral("grads_and_vars"), step, QStringLiteral("name")});
        add(QStringLiteral(".get_slot"), {QStringLiteral("var"), QStringLiteral("name")});
        add(QStringLiteral(".apply"), {variables});
        add(QStringLiteral(".average"), {QStringLiteral("var")});
        add(QStringLiteral(".average_name"), {QStringLiteral("var")});
        add(QStringLiteral(".variables_to_restore"), {QStringLiteral("moving_avg_variables")});
        return result;
    }();
    return table;
}

QStringList scriptTypes()
{
    return {QStringLiteral("tf.float32"), QStringLiteral("tf.float64"), QStringLiteral("tf.int32"),
            QStringLiteral("tf.int64"),   QStringLiteral("tf.uint8"),   QStringLiteral("tf.bool")};
}

bool isKnownName(const QString& name)
{
    static const QSet<QString> known = [] {
        QSet<QString> names{QStringLiteral("tf"), QStringLiteral("wr"), QStringLiteral("print")};
        for (const QString& type : scriptTypes())
            names.insert(type);
        for (const ScriptFunction& function : scriptFunctions()) {
            names.insert(function.name);
            for (qsizetype dot = function.name.lastIndexOf(u'.'); dot > 0;
                 dot = function.name.lastIndexOf(u'.', dot - 1))
                names.insert(function.name.left(dot));
        }
        return names;
    }();
    return known.contains(name);
}

} // namespace wr::app
