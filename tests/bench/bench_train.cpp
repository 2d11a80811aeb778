// SPDX-License-Identifier: GPL-3.0-or-later
// Training steps of dense networks, and of LeNet, against the time that their matrix products alone take with
// the same kernels on the same shapes, and, where WEIGHTROOM_PEER_PYTHON names a Python with PyTorch or
// TensorFlow, against the best of them; and how much memory it takes.
#include "engine/script/parser.h"
#include "engine/train/trainer.h"
#include "tests/bench/stopwatch.h"

#include <cstdlib>
#include <fstream>
#include <malloc.h>
#include <memory>

using namespace wr;

namespace {

struct Network {
    std::string name;
    std::vector<std::int64_t> sizes;
    std::int64_t batch;
    enum class Kind { Dense, LeNet, Transformer } kind = Kind::Dense;
};

const std::vector<Network>& networks()
{
    static const std::vector<Network> kNetworks{
        {"8-8-2, batch 4", {8, 8, 2}, 4},
        {"784-200-10, batch 32", {784, 200, 10}, 32},
        {"784-200-10, batch 128", {784, 200, 10}, 128},
        {"784-1024-1024-10, batch 128", {784, 1024, 1024, 10}, 128},
        {"LeNet, batch 64", {784, 10}, 64, Network::Kind::LeNet},
        {"transformer, batch 16", {128 * 16, 10}, 16, Network::Kind::Transformer}};
    return kNetworks;
}

/// Four layers of width 128 over 128 tokens of 16 numbers each.
constexpr const char* kTransformer = R"(
tokens, width, heads, share = 128, 128, 4, 32
def_scale = share ** -0.5
stream = tf.reshape(tf.matmul(tf.reshape(x, [-1, 16]), tf.Variable(tf.truncated_normal([16, width], stddev=0.1), name="embedding")), [-1, tokens, width])
stream = stream + tf.Variable(tf.truncated_normal([tokens, width], stddev=0.1), name="places")
for layer in range(4):
    with tf.name_scope("layer%d" % layer):
        gain1 = tf.Variable(tf.ones([width]))
        shift1 = tf.Variable(tf.zeros([width]))
        query = tf.Variable(tf.truncated_normal([width, width], stddev=0.1))
        key = tf.Variable(tf.truncated_normal([width, width], stddev=0.1))
        value1 = tf.Variable(tf.truncated_normal([width, width], stddev=0.1))
        out = tf.Variable(tf.truncated_normal([width, width], stddev=0.1))
        gain2 = tf.Variable(tf.ones([width]))
        shift2 = tf.Variable(tf.zeros([width]))
        up = tf.Variable(tf.truncated_normal([width, 4 * width], stddev=0.1))
        up_bias = tf.Variable(tf.zeros([4 * width]))
        down = tf.Variable(tf.truncated_normal([4 * width, width], stddev=0.1))
        mean1, variance1 = tf.nn.moments(stream, [2], keep_dims=True)
        normed1 = tf.reshape(tf.nn.batch_normalization(stream, mean1, variance1, shift1, gain1, 1e-6), [-1, width])
        q = tf.transpose(tf.reshape(tf.matmul(normed1, query), [-1, tokens, heads, share]), [0, 2, 1, 3])
        k = tf.transpose(tf.reshape(tf.matmul(normed1, key), [-1, tokens, heads, share]), [0, 2, 1, 3])
        v = tf.transpose(tf.reshape(tf.matmul(normed1, value1), [-1, tokens, heads, share]), [0, 2, 1, 3])
        weights = tf.nn.softmax(tf.matmul(q, k, transpose_b=True) * def_scale)
        mixed = tf.reshape(tf.transpose(tf.matmul(weights, v), [0, 2, 1, 3]), [-1, width])
        stream = stream + tf.reshape(tf.matmul(mixed, out), [-1, tokens, width])
        mean2, variance2 = tf.nn.moments(stream, [2], keep_dims=True)
        normed2 = tf.reshape(tf.nn.batch_normalization(stream, mean2, variance2, shift2, gain2, 1e-6), [-1, width])
        hidden = tf.nn.gelu(tf.matmul(normed2, up) + up_bias, approximate=True)
        stream = stream + tf.reshape(tf.matmul(hidden, down), [-1, tokens, width])
value = tf.matmul(tf.reduce_mean(stream, axis=1), tf.Variable(tf.truncated_normal([width, 10], stddev=0.1), name="decide"))
)";

std::string trainingScript(const Network& network, const char* optimizer)
{
    std::string script = "x = tf.placeholder(tf.float32, [None, " + std::to_string(network.sizes.front()) +
                         "])\nlabels = tf.placeholder(tf.int64, [None])\nvalue = x\n";
    for (std::size_t i = 1; i < network.sizes.size() && network.kind == Network::Kind::Dense; ++i) {
        const std::string number = std::to_string(i);
        const std::string columns = std::to_string(network.sizes[i]);
        script += "w" + number + " = tf.Variable(tf.random_normal([" + std::to_string(network.sizes[i - 1]) +
                  ", " + columns + "], stddev=0.05))\nb" + number + " = tf.Variable(tf.zeros([" + columns +
                  "]))\nvalue = tf.matmul(value, w" + number + ") + b" + number + "\n";
        if (i + 1 < network.sizes.size())
            script += "value = tf.nn.relu(value)\n";
    }
    if (network.kind == Network::Kind::Transformer)
        script += kTransformer;
    if (network.kind == Network::Kind::LeNet)
        script +=
            "k1 = tf.Variable(tf.truncated_normal([5, 5, 1, 6], stddev=0.1))\nb1 = "
            "tf.Variable(tf.zeros([6]))\n"
            "k2 = tf.Variable(tf.truncated_normal([5, 5, 6, 16], stddev=0.1))\nb2 = "
            "tf.Variable(tf.zeros([16]))\n"
            "k3 = tf.Variable(tf.truncated_normal([400, 120], stddev=0.07))\nb3 = "
            "tf.Variable(tf.zeros([120]))\n"
            "k4 = tf.Variable(tf.truncated_normal([120, 10], stddev=0.1))\nb4 = tf.Variable(tf.zeros([10]))\n"
            "one = [1, 1, 1, 1]\ntwo = [1, 2, 2, 1]\nvalue = tf.reshape(x, [-1, 28, 28, 1])\n"
            "value = tf.nn.relu(tf.nn.conv2d(value, k1, one, \"SAME\") + b1)\n"
            "value = tf.nn.max_pool(value, two, two, \"SAME\")\n"
            "value = tf.nn.relu(tf.nn.conv2d(value, k2, one, \"VALID\") + b2)\n"
            "value = tf.layers.flatten(tf.nn.max_pool(value, two, two, \"SAME\"))\n"
            "value = tf.matmul(tf.nn.relu(tf.matmul(value, k3) + b3), k4) + b4\n";
    return script +
           "loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, "
           "logits=value))\n"
           "train_op = " +
           optimizer +
           ".minimize(loss)\ndata = wr.data.digits(train=4096, test=0)\n"
           "wr.train(train_op, data=data, inputs=x, labels=labels, batch_size=" +
           std::to_string(network.batch) + ", epochs=1000000)\n";
}

std::shared_ptr<const train::Dataset> noise(const Network& network)
{
    constexpr std::int64_t kExamples = 4096;
    auto data = std::make_shared<train::Dataset>();
    data->classes = network.sizes.back();
    data->train.features = *Tensor::create(DType::UInt8, {kExamples, 1, network.sizes.front()});
    data->train.labels = *Tensor::create(DType::Int64, {kExamples});
    std::uint32_t state = 1;
    const auto draw = [&] { return state = state * 1664525U + 1013904223U; };
    for (std::int64_t i = 0; i < data->train.features.elementCount(); ++i)
        data->train.features.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(draw() >> 24U);
    for (std::int64_t i = 0; i < kExamples; ++i)
        data->train.labels.data<std::int64_t>()[i] = static_cast<std::int64_t>(draw() >> 8U) % data->classes;
    return data;
}

/// Seconds that the products of one step take: forward, and the gradients of weights and of all inputs but
/// the first.
double productSeconds(const Network& network, runtime::Runtime& runtime)
{
    std::string script;
    const std::string batch = std::to_string(network.batch);
    for (std::size_t i = 1; i < network.sizes.size(); ++i) {
        const std::string number = std::to_string(i);
        const std::string rows = std::to_string(network.sizes[i - 1]);
        const std::string columns = std::to_string(network.sizes[i]);
        script += "x" + number + " = tf.placeholder(tf.float32, [" + batch + ", " + rows + "])\nd" + number +
                  " = tf.placeholder(tf.float32, [" + batch + ", " + columns + "])\nw" + number +
                  " = tf.Variable(tf.zeros([" + rows + ", " + columns + "]))\nforward = tf.matmul(x" +
                  number + ", w" + number + ")\ngradient = tf.matmul(x" + number + ", d" + number +
                  ", transpose_a=True)\n";
        if (i > 1)
            script += "back = tf.matmul(d" + number + ", w" + number + ", transpose_b=True)\n";
    }
    const auto model = graph::buildModel(script::parse(script));
    const auto session = session::Session::create(model, runtime);
    if (!session || !(*session)->initializeAll().isOk())
        return 0.0;
    std::vector<graph::NodeId> fetches;
    for (std::size_t i = 0; i < model->graph.nodes().size(); ++i) {
        if (model->graph.nodes()[i].op == backend::OpCode::MatMul)
            fetches.push_back(static_cast<graph::NodeId>(i));
    }
    std::vector<graph::NodeId> feeds;
    std::vector<Shape> shapes;
    for (const graph::PlaceholderInfo& placeholder : model->placeholders) {
        feeds.push_back(placeholder.node);
        shapes.push_back(model->graph.node(placeholder.node).shape);
    }
    const auto plan = (*session)->plan(fetches, {}, feeds, shapes);
    return plan ? bench::medianSeconds([&] { static_cast<void>((*session)->run(*plan)); }, 0.6) : 0.0;
}

struct Peer {
    std::string name;
    double stepsPerSecond = 0.0;
    std::string leanest;
    double mebibytes = 0.0; ///< that it grew by, at most
};

/// What one framework does, if it is better than `best`.
void askPeer(Peer& best, const char* script, const std::string& network, const std::string& optimizer,
             int threads)
{
    const char* const python = std::getenv("WEIGHTROOM_PEER_PYTHON");
    if (python == nullptr)
        return;
    const std::string command =
        "'" + std::string(python) + "' '" WEIGHTROOM_SOURCE_DIR "/tests/bench/peers/" + script + "' " +
        std::to_string(threads) + " '" + network + "' '" + optimizer + "' 2>/dev/null";
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> lines(popen(command.c_str(), "r"), pclose);
    char line[512];
    while (lines != nullptr && std::fgets(line, sizeof(line), lines.get()) != nullptr) {
        char row[128];
        char variant[128];
        double speed = 0.0;
        double mebibytes = 0.0;
        if (std::sscanf(line, "%127[^\t]\t%127[^\t]\t%lf\t%lf", row, variant, &speed, &mebibytes) != 4) {
            std::fprintf(stderr, "%s", line); // why a variant is missing
            continue;
        }
        if (speed > best.stepsPerSecond) {
            best.name = variant;
            best.stepsPerSecond = speed;
        }
        if (best.leanest.empty() || mebibytes < best.mebibytes) {
            best.leanest = variant;
            best.mebibytes = mebibytes;
        }
    }
}

/// What /proc/self/status says under `key`, in MiB.
double processMemory(const std::string& key)
{
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(key))
            return std::atof(line.c_str() + key.size() + 1) / 1024;
    }
    return 0.0;
}

/// MiB that the process grew by at most since this was made.
class PeakMemory {
public:
    PeakMemory()
    {
        malloc_trim(0);
        std::ofstream("/proc/self/clear_refs") << 5;
        m_before = processMemory("VmRSS");
    }
    double growth() const { return processMemory("VmHWM") - m_before; }

private:
    double m_before;
};

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
    if (std::getenv("WEIGHTROOM_PEER_PYTHON") == nullptr)
        std::fprintf(stderr, "no peer: WEIGHTROOM_PEER_PYTHON names no Python with PyTorch or TensorFlow\n");
    for (const Network& network : networks()) {
        const bool isWanted =
            report.wants(network.name + ", gradient descent") || report.wants(network.name + ", Adam");
        const double products =
            isWanted && network.kind == Network::Kind::Dense ? productSeconds(network, **runtime) : 0.0;
        for (const auto& [optimizer, call] :
             {std::pair<std::string, const char*>{
                  "gradient descent",
                  network.kind == Network::Kind::Transformer
                      ? "tf.train.GradientDescentOptimizer(0.001)" // noise is no teacher
                      : "tf.train.GradientDescentOptimizer(0.05)"},
              {"Adam", "tf.train.AdamOptimizer(0.001)"}}) {
            const std::string name = network.name + ", " + optimizer;
            if (!report.wants(name))
                continue;
            const auto data = noise(network);
            const PeakMemory memory;
            const auto model = graph::buildModel(script::parse(trainingScript(network, call)));
            const auto session = session::Session::create(model, **runtime);
            if (!session || !(*session)->initializeAll().isOk()) {
                std::fprintf(stderr, "%s: the model cannot be made\n", network.name.c_str());
                return 1;
            }
            const auto trainer = train::Trainer::create(**session, data);
            if (!trainer) {
                std::fprintf(stderr, "%s\n", trainer.error().toString().c_str());
                return 1;
            }
            Status status;
            // As the peers: the best of some rounds, before and after theirs, as the machine's speed changes.
            const auto best = [&] {
                constexpr int kRounds = 5;
                double least = 0.0;
                for (int round = 0; round < kRounds; ++round) {
                    const double mean = bench::meanSeconds(
                        [&] {
                            if (const auto record = (*trainer)->step(); !record)
                                status = record.error();
                        },
                        0.3);
                    least = round == 0 ? mean : std::min(least, mean);
                }
                return least;
            };
            double step = best();
            const double grown = memory.growth();
            Peer peer;
            for (const char* const script : {"pytorch_steps.py", "tensorflow_steps.py"})
                askPeer(peer, script, network.name, optimizer, (*runtime)->team().threads());
            step = std::min(step, best());
            if (!status.isOk()) {
                std::fprintf(stderr, "%s: %s\n", network.name.c_str(), status.toString().c_str());
                return 1;
            }
            report.row(name, 1.0 / step, "steps/s", products / step, "matrix products alone");
            if (peer.stepsPerSecond > 0.0) {
                report.row("", peer.stepsPerSecond, "steps/s", 1.0 / step / peer.stepsPerSecond,
                           ("our speed over " + peer.name).c_str());
                report.row("", grown, "MiB", grown / peer.mebibytes, ("memory of " + peer.leanest).c_str());
            }
        }
    }
    return 0;
}
