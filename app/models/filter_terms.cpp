// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/filter_terms.h"

#include "app/models/filter_values.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <optional>
#include <utility>

namespace wr::app {
namespace {

QString say(const char* text)
{
    return QCoreApplication::translate("VariableFilter", text);
}

FilterTerm test(std::function<bool(const VariableRow&, VariableLife)> of)
{
    FilterTerm term;
    term.test = std::move(of);
    return term;
}

FilterTerm wrong(const QString& message)
{
    FilterTerm term = test([](const VariableRow&, VariableLife) { return true; });
    term.problem = message;
    return term;
}

/// "GPU:0" of "/job:ps/task:7/device:GPU:0", "gpu0" and the like, to compare devices as people write them.
QString plainDevice(const QString& text)
{
    QString plain = text.toLower();
    plain.remove(QLatin1String("device:"));
    plain.remove(u'/');
    plain.remove(u':');
    return plain;
}

/// Asks `read(row)`; places of a problem are moved by the key's length.
template <typename T, typename Read>
FilterTerm ask(FilterTest<T> question, int key, Read read)
{
    FilterTerm term = test([question = std::move(question.test), read](const VariableRow& row, VariableLife) {
        return question(read(row));
    });
    term.problem = question.problem;
    if (question.length >= 0) {
        term.begin = key + question.begin;
        term.length = question.length;
    }
    return term;
}

FilterTerm device(const QString& value)
{
    const QString wanted = plainDevice(value);
    const bool isAuto = wanted == QLatin1String("auto") || wanted == QLatin1String("any");
    return test([wanted, isAuto](const VariableRow& row, VariableLife) {
        return isAuto ? row.device.isEmpty() : plainDevice(row.device).contains(wanted);
    });
}

FilterTerm state(const QString& value)
{
    const QString word = value.toLower();
    std::optional<VariableLife> wanted;
    for (const auto& [name, life] :
         {std::pair("uninit", VariableLife::Uninitialized), std::pair("init", VariableLife::Initialized),
          std::pair("restored", VariableLife::Restored), std::pair("trained", VariableLife::Trained)}) {
        if (word == QLatin1String(name) || (word.size() > 4 && word.startsWith(QLatin1String(name))))
            wanted = life;
    }
    if (!wanted)
        return wrong(say("“%1” is no state; uninit, init, restored and trained are").arg(value));
    FilterTerm term = test([wanted](const VariableRow&, VariableLife life) { return life == *wanted; });
    term.asksForState = true;
    return term;
}

FilterTerm condition(const QString& value)
{
    const QString word = value.toLower();
    if (word == QLatin1String("incomplete"))
        return test([](const VariableRow& row, VariableLife) { return row.isIncomplete; });
    if (word == QLatin1String("clashing"))
        return test([](const VariableRow& row, VariableLife) { return row.isClashing; });
    if (word == QLatin1String("readonly"))
        return test([](const VariableRow& row, VariableLife) { return !row.editable; });
    if (word == QLatin1String("slot"))
        return test([](const VariableRow& row, VariableLife) { return !row.slotOf.isEmpty(); });
    return wrong(say("“%1” is not known; incomplete, clashing, readonly and slot are").arg(value));
}

} // namespace

FilterTerm plainTerm(const QString& text)
{
    return test([text](const VariableRow& row, VariableLife) {
        return row.name.contains(text, Qt::CaseInsensitive) ||
               row.initializer.contains(text, Qt::CaseInsensitive) ||
               row.dtype.contains(text, Qt::CaseInsensitive) ||
               row.device.contains(text, Qt::CaseInsensitive) ||
               row.shape.contains(text, Qt::CaseInsensitive);
    });
}

FilterTerm readTerm(const QString& text)
{
    static const QRegularExpression comparison(
        QStringLiteral("^(ndim|bytes|params|parameters)(>=|<=|!=|==|=|>|<|:)(.*)$"),
        QRegularExpression::CaseInsensitiveOption);
    if (const QRegularExpressionMatch match = comparison.match(text); match.hasMatch()) {
        const QString key = match.captured(1).toLower();
        return ask(numberTest(key, match.captured(2), match.captured(3)), 0, [key](const VariableRow& row) {
            return static_cast<double>(key == QLatin1String("ndim")    ? row.dims.size()
                                       : key == QLatin1String("bytes") ? row.bytes
                                                                       : row.parameters);
        });
    }
    const qsizetype colon = text.indexOf(u':');
    if (colon <= 0)
        return plainTerm(text);
    const QString key = text.left(colon).toLower();
    const QString value = text.mid(colon + 1);
    static const QStringList keys{
        QStringLiteral("re"),        QStringLiteral("shape"),  QStringLiteral("dtype"),
        QStringLiteral("dev"),       QStringLiteral("device"), QStringLiteral("state"),
        QStringLiteral("trainable"), QStringLiteral("scope"),  QStringLiteral("is"),
        QStringLiteral("name"),      QStringLiteral("init")};
    static const QRegularExpression word(QStringLiteral("^[a-z]+$"));
    if (!keys.contains(key)) // "cpu:0" and "/job:ps" are text
        return word.match(key).hasMatch() && !value.startsWith(u'/') && key != QLatin1String("cpu") &&
                       key != QLatin1String("gpu") && key != QLatin1String("job") &&
                       key != QLatin1String("task")
                   ? wrong(say("“%1” is no key; those known are shape, ndim, bytes, params, dtype, "
                               "dev, state, trainable, scope, is, name, init and re")
                               .arg(key))
                   : plainTerm(text);
    if (value.isEmpty())
        return wrong(say("“%1:” needs a value").arg(key));
    if (key == QLatin1String("re"))
        return ask(expressionTest(value), 3, [](const VariableRow& row) { return row.name; });
    if (key == QLatin1String("shape"))
        return ask(shapeTest(value), 0, [](const VariableRow& row) { return row.dims; });
    if (key == QLatin1String("dtype"))
        return ask(typeTest(value), 0, [](const VariableRow& row) { return row.dtype; });
    if (key == QLatin1String("dev") || key == QLatin1String("device"))
        return device(value);
    if (key == QLatin1String("state"))
        return state(value);
    if (key == QLatin1String("trainable")) {
        const std::optional<bool> wanted = filterTruth(value);
        if (!wanted)
            return wrong(say("“%1” is neither yes nor no").arg(value));
        return test([wanted](const VariableRow& row, VariableLife) { return row.trainable == *wanted; });
    }
    if (key == QLatin1String("scope"))
        return ask(scopeTest(value), 0, [](const VariableRow& row) { return row.name; });
    if (key == QLatin1String("is"))
        return condition(value);
    const bool isName = key == QLatin1String("name");
    return test([value, isName](const VariableRow& row, VariableLife) {
        return (isName ? row.name : row.initializer).contains(value, Qt::CaseInsensitive);
    });
}

} // namespace wr::app
