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
    double testAccuracy = -1.0;
    qint64 uninitialized = 0; ///< number of variables without a value
    bool canTrain = false;    ///< the model has a recipe
    QString device;           ///< "cpu:0 avx512, 2 threads"
    QString dataset;          ///< "digits, 8,000 train, 2,000 test"
    QString activity;         ///< "Initialising…", "Loading data…"; empty when idle
};

/// One point of the curves, taken from the mailbox.
struct MetricPoint {
    qint64 step = 0;
    double loss = 0.0;
    double accuracy = -1.0; ///< −1: none
    double learningRate = 0.0;
    bool epochEnd = false;
    double testLoss = qQNaN(); ///< NaN: none
    double testAccuracy = -1.0;
};

/// A mark on the step axis.
struct RunEvent {
    enum class Kind { Saved, Restored, RateChanged, NonFinite, Initialized };
    Kind kind = Kind::Saved;
    qint64 step = 0;
    QString text;
};

} // namespace wr::app

Q_DECLARE_METATYPE(wr::app::RunState)
Q_DECLARE_METATYPE(wr::app::RunEvent)
