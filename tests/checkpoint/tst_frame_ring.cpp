// SPDX-License-Identifier: GPL-3.0-or-later
// Frames that are packed ahead by several threads come in the order of the file with the same bits as by one,
// never more of them than the ring has places, and an error of the source comes out where it belongs.
#include "engine/checkpoint/frame_ring.h"
#include "tests/checkpoint/sample_tensors.h"

#include <QTest>
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
    const std::vector<Digest> digests(source.specs().size());
    return planSave(source, digests, {}, {}, std::string(32, '0'));
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
    for (std::size_t unit = 0; unit < plan->units.size(); ++unit) {
        const auto a = one.next();
        const auto b = several.next();
        QVERIFY(a && b && a->size() == b->size());
        for (std::size_t i = 0; i < a->size(); ++i) {
            QVERIFY((*a)[i].bytes == (*b)[i].bytes);
            QVERIFY((*a)[i].checksum == (*b)[i].checksum);
            content += (*a)[i].contentSize;
        }
    }
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
    QVERIFY(ring.next() && ring.next());
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
        QVERIFY(ring.next()); // the header
        int whole = 0;
        Result<std::vector<Frame>> frames = ring.next();
        while (frames && whole < 100) {
            ++whole;
            frames = ring.next();
        }
        QVERIFY(!frames);
        QCOMPARE(frames.error().code(), StatusCode::DataLoss);
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
        for (std::size_t i = 0; i < taken; ++i)
            QVERIFY(ring.next());
    }
    // Nothing to do at all but the header.
    const std::vector<NamedTensor> none;
    const MemorySource empty(none);
    const auto small = planOf(empty);
    FrameRing ring(*small, 5);
    QVERIFY(ring.next());
}

QTEST_GUILESS_MAIN(TestFrameRing)
#include "tst_frame_ring.moc"
