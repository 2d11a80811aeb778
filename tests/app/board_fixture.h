// SPDX-License-Identifier: GPL-3.0-or-later
// A script whose variables lie on devices of all kinds, and the picture of its placement. For tests.
#pragma once

#include "app/models/placement_board.h"
#include "tests/app/project_fixture.h"

#include <QAbstractItemModel>

namespace wr::app {

inline constexpr const char* kCluster = R"(# Größe
x = tf.placeholder(tf.float32, [None, 4], name="x")
y = tf.placeholder(tf.int64, [None], name="y")
with tf.device("/gpu:0"):
    weights = tf.Variable(tf.random_normal([4, 3]), name="top/weights")
with tf.device("/job:ps/task:10"):
    far = tf.Variable(tf.zeros([100]), name="far")
with tf.device("/job:ps/task:2"):
    near = tf.Variable(tf.zeros([50]), name="near")
biases = tf.Variable(tf.zeros([3]), name="top/biases")
with tf.device("/cpu:0"):
    spare = tf.Variable(tf.zeros([7]), name="spare")
for i in range(3):
    layer = tf.Variable(tf.zeros([2]), name=f"layer{i}")
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=tf.matmul(x, weights) + biases))
train_op = tf.train.MomentumOptimizer(0.5, 0.9).minimize(loss)
wr.place("layer*", "/gpu:1")
wr.place("nobody*", "/gpu:1")
)";

inline std::shared_ptr<const graph::Model> modelOf(const QString& text)
{
    Project project;
    project.newFromText(text, QStringLiteral("test"));
    project.parseNow(); // a long text is read by a job
    for (const Problem& problem : project.problems()) {
        if (problem.severity == Problem::Severity::Error)
            qFatal("the test's script: line %d: %s", problem.line, qPrintable(problem.message));
    }
    return project.model();
}

inline QVector<DeviceInfo> machine(quint64 memory = 1000)
{
    DeviceInfo cpu;
    cpu.name = QStringLiteral("/cpu:0");
    cpu.description = QStringLiteral("a processor");
    cpu.type = QStringLiteral("CPU");
    cpu.memoryBytes = memory;
    DeviceInfo gpu;
    gpu.name = QStringLiteral("/gpu");
    gpu.type = QStringLiteral("GPU");
    gpu.available = false;
    gpu.reason = QStringLiteral("there is no driver");
    return {cpu, gpu};
}

inline std::shared_ptr<const PlacementBoard> cluster()
{
    return makePlacementBoard(modelOf(QString::fromUtf8(kCluster)), machine(),
                              {QStringLiteral("/job:worker/task:0/gpu:3"), QStringLiteral("/cpu:0")});
}

inline QStringList shown(const QAbstractItemModel& model)
{
    QStringList rows;
    for (int row = 0; row < model.rowCount(); ++row)
        rows += model.index(row, 0).data().toString();
    return rows;
}

} // namespace wr::app
