// SPDX-License-Identifier: GPL-3.0-or-later
// Files that a test writes itself, in a folder that goes with it, and data sets loaded from them by a
// script's own call. For tests, on one thread.
#pragma once

#include "engine/train/dataset.h"
#include "tests/graph/model_text.h"

#include <QByteArray>
#include <QDir>
#include <QFile>
#include <QTemporaryDir>

#include <string>

namespace wr::train {

class WrittenFiles {
public:
    std::string folder() const { return m_folder.path().toStdString(); }
    QString path(const QString& name) const { return m_folder.filePath(name); }
    void write(const QString& name, const QByteArray& bytes) const
    {
        const QString path = m_folder.filePath(name);
        QDir().mkpath(QFileInfo(path).path());
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            qFatal("the temporary folder cannot be written");
    }

    /// What `call` ("wr.data.csv(…)") says, read by way of a whole script.
    static graph::DataSpec specOf(const QString& call, const char* labelType = "tf.int64")
    {
        const auto model = graph::modelOf("x = tf.placeholder(tf.float32, [None, 2])\n"
                                          "y = tf.placeholder(" +
                                          std::string(labelType) +
                                          ", [None])\n"
                                          "w = tf.Variable(tf.zeros([2, 4]))\n"
                                          "loss = tf.reduce_mean(tf.matmul(x, w))\n"
                                          "op = tf.train.GradientDescentOptimizer(0.1).minimize(loss)\n"
                                          "wr.train(op, data=" +
                                          call.toStdString() + ", inputs=x, labels=y)\n");
        if (!model->recipe)
            qFatal("%s", qPrintable(graph::problems(*model)));
        return model->recipe->data;
    }
    Result<std::shared_ptr<const Dataset>> load(const QString& call, const char* labelType = "tf.int64",
                                                const Progress& progress = {}) const
    {
        return loadDataset(specOf(call, labelType), {folder(), {}}, Vfs::posix(), progress);
    }

private:
    QTemporaryDir m_folder;
};

/// The values of a tensor as text: "1 0 2.5".
inline QString valuesOf(const Tensor& tensor)
{
    QStringList all;
    for (std::int64_t i = 0; i < tensor.elementCount(); ++i)
        all.push_back(QString::number(tensor.valueAt(i), 'g', 5));
    return all.join(QLatin1Char(' '));
}

} // namespace wr::train
