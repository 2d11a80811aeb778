// SPDX-License-Identifier: GPL-3.0-or-later
// A variable as the table shows it. A value made from the model by the project; the live state comes from the
// run.
#pragma once

#include <QString>
#include <QVector>

namespace wr::app {

enum class VariableLife { Uninitialized, Initialized, Restored, Trained };

struct VariableRow {
    QString name;
    QString shape; ///< "784 × 200", "scalar"
    QVector<qint64> dims;
    QString dtype;       ///< "float32"
    QString initializer; ///< as written: "tf.random_normal([784, 200], stddev=0.35)"
    QString device;      ///< "/cpu:0"; empty: anywhere
    bool trainable = true;
    bool editable = true;
    QString readOnlyReason; ///< why the table cannot edit it, for example "made in the loop on line 14"
    QString slotOf;         ///< optimizer slot of that variable; empty otherwise
    qint64 parameters = 0;
    qint64 bytes = 0;
    bool isIncomplete = false;    ///< a hole: neither value nor shape yet
    bool isClashing = false;      ///< its name was taken; the problem list has the fix
    bool takesShapeApart = false; ///< tf.get_variable: the shape stands outside the initial value
    bool canHaveSeed = false;     ///< its initial value is drawn at random
    QString seed;                 ///< as written; empty: the seed follows the name
    QString nameSeed;             ///< "0x1f…" of a seed by name
    int begin = 0;                ///< UTF-16 offsets of its statement in the script
    int end = 0;

    friend bool operator==(const VariableRow&, const VariableRow&) = default;
};

} // namespace wr::app
