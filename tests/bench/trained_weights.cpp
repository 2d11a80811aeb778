// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/trained_weights.h"

#include "engine/script/parser.h"
#include "engine/train/trainer.h"

#include <bit>
#include <cstring>

namespace wr::bench {
namespace {

constexpr const char* kScript = R"(
x = tf.placeholder(tf.float32, [None, 784])
labels = tf.placeholder(tf.int64, [None])
tokens, width, heads, share, inner = 28, 384, 4, 96, 1536
scale = share ** -0.5
stream = tf.reshape(tf.matmul(tf.reshape(x, [-1, 28]), tf.Variable(tf.truncated_normal([28, width], stddev=0.1), name="embedding")), [-1, tokens, width])
stream = stream + tf.Variable(tf.truncated_normal([tokens, width], stddev=0.1), name="places")
for layer in range(2):
    with tf.name_scope("layer%d" % layer):
        gain1 = tf.Variable(tf.ones([width]))
        shift1 = tf.Variable(tf.zeros([width]))
        mixing = tf.Variable(tf.truncated_normal([width, 3 * width], stddev=0.05))
        out = tf.Variable(tf.truncated_normal([width, width], stddev=0.05))
        gain2 = tf.Variable(tf.ones([width]))
        shift2 = tf.Variable(tf.zeros([width]))
        up = tf.Variable(tf.truncated_normal([width, inner], stddev=0.05))
        up_bias = tf.Variable(tf.zeros([inner]))
        down = tf.Variable(tf.truncated_normal([inner, width], stddev=0.03))
        mean1, variance1 = tf.nn.moments(stream, [2], keep_dims=True)
        normed1 = tf.reshape(tf.nn.batch_normalization(stream, mean1, variance1, shift1, gain1, 1e-6), [-1, width])
        three = tf.transpose(tf.reshape(tf.matmul(normed1, mixing), [-1, tokens, 3 * heads, share]), [0, 2, 1, 3])
        q, k, v = tf.split(three, 3, axis=1)
        attention = tf.nn.softmax(tf.matmul(q, k, transpose_b=True) * scale)
        mixed = tf.reshape(tf.transpose(tf.matmul(attention, v), [0, 2, 1, 3]), [-1, width])
        stream = stream + tf.reshape(tf.matmul(mixed, out), [-1, tokens, width])
        mean2, variance2 = tf.nn.moments(stream, [2], keep_dims=True)
        normed2 = tf.reshape(tf.nn.batch_normalization(stream, mean2, variance2, shift2, gain2, 1e-6), [-1, width])
        hidden = tf.nn.gelu(tf.matmul(normed2, up) + up_bias, approximate=True)
        stream = stream + tf.reshape(tf.matmul(hidden, down), [-1, tokens, width])
value = tf.matmul(tf.reduce_mean(stream, axis=1), tf.Variable(tf.truncated_normal([width, 10], stddev=0.1), name="decide"))
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=value))
step = tf.Variable(0, trainable=False, name="step")
rate = tf.train.exponential_decay(0.001, step, 100, 0.5)
train_op = tf.train.AdamOptimizer(rate).minimize(loss, global_step=step)
data = wr.data.digits(train=4096, test=0, seed=3)
wr.train(train_op, data=data, inputs=x, labels=labels, batch_size=16, epochs=1000000)
)";

} // namespace

struct TrainedWeights::State {
    Status status;
    std::unique_ptr<runtime::Runtime> runtime;
    std::shared_ptr<const graph::Model> model;
    std::unique_ptr<session::Session> session;
    std::unique_ptr<train::Trainer> trainer;
    double loss = 0.0;

    Status make()
    {
        runtime::RuntimeOptions options;
        options.moduleDirectory = WEIGHTROOM_BIN_DIR;
        WR_ASSIGN_OR_RETURN(runtime, runtime::Runtime::create(options));
        model = graph::buildModel(script::parse(kScript));
        if (model->hasErrors() || !model->recipe)
            return internalError("the script of the benchmark has errors");
        WR_ASSIGN_OR_RETURN(session, session::Session::create(model, *runtime));
        WR_RETURN_IF_ERROR(session->initializeAll());
        WR_ASSIGN_OR_RETURN(const auto data, train::loadDataset(model->recipe->data, {}, Vfs::posix()));
        WR_ASSIGN_OR_RETURN(trainer, train::Trainer::create(*session, data));
        return {};
    }
};

TrainedWeights::TrainedWeights() : m_state(std::make_unique<State>())
{
    m_state->status = m_state->make();
}
TrainedWeights::~TrainedWeights() = default;

const Status& TrainedWeights::status() const
{
    return m_state->status;
}

Status TrainedWeights::train(int steps)
{
    for (int i = 0; i < steps; ++i) {
        WR_ASSIGN_OR_RETURN(const train::StepRecord record, m_state->trainer->step());
        m_state->loss = record.loss;
    }
    return {};
}

double TrainedWeights::loss() const
{
    return m_state->loss;
}

std::vector<NamedTensor> TrainedWeights::state() const
{
    std::vector<NamedTensor> copies;
    for (const NamedTensor& tensor : m_state->session->snapshot().value_or(std::vector<NamedTensor>()))
        copies.push_back({tensor.name, *tensor.tensor.clone()});
    return copies;
}

std::vector<NamedTensor> TrainedWeights::weights() const
{
    std::vector<NamedTensor> found;
    for (NamedTensor& tensor : state()) {
        if (tensor.tensor.dtype() == DType::Float32 && tensor.name.find("Adam") == std::string::npos &&
            tensor.name.find("_power") == std::string::npos)
            found.push_back(std::move(tensor));
    }
    return found;
}

std::vector<NamedTensor> toBfloat16(const std::vector<NamedTensor>& tensors)
{
    std::vector<NamedTensor> rounded;
    for (const NamedTensor& tensor : tensors) {
        Tensor into = *Tensor::create(DType::BFloat16, tensor.tensor.shape());
        for (std::int64_t i = 0; i < into.elementCount(); ++i) {
            const auto bits = std::bit_cast<std::uint32_t>(tensor.tensor.data<float>()[i]);
            const auto half = static_cast<std::uint16_t>((bits + 0x7FFFU + (bits >> 16U & 1U)) >> 16U);
            std::memcpy(into.mutableBytes().data() + i * 2, &half, 2);
        }
        rounded.push_back({tensor.name, into});
    }
    return rounded;
}

} // namespace wr::bench
