// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/metric_history.h"
#include "app/run/mailbox.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <limits>

using namespace wr::app;
using Series = MetricHistory::Series;

namespace {

MetricPoint point(qint64 step, double loss)
{
    MetricPoint value;
    value.step = step;
    value.loss = loss;
    value.metrics.fill(std::numeric_limits<float>::quiet_NaN());
    value.metrics[0] = 0.5F;
    value.learningRate = 0.1;
    return value;
}

std::shared_ptr<const TestLook> look(double loss, double accuracy)
{
    TestLook test;
    test.loss = loss;
    test.metrics[0] = accuracy;
    return std::make_shared<const TestLook>(test);
}

/// What reduced() must give, looked for in the plain way.
QVector<QPointF> reducedSlowly(const QVector<QPointF>& points, double from, double to, int columns)
{
    QVector<QPointF> result;
    qsizetype begin = 0;
    while (begin < points.size() && points[begin].x() < from)
        ++begin;
    const double width = (to - from) / columns;
    for (int column = 0; column < columns; ++column) {
        qsizetype end = begin;
        while (end < points.size() && points[end].x() <= to &&
               (column + 1 == columns || points[end].x() < from + width * (column + 1)))
            ++end;
        if (end == begin)
            continue;
        qsizetype least = begin;
        qsizetype greatest = begin;
        for (qsizetype i = begin; i < end; ++i) {
            if (points[i].y() < points[least].y())
                least = i;
            if (points[i].y() > points[greatest].y())
                greatest = i;
        }
        QVector<qsizetype> chosen{begin, least, greatest, end - 1};
        std::sort(chosen.begin(), chosen.end());
        chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
        for (const qsizetype i : chosen)
            result.append(points[i]);
        begin = end;
    }
    return result;
}

} // namespace

class TestMetricHistory : public QObject {
    Q_OBJECT
private slots:
    void keepsSeries();
    void reducesAsThePlainWay_data();
    void reducesAsThePlainWay();
    void leavesOutWhatIsNotFinite();
    void smooths();
    void goesBack();
    void writesCsv();
    void isFastWithAMillionPoints();
    void boundsTheMailbox();
};

void TestMetricHistory::keepsSeries()
{
    MetricHistory history;
    history.setMetrics({QStringLiteral("accuracy")});
    QSignalSpy changed(&history, &MetricHistory::changed);
    QVERIFY(std::isnan(history.last(Series::Loss)));
    QVERIFY(std::isnan(history.valueAt(Series::Loss, 3)));
    QVERIFY(history.reduced(Series::Loss, 0, 10, 10).isEmpty());
    MetricPoint end = point(3, 0.5);
    end.epochEnd = true;
    end.test = look(0.75, 0.8);
    history.append({point(1, 2.0), point(2, 1.0), end});
    QCOMPARE(changed.count(), 1);
    QCOMPARE(history.pointCount(Series::Loss), 3);
    QCOMPARE(history.pointCount(MetricHistory::testMetric(0)), 1);
    QCOMPARE(history.last(Series::TestLoss), 0.75);
    QCOMPARE(history.lastStep(), 3);
    QCOMPARE(history.valueAt(Series::Loss, 1.4), 2.0);
    QCOMPARE(history.valueAt(Series::Loss, 1.6), 1.0);
    QCOMPARE(history.valueAt(Series::Loss, 99), 0.5);
    history.addEvent({RunEvent::Kind::Saved, 3, QStringLiteral("a")});
    QCOMPARE(history.events().size(), 1);
    history.reset();
    QCOMPARE(history.pointCount(Series::Loss), 0);
    QVERIFY(history.events().isEmpty());
    QVERIFY(history.reduced(Series::Loss, 0, 10, 0).isEmpty());
}

void TestMetricHistory::reducesAsThePlainWay_data()
{
    QTest::addColumn<int>("count");
    for (const int count : {1, 15, 16, 17, 255, 256, 257, 4095, 4096, 4097, 5000})
        QTest::addRow("%d points", count) << count;
}

void TestMetricHistory::reducesAsThePlainWay()
{
    QFETCH(int, count);
    QRandomGenerator random(static_cast<quint32>(count));
    MetricHistory history;
    QVector<QPointF> points;
    QVector<MetricPoint> values;
    qint64 step = 0;
    for (int i = 0; i < count; ++i) {
        step += 1 + random.bounded(3);
        values.append(point(step, random.generateDouble()));
        points.append({static_cast<double>(step), values.last().loss});
    }
    history.append(values);
    for (int round = 0; round < 60; ++round) {
        const double from = random.bounded(static_cast<double>(step));
        const double to = from + random.bounded(static_cast<double>(step));
        const int columns = 1 + static_cast<int>(random.bounded(300));
        QCOMPARE(history.reduced(Series::Loss, from, to, columns), reducedSlowly(points, from, to, columns));
    }
    QCOMPARE(history.reduced(Series::Loss, 0, static_cast<double>(step), 1),
             reducedSlowly(points, 0, static_cast<double>(step), 1));
}

void TestMetricHistory::leavesOutWhatIsNotFinite()
{
    MetricHistory history;
    history.append({point(1, 1.0), point(2, std::numeric_limits<double>::quiet_NaN()),
                    point(3, std::numeric_limits<double>::infinity()), point(4, 2.0)});
    QCOMPARE(history.pointCount(Series::Loss), 2);
    QCOMPARE(history.pointCount(Series::LearningRate), 4);
    QCOMPARE(history.reduced(Series::Loss, 0, 10, 1), (QVector<QPointF>{{1, 1.0}, {4, 2.0}}));
}

void TestMetricHistory::smooths()
{
    MetricHistory history;
    history.append({point(1, 1.0), point(2, 3.0)});
    QCOMPARE(history.smoothed(Series::Loss, 0.5, 0, 10, 100), (QVector<QPointF>{{1, 1.0}, {2, 2.0}}));
    history.append({point(3, 4.0)}); // goes on from where it was
    QCOMPARE(history.smoothed(Series::Loss, 0.5, 0, 10, 100),
             (QVector<QPointF>{{1, 1.0}, {2, 2.0}, {3, 3.0}}));
    QCOMPARE(history.smoothed(Series::Loss, 0.0, 0, 10, 100), history.reduced(Series::Loss, 0, 10, 100));
}

void TestMetricHistory::goesBack()
{
    MetricHistory history;
    QVector<MetricPoint> values;
    for (qint64 step = 1; step <= 5000; ++step)
        values.append(point(step, static_cast<double>(step)));
    history.append(values);
    history.addEvent({RunEvent::Kind::Saved, 300, {}});
    history.addEvent({RunEvent::Kind::Saved, 4000, {}});
    history.smoothed(Series::Loss, 0.9, 0, 5000, 10);
    history.append({point(301, -7.0), point(302, 9999.0)});
    QCOMPARE(history.pointCount(Series::Loss), 302);
    QCOMPARE(history.lastStep(), 302);
    QCOMPARE(history.events().size(), 1);
    QCOMPARE(history.reduced(Series::Loss, 0, 5000, 1),
             (QVector<QPointF>{{1, 1.0}, {301, -7.0}, {302, 9999.0}}));
    QCOMPARE(history.smoothed(Series::Loss, 0.0, 302, 302, 1), (QVector<QPointF>{{302, 9999.0}}));
    // The pyramid is whole again after having been cut.
    values.clear();
    for (qint64 step = 303; step <= 5000; ++step)
        values.append(point(step, 1.0));
    history.append(values);
    QCOMPARE(history.reduced(Series::Loss, 0, 5000, 1),
             (QVector<QPointF>{{1, 1.0}, {301, -7.0}, {302, 9999.0}, {5000, 1.0}}));
}

void TestMetricHistory::writesCsv()
{
    MetricHistory history;
    history.setMetrics({QStringLiteral("accuracy")});
    MetricPoint end = point(2, 0.25);
    end.epochEnd = true;
    end.test = look(0.5, 0.75);
    end.gradientNorm = 3.0;
    MetricPoint bare = point(1, 1.5);
    bare.metrics[0] = std::numeric_limits<float>::quiet_NaN();
    history.append({bare, end});
    QCOMPARE(history.toCsv(),
             QByteArray("step,loss,accuracy,learning_rate,test_loss,test_accuracy,gradient_norm\n"
                        "1,1.5,,0.10000000000000001,,,\n"
                        "2,0.25,0.5,0.10000000000000001,0.5,0.75,3\n"));
    // Other metrics: other columns, and the old ones are gone.
    history.setMetrics({QStringLiteral("mae"), QStringLiteral("a, b")});
    QVERIFY(
        history.toCsv().startsWith("step,loss,mae,\"a, b\",learning_rate,test_loss,test_mae,\"test_a, b\","));
    QCOMPARE(history.pointCount(MetricHistory::metric(0)), 0);
}

void TestMetricHistory::isFastWithAMillionPoints()
{
    constexpr qint64 kCount = 1'000'000;
    constexpr int kColumns = 2000;
    MetricHistory history;
    QVector<MetricPoint> values;
    for (qint64 step = 1; step <= kCount; ++step)
        values.append(point(step, std::sin(static_cast<double>(step) * 0.37)));
    history.append(values);
    const auto microseconds = [&](double from, double to) {
        QElapsedTimer timer;
        qint64 best = std::numeric_limits<qint64>::max();
        for (int i = 0; i < 5; ++i) {
            timer.start();
            const QVector<QPointF> points = history.reduced(Series::Loss, from, to, kColumns);
            best = std::min(best, timer.nsecsElapsed() / 1000);
            if (points.isEmpty() || points.size() > 4 * kColumns)
                return std::numeric_limits<qint64>::max();
        }
        return best;
    };
    const qint64 whole = microseconds(1, kCount);
    const qint64 part = microseconds(300'000, 420'000);
    qInfo("1,000,000 points to 2,000 columns: %lld us for the whole, %lld us for an eighth", whole, part);
    // Far above what it takes, far below what looking at every point would in this build.
    constexpr qint64 kBound = 40'000;
    QVERIFY(whole < kBound);
    QVERIFY(part < kBound);
}

void TestMetricHistory::boundsTheMailbox()
{
    Mailbox<MetricPoint> box([](const MetricPoint& value) { return value.epochEnd; }, 1000);
    for (qint64 step = 1; step <= 10'000; ++step) {
        MetricPoint value = point(step, 0.0);
        value.epochEnd = step % 2500 == 0;
        box.post(value);
    }
    const Mailbox<MetricPoint>::Taken taken = box.take();
    QVERIFY(taken.values.size() <= 1000);
    QVERIFY(taken.values.size() > 400);
    QCOMPARE(std::count_if(taken.values.begin(), taken.values.end(),
                           [](const MetricPoint& value) { return value.epochEnd; }),
             4);
    QVERIFY(std::is_sorted(taken.values.begin(), taken.values.end(),
                           [](const MetricPoint& a, const MetricPoint& b) { return a.step < b.step; }));
    QCOMPARE(taken.values.last().step, 10'000);
    QVERIFY(taken.values.first().step < 100);
    QCOMPARE(taken.generation, 0);
    box.post(point(1, 0.0));
    box.startAnew();
    QVERIFY(box.take().values.isEmpty());
    QCOMPARE(box.take().generation, 1);
}

QTEST_GUILESS_MAIN(TestMetricHistory)
#include "tst_metric_history.moc"
