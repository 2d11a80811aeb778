// SPDX-License-Identifier: GPL-3.0-or-later
// What the window may ask to see of a training besides its curves: weights and units, the answers over a
// plane, examples of the data, the time each kind of op takes. Values made by the worker, shared and never
// changed.
#pragma once

#include <QMetaType>
#include <QString>
#include <QStringList>
#include <QVector>
#include <memory>

namespace wr::app {

/// Which of them to keep up to date while they are looked at.
struct Probes {
    bool weights = false;
    bool surface = false;
    bool timing = false;
};

/// One variable at one step.
struct WeightProbe {
    QString name;
    qint64 elements = 0;
    double mean = 0.0;
    double deviation = 0.0;
    double least = 0.0;
    double greatest = 0.0;
    double zeros = 0.0;       ///< share of the elements
    double updateRatio = 0.0; ///< norm of one step's change over the norm before it; NaN where not known
    QVector<float> counts;    ///< over equal bins from least to greatest, as shares of the largest bin
};

struct WeightReport {
    qint64 step = 0;
    QVector<WeightProbe> variables;
    struct Units {
        QString name;
        qint64 units = 0;
        qint64 dead = 0; ///< zero for all examples that were looked at
    };
    QVector<Units> activations;
    qint64 examples = 0; ///< that the activations were looked at with
};

/// What the model says over a plane of two features, or over a line of one.
struct SurfaceReport {
    qint64 step = 0;
    bool isLine = false;
    double left = 0.0, right = 0.0, bottom = 0.0, top = 0.0;
    int columns = 0;
    int rows = 0;            ///< 1 for a line
    QVector<int> classes;    ///< of a plane: the likeliest class, row by row from the bottom
    QVector<float> strength; ///< of a plane: the likeliest class's probability; of a line: the answer
    struct Point {
        float x = 0.0F;
        float y = 0.0F;
        int label = 0;
    };
    QVector<Point> points; ///< of the test examples, or the training's where there are none
};

struct DataReport {
    QString name;
    qint64 train = 0;
    qint64 test = 0;
    QVector<qint64> shape; ///< of one example's features
    QStringList classNames;
    QVector<qint64> trainCounts; ///< by class; empty where the targets are numbers
    QVector<qint64> testCounts;
    struct Example {
        QVector<float> features; ///< bytes of images as 0…1
        QString label;
    };
    QVector<Example> examples; ///< the first of the training part
    /// What each column of a table was taken for.
    struct Column {
        QString name;
        bool isLabel = false;
        bool isUsed = true;
        bool isText = false;
        qint64 texts = 0; ///< different ones
        qint64 missing = 0;
        double mean = 0.0;
        double deviation = 0.0;
    };
    QVector<Column> columns;
    double least = 0.0; ///< of all training features
    double greatest = 0.0;
};

/// Where the time of a step goes.
struct TimingReport {
    qint64 steps = 0;
    double secondsPerStep = 0.0;
    struct Share {
        QString op;
        int nodes = 0;
        double seconds = 0.0; ///< per step
    };
    QVector<Share> shares;  ///< the longest first
    quint64 trainBytes = 0; ///< variables, activations, workspace and data
};

using WeightReportPtr = std::shared_ptr<const WeightReport>;
using SurfaceReportPtr = std::shared_ptr<const SurfaceReport>;
using DataReportPtr = std::shared_ptr<const DataReport>;
using TimingReportPtr = std::shared_ptr<const TimingReport>;

} // namespace wr::app
