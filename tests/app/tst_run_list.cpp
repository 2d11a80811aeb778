// SPDX-License-Identifier: GPL-3.0-or-later
// Earlier runs: kept with their curves and settings, renamed, tagged, compared, removed; and what is written
// of them.
#include "app/models/event_export.h"
#include "app/models/run_list.h"
#include "app/run/run_settings.h"
#include "engine/base/crc32c.h"
#include "tests/app/run_fixture.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>
#include <QtEndian>

using namespace wr::app;
using Series = MetricHistory::Series;

namespace {

MetricPoint point(qint64 step, double loss)
{
    MetricPoint value;
    value.step = step;
    value.loss = loss;
    value.learningRate = 0.1;
    value.gradientNorm = 1.5;
    value.metrics[0] = 0.25F;
    return value;
}

} // namespace

class TestRunList : public QObject {
    Q_OBJECT
private slots:
    void keepsRuns();
    void isEdited();
    void tellsWhatDiffers();
    void removesAndClears();
    void readsSettings();
    void writesEvents();
};

void TestRunList::keepsRuns()
{
    MetricHistory live;
    live.setMetrics({QStringLiteral("accuracy")});
    RunList runs(&live);
    const QAbstractItemModelTester tester(&runs, QAbstractItemModelTester::FailureReportingMode::Fatal);
    QSignalSpy shown(&runs, &RunList::shownChanged);
    runs.keepCurrent(); // nothing to keep
    QCOMPARE(runs.rowCount(), 1);
    live.append({point(1, 2.0), point(2, 1.0)});
    runs.keepCurrent();
    live.reset();
    QCOMPARE(runs.rowCount(), 2);
    QCOMPARE(shown.count(), 1);
    QCOMPARE(runs.index(0, 0).data().toString(), QStringLiteral("Run 2 (now)"));
    QCOMPARE(runs.index(1, 0).data().toString(), QStringLiteral("Run 1"));
    QCOMPARE(runs.index(1, RunList::LossColumn).data().toString(), QStringLiteral("1"));
    QCOMPARE(runs.historyOf(1).pointCount(Series::Loss), 2);
    QCOMPARE(runs.historyOf(0).pointCount(Series::Loss), 0);
    live.append({point(1, 7.0)});
    QCOMPARE(runs.index(0, RunList::LossColumn).data().toString(), QStringLiteral("7"));
    QCOMPARE(runs.historyOf(1).last(Series::Loss), 1.0);
}

void TestRunList::isEdited()
{
    MetricHistory live;
    RunList runs(&live);
    live.append({point(1, 2.0)});
    runs.keepCurrent();
    QVERIFY(runs.setData(runs.index(1, RunList::NameColumn), QStringLiteral(" slow  rate "), Qt::EditRole));
    QCOMPARE(runs.index(1, 0).data().toString(), QStringLiteral("slow rate"));
    QVERIFY(!runs.setData(runs.index(1, RunList::NameColumn), QStringLiteral("  "), Qt::EditRole));
    QVERIFY(runs.setData(runs.index(1, RunList::TagColumn), QStringLiteral("keep"), Qt::EditRole));
    QCOMPARE(runs.index(1, RunList::TagColumn).data().toString(), QStringLiteral("keep"));
    QVERIFY(!runs.setData(runs.index(1, RunList::LossColumn), 3, Qt::EditRole));
    QVERIFY(runs.setData(runs.index(1, 0), Qt::Unchecked, Qt::CheckStateRole));
    QVERIFY(!runs.runs()[1].isShown);
    QVERIFY(!runs.setData(runs.index(0, 0), Qt::Unchecked,
                          Qt::CheckStateRole)); // the run under way is always drawn
}

void TestRunList::tellsWhatDiffers()
{
    MetricHistory live;
    RunList runs(&live);
    runs.setSettings(
        {{QStringLiteral("Rate"), QStringLiteral("0.1")}, {QStringLiteral("Batch"), QStringLiteral("32")}});
    live.append({point(1, 2.0)});
    runs.keepCurrent();
    live.reset();
    runs.setSettings(
        {{QStringLiteral("Rate"), QStringLiteral("0.2")}, {QStringLiteral("Batch"), QStringLiteral("32")}});
    live.append({point(1, 2.0)});
    const QVector<RunList::Difference> differences = runs.compare({0, 1});
    QCOMPARE(differences.size(), 1);
    QCOMPARE(differences[0].name, QStringLiteral("Rate"));
    QCOMPARE(differences[0].values, (QStringList{QStringLiteral("0.2"), QStringLiteral("0.1")}));
    QVERIFY(runs.compare({1}).size() > 3); // of one run: all that is known
}

void TestRunList::removesAndClears()
{
    MetricHistory live;
    RunList runs(&live);
    const QAbstractItemModelTester tester(&runs, QAbstractItemModelTester::FailureReportingMode::Fatal);
    for (int i = 0; i < 4; ++i) {
        live.append({point(1, i)});
        runs.keepCurrent();
        live.reset();
    }
    runs.remove({0, 1, 3}); // the first row is the run under way
    QCOMPARE(runs.rowCount(), 3);
    QCOMPARE(runs.index(1, 0).data().toString(), QStringLiteral("Run 3"));
    QCOMPARE(runs.index(2, 0).data().toString(), QStringLiteral("Run 1"));
    runs.clear();
    QCOMPARE(runs.rowCount(), 1);
    QCOMPARE(runs.index(0, 0).data().toString(), QStringLiteral("Run 1 (now)"));
}

void TestRunList::readsSettings()
{
    SmallTraining training;
    training.rules = ", validate_every=7, patience=3";
    const auto model = training.model();
    QVERIFY(hasRecipe(model.get()));
    QVERIFY(!hasRecipe(nullptr));
    QCOMPARE(metricNames(*model), QStringList{QStringLiteral("accuracy")});
    QHash<QString, QString> settings;
    for (const auto& [name, value] : runSettings(*model))
        settings.insert(name, value);
    QCOMPARE(settings.value(QStringLiteral("Optimizer")), QStringLiteral("Adam"));
    QCOMPARE(settings.value(QStringLiteral("Learning rate")), QStringLiteral("0.01"));
    QCOMPARE(settings.value(QStringLiteral("Batch size")), QStringLiteral("16"));
    QCOMPARE(settings.value(QStringLiteral("Patience")), QStringLiteral("3"));
    QCOMPARE(settings.value(QStringLiteral("Parameters")), QStringLiteral("12,730"));
    QCOMPARE(settings.value(QStringLiteral("Seed")), QStringLiteral("5"));
}

void TestRunList::writesEvents()
{
    MetricHistory history;
    history.setMetrics({QStringLiteral("accuracy")});
    history.append({point(1, 2.0), point(300, 0.5)});
    const QByteArray file = eventFile(history);
    // Records: length, its checksum, the event, its checksum.
    const auto masked = [](const char* bytes, qsizetype size) {
        const quint32 sum = wr::crc32c(std::as_bytes(std::span(bytes, static_cast<std::size_t>(size))));
        return ((sum >> 15U) | (sum << 17U)) + 0xA282EAD8U;
    };
    QVector<QByteArray> events;
    for (qsizetype at = 0; at < file.size();) {
        const auto length = static_cast<qsizetype>(qFromLittleEndian<quint64>(file.constData() + at));
        QCOMPARE(qFromLittleEndian<quint32>(file.constData() + at + 8), masked(file.constData() + at, 8));
        const QByteArray event = file.mid(at + 12, length);
        QCOMPARE(event.size(), length);
        QCOMPARE(qFromLittleEndian<quint32>(file.constData() + at + 12 + length),
                 masked(event.constData(), length));
        events += event;
        at += 16 + length;
    }
    QCOMPARE(events.size(), 1 + 4 * 2); // loss, rate, norm and accuracy of two steps
    QVERIFY(events[0].contains("brain.Event:2"));
    // step 300 is the varint AC 02; 0.5 is 3F000000.
    QVERIFY(events[2].contains(QByteArray::fromHex("10ac02")));
    QVERIFY(events[2].contains(QByteArray::fromHex("0a046c6f7373150000003f")));
}

QTEST_GUILESS_MAIN(TestRunList)
#include "tst_run_list.moc"
