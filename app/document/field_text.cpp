// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/field_text.h"

#include "engine/graph/device_name.h"
#include "engine/script/tree.h"

#include <QRegularExpression>
#include <QStringList>
#include <algorithm>
#include <set>

namespace wr::app {
namespace {

tl::unexpected<Status> refused(const QString& text, const QString& why)
{
    return fail(invalidArgument((QStringLiteral("“%1” ").arg(text) + why).toStdString()));
}

} // namespace

Result<std::vector<std::int64_t>> readShape(const QString& text)
{
    const QString expected =
        QStringLiteral("is no shape: write positive whole numbers, as in 784 × 200, [784, 200] or 784");
    QString body = text.trimmed();
    if (body == QLatin1String("scalar"))
        return std::vector<std::int64_t>();
    const bool isBracketed =
        (body.startsWith(u'[') && body.endsWith(u']')) || (body.startsWith(u'(') && body.endsWith(u')'));
    if (isBracketed)
        body = body.mid(1, body.size() - 2).trimmed();
    if (body.isEmpty()) {
        if (isBracketed)
            return std::vector<std::int64_t>();
        return refused(text, expected);
    }
    if (isBracketed && body.endsWith(u',')) // a Python tuple of one
        body.chop(1);
    static const QRegularExpression separator(QStringLiteral("\\s*[,x×X*]\\s*"));
    constexpr qsizetype kMostDimensions = 16;
    constexpr std::int64_t kLargestDimension = std::int64_t{1} << 40;
    const QStringList parts = body.split(separator);
    if (parts.size() > kMostDimensions)
        return refused(text, QStringLiteral("has %1 dimensions; at most %2 are possible")
                                 .arg(parts.size())
                                 .arg(kMostDimensions));
    std::vector<std::int64_t> dims;
    static const QRegularExpression digits(QStringLiteral("^[0-9]{1,18}$"));
    for (const QString& part : parts) {
        const std::int64_t dim = digits.match(part).hasMatch() ? part.toLongLong() : 0;
        if (dim < 1)
            return refused(text, expected);
        if (dim > kLargestDimension)
            return refused(text, QStringLiteral("is too large"));
        dims.push_back(dim);
    }
    return dims;
}

Result<DType> readDType(const QString& text)
{
    QString name = text.trimmed();
    if (name.startsWith(QLatin1String("tf.")))
        name.remove(0, 3);
    if (const std::optional<DType> dtype = dtypeFromName(name.toStdString()))
        return *dtype;
    return refused(text, QStringLiteral("is no type: write float32, float64, int32, int64 or another one"));
}

Result<std::string> readExpression(const QString& text)
{
    const std::string body = text.trimmed().toStdString();
    if (body.empty())
        return fail(invalidArgument("an initial value is needed, for example tf.zeros([10])"));
    const std::shared_ptr<const script::Tree> tree = script::parse(body);
    for (const script::Diagnostic& diagnostic : tree->diagnostics()) {
        if (diagnostic.severity == script::Severity::Error)
            return refused(text,
                           QStringLiteral("cannot be read: ") + QString::fromStdString(diagnostic.message));
    }
    const std::vector<script::Statement>& statements = tree->statements();
    if (statements.size() != 1 || statements[0].kind != script::StatementKind::Expression ||
        !statements[0].value || statements[0].value->range.begin != 0 ||
        statements[0].value->range.end != body.size())
        return refused(text, QStringLiteral("is not a single expression"));
    return body;
}

Result<std::string> readVariableName(const QString& text)
{
    static const QRegularExpression allowed(QStringLiteral("^[A-Za-z0-9.][A-Za-z0-9_.\\-/]*$"),
                                            QRegularExpression::DontCaptureOption);
    const QString name = text.trimmed();
    if (!allowed.match(name).hasMatch() || name.endsWith(u'\n'))
        return refused(text, QStringLiteral("is no name: use letters, digits and _ . - /, and begin with a "
                                            "letter or a digit"));
    return name.toStdString();
}

Result<std::string> readDevice(const QString& text)
{
    const std::string name = text.trimmed().toStdString();
    if (name.empty())
        return name;
    const Result<graph::DeviceName> parsed = graph::DeviceName::parse(name);
    if (!parsed)
        return fail(parsed.error());
    return name;
}

Result<std::string> readSeed(const QString& text)
{
    static const QRegularExpression number(QStringLiteral("^-?[0-9]{1,18}$|^0x[0-9a-fA-F]{1,15}$"));
    const QString seed = text.trimmed();
    if (!seed.isEmpty() && !number.match(seed).hasMatch())
        return refused(text, QStringLiteral("is no seed: write a whole number, or nothing for a seed that "
                                            "follows the name"));
    // A leading zero is no number to Python.
    if (seed.startsWith(QLatin1String("0x")))
        return std::to_string(seed.toLongLong(nullptr, 16));
    return seed.isEmpty() ? std::string() : std::to_string(seed.toLongLong());
}

Result<bool> readTruth(const QString& text)
{
    const QString word = text.trimmed().toLower();
    if (word == QLatin1String("true") || word == QLatin1String("yes") || word == QLatin1String("1"))
        return true;
    if (word == QLatin1String("false") || word == QLatin1String("no") || word == QLatin1String("0"))
        return false;
    return refused(text, QStringLiteral("is neither true nor false"));
}

bool isIdentifier(const std::string& text)
{
    static const std::set<std::string> keywords{
        "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
        "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
        "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
        "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"};
    const auto isWord = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    return !text.empty() && !(text[0] >= '0' && text[0] <= '9') &&
           std::all_of(text.begin(), text.end(), isWord) && keywords.count(text) == 0;
}

} // namespace wr::app
