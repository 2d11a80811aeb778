// SPDX-License-Identifier: GPL-3.0-or-later
// The script that the tests of the project read and edit.
#pragma once

#include "app/document/project.h"

#include <QString>
#include <QStringList>

namespace wr::app {

// A comment with characters of two, three and four bytes stands before everything, so that any confusion of
// offsets shows.
inline constexpr const char* kScript = R"(# Größe: 4 × 3 € 😀
x = tf.placeholder(tf.float32, [None, 4], name="x")
y = tf.placeholder(tf.int64, [None], name="y")
weights = tf.Variable(tf.random_normal([4, 3], stddev=0.35),
                      name="weights")   # trained
biases = tf.Variable(tf.zeros([3]), name='biases')
with tf.device("/cpu:0"):
    spare = tf.Variable(tf.zeros((5,)), name="spare")
with tf.device("/cpu:0"):
    one = tf.Variable(tf.zeros([1]), name="one")
    two = tf.Variable(tf.constant([1.0, 2.0]), name="two")
for i in range(2):
    layer = tf.Variable(tf.zeros([2]), name=f"layer{i}")
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=tf.matmul(x, weights) + biases))
train_op = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
)";

inline QString example()
{
    return QString::fromUtf8(kScript);
}

inline QString replaced(const char* before, const char* after)
{
    QString text = example();
    const QString old = QString::fromUtf8(before);
    if (text.count(old) != 1)
        qFatal("the test's own replacement fits %d times", static_cast<int>(text.count(old)));
    return text.replace(old, QString::fromUtf8(after));
}

inline QStringList names(const Project& project)
{
    QStringList result;
    for (const VariableRow& row : project.variables())
        result += row.name;
    return result;
}

} // namespace wr::app
