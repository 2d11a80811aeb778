// SPDX-License-Identifier: GPL-3.0-or-later
// A small training for the tests of the run: two layers on 200 made digits, 12 steps an epoch.
#pragma once

#include "engine/graph/model.h"

#include <QString>
#include <memory>

namespace wr::app {

struct SmallTraining {
    const char* head = "";
    const char* hidden = "16";
    const char* optimizer = "tf.train.AdamOptimizer(0.01)";
    const char* epochs = "3";
    const char* train = "200";
    const char* seed = "tf.set_random_seed(5)";
    const char* rules = ""; ///< further arguments of wr.train

    QString script() const
    {
        const QString text = QStringLiteral(R"(%1
%6
images = tf.placeholder(tf.float32, [None, 784], name="images")
labels = tf.placeholder(tf.int64, [None], name="labels")
weights = tf.Variable(tf.random_normal([784, %2], stddev=0.05), name="weights")
biases = tf.Variable(tf.zeros([%2]), name="biases")
out_weights = tf.Variable(tf.random_normal([%2, 10], stddev=0.1), name="out_weights")
out_biases = tf.Variable(tf.zeros([10]), name="out_biases")
hidden = tf.nn.relu(tf.matmul(images, weights) + biases)
logits = tf.matmul(hidden, out_weights) + out_biases
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), labels), tf.float32))
train_op = %3.minimize(loss)
digits = wr.data.digits(train=%5, test=50, seed=3)
wr.train(train_op, data=digits, inputs=images, labels=labels, batch_size=16, epochs=%4, metrics={"accuracy": accuracy}%7)
)");
        return text.arg(QString::fromUtf8(head), QString::fromUtf8(hidden), QString::fromUtf8(optimizer),
                        QString::fromUtf8(epochs), QString::fromUtf8(train), QString::fromUtf8(seed),
                        QString::fromUtf8(rules));
    }
    /// Fails the test's own assumptions loudly when the script has errors.
    std::shared_ptr<const graph::Model> model() const
    {
        auto built = graph::buildModel(script::parse(script().toStdString()));
        for (const script::Diagnostic& diagnostic : built->diagnostics) {
            if (diagnostic.severity == script::Severity::Error)
                qFatal("line %d: %s", built->tree->position(diagnostic.range.begin).line,
                       diagnostic.message.c_str());
        }
        return built;
    }
};

} // namespace wr::app
