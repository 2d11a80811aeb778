// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/batch_reader.h"

#include "engine/train/batches.h"

#include <algorithm>
#include <new>

namespace wr::train {
namespace {

constexpr std::size_t kAhead = 2;

} // namespace

BatchReader::BatchReader(const Examples& examples, std::int64_t batchSize, const Tensor& features,
                         const Tensor* labels)
    : m_examples(examples), m_batchSize(batchSize), m_featureShape(features.shape()),
      m_labelShape(labels != nullptr ? labels->shape() : Shape()),
      m_labelType(labels != nullptr ? labels->dtype() : DType::Invalid),
      m_thread([this](const std::stop_token& stop) { work(stop); })
{
}

BatchReader::~BatchReader() = default;

Status BatchReader::take(const BatchPlace& place, Tensor& features, Tensor* labels)
{
    Batch batch;
    {
        std::unique_lock lock(m_mutex);
        if (!m_isStarted || place != m_wanted) {
            m_isStarted = true;
            m_ready.clear();
            m_next = place;
            ++m_starts;
            m_changed.notify_all();
        }
        m_wanted = place;
        m_changed.wait(lock, [this] { return !m_ready.empty(); });
        batch = std::move(m_ready.front());
        m_ready.pop_front();
        if (batch.status.isOk()) {
            m_wanted.batch = place.batch + 1;
            if (m_wanted.batch == m_examples.count() / m_batchSize)
                m_wanted = {place.seed, place.epoch + 1, 0};
        } else {
            m_isStarted = false;
        }
        m_changed.notify_all();
    }
    WR_RETURN_IF_ERROR(batch.status);
    std::copy_n(batch.features.bytes().data(), batch.features.byteSize(), features.mutableBytes().data());
    if (labels != nullptr)
        std::copy_n(batch.labels.bytes().data(), batch.labels.byteSize(), labels->mutableBytes().data());
    return {};
}

BatchReader::Batch BatchReader::gather(const BatchPlace& place, const std::vector<std::int64_t>& order) const
{
    Batch batch;
    batch.place = place;
    const auto read = [&]() -> Status {
        const std::span<const std::int64_t> rows = std::span(order).subspan(
            static_cast<std::size_t>(place.batch * m_batchSize), static_cast<std::size_t>(m_batchSize));
        WR_ASSIGN_OR_RETURN(batch.features, Tensor::create(DType::Float32, m_featureShape));
        WR_RETURN_IF_ERROR(gatherFeatures(m_examples, rows, batch.features));
        if (m_labelType != DType::Invalid) {
            WR_ASSIGN_OR_RETURN(batch.labels, Tensor::create(m_labelType, m_labelShape));
            gatherLabels(m_examples, rows, batch.labels);
        }
        return {};
    };
    batch.status = read();
    return batch;
}

void BatchReader::work(const std::stop_token& stop)
{
    std::vector<std::int64_t> order;
    BatchPlace orderPlace{0, -1, 0}; ///< seed and epoch of `order`
    std::unique_lock lock(m_mutex);
    while (true) {
        if (!m_changed.wait(lock, stop, [this] { return m_isStarted && m_ready.size() < kAhead; }))
            return;
        const BatchPlace place = m_next;
        const std::uint64_t start = m_starts;
        lock.unlock();
        Batch batch;
        try {
            if (place.seed != orderPlace.seed || place.epoch != orderPlace.epoch) {
                order = shuffled(m_examples.count(), place.seed, static_cast<std::uint64_t>(place.epoch));
                orderPlace = place;
            }
            batch = gather(place, order);
        } catch (const std::bad_alloc&) { // must not leave its thread
            batch.status = resourceExhausted("there is no memory for the next batch");
        }
        const bool failed = !batch.status.isOk();
        lock.lock();
        if (start != m_starts)
            continue; // somebody asked for another place meanwhile
        m_ready.push_back(std::move(batch));
        m_next.batch = place.batch + 1;
        if (m_next.batch == m_examples.count() / m_batchSize)
            m_next = {place.seed, place.epoch + 1, 0};
        m_changed.notify_all();
        // What comes after a failure is read when it is asked for again.
        if (failed && !m_changed.wait(lock, stop, [&] { return start != m_starts; }))
            return;
    }
}

} // namespace wr::train
