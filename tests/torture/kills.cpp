// SPDX-License-Identifier: GPL-3.0-or-later
// Trainings by the command line program, killed at random moments and resumed from the newest checkpoint
// until they end: the joined curve and the last weights must have the bits of a training that nobody
// disturbed.
#include "tests/torture/child_process.h"
#include "tests/torture/sample_model.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <unistd.h>

namespace wr::torture {
namespace {

// Three steps an epoch, so that most checkpoints lie within one; dropout, so that random streams matter; a
// table that never changes, so that differences pay.
constexpr const char* kScript =
    "tf.set_random_seed(4)\n"
    "x = tf.placeholder(tf.float32, [None, 2])\n"
    "y = tf.placeholder(tf.int64, [None])\n"
    "table = tf.Variable(tf.random_normal([40, 40]), name=\"table\", trainable=False)\n"
    "w1 = tf.Variable(tf.random_normal([2, 16]), name=\"w1\")\n"
    "b1 = tf.Variable(tf.zeros([16]), name=\"b1\")\n"
    "w2 = tf.Variable(tf.random_normal([16, 2]), name=\"w2\")\n"
    "keep = tf.placeholder_with_default(1.0, [])\n"
    "hidden = tf.nn.dropout(tf.nn.elu(tf.matmul(x, w1) + b1), keep)\n"
    "loss = tf.losses.sparse_softmax_cross_entropy(y, tf.matmul(hidden, w2))\n"
    "op = tf.train.AdamOptimizer(0.01).minimize(loss)\n"
    "data = wr.data.spiral(train=100, test=20, seed=2)\n"
    "wr.train(op, data=data, inputs=x, labels=y, batch_size=40, epochs=80, train_feeds={keep: 0.8},\n"
    "         checkpoint_steps=7, checkpoint_keep=3, checkpoint_deltas=True)\n";
constexpr std::size_t kEpochs = 80;
constexpr double kPatience = 120.0;

/// The text after `"key":` in a line of JSON, up to the next comma or brace; numbers are spelled so that no
/// bit is lost.
std::string field(const std::string& line, const std::string& key)
{
    const std::string mark = "\"" + key + "\":";
    const std::size_t from = line.find(mark);
    if (from == std::string::npos)
        return {};
    const std::size_t begin = from + mark.size();
    std::string text = line.substr(begin, line.find_first_of(",}", begin) - begin);
    std::erase(text, '"');
    return text;
}

class Training {
public:
    Training(const Options& options, const std::string& name)
        : m_program(std::filesystem::path(options.program).parent_path().string() +
                    "/../../bin/weightroom-cli"),
          m_folder(options.folder + "/" + name)
    {
        begin();
    }

    bool isThere() const { return ::access(m_program.c_str(), X_OK) == 0; }

    void begin()
    {
        std::filesystem::remove_all(m_folder);
        std::filesystem::create_directories(m_folder);
        std::ofstream(m_folder + "/model.wr") << kScript;
        m_curve.clear();
        m_saved.clear();
    }

    std::vector<std::string> checkpoints() const
    {
        std::vector<std::string> paths;
        if (!std::filesystem::exists(m_folder + "/checkpoints"))
            return paths;
        for (const auto& entry : std::filesystem::directory_iterator(m_folder + "/checkpoints")) {
            const std::string name = entry.path().filename().string();
            if (name.starts_with("step-") && name.ends_with(".wrck"))
                paths.push_back(entry.path().string());
        }
        std::sort(paths.begin(), paths.end());
        return paths;
    }

    /// Goes on from the newest checkpoint. Kills it after `lines` lines and `microseconds`. Says what must
    /// not be; `hasEnded`: nobody killed it.
    std::string run(std::uint64_t lines, std::uint64_t microseconds, bool& hasEnded)
    {
        std::vector<std::string> words{m_program, "train", m_folder, "--json", "--no-curves"};
        const std::vector<std::string> before = checkpoints();
        if (!before.empty())
            words.insert(words.end(), {"--resume", before.back()});
        ChildProcess child(words);
        hasEnded = false;
        std::string last;
        for (std::uint64_t i = 0; i < lines; ++i) {
            const auto line = child.line(kPatience);
            if (!line) {
                hasEnded = true;
                break;
            }
            last = *line;
            if (std::string cause = take(*line); !cause.empty())
                return cause;
        }
        if (!hasEnded) {
            ::usleep(static_cast<useconds_t>(microseconds));
            child.kill();
            while (const auto line = child.line(kPatience)) { // what it had still said
                if (std::string cause = take(*line); !cause.empty())
                    return cause;
            }
        }
        const std::optional<int> code = child.wait(kPatience);
        if (hasEnded && code != 0)
            return "it ended by itself with code " + std::to_string(code.value_or(-1)) + " after: " + last;
        return newestIsThere();
    }

    const std::map<std::string, std::string>& curve() const { return m_curve; }
    const std::string& folder() const { return m_folder; }

private:
    std::string take(const std::string& line)
    {
        const std::string event = field(line, "event");
        if (event == "epoch") {
            const std::string step = field(line, "step");
            const std::string value = field(line, "loss") + " " + field(line, "test_loss");
            const auto [known, isNew] = m_curve.emplace(step, value);
            if (!isNew && known->second != value)
                return "step " + step + ": " + value + " instead of " + known->second;
        }
        if (event == "saved")
            m_saved = field(line, "checkpoint");
        return {};
    }

    /// The last one that was acknowledged, or a later one.
    std::string newestIsThere() const
    {
        if (m_saved.empty())
            return {};
        const std::vector<std::string> paths = checkpoints();
        if (paths.empty() || paths.back() < m_saved)
            return m_saved + ": acknowledged, and lost";
        const auto reader = checkpoint::openCheckpoint(Vfs::posix(), paths.back());
        if (!reader)
            return reader.error().toString();
        const auto damage = verifyCheckpoint(**reader);
        if (!damage || !damage->empty())
            return paths.back() + ": " + (damage ? damage->front().what : damage.error().toString());
        return {};
    }

    std::string m_program;
    std::string m_folder;
    std::map<std::string, std::string> m_curve; ///< step → loss and test loss, as they were spelled
    std::string m_saved;
};

std::vector<NamedTensor> valuesOf(const std::string& path)
{
    std::vector<NamedTensor> values;
    const auto reader = checkpoint::openCheckpoint(Vfs::posix(), path);
    for (std::size_t i = 0; reader && i < (*reader)->tensors().size(); ++i) {
        if (Result<Tensor> tensor = (*reader)->read(i))
            values.push_back({(*reader)->tensors()[i].spec.name, std::move(*tensor)});
    }
    return values;
}

std::string differenceAtTheEnd(const Training& training, const Training& whole)
{
    if (training.curve() != whole.curve())
        return "the joined curve has " + std::to_string(training.curve().size()) + " points of " +
               std::to_string(whole.curve().size()) + ", or others";
    for (const auto& entry : std::filesystem::directory_iterator(training.folder() + "/checkpoints")) {
        if (entry.path().filename().string().find(".wrtmp-") != std::string::npos)
            return entry.path().string() + ": left over";
    }
    return differenceOf(Vfs::posix(), training.checkpoints().back(), valuesOf(whole.checkpoints().back()));
}

} // namespace

void kills(const Options& options, Tally& tally)
{
    Training whole(options, "whole");
    if (!whole.isThere())
        return tally.skip("weightroom-cli has not been built");
    // The program keeps its settings where these say.
    for (const char* const name : {"HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"})
        ::setenv(name, options.folder.c_str(), 1);
    bool hasEnded = false;
    std::string cause = whole.run(UINT64_MAX, 0, hasEnded);
    if (cause.empty() && whole.curve().size() != kEpochs)
        cause =
            std::to_string(whole.curve().size()) + " points of a curve instead of " + std::to_string(kEpochs);
    tally.count(cause.empty() ? cause : "undisturbed: " + cause);
    if (!cause.empty())
        return;
    Random random(options.seed);
    Training training(options, "killed");
    const std::uint64_t most = options.pick(5, 200);
    std::uint64_t ends = 0;
    for (std::uint64_t kill = 0;;) {
        // Later and later in a training, so that saves over all its length are met.
        const std::uint64_t lines = kill < most ? below(random, 40) : UINT64_MAX;
        cause = training.run(lines, below(random, 4'000), hasEnded);
        const std::string where =
            "seed " + std::to_string(options.seed) + ", kill " + std::to_string(kill) + ": ";
        if (hasEnded) {
            if (cause.empty())
                cause = differenceAtTheEnd(training, whole);
            tally.count(cause.empty() ? cause : where + cause);
            ++ends;
            training.begin();
            if (kill >= most)
                break;
        } else {
            tally.count(cause.empty() ? cause : where + cause);
            ++kill;
        }
        if (!cause.empty())
            return;
    }
    tally.note(std::to_string(most) + " kills; " + std::to_string(ends) + " trainings of " +
               std::to_string(kEpochs) + " epochs, each the same as the undisturbed one");
}

} // namespace wr::torture
