// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/filter_terms.h"

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

std::optional<bool> truth(const QString& text)
{
    const QString word = text.toLower();
    if (word == QLatin1String("yes") || word == QLatin1String("true") || word == QLatin1String("1"))
        return true;
    if (word == QLatin1String("no") || word == QLatin1String("false") || word == QLatin1String("0"))
        return false;
    return {};
}

/// "1M", "1.5k", "2GiB", "784".
std::optional<double> amount(const QString& text)
{
    static const QRegularExpression form(QStringLiteral("^([0-9]+(?:\\.[0-9]+)?)\\s*([kKMGT]?)(i?)[bB]?$"));
    const QRegularExpressionMatch match = form.match(text);
    if (!match.hasMatch())
        return {};
    const double step = match.captured(3).isEmpty() ? 1000.0 : 1024.0;
    double scale = 1.0;
    const QString unit = match.captured(2).toUpper();
    for (qsizetype i = unit.isEmpty() ? 0 : QStringLiteral("KMGT").indexOf(unit) + 1; i > 0; --i)
        scale *= step;
    return match.captured(1).toDouble() * scale;
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

/// "layer*" with "*" and "?" as in file names; the rest stands for itself.
QRegularExpression wildcard(const QString& pattern)
{
    QString expression = QRegularExpression::escape(pattern);
    expression.replace(QLatin1String("\\*"), QLatin1String(".*"));
    expression.replace(QLatin1String("\\?"), QLatin1String("."));
    return QRegularExpression(QRegularExpression::anchoredPattern(expression),
                              QRegularExpression::CaseInsensitiveOption);
}

FilterTerm compare(const QString& key, const QString& op, const QString& value)
{
    const std::optional<double> limit = amount(value);
    if (!limit)
        return wrong(value.isEmpty() ? say("a number is missing after “%1%2”").arg(key, op)
                                     : say("“%1” is no number; 1000, 1.5k and 2M are").arg(value));
    return test([key, op, limit](const VariableRow& row, VariableLife) {
        const auto number = static_cast<double>(key == QLatin1String("ndim")    ? row.dims.size()
                                                : key == QLatin1String("bytes") ? row.bytes
                                                                                : row.parameters);
        if (op == QLatin1String(">="))
            return number >= *limit;
        if (op == QLatin1String("<="))
            return number <= *limit;
        if (op == QLatin1String(">"))
            return number > *limit;
        if (op == QLatin1String("<"))
            return number < *limit;
        return (number == *limit) != (op == QLatin1String("!="));
    });
}

FilterTerm expression(const QString& value)
{
    const QRegularExpression pattern(value, QRegularExpression::CaseInsensitiveOption);
    if (!pattern.isValid()) {
        FilterTerm term = wrong(say("the pattern is wrong here: %1").arg(pattern.errorString()));
        term.begin = 3 + static_cast<int>(pattern.patternErrorOffset());
        term.length = 1;
        return term;
    }
    pattern.optimize();
    return test(
        [pattern](const VariableRow& row, VariableLife) { return pattern.match(row.name).hasMatch(); });
}

FilterTerm shape(const QString& value)
{
    static const QRegularExpression rank(QStringLiteral("^([0-9]{1,2})[dD]$"));
    if (const QRegularExpressionMatch match = rank.match(value); match.hasMatch()) {
        const qsizetype wanted = match.captured(1).toInt();
        return test([wanted](const VariableRow& row, VariableLife) { return row.dims.size() == wanted; });
    }
    if (value.compare(QLatin1String("scalar"), Qt::CaseInsensitive) == 0)
        return test([](const VariableRow& row, VariableLife) { return row.dims.isEmpty(); });
    QString body = value;
    if ((body.startsWith(u'[') && body.endsWith(u']')) || (body.startsWith(u'(') && body.endsWith(u')')))
        body = body.mid(1, body.size() - 2);
    static const QRegularExpression separator(QStringLiteral("\\s*[,x×X]\\s*"));
    QVector<qint64> wanted; // -1: any size
    bool isOpen = false;    // "…": any number of further dimensions
    for (const QString& part : body.trimmed().split(separator)) {
        bool isNumber = false;
        const qint64 size = part.toLongLong(&isNumber);
        if (part == QLatin1String("...") || part == QLatin1String("…"))
            isOpen = true;
        else if (part == QLatin1String("*") || part == QLatin1String("?"))
            wanted.append(-1);
        else if (isNumber && size >= 0 && !isOpen)
            wanted.append(size);
        else if (!body.trimmed().isEmpty())
            return wrong(say("“%1” is no shape; [784, 200], [*, 200], 2d and scalar are").arg(value));
    }
    return test([wanted, isOpen](const VariableRow& row, VariableLife) {
        if (isOpen ? row.dims.size() < wanted.size() : row.dims.size() != wanted.size())
            return false;
        for (qsizetype i = 0; i < wanted.size(); ++i) {
            if (wanted[i] >= 0 && wanted[i] != row.dims[i])
                return false;
        }
        return true;
    });
}

FilterTerm type(const QString& value)
{
    static const QRegularExpression brief(QStringLiteral("^([fiub])(8|16|32|64)$"));
    QString name = value.toLower();
    if (name.startsWith(QLatin1String("tf.")))
        name.remove(0, 3);
    if (const QRegularExpressionMatch match = brief.match(name); match.hasMatch()) {
        const QString letter = match.captured(1);
        name = (letter == QLatin1String("f")   ? QStringLiteral("float")
                : letter == QLatin1String("i") ? QStringLiteral("int")
                : letter == QLatin1String("u") ? QStringLiteral("uint")
                                               : QStringLiteral("bfloat")) +
               match.captured(2);
    }
    static const QRegularExpression known(
        QStringLiteral("^(bfloat16|float|half|double|u?int|bool|string|complex|float(16|32|64)|u?int(8|16|"
                       "32|64)|complex(64|128))$"));
    if (!known.match(name).hasMatch())
        return wrong(say("“%1” is no type; float32, f32 and int64 are").arg(value));
    return test([name](const VariableRow& row, VariableLife) { return row.dtype.startsWith(name); });
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

FilterTerm scope(const QString& value)
{
    QString prefix = value;
    while (prefix.endsWith(u'/'))
        prefix.chop(1);
    const QRegularExpression pattern = wildcard(prefix + QLatin1String("/*"));
    return test(
        [pattern](const VariableRow& row, VariableLife) { return pattern.match(row.name).hasMatch(); });
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
    if (const QRegularExpressionMatch match = comparison.match(text); match.hasMatch())
        return compare(match.captured(1).toLower(), match.captured(2), match.captured(3));
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
        return expression(value);
    if (key == QLatin1String("shape"))
        return shape(value);
    if (key == QLatin1String("dtype"))
        return type(value);
    if (key == QLatin1String("dev") || key == QLatin1String("device"))
        return device(value);
    if (key == QLatin1String("state"))
        return state(value);
    if (key == QLatin1String("trainable")) {
        const std::optional<bool> wanted = truth(value);
        if (!wanted)
            return wrong(say("“%1” is neither yes nor no").arg(value));
        return test([wanted](const VariableRow& row, VariableLife) { return row.trainable == *wanted; });
    }
    if (key == QLatin1String("scope"))
        return scope(value);
    if (key == QLatin1String("is"))
        return condition(value);
    const bool isName = key == QLatin1String("name");
    return test([value, isName](const VariableRow& row, VariableLife) {
        return (isName ? row.name : row.initializer).contains(value, Qt::CaseInsensitive);
    });
}

} // namespace wr::app
