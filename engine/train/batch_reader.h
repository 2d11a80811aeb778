// SPDX-License-Identifier: GPL-3.0-or-later
// Batches of a training whose examples lie in a file: a thread of its own gathers at most two of them ahead,
// while steps run. Which examples a batch holds follows from seed, epoch and number alone, so a batch that
// waits and one that is asked for out of turn are the same. take() is for one thread.
#pragma once

#include "engine/train/dataset.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

namespace wr::train {

/// A batch's place in a training.
struct BatchPlace {
    std::uint64_t seed = 0;
    std::int64_t epoch = 0;
    std::int64_t batch = 0;
    friend bool operator==(const BatchPlace&, const BatchPlace&) = default;
};

class BatchReader {
public:
    /// `examples` must outlive the reader; `features` and `labels` are what a batch is fed into (null:
    /// without labels), for their shapes and types.
    BatchReader(const Examples& examples, std::int64_t batchSize, const Tensor& features,
                const Tensor* labels);
    ~BatchReader();
    BatchReader(const BatchReader&) = delete;
    BatchReader& operator=(const BatchReader&) = delete;

    /// Fills `features` and `labels` with the batch at `place`. The source's errors; after one, asking again
    /// reads again.
    Status take(const BatchPlace& place, Tensor& features, Tensor* labels);

private:
    struct Batch {
        BatchPlace place;
        Tensor features;
        Tensor labels;
        Status status;
    };
    void work(const std::stop_token& stop);
    Batch gather(const BatchPlace& place, const std::vector<std::int64_t>& order) const;

    const Examples& m_examples;
    const std::int64_t m_batchSize;
    const Shape m_featureShape;
    const Shape m_labelShape;
    const DType m_labelType; ///< Invalid: without labels

    std::mutex m_mutex; ///< guards what follows
    std::condition_variable_any m_changed;
    std::deque<Batch> m_ready; ///< in order, the first of them at m_wanted
    BatchPlace m_wanted;       ///< what take() will ask for next, as far as is known
    BatchPlace m_next;         ///< what is gathered next
    bool m_isStarted = false;
    std::uint64_t m_starts = 0; ///< times that m_next was set anew

    std::jthread m_thread; ///< last, so that it begins when all the rest is there
};

} // namespace wr::train
