// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/explanation.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>

namespace wr::app {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Explanation", text);
}

/// What usually helps against a kind of failure; the caller may know better and replace it.
QString wayOutOf(StatusCode code)
{
    switch (code) {
    case StatusCode::Ok:
        return {};
    case StatusCode::Cancelled:
        return tr("Nothing was changed. Start it again whenever you like.");
    case StatusCode::InvalidArgument:
        return tr("Correct what is named here and try again; nothing was changed.");
    case StatusCode::NotFound:
        return tr("Check the name and the place, and whether it was moved or renamed.");
    case StatusCode::AlreadyExists:
        return tr("Choose another name, or move the existing one away first.");
    case StatusCode::ResourceExhausted:
        return tr("Make room, on the disk or in memory as named here, and try again; nothing that existed "
                  "was touched.");
    case StatusCode::FailedPrecondition:
        return tr("Do what is still missing first, then try again.");
    case StatusCode::OutOfRange:
        return tr("Stay within the limits named here.");
    case StatusCode::Unimplemented:
        return tr("Weightroom cannot do this yet. Write it another way, or leave it out.");
    case StatusCode::Internal:
        return tr("This is a mistake in Weightroom. Save your work and report these lines.");
    case StatusCode::Unavailable:
        return tr("Check that the file, folder or device is there and may be used, then try again.");
    case StatusCode::DataLoss:
        return tr("The data is damaged and was not used. Take an earlier or another copy of it.");
    }
    return {};
}

QString asSentence(const std::string& message)
{
    QString sentence = QString::fromStdString(message).trimmed();
    if (sentence.isEmpty())
        return {};
    // Names keep their case; plain words start a sentence.
    const qsizetype wordEnd = sentence.indexOf(QLatin1Char(' '));
    const QString word = sentence.left(wordEnd < 0 ? sentence.size() : wordEnd);
    const bool isPlainWord =
        std::all_of(word.begin(), word.end(), [](QChar c) { return c.isLower(); }) && wordEnd > 0;
    static const QStringList starters{QStringLiteral("the"), QStringLiteral("there"), QStringLiteral("line"),
                                      QStringLiteral("no"),  QStringLiteral("a"),     QStringLiteral("an"),
                                      QStringLiteral("it"),  QStringLiteral("this"),  QStringLiteral("only"),
                                      QStringLiteral("not"), QStringLiteral("all"),   QStringLiteral("more")};
    if (isPlainWord && starters.contains(word))
        sentence[0] = sentence[0].toUpper();
    static const QString endings = QStringLiteral(".!?…");
    if (!endings.contains(sentence.back()))
        sentence += QLatin1Char('.');
    return sentence;
}

} // namespace

QString Explanation::toText() const
{
    QStringList lines{what, why, wayOut};
    lines.removeAll(QString());
    return lines.join(QLatin1Char('\n'));
}

Explanation explain(const QString& what, const Status& status)
{
    Explanation explanation;
    if (status.isOk())
        return explanation;
    explanation.what = what;
    explanation.why = asSentence(status.message());
    if (explanation.why.isEmpty()) {
        const std::string_view name = statusCodeName(status.code());
        explanation.why = tr("The reason given is “%1”.")
                              .arg(QString::fromLatin1(name.data(), static_cast<qsizetype>(name.size())));
    }
    explanation.wayOut = wayOutOf(status.code());
    explanation.cancelled = status.code() == StatusCode::Cancelled;
    return explanation;
}

} // namespace wr::app
