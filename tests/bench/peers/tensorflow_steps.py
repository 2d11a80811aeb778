#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps a second of TensorFlow on the networks of bench_train: the same shapes, batches and threads.

Usage: tensorflow_steps.py THREADS [NAME [OPTIMIZER]]     prints a line for each, see networks.table()
"""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf

from networks import EXAMPLES, NETWORKS, PeakMemory, ends, steps_per_second, table

OPTIMIZERS = ("gradient descent", "Adam")


def dense(x, w, b):
    return tf.matmul(x, w) + b


def variable(*shape, deviation=0.1):
    return tf.Variable(tf.random.normal(shape, stddev=deviation) if deviation else tf.zeros(shape))


def network(sizes):
    """Weights, and the function of images that gives logits."""
    if sizes == "LeNet":
        weights = [variable(5, 5, 1, 6), variable(6, deviation=0), variable(5, 5, 6, 16), variable(16, deviation=0),
                   variable(400, 120), variable(120, deviation=0), variable(120, 10), variable(10, deviation=0)]

        def lenet(x):
            k1, b1, k2, b2, w3, b3, w4, b4 = weights
            x = tf.reshape(x, [-1, 28, 28, 1])
            x = tf.nn.max_pool2d(tf.nn.relu(tf.nn.conv2d(x, k1, 1, "SAME") + b1), 2, 2, "SAME")
            x = tf.nn.max_pool2d(tf.nn.relu(tf.nn.conv2d(x, k2, 1, "VALID") + b2), 2, 2, "SAME")
            return dense(tf.nn.relu(dense(tf.reshape(x, [-1, 400]), w3, b3)), w4, b4)

        return weights, lenet
    if sizes == "transformer":
        return transformer()
    weights = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        weights += [variable(inputs, outputs, deviation=0.05), variable(outputs, deviation=0)]

    def layers(x):
        for i in range(0, len(weights), 2):
            x = dense(x if i == 0 else tf.nn.relu(x), weights[i], weights[i + 1])
        return x

    return weights, layers


def transformer(tokens=128, width=128, heads=4, layers=4):
    embedding, places, out = variable(16, width), variable(tokens, width), variable(width, 10)
    blocks = [
        {
            "gain1": tf.Variable(tf.ones([width])), "shift1": variable(width, deviation=0),
            "qkv": variable(width, 3 * width), "mix": variable(width, width),
            "gain2": tf.Variable(tf.ones([width])), "shift2": variable(width, deviation=0),
            "up": variable(width, 4 * width), "bias": variable(4 * width, deviation=0), "down": variable(4 * width, width),
        }
        for _ in range(layers)
    ]

    def norm(x, gain, shift):
        mean, variance = tf.nn.moments(x, [-1], keepdims=True)
        return tf.nn.batch_normalization(x, mean, variance, shift, gain, 1e-5)

    def forward(x):
        stream = tf.reshape(tf.matmul(tf.reshape(x, [-1, 16]), embedding), [-1, tokens, width]) + places
        for block in blocks:
            flat = tf.reshape(norm(stream, block["gain1"], block["shift1"]), [-1, width])
            parts = tf.reshape(tf.matmul(flat, block["qkv"]), [-1, tokens, 3, heads, width // heads])
            q, k, v = tf.unstack(tf.transpose(parts, [2, 0, 3, 1, 4]))
            shares = tf.nn.softmax(tf.matmul(q, k, transpose_b=True) * (width // heads) ** -0.5)
            mixed = tf.reshape(tf.transpose(tf.matmul(shares, v), [0, 2, 1, 3]), [-1, width])
            stream += tf.reshape(tf.matmul(mixed, block["mix"]), [-1, tokens, width])
            flat = tf.reshape(norm(stream, block["gain2"], block["shift2"]), [-1, width])
            hidden = tf.nn.gelu(tf.matmul(flat, block["up"]) + block["bias"], approximate=True)
            stream += tf.reshape(tf.matmul(hidden, block["down"]), [-1, tokens, width])
        return tf.matmul(tf.reduce_mean(stream, axis=1), out)

    return [embedding, places, out] + [weight for block in blocks for weight in block.values()], forward


def update(optimizer, weights):
    if optimizer == "gradient descent":
        return lambda gradients: [w.assign_sub(0.05 * g) for w, g in zip(weights, gradients)]
    moments = [(tf.Variable(tf.zeros_like(w)), tf.Variable(tf.zeros_like(w))) for w in weights]
    count = tf.Variable(0.0)

    def adam(gradients):
        step = count.assign_add(1.0)
        rate = 0.001 * tf.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        for w, g, (m, v) in zip(weights, gradients, moments):
            m.assign(m + 0.1 * (g - m))
            v.assign(v + 0.001 * (g * g - v))
            w.assign_sub(rate * m / (tf.sqrt(v) + 1e-8))

    return adam


def measure(name, optimizer, variant):
    sizes, batch = NETWORKS[name]
    tf.random.set_seed(0)
    inputs, classes = ends(sizes)
    images = tf.random.uniform([EXAMPLES, inputs])
    labels = tf.random.uniform([EXAMPLES], 0, classes, tf.int64)
    order = tf.random.shuffle(tf.range(EXAMPLES))
    memory = PeakMemory()
    weights, forward = network(sizes)
    apply = update(optimizer, weights)

    @tf.function(jit_compile=variant == "XLA")
    def train(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=forward(x)))
        apply(tape.gradient(loss, weights))
        return loss

    @tf.function
    def step_at(position):
        chosen = order[position : position + batch]
        return train(tf.ensure_shape(tf.gather(images, chosen), [batch, inputs]), tf.ensure_shape(tf.gather(labels, chosen), [batch]))

    position = 0

    def step():
        nonlocal position
        loss = step_at(tf.constant(position))
        position = (position + batch) % (EXAMPLES - batch)
        return float(loss)

    return steps_per_second(step), memory.growth()


def main():
    threads = int(sys.argv[1])
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    table("TensorFlow " + tf.__version__, OPTIMIZERS, ("graph", "XLA"), measure, sys.argv[1:])


if __name__ == "__main__":
    main()
