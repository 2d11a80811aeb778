// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/output.h"

#include <QJsonDocument>
#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace wr::app {
namespace {

void write(std::FILE* stream, const QString& text)
{
    const QByteArray bytes = text.toUtf8();
    std::fwrite(bytes.constData(), 1, static_cast<std::size_t>(bytes.size()), stream);
    std::fflush(stream);
}

} // namespace

void Output::line(const QString& text) const
{
    if (!m_json)
        write(stdout, text + QLatin1Char('\n'));
}

void Output::object(const QJsonObject& object) const
{
    if (m_json)
        write(stdout,
              QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact)) + QLatin1Char('\n'));
}

void Output::status(const QString& text) const
{
    if (!m_json && isatty(STDERR_FILENO) != 0)
        write(stderr, QStringLiteral("\r\033[K") + text);
}

void Output::clearStatus() const
{
    status({});
}

void Output::table(const QStringList& header, const QVector<QStringList>& rows,
                   const QVector<int>& right) const
{
    QVector<qsizetype> widths(header.size(), 0);
    const auto measure = [&widths](const QStringList& cells) {
        for (qsizetype i = 0; i < cells.size(); ++i)
            widths[i] = std::max(widths[i], cells[i].size());
    };
    measure(header);
    std::for_each(rows.begin(), rows.end(), measure);
    const auto print = [&](const QStringList& cells) {
        QStringList padded;
        for (qsizetype i = 0; i < cells.size(); ++i) {
            const bool toRight = right.contains(static_cast<int>(i));
            padded += toRight ? cells[i].rightJustified(widths[i]) : cells[i].leftJustified(widths[i]);
        }
        QString text = padded.join(QStringLiteral("  "));
        while (text.endsWith(QLatin1Char(' ')))
            text.chop(1);
        line(text);
    };
    print(header);
    std::for_each(rows.begin(), rows.end(), print);
}

void Output::error(const Explanation& explanation) const
{
    clearStatus();
    if (m_json) {
        object({{QStringLiteral("event"), QStringLiteral("error")},
                {QStringLiteral("what"), explanation.what},
                {QStringLiteral("why"), explanation.why},
                {QStringLiteral("way_out"), explanation.wayOut}});
        return;
    }
    write(stderr, explanation.toText() + QLatin1Char('\n'));
}

QString escapedName(const QString& text)
{
    QString escaped;
    for (const QChar character : text) {
        const ushort code = character.unicode();
        const bool isControl = character.category() == QChar::Other_Control;
        const bool isFormat = character.category() == QChar::Other_Format;
        if (isControl || isFormat)
            escaped += QStringLiteral("\\u%1").arg(code, 4, 16, QLatin1Char('0'));
        else
            escaped += character;
    }
    return escaped;
}

} // namespace wr::app
