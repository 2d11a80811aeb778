// SPDX-License-Identifier: GPL-3.0-or-later
// Trains a session by its model's recipe: shuffled batches, one plan run per step, the test set at each
// epoch's end or as the recipe says, and a guard that finds NaN or Inf before an update is kept. Used by one
// thread at a time, between whose calls the session may be read and assigned. Everything that the course of
// training depends on is in TrainerState.
#pragma once

#include "engine/session/session.h"
#include "engine/train/dataset.h"

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace wr::train {

/// One value for each metric of the recipe; NaN beyond them.
template <typename T>
using MetricArray = std::array<T, graph::kMostMetrics>;
template <typename T>
constexpr MetricArray<T> noMetrics()
{
    MetricArray<T> values{};
    values.fill(std::numeric_limits<T>::quiet_NaN());
    return values;
}
using MetricValues = MetricArray<float>;

/// Means over all test examples.
struct Evaluation {
    double loss = 0.0;
    MetricArray<double> metrics = noMetrics<double>();
    std::int64_t count = 0;
};

/// What one step reports; small, copied upwards by value.
struct StepRecord {
    std::int64_t step = 0;                     ///< steps done, from 1
    std::int64_t epoch = 0;                    ///< epochs done, from 0
    double loss = 0.0;                         ///< of this batch, before its update
    MetricValues metrics = noMetrics<float>(); ///< of this batch, before its update
    double learningRate = 0.0;
    double gradientNorm = 0.0; ///< L2, of all that the step's updates take
    double seconds = 0.0;      ///< duration of the step
    bool epochEnd = false;
    bool isBest = false;                    ///< the look at the test examples was better than all before
    std::shared_ptr<const Evaluation> test; ///< where the test examples were looked at after the step
};

/// Position in the data and of the schedule, and what the run rules go by; goes into checkpoints so that a
/// resumed run continues with the same bits.
struct TrainerState {
    std::int64_t step = 0;
    std::int64_t epoch = 0;
    std::int64_t batchInEpoch = 0;
    std::uint64_t shuffleSeed = 0;
    double learningRate = 0.0;
    double seconds = 0.0; ///< spent on steps
    /// Of what the rules monitor, over the test examples; NaN before the first look.
    double best = std::numeric_limits<double>::quiet_NaN();
    std::int64_t bestStep = 0;
    std::int64_t looksSinceBest = 0;

    std::map<std::string, std::string> toMetadata() const;
    static Result<TrainerState> fromMetadata(const std::map<std::string, std::string>& metadata);
};

/// Why a training goes no further.
enum class RunEnd : std::uint8_t { None, Epochs, Steps, Minutes, Patience };

class Trainer {
public:
    virtual ~Trainer() = default;

    /// Checks recipe, data and shapes and makes the plans. FailedPrecondition without a recipe;
    /// InvalidArgument when the data does not fit the placeholders.
    static Result<std::unique_ptr<Trainer>> create(session::Session& session,
                                                   std::shared_ptr<const Dataset> dataset);

    /// One step. FailedPrecondition when variables are uninitialised; OutOfRange when the training has ended;
    /// Unavailable when the examples cannot be read; DataLoss naming the first op and variable when NaN or
    /// Inf appears, in which case no variable has changed.
    virtual Result<StepRecord> step() = 0;
    virtual RunEnd end() const = 0;
    bool isFinished() const { return end() != RunEnd::None; }
    virtual std::int64_t stepsPerEpoch() const = 0;
    /// By epochs and steps; 0 when neither is limited.
    virtual std::int64_t totalSteps() const = 0;
    /// Over the whole test set.
    virtual Result<Evaluation> evaluate() = 0;
    /// FailedPrecondition, saying where, when the script computes the rate or has more than one.
    virtual Status setLearningRate(double rate) = 0;
    /// Where the script computes the rate or names several, "line 12"; empty when setLearningRate() takes
    /// one.
    virtual std::string rateSource() const = 0;
    /// Of the last step, or of the next where none was done; 0 when that is not known yet.
    virtual double learningRate() const = 0;
    /// Session::takeTimes() of the step's plan.
    virtual std::vector<session::OpTime> takeTimes() = 0;
    virtual std::size_t planBytes() const = 0; ///< memory of all plans
    virtual TrainerState state() const = 0;
    virtual Status setState(const TrainerState& state) = 0;
};

} // namespace wr::train
