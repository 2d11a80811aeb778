// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/event_export.h"

#include "engine/base/crc32c.h"

#include <QDateTime>
#include <QtEndian>
#include <cstring>

namespace wr::app {
namespace {

// Protocol buffers: a field is its number and wire type, then the value.
constexpr int kVarint = 0;
constexpr int kFixed64 = 1;
constexpr int kBytes = 2;
constexpr int kFixed32 = 5;

void addVarint(QByteArray& to, quint64 value)
{
    constexpr quint64 kMore = 0x80;
    while (value >= kMore) {
        to.append(static_cast<char>((value & 0x7FU) | kMore));
        value >>= 7U;
    }
    to.append(static_cast<char>(value));
}

void addKey(QByteArray& to, int field, int wire)
{
    addVarint(to, static_cast<quint64>(field) << 3U | static_cast<quint64>(wire));
}

template <typename T>
void addFixed(QByteArray& to, T value)
{
    char bytes[sizeof(T)];
    qToLittleEndian(value, bytes);
    to.append(bytes, sizeof(T));
}

void addBytes(QByteArray& to, int field, const QByteArray& value)
{
    addKey(to, field, kBytes);
    addVarint(to, static_cast<quint64>(value.size()));
    to.append(value);
}

/// The checksum that stands in record files: turned and shifted, since checksums of checksums are weak.
quint32 maskedChecksum(const QByteArray& bytes)
{
    constexpr quint32 kShift = 0xA282EAD8U;
    const quint32 sum =
        crc32c(std::as_bytes(std::span(bytes.constData(), static_cast<std::size_t>(bytes.size()))));
    return ((sum >> 15U) | (sum << 17U)) + kShift;
}

void addRecord(QByteArray& to, const QByteArray& event)
{
    QByteArray length;
    addFixed(length, static_cast<quint64>(event.size()));
    to.append(length);
    addFixed(to, maskedChecksum(length));
    to.append(event);
    addFixed(to, maskedChecksum(event));
}

QByteArray eventAt(double seconds)
{
    QByteArray event;
    quint64 bits = 0;
    std::memcpy(&bits, &seconds, sizeof(bits));
    addKey(event, 1, kFixed64); // wall_time
    addFixed(event, bits);
    return event;
}

} // namespace

QByteArray eventFile(const MetricHistory& history)
{
    using Series = MetricHistory::Series;
    struct Tagged {
        Series series;
        QByteArray tag;
    };
    QVector<Tagged> all{{Series::Loss, "loss"},
                        {Series::TestLoss, "test/loss"},
                        {Series::LearningRate, "learning_rate"},
                        {Series::GradientNorm, "gradient_norm"}};
    for (int i = 0; i < static_cast<int>(history.metrics().size()); ++i) {
        all.append({MetricHistory::metric(i), history.metrics()[i].toUtf8()});
        all.append({MetricHistory::testMetric(i), "test/" + history.metrics()[i].toUtf8()});
    }
    const double now = static_cast<double>(QDateTime::currentMSecsSinceEpoch()) * 1e-3;
    QByteArray file;
    QByteArray version = eventAt(now);
    addBytes(version, 3, "brain.Event:2"); // file_version
    addRecord(file, version);
    for (const Tagged& own : std::as_const(all)) {
        const MetricColumn& curve = history.column(own.series);
        for (qsizetype i = 0; i < curve.size(); ++i) {
            QByteArray value;
            addBytes(value, 1, own.tag);
            addKey(value, 2, kFixed32); // simple_value
            const auto number = static_cast<float>(curve.value(i));
            quint32 bits = 0;
            std::memcpy(&bits, &number, sizeof(bits));
            addFixed(value, bits);
            QByteArray summary;
            addBytes(summary, 1, value);
            QByteArray event = eventAt(now);
            addKey(event, 2, kVarint); // step
            addVarint(event, static_cast<quint64>(curve.step(i)));
            addBytes(event, 5, summary);
            addRecord(file, event);
        }
    }
    return file;
}

} // namespace wr::app
