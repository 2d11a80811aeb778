// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/filter_values.h"

#include <QCoreApplication>
#include <QRegularExpression>

namespace wr::app {
namespace {

QString say(const char* text)
{
    return QCoreApplication::translate("FilterTree", text);
}

template <typename T>
FilterTest<T> wrong(const QString& message)
{
    FilterTest<T> test;
    test.test = [](const T&) { return true; };
    test.problem = message;
    return test;
}

/// "layer*" with "*" and "?" as in file names; the rest stands for itself.
QRegularExpression wildcard(const QString& pattern, QLatin1String behind)
{
    QString expression = QRegularExpression::escape(pattern);
    expression.replace(QLatin1String("\\*"), QLatin1String(".*"));
    expression.replace(QLatin1String("\\?"), QLatin1String("."));
    return QRegularExpression(QRegularExpression::anchoredPattern(expression + behind),
                              QRegularExpression::CaseInsensitiveOption);
}

} // namespace

std::optional<bool> filterTruth(const QString& text)
{
    const QString word = text.toLower();
    if (word == QLatin1String("yes") || word == QLatin1String("true") || word == QLatin1String("1"))
        return true;
    if (word == QLatin1String("no") || word == QLatin1String("false") || word == QLatin1String("0"))
        return false;
    return {};
}

std::optional<double> filterAmount(const QString& text)
{
    static const QRegularExpression form(
        QStringLiteral("^(-?[0-9]*\\.?[0-9]+(?:[eE][-+]?[0-9]+)?)\\s*([kKMGT]?)(i?)[bB]?$"));
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

FilterTest<double> numberTest(const QString& key, const QString& op, const QString& value)
{
    const std::optional<double> limit = filterAmount(value);
    if (!limit)
        return wrong<double>(value.isEmpty() ? say("a number is missing after “%1%2”").arg(key, op)
                                             : say("“%1” is no number; 1000, 1.5k and 2M are").arg(value));
    FilterTest<double> test;
    test.test = [op, limit = *limit](double number) {
        if (op == QLatin1String(">="))
            return number >= limit;
        if (op == QLatin1String("<="))
            return number <= limit;
        if (op == QLatin1String(">"))
            return number > limit;
        if (op == QLatin1String("<"))
            return number < limit;
        return (number == limit) != (op == QLatin1String("!="));
    };
    return test;
}

FilterTest<QString> expressionTest(const QString& value)
{
    const QRegularExpression pattern(value, QRegularExpression::CaseInsensitiveOption);
    if (!pattern.isValid()) {
        auto test = wrong<QString>(say("the pattern is wrong here: %1").arg(pattern.errorString()));
        test.begin = static_cast<int>(pattern.patternErrorOffset());
        test.length = 1;
        return test;
    }
    pattern.optimize();
    FilterTest<QString> test;
    test.test = [pattern](const QString& name) { return pattern.match(name).hasMatch(); };
    return test;
}

FilterTest<QVector<qint64>> shapeTest(const QString& value)
{
    using Dims = QVector<qint64>;
    static const QRegularExpression rank(QStringLiteral("^([0-9]{1,2})[dD]$"));
    if (const QRegularExpressionMatch match = rank.match(value); match.hasMatch()) {
        const qsizetype wanted = match.captured(1).toInt();
        return {[wanted](const Dims& dims) { return dims.size() == wanted; }, {}};
    }
    if (value.compare(QLatin1String("scalar"), Qt::CaseInsensitive) == 0)
        return {[](const Dims& dims) { return dims.isEmpty(); }, {}};
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
            return wrong<Dims>(say("“%1” is no shape; [784, 200], [*, 200], 2d and scalar are").arg(value));
    }
    return {[wanted, isOpen](const Dims& dims) {
                if (isOpen ? dims.size() < wanted.size() : dims.size() != wanted.size())
                    return false;
                for (qsizetype i = 0; i < wanted.size(); ++i) {
                    if (wanted[i] >= 0 && wanted[i] != dims[i])
                        return false;
                }
                return true;
            },
            {}};
}

FilterTest<QString> typeTest(const QString& value)
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
        return wrong<QString>(say("“%1” is no type; float32, f32 and int64 are").arg(value));
    return {[name](const QString& dtype) { return dtype.startsWith(name); }, {}};
}

FilterTest<QString> scopeTest(const QString& value)
{
    QString prefix = value;
    while (prefix.endsWith(u'/') || prefix.endsWith(u'.'))
        prefix.chop(1);
    const QRegularExpression pattern = wildcard(prefix, QLatin1String("[/.].*"));
    return {[pattern](const QString& name) { return pattern.match(name).hasMatch(); }, {}};
}

} // namespace wr::app
