// SPDX-License-Identifier: GPL-3.0-or-later
// Initial values to choose from: what the script can say, with parameters as fields, the text that it comes
// to, and what is drawn by it on the real engine. Pure functions; drawInitialValue() takes milliseconds and
// belongs into a job.
#pragma once

#include <QHash>
#include <QString>
#include <QStringList>
#include <QVector>

namespace wr::app {

struct InitialValueParameter {
    QString name;      ///< as the script spells it: "stddev"
    QString value;     ///< as written; empty: left out
    QStringList words; ///< the only values that it takes, without quotes; empty: a number
    bool isNeeded = false;
};

struct InitialValueForm {
    QString function; ///< "tf.random_normal"
    QString label;    ///< one line about it
    QVector<InitialValueParameter> parameters;
    /// An object that is called with the shape, "tf.glorot_uniform_initializer()([784, 200])", rather than a
    /// function that takes it.
    bool isObject = false;
    QString shapeKeyword; ///< of the shape where it is not the first argument: tf.constant
};

/// Those that this build of the program can make, found out by making one of each.
const QVector<InitialValueForm>& initialValueForms();
/// The text of a form for a shape. `shapeApart`: for tf.get_variable, which gives objects the shape itself.
QString initialValueText(const InitialValueForm& form, const QVector<qint64>& dims, const QString& dtype,
                         bool shapeApart);
/// The form whose text this is, with its parameters as written; −1 when it is another expression.
int formOf(const QString& text, InitialValueForm* form);

/// What an initial value draws.
struct InitialValueSample {
    QString problem;       ///< in plain words; the rest is empty then
    QString shape;         ///< what it makes: "784 × 200"
    qint64 count = 0;      ///< elements
    bool isCapped = false; ///< drawn for fewer elements than the variable has
    QVector<double> bins;
    double low = 0.0;
    double high = 0.0;
    double mean = 0.0;
    double stddev = 0.0;
    double min = 0.0;
    double max = 0.0;
    qint64 fanIn = 0;
    qint64 fanOut = 0;
};

/// `text` is an initial value as the script has it; `dims` the variable's shape, `name` decides the seed.
InitialValueSample drawInitialValue(const QString& text, const QVector<qint64>& dims, const QString& name,
                                    bool shapeApart);

} // namespace wr::app
