// SPDX-License-Identifier: GPL-3.0-or-later
// What the values of a filter's keys mean: "[*, 200]", "f32", "1.5k", "layer1/*", a regular expression. Each
// gives a test, or a problem and a test that accepts everything. Values; any thread.
#pragma once

#include <QString>
#include <QVector>
#include <functional>
#include <optional>

namespace wr::app {

template <typename T>
struct FilterTest {
    std::function<bool(const T&)> test; ///< never empty
    QString problem;                    ///< empty: none
    int begin = 0;                      ///< of what is wrong, within the value
    int length = -1;                    ///< −1: all of it
};

/// "yes", "no", "true", "0".
std::optional<bool> filterTruth(const QString& text);
/// "1M", "1.5k", "2GiB", "784", "-0.5", "1e-3".
std::optional<double> filterAmount(const QString& text);
/// `op` is one of >= <= > < = == : !=; `key` is named in the problem.
FilterTest<double> numberTest(const QString& key, const QString& op, const QString& value);
/// "[784, 200]", "784x*", "2d", "scalar", "[*, …]".
FilterTest<QVector<qint64>> shapeTest(const QString& value);
/// Of a name such as "float32": "f32", "tf.float32", "bfloat16", "int".
FilterTest<QString> typeTest(const QString& value);
/// A regular expression that is found anywhere in the text.
FilterTest<QString> expressionTest(const QString& value);
/// Whether a name lies in a scope, which may have "*" and "?" as in file names.
FilterTest<QString> scopeTest(const QString& value);

} // namespace wr::app
