// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/trainer.h"

#include <array>
#include <charconv>
#include <cmath>

namespace wr::train {
namespace {

template <typename T>
Status readNumber(const std::map<std::string, std::string>& metadata, const std::string& key, T& value)
{
    const auto found = metadata.find(key);
    if (found == metadata.end())
        return notFound("the checkpoint holds no " + key);
    const std::string& text = found->second;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size())
        return invalidArgument(key + ": \"" + text + "\" is no number that fits");
    return {};
}

std::string exact(double value)
{
    std::array<char, 64> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    return {digits.data(), written.ptr};
}

} // namespace

std::map<std::string, std::string> TrainerState::toMetadata() const
{
    std::map<std::string, std::string> metadata{{"train.step", std::to_string(step)},
                                                {"train.epoch", std::to_string(epoch)},
                                                {"train.batch_in_epoch", std::to_string(batchInEpoch)},
                                                {"train.shuffle_seed", std::to_string(shuffleSeed)},
                                                {"train.learning_rate", exact(learningRate)},
                                                {"train.seconds", exact(seconds)}};
    if (!std::isnan(best)) {
        metadata["train.best"] = exact(best);
        metadata["train.best_step"] = std::to_string(bestStep);
        metadata["train.looks_since_best"] = std::to_string(looksSinceBest);
    }
    return metadata;
}

Result<TrainerState> TrainerState::fromMetadata(const std::map<std::string, std::string>& metadata)
{
    TrainerState state;
    WR_RETURN_IF_ERROR(readNumber(metadata, "train.step", state.step));
    WR_RETURN_IF_ERROR(readNumber(metadata, "train.epoch", state.epoch));
    WR_RETURN_IF_ERROR(readNumber(metadata, "train.batch_in_epoch", state.batchInEpoch));
    WR_RETURN_IF_ERROR(readNumber(metadata, "train.shuffle_seed", state.shuffleSeed));
    WR_RETURN_IF_ERROR(readNumber(metadata, "train.learning_rate", state.learningRate));
    // Older checkpoints hold none of these.
    if (metadata.count("train.seconds") != 0)
        WR_RETURN_IF_ERROR(readNumber(metadata, "train.seconds", state.seconds));
    if (metadata.count("train.best") != 0) {
        WR_RETURN_IF_ERROR(readNumber(metadata, "train.best", state.best));
        WR_RETURN_IF_ERROR(readNumber(metadata, "train.best_step", state.bestStep));
        WR_RETURN_IF_ERROR(readNumber(metadata, "train.looks_since_best", state.looksSinceBest));
    }
    if (!std::isfinite(state.seconds) || state.seconds < 0.0 || state.bestStep < 0 ||
        state.looksSinceBest < 0)
        return fail(StatusCode::InvalidArgument, "the course of the training in the checkpoint is negative");
    if (state.step < 0 || state.epoch < 0 || state.batchInEpoch < 0)
        return fail(StatusCode::InvalidArgument, "the training position in the checkpoint is negative");
    return state;
}

} // namespace wr::train
