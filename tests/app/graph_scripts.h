// SPDX-License-Identifier: GPL-3.0-or-later
// Scripts whose graphs are looked at: small ones, one with layers made in a loop, and one that is too large
// to be seen at once. For tests.
#pragma once

#include <string>

namespace wr::app {

/// A comment with characters of two, three and four bytes stands before everything.
inline const std::string kSmallGraph = R"(# Größe: 4 × 3 € 😀
x = tf.placeholder(tf.float32, [None, 4], name="x")
y = tf.placeholder(tf.int64, [None], name="y")
weights = tf.Variable(tf.random_normal([4, 3], stddev=0.35), name="weights")
biases = tf.Variable(tf.zeros([3]), name="biases")
w2 = tf.Variable(weights.initialized_value() * 2.0, name="w2")
scores = tf.matmul(x, weights) + biases
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=scores))
train_op = tf.train.MomentumOptimizer(0.5, 0.9).minimize(loss)
)";

inline std::string layeredScript(int layers)
{
    return R"(x = tf.placeholder(tf.float32, [None, 64], name="x")
y = tf.placeholder(tf.int64, [None], name="y")
h = x
for i in range()" +
           std::to_string(layers) + R"():
    with tf.name_scope(f"layer_{i}"):
        w = tf.Variable(tf.truncated_normal([64, 64], stddev=0.1), name="weights")
        b = tf.Variable(tf.zeros([64]), name="biases")
        h = tf.nn.relu(tf.matmul(h, w) + b)
with tf.name_scope("head"):
    out = tf.Variable(tf.zeros([64, 10]), name="weights")
    logits = tf.matmul(h, out)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
train_op = tf.train.AdamOptimizer(0.001).minimize(loss)
)";
}

/// Without scopes: five operations a round.
inline std::string flatScript(int rounds)
{
    return R"(x = tf.placeholder(tf.float32, [None, 8], name="x")
h = x
for i in range()" +
           std::to_string(rounds) + R"():
    w = tf.Variable(tf.zeros([8, 8]), name=f"w{i}")
    b = tf.Variable(tf.zeros([8]), name=f"b{i}")
    h = tf.nn.relu(tf.matmul(h, w) + b)
)";
}

} // namespace wr::app
