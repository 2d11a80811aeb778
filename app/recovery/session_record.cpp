// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/recovery/session_record.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace wr::app {
namespace {

constexpr int kVersion = 1;

QStringList textsOf(const QJsonValue& value)
{
    QStringList texts;
    const QJsonArray array = value.toArray();
    for (const QJsonValue& text : array)
        texts += text.toString();
    return texts;
}

} // namespace

QByteArray SessionRecord::toJson() const
{
    return QJsonDocument(
               QJsonObject{{QStringLiteral("weightroom_session"), kVersion},
                           {QStringLiteral("directory"), directory},
                           {QStringLiteral("title"), title},
                           {QStringLiteral("written_at"), writtenAt.toString(Qt::ISODateWithMs)},
                           {QStringLiteral("has_edits"), hasEdits},
                           {QStringLiteral("script"), script},
                           {QStringLiteral("saved_digest"), QString::fromLatin1(savedDigest.toHex())},
                           {QStringLiteral("edits"), QJsonArray::fromStringList(edits)},
                           {QStringLiteral("step"), step},
                           {QStringLiteral("saved_step"), savedStep},
                           {QStringLiteral("checkpoint"), checkpoint},
                           {QStringLiteral("homeless"), QJsonArray::fromStringList(homeless)}})
        .toJson(QJsonDocument::Compact);
}

Result<SessionRecord> SessionRecord::fromJson(const QByteArray& text)
{
    const QJsonObject object = QJsonDocument::fromJson(text).object();
    if (object.value(QStringLiteral("weightroom_session")).toInt() != kVersion)
        return tl::unexpected(Status(StatusCode::InvalidArgument, "this is no record of a session"));
    SessionRecord record;
    record.directory = object.value(QStringLiteral("directory")).toString();
    record.title = object.value(QStringLiteral("title")).toString();
    record.writtenAt =
        QDateTime::fromString(object.value(QStringLiteral("written_at")).toString(), Qt::ISODateWithMs);
    record.hasEdits = object.value(QStringLiteral("has_edits")).toBool();
    record.script = object.value(QStringLiteral("script")).toString();
    record.savedDigest =
        QByteArray::fromHex(object.value(QStringLiteral("saved_digest")).toString().toLatin1());
    record.edits = textsOf(object.value(QStringLiteral("edits")));
    record.step = object.value(QStringLiteral("step")).toInteger(-1);
    record.savedStep = object.value(QStringLiteral("saved_step")).toInteger(-1);
    record.checkpoint = object.value(QStringLiteral("checkpoint")).toString();
    record.homeless = textsOf(object.value(QStringLiteral("homeless")));
    return record;
}

} // namespace wr::app
