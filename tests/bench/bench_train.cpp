// SPDX-License-Identifier: GPL-3.0-or-later
// A training step of the example, against the time that its matrix products alone take at the speed that the
// same kernels reach on the same shapes.
#include "engine/script/parser.h"
#include "engine/train/trainer.h"
#include "tests/bench/stopwatch.h"

using namespace wr;

namespace {

std::string trainingScript(std::int64_t batch, const char* optimizer)
{
    return "images = tf.placeholder(tf.float32, [None, 784])\nlabels = tf.placeholder(tf.int64, [None])\n"
           "weights = tf.Variable(tf.random_normal([784, 200], stddev=0.05), name=\"weights\")\n"
           "biases = tf.Variable(tf.zeros([200]), name=\"biases\")\n"
           "out = tf.Variable(tf.random_normal([200, 10], stddev=0.05), name=\"out\")\n"
           "out_biases = tf.Variable(tf.zeros([10]), name=\"out_biases\")\n"
           "logits = tf.matmul(tf.nn.relu(tf.matmul(images, weights) + biases), out) + out_biases\n"
           "loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, "
           "logits=logits))\n"
           "train_op = " +
           std::string(optimizer) +
           ".minimize(loss)\n"
           "digits = wr.data.digits(train=4096, test=0, seed=1)\n"
           "wr.train(train_op, data=digits, inputs=images, labels=labels, batch_size=" +
           std::to_string(batch) + ", epochs=1000000)\n";
}

} // namespace

int main(int argc, char** argv)
{
    const bench::Report report(argc, argv, "train");
    runtime::RuntimeOptions options;
    options.moduleDirectory = WEIGHTROOM_BIN_DIR;
    const auto runtime = runtime::Runtime::create(options);
    if (!runtime) {
        std::fprintf(stderr, "%s\n", runtime.error().toString().c_str());
        return 1;
    }
    for (const std::int64_t batch : {32, 256}) {
        for (const char* optimizer :
             {"tf.train.GradientDescentOptimizer(0.05)", "tf.train.AdamOptimizer(0.001)"}) {
            const auto model = graph::buildModel(script::parse(trainingScript(batch, optimizer)));
            const auto session = session::Session::create(model, **runtime);
            if (!session || !(*session)->initializeAll().isOk())
                return 1;
            const auto data = train::loadDataset(model->recipe->data, {}, Vfs::posix());
            const auto trainer = train::Trainer::create(**session, *data);
            if (!trainer)
                return 1;
            const double step = bench::medianSeconds([&] { static_cast<void>((*trainer)->step()); }, 1.0);

            // The three large products of a step: forward, and the gradients of the weights; the input needs
            // none.
            const auto products = graph::buildModel(
                script::parse("x = tf.placeholder(tf.float32, [" + std::to_string(batch) +
                              ", 784])\nd = tf.placeholder(tf.float32, [" + std::to_string(batch) +
                              ", 200])\nw = tf.Variable(tf.zeros([784, 200]), name=\"w\")\n"
                              "forward = tf.matmul(x, w)\nbackward = tf.matmul(x, d, transpose_a=True)\n"));
            const auto limit = session::Session::create(products, **runtime);
            if (!limit || !(*limit)->initializeAll().isOk())
                return 1;
            std::vector<graph::NodeId> fetches;
            for (std::size_t i = 0; i < products->graph.nodes().size(); ++i) {
                if (products->graph.nodes()[i].op == backend::OpCode::MatMul)
                    fetches.push_back(static_cast<graph::NodeId>(i));
            }
            std::vector<graph::NodeId> feeds;
            std::vector<Shape> shapes;
            for (const graph::PlaceholderInfo& placeholder : products->placeholders) {
                feeds.push_back(placeholder.node);
                shapes.push_back(products->graph.node(placeholder.node).shape);
            }
            const auto plan = (*limit)->plan(fetches, {}, feeds, shapes);
            if (!plan)
                return 1;
            const double floor = bench::medianSeconds([&] { static_cast<void>((*limit)->run(*plan)); });
            const std::string name = "784-200-10, batch " + std::to_string(batch) +
                                     (optimizer[9] == 'A' ? ", Adam" : ", gradient descent");
            report.row(name, 1.0 / step, "steps/s", floor / step, "matrix products alone");
        }
    }
    return 0;
}
