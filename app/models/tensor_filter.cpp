// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/tensor_filter.h"

#include "app/library/checkpoint_file.h"
#include "app/models/filter_values.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <algorithm>
#include <numeric>

namespace wr::app {
namespace {

using Test = std::function<bool(const CheckpointFile&, int)>;
using Problem = FilterTree::TermProblem;

QString say(const char* text)
{
    return QCoreApplication::translate("TensorFilter", text);
}

template <typename T>
Problem problemOf(const FilterTest<T>& question, qsizetype key)
{
    if (question.length < 0)
        return {question.problem, 0, -1};
    return {question.problem, static_cast<int>(key) + question.begin, question.length};
}

bool isAscii(const QString& text)
{
    return std::all_of(text.cbegin(), text.cend(), [](QChar c) { return c.unicode() < 128; });
}

/// A number of a tensor, by key; NaN where the file does not say.
double numberOf(const CheckpointFile& file, int tensor, const QString& key)
{
    const TensorColumns& columns = file.columns();
    if (key == QLatin1String("ndim"))
        return static_cast<double>(columns.dims(tensor).size());
    if (key == QLatin1String("bytes"))
        return static_cast<double>(columns.bytes(tensor));
    if (key == QLatin1String("params"))
        return static_cast<double>(columns.elements(tensor));
    const TensorRow row = file.tensor(tensor);
    if (!row.hasStatistics)
        return std::numeric_limits<double>::quiet_NaN();
    if (key == QLatin1String("nan"))
        return static_cast<double>(row.nan);
    if (key == QLatin1String("inf"))
        return static_cast<double>(row.inf);
    if (key == QLatin1String("zero"))
        return row.elements > 0 ? static_cast<double>(row.zero) / static_cast<double>(row.elements) : 0.0;
    if (key == QLatin1String("mean"))
        return row.mean;
    if (key == QLatin1String("std"))
        return row.stddev;
    if (key == QLatin1String("min"))
        return row.min;
    if (key == QLatin1String("max"))
        return row.max;
    return std::max(std::abs(row.min), std::abs(row.max));
}

} // namespace

TensorFilter::TensorFilter(const QString& text)
    : m_tree(text, [this](const FilterToken& token) { return read(token); })
{
}

Test TensorFilter::plain(const QString& text)
{
    if (!isAscii(text))
        return [text](const CheckpointFile& file, int tensor) {
            return file.columns().name(tensor).contains(text, Qt::CaseInsensitive);
        };
    const std::string folded = text.toLower().toStdString();
    if (m_terms.empty())
        m_onlyName = folded;
    return [folded](const CheckpointFile& file, int tensor) {
        return file.columns().nameContains(tensor, folded);
    };
}

Problem TensorFilter::read(const FilterToken& token)
{
    const auto take = [this](Test test, const Problem& problem = {}) {
        m_terms.push_back(std::move(test));
        return problem;
    };
    const auto wrong = [&](const QString& message) {
        return take([](const CheckpointFile&, int) { return true; }, {message, 0, -1});
    };
    const QString& text = token.text;
    if (token.kind == FilterToken::Kind::Text)
        return take(plain(text));
    static const QRegularExpression comparison(
        QStringLiteral("^(ndim|bytes|params|nan|inf|zero|mean|std|min|max|absmax)(>=|<=|!=|==|=|>|<|:)(.*)$"),
        QRegularExpression::CaseInsensitiveOption);
    if (const QRegularExpressionMatch match = comparison.match(text); match.hasMatch()) {
        const QString key = match.captured(1).toLower();
        const FilterTest<double> question = numberTest(key, match.captured(2), match.captured(3));
        return take(
            [key, test = question.test](const CheckpointFile& file, int tensor) {
                const double number = numberOf(file, tensor, key);
                return number == number && test(number);
            },
            problemOf(question, match.capturedStart(3)));
    }
    const qsizetype colon = text.indexOf(u':');
    const QString key = text.left(std::max<qsizetype>(colon, 0)).toLower();
    const QString value = text.mid(colon + 1);
    static const QStringList keys{QStringLiteral("re"),    QStringLiteral("shape"), QStringLiteral("dtype"),
                                  QStringLiteral("scope"), QStringLiteral("is"),    QStringLiteral("name")};
    static const QRegularExpression word(QStringLiteral("^[a-z]+$"));
    if (!keys.contains(key)) {
        // "weights:0" is a name; "size:3" is a mistake.
        static const QRegularExpression output(QStringLiteral("^[0-9]*$"));
        if (colon > 0 && word.match(key).hasMatch() && !output.match(value).hasMatch())
            return wrong(say("“%1” is no key; those known are name, re, scope, shape, ndim, bytes, params, "
                             "dtype, nan, inf, zero, mean, std, min, max, absmax and is")
                             .arg(key));
        return take(plain(text));
    }
    if (value.isEmpty())
        return wrong(say("“%1:” needs a value").arg(key));
    const auto ofName = [&](const FilterTest<QString>& question) {
        return take([test = question.test](const CheckpointFile& file,
                                           int tensor) { return test(file.columns().name(tensor)); },
                    problemOf(question, colon + 1));
    };
    if (key == QLatin1String("name"))
        return take(plain(value));
    if (key == QLatin1String("re"))
        return ofName(expressionTest(value));
    if (key == QLatin1String("scope"))
        return ofName(scopeTest(value));
    if (key == QLatin1String("shape")) {
        const FilterTest<QVector<qint64>> question = shapeTest(value);
        return take([test = question.test](const CheckpointFile& file,
                                           int tensor) { return test(file.columns().dims(tensor)); },
                    problemOf(question, colon + 1));
    }
    if (key == QLatin1String("dtype")) {
        const FilterTest<QString> question = typeTest(value);
        return take([test = question.test](const CheckpointFile& file,
                                           int tensor) { return test(file.columns().type(tensor)); },
                    problemOf(question, colon + 1));
    }
    if (value.compare(QLatin1String("nonfinite"), Qt::CaseInsensitive) == 0)
        return take(
            [](const CheckpointFile& file, int tensor) { return file.tensor(tensor).nonFinite() > 0; });
    return wrong(say("“%1” is not known; nonfinite is").arg(value));
}

bool TensorFilter::accepts(const CheckpointFile& file, int tensor) const
{
    return m_tree.accepts([&](int term) { return m_terms[static_cast<std::size_t>(term)](file, tensor); });
}

QVector<int> TensorFilter::apply(const CheckpointFile& file, const std::function<bool()>& goesOn) const
{
    constexpr int kPerQuestion = 4096;
    if (m_tree.onlyTerm() == 0 && !m_onlyName.empty())
        return file.columns().whoseNameContains(m_onlyName);
    const int count = file.columns().count();
    QVector<int> found;
    if (isEmpty()) {
        found.resize(count);
        std::iota(found.begin(), found.end(), 0);
        return found;
    }
    for (int tensor = 0; tensor < count; ++tensor) {
        if (tensor % kPerQuestion == 0 && !goesOn())
            return {};
        if (accepts(file, tensor))
            found.append(tensor);
    }
    return found;
}

const FilterWords& TensorFilter::words()
{
    static const FilterWords words{
        {QStringLiteral("name:"), QStringLiteral("re:"), QStringLiteral("shape:"), QStringLiteral("ndim>="),
         QStringLiteral("bytes>"), QStringLiteral("params>="), QStringLiteral("dtype:"),
         QStringLiteral("scope:"), QStringLiteral("nan>"), QStringLiteral("inf>"), QStringLiteral("zero>"),
         QStringLiteral("mean>"), QStringLiteral("std>"), QStringLiteral("min<"), QStringLiteral("max>"),
         QStringLiteral("absmax>"), QStringLiteral("is:")},
        {{QStringLiteral("dtype"),
          {QStringLiteral("float32"), QStringLiteral("bfloat16"), QStringLiteral("float16"),
           QStringLiteral("float64"), QStringLiteral("int32"), QStringLiteral("int64"),
           QStringLiteral("uint8"), QStringLiteral("bool")}},
         {QStringLiteral("shape"),
          {QStringLiteral("scalar"), QStringLiteral("1d"), QStringLiteral("2d"), QStringLiteral("[*,200]")}},
         {QStringLiteral("is"), {QStringLiteral("nonfinite")}}}};
    return words;
}

} // namespace wr::app
