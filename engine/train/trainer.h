// SPDX-License-Identifier: GPL-3.0-or-later
// Trains a session by its model's recipe: shuffled batches, one plan run per step, the test set at each
// epoch's end, and a guard that finds NaN or Inf before an update is kept. Used by one thread at a time,
// between whose calls the session may be read and assigned. Everything that the course of training depends on
// is in TrainerState.
#pragma once

#include "engine/session/session.h"
#include "engine/train/dataset.h"

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace wr::train {

/// What one step reports; small, copied upwards by value.
struct StepRecord {
    std::int64_t step = 0;  ///< steps done, from 1
    std::int64_t epoch = 0; ///< epochs done, from 0
    double loss = 0.0;      ///< of this batch, before its update
    double accuracy = -1.0; ///< of this batch; -1 without a metric
    double learningRate = 0.0;
    double seconds = 0.0; ///< duration of the step
    bool epochEnd = false;
    /// At an epoch's end, when there is test data; NaN otherwise.
    double testLoss = std::numeric_limits<double>::quiet_NaN();
    double testAccuracy = -1.0;
};

/// Position in the data and of the schedule; goes into checkpoints so that a resumed run continues with the
/// same bits.
struct TrainerState {
    std::int64_t step = 0;
    std::int64_t epoch = 0;
    std::int64_t batchInEpoch = 0;
    std::uint64_t shuffleSeed = 0;
    double learningRate = 0.0;

    std::map<std::string, std::string> toMetadata() const;
    static Result<TrainerState> fromMetadata(const std::map<std::string, std::string>& metadata);
};

struct Evaluation {
    double loss = 0.0;
    double accuracy = -1.0;
    std::int64_t count = 0;
};

class Trainer {
public:
    virtual ~Trainer() = default;

    /// Checks recipe, data and shapes and makes the plans. FailedPrecondition without a recipe;
    /// InvalidArgument when the data does not fit the placeholders.
    static Result<std::unique_ptr<Trainer>> create(session::Session& session,
                                                   std::shared_ptr<const Dataset> dataset);

    /// One step. FailedPrecondition when variables are uninitialised; OutOfRange when all epochs are done;
    /// DataLoss naming the first op and variable when NaN or Inf appears, in which case no variable has
    /// changed.
    virtual Result<StepRecord> step() = 0;
    virtual bool isFinished() const = 0;
    virtual std::int64_t stepsPerEpoch() const = 0;
    virtual std::int64_t totalSteps() const = 0;
    /// Over the whole test set.
    virtual Result<Evaluation> evaluate() = 0;
    /// FailedPrecondition, saying where, when the script computes the rate or has more than one.
    virtual Status setLearningRate(double rate) = 0;
    /// Of the last step, or of the next where none was done; 0 when that is not known yet.
    virtual double learningRate() const = 0;
    virtual TrainerState state() const = 0;
    virtual Status setState(const TrainerState& state) = 0;
};

} // namespace wr::train
