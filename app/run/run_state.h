// SPDX-License-Identifier: GPL-3.0-or-later
// What the window knows of a run: small values sent upwards by the worker. Copied, never shared.
#pragma once

#include "app/document/explanation.h"
#include "app/document/variable_row.h"

#include <QHash>
#include <QMetaType>
#include <QString>
#include <QStringList>
#include <QVector>
#include <QtNumeric>
#include <array>
#include <memory>

namespace wr::app {

enum class RunPhase {
    Empty,    ///< no model, or one with errors
    Building, ///< session and data are being made
    Ready,    ///< session exists; paused or not yet started
    Running,
    Saving, ///< a snapshot is taken (training goes on after it)
    Restoring,
    Finished, ///< all epochs done
    Failed,   ///< the session could not be made
};

struct DeviceInfo {
    QString name;        ///< "/cpu:0"
    QString description; ///< "AMD EPYC, avx512, 2 threads"
    bool available = true;
    QString reason; ///< why not available
    QString type;   ///< "CPU"
    int index = 0;
    quint64 memoryBytes = 0; ///< 0: not known
};

struct RunState {
    RunPhase phase = RunPhase::Empty;
    qint64 step = 0;
    qint64 totalSteps = 0;
    qint64 epoch = 0;
    qint64 epochs = 0;
    double stepsPerSecond = 0.0;
    double learningRate = 0.0;
    double loss = 0.0;
    double testLoss = qQNaN();
    double testAccuracy = -1.0;
    QStringList metrics;       ///< what the recipe measures besides the loss
    double secondsLeft = -1.0; ///< of the time that the recipe gives; negative: it gives none
    QString ending;            ///< when finished: why
    QString rateSource;        ///< where the script computes the learning rate; empty: it can be set
    qint64 uninitialized = 0;  ///< number of variables without a value
    bool canTrain = false;     ///< the model has a recipe
    QString obstacle;          ///< why a recipe cannot be trained
    quint64 trainBytes = 0;    ///< memory of variables, plans and data
    QString device;            ///< "cpu:0 avx512, 2 threads"
    QString dataset;           ///< "digits, 8,000 train, 2,000 test"
    QString activity;          ///< "Initialising…", "Loading data…"; empty when idle
};

inline constexpr int kMostMetrics = 6;

/// What a look at all test examples gave.
struct TestLook {
    double loss = 0.0;
    std::array<double, kMostMetrics> metrics{}; ///< NaN beyond RunState::metrics
    bool isBest = false;                        ///< better than all before
};

/// One point of the curves, taken from the mailbox.
struct MetricPoint {
    qint64 step = 0;
    double loss = 0.0;
    std::array<float, kMostMetrics> metrics{}; ///< NaN beyond RunState::metrics
    double learningRate = 0.0;
    double gradientNorm = qQNaN();
    bool epochEnd = false;
    std::shared_ptr<const TestLook> test; ///< null: the test examples were not looked at
};

/// A mark on the step axis.
struct RunEvent {
    enum class Kind { Saved, Restored, RateChanged, NonFinite, Initialized };
    Kind kind = Kind::Saved;
    qint64 step = 0;
    QString text;
};

/// A step that gave NaN or Inf and was not kept.
struct NonFiniteStep {
    Explanation explanation;
    qint64 goodStep = -1;   ///< to which goBack() leads; -1: to none
    double lowerRate = 0.0; ///< what goBackAndLowerRate() sets; 0: the rate cannot be set
};

} // namespace wr::app

Q_DECLARE_METATYPE(wr::app::RunState)
Q_DECLARE_METATYPE(wr::app::RunEvent)
Q_DECLARE_METATYPE(wr::app::NonFiniteStep)
