// SPDX-License-Identifier: GPL-3.0-or-later
// Frames that are packed ahead by several threads come in the order of the file with the same bits as by one,
// never more of them than the ring has places, and an error of the source comes out where it belongs.
#include "engine/checkpoint/digest.h"
#include "engine/checkpoint/frame_ring.h"
#include "tests/checkpoint/sample_tensors.h"

#include <QTest>
#include <algorithm>
#include <atomic>

using namespace wr;
using namespace wr::checkpoint;

namespace {

/// Counts what is asked for, and fails at one place if wanted.
class CountingSource final : public TensorSource {
public:
    explicit CountingSource(std::span<const NamedTensor> tensors) : m_memory(tensors) {}
    const std::vector<TensorSpec>& specs() const override { return m_memory.specs(); }
    Result<std::span<const std::byte>> bytes(std::size_t tensor, std::uint64_t at, std::size_t size,
                                             std::vector<std::byte>& scratch) const override
    {
        const int number = asked.fetch_add(1);
        if (number >= failFrom)
            return fail(dataLoss("the source is damaged"));
        return m_memory.bytes(tensor, at, size, scratch);
    }
    Result<Tensor> whole(std::size_t tensor) const override { return m_memory.whole(tensor); }
    std::optional<Digest> knownDigest(std::size_t) const override { return {}; }
    std::optional<Statistics> knownStatistics(std::size_t) const override { return {}; }

    mutable std::atomic<int> asked{0};
    std::atomic<int> failFrom{1 << 30};

private:
    MemorySource m_memory;
};

Result<SavePlan> planOf(const TensorSource& source)
{
    return planSave(source, {}, {}, std::string(32, '0'));
}

} // namespace

class TestFrameRing : public QObject {
    Q_OBJECT
private slots:
    void sameBitsOnAnyNumberOfThreads_data();
    void sameBitsOnAnyNumberOfThreads();
    void doesNotRunAhead();
    void tellsErrorsInOrder();
    void mayBeLeftAnyTime();
};

void TestFrameRing::sameBitsOnAnyNumberOfThreads_data()
{
    QTest::addColumn<int>("threads");
    for (const int threads : {2, 3, 8})
        QTest::addRow("%d", threads) << threads;
}

void TestFrameRing::sameBitsOnAnyNumberOfThreads()
{
    QFETCH(int, threads);
    const std::vector<NamedTensor> tensors = largeTensors();
    const MemorySource source(tensors);
    const auto plan = planOf(source);
    QVERIFY(plan);
    FrameRing one(*plan, 1);
    FrameRing several(*plan, threads);
    std::uint64_t content = 0;
    std::size_t digests = 0;
    for (std::size_t unit = 0; unit < plan->units.size(); ++unit) {
        EncodedUnit a;
        EncodedUnit b;
        QVERIFY(one.next(a).isOk() && several.next(b).isOk());
        QVERIFY(std::ranges::equal(a.bytes(), b.bytes()));
        QVERIFY(a.hashes == b.hashes && a.frames.size() == b.frames.size());
        for (const FrameInfo& frame : a.frames)
            content += frame.contentSize;
        QCOMPARE(a.values.size(), b.values.size());
        for (std::size_t i = 0; i < a.values.size(); ++i) {
            QCOMPARE(a.values[i].tensor, b.values[i].tensor);
            QVERIFY(a.values[i].digest == b.values[i].digest);
            if (!a.values[i].digest)
                continue;
            const std::size_t tensor = plan->tensors[a.values[i].tensor].source;
            QVERIFY(*a.values[i].digest == digestOf(tensors[tensor].tensor.bytes()));
            ++digests;
        }
    }
    QCOMPARE(digests, tensors.size());
    QCOMPARE(content, plan->contentSize);
}

void TestFrameRing::doesNotRunAhead()
{
    std::vector<NamedTensor> tensors;
    tensors.push_back({"large", *Tensor::zeros(DType::UInt8, Shape{200 << 20})});
    const CountingSource source(tensors);
    const auto plan = planOf(source);
    QVERIFY(plan && plan->units.size() > 200);
    source.asked = 0;
    FrameRing ring(*plan, 2);
    constexpr int kPlaces = 8;                      // four for each thread
    QTRY_COMPARE(source.asked.load(), kPlaces - 1); // the header is none of the source's
    QTest::qWait(100);
    QCOMPARE(source.asked.load(), kPlaces - 1);
    EncodedUnit unit;
    QVERIFY(ring.next(unit).isOk() && ring.next(unit).isOk());
    QTRY_COMPARE(source.asked.load(), kPlaces + 1);
}

void TestFrameRing::tellsErrorsInOrder()
{
    const std::vector<NamedTensor> tensors = largeTensors();
    for (const int threads : {1, 4}) {
        CountingSource source(tensors);
        const auto plan = planOf(source);
        QVERIFY(plan);
        source.asked = 0;
        source.failFrom = 3;
        FrameRing ring(*plan, threads);
        EncodedUnit unit;
        QVERIFY(ring.next(unit).isOk()); // the header
        int whole = 0;
        Status status = ring.next(unit);
        while (status.isOk() && whole < 100) {
            ++whole;
            status = ring.next(unit);
        }
        QCOMPARE(status.code(), StatusCode::DataLoss);
        QVERIFY(whole <= 3);
    }
}

void TestFrameRing::mayBeLeftAnyTime()
{
    const std::vector<NamedTensor> tensors = largeTensors();
    const MemorySource source(tensors);
    const auto plan = planOf(source);
    for (std::size_t taken = 0; taken < 12; ++taken) {
        FrameRing ring(*plan, 3);
        EncodedUnit unit;
        for (std::size_t i = 0; i < taken; ++i)
            QVERIFY(ring.next(unit).isOk());
    }
    // Nothing to do at all but the header.
    const std::vector<NamedTensor> none;
    const MemorySource empty(none);
    const auto small = planOf(empty);
    FrameRing ring(*small, 5);
    EncodedUnit unit;
    QVERIFY(ring.next(unit).isOk());
}

QTEST_GUILESS_MAIN(TestFrameRing)
#include "tst_frame_ring.moc"
