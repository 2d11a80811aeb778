// SPDX-License-Identifier: GPL-3.0-or-later
// The code blocks of the how-to on variables, as somebody pastes them. For tests.
#pragma once

#include <QString>

namespace wr::howto {

inline constexpr const char* kCreate = R"(# Create two variables.
weights = tf.Variable(tf.random_normal([784, 200], stddev=0.35),
                      name="weights")
biases = tf.Variable(tf.zeros([200]), name="biases")
)";

inline constexpr const char* kDevices = R"(# Pin a variable to CPU.
with tf.device("/cpu:0"):
  v = tf.Variable(...)

# Pin a variable to GPU.
with tf.device("/gpu:0"):
  v = tf.Variable(...)

# Pin a variable to a particular parameter server task.
with tf.device("/job:ps/task:7"):
  v = tf.Variable(...)
)";

inline constexpr const char* kInitialize = R"(# Create two variables.
weights = tf.Variable(tf.random_normal([784, 200], stddev=0.35),
                      name="weights")
biases = tf.Variable(tf.zeros([200]), name="biases")
...
# Add an op to initialize the variables.
init_op = tf.initialize_all_variables()

# Later, when launching the model
with tf.Session() as sess:
  # Run the init operation.
  sess.run(init_op)
  ...
  # Use the model
  ...
)";

inline constexpr const char* kFromAnother = R"(# Create a variable with a random value.
weights = tf.Variable(tf.random_normal([784, 200], stddev=0.35),
                      name="weights")
# Create another variable with the same value as 'weights'.
w2 = tf.Variable(weights.initialized_value(), name="w2")
# Create another variable with twice the value of 'weights'.
w_twice = tf.Variable(weights.initialized_value() * 2.0, name="w_twice")
)";

inline constexpr const char* kSave = R"(# Create some variables.
v1 = tf.Variable(..., name="v1")
v2 = tf.Variable(..., name="v2")
...
# Add an op to initialize the variables.
init_op = tf.initialize_all_variables()

# Add ops to save and restore all the variables.
saver = tf.train.Saver()

# Later, launch the model, initialize the variables, do some work, save the
# variables to disk.
with tf.Session() as sess:
  sess.run(init_op)
  # Do some work with the model.
  ..
  # Save the variables to disk.
  save_path = saver.save(sess, "/tmp/model.ckpt")
  print("Model saved in file: %s" % save_path)
)";

inline constexpr const char* kRestore = R"(# Create some variables.
v1 = tf.Variable(..., name="v1")
v2 = tf.Variable(..., name="v2")
...
# Add ops to save and restore all the variables.
saver = tf.train.Saver()

# Later, launch the model, use the saver to restore variables from disk, and
# do some work with the model.
with tf.Session() as sess:
  # Restore variables from disk.
  saver.restore(sess, "/tmp/model.ckpt")
  print("Model restored.")
  # Do some work with the model
  ...
)";

inline constexpr const char* kChoose = R"(# Create some variables.
v1 = tf.Variable(..., name="v1")
v2 = tf.Variable(..., name="v2")
...
# Add ops to save and restore only 'v2' using the name "my_v2"
saver = tf.train.Saver({"my_v2": v2})
# Use the saver object normally after that.
...
)";

/// The block with its holes filled as a person would fill them: v1 with zeros, v2 with random numbers.
inline QString completed(const char* block)
{
    QString text = QString::fromUtf8(block);
    text.replace(QStringLiteral("tf.Variable(..., name=\"v1\")"),
                 QStringLiteral("tf.Variable(tf.zeros([3]), name=\"v1\")"));
    text.replace(QStringLiteral("tf.Variable(..., name=\"v2\")"),
                 QStringLiteral("tf.Variable(tf.random_normal([2, 2]), name=\"v2\")"));
    return text;
}

} // namespace wr::howto
