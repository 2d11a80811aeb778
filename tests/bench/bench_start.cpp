// SPDX-License-Identifier: GPL-3.0-or-later
// How long it takes from a script to the first step of its training, without the making of the data, and what
// a second thread brings, for each bundled example.
#include "engine/script/parser.h"
#include "engine/train/trainer.h"
#include "tests/bench/stopwatch.h"

#include <atomic>
#include <csignal>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace wr;

namespace {

std::string textOf(const std::string& path)
{
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// One training of an example's script, up to where steps can be run.
struct Training {
    std::unique_ptr<runtime::Runtime> runtime;
    std::shared_ptr<const graph::Model> model;
    std::unique_ptr<session::Session> session;
    std::unique_ptr<train::Trainer> trainer;
    double readSeconds = 0.0; ///< script to model
    double planSeconds = 0.0; ///< session, initial values and plans

    static std::optional<Training> make(const std::string& text, int threads,
                                        const std::shared_ptr<const train::Dataset>& data)
    {
        Training made;
        runtime::RuntimeOptions options;
        options.moduleDirectory = WEIGHTROOM_BIN_DIR;
        options.threads = threads;
        auto runtime = runtime::Runtime::create(options);
        if (!runtime)
            return std::nullopt;
        made.runtime = std::move(*runtime);
        made.readSeconds =
            bench::medianSeconds([&] { made.model = graph::buildModel(script::parse(text)); }, 0.05);
        Status status;
        made.planSeconds = bench::medianSeconds(
            [&] {
                made.trainer.reset();
                auto session = session::Session::create(made.model, *made.runtime);
                if (!session || !(*session)->initializeAll().isOk()) {
                    status = internalError("the session cannot be made");
                    return;
                }
                made.session = std::move(*session);
                auto trainer = train::Trainer::create(*made.session, data);
                if (trainer)
                    made.trainer = std::move(*trainer);
                else
                    status = trainer.error();
            },
            0.1);
        if (!status.isOk()) {
            std::fprintf(stderr, "%s\n", status.toString().c_str());
            return std::nullopt;
        }
        return made;
    }

    void step() const
    {
        if (trainer->isFinished())
            static_cast<void>(trainer->setState(train::TrainerState{}));
        static_cast<void>(trainer->step());
    }
    double medianStep() const
    {
        return bench::medianSeconds([&] { step(); }, 0.8);
    }
    double meanStep() const
    {
        return bench::meanSeconds([&] { step(); }, 3.0);
    }
};

/// Another process that wants a whole processor.
class BusyProcess {
public:
    BusyProcess() : m_child(fork())
    {
        if (m_child == 0) {
            static_cast<void>(prctl(PR_SET_PDEATHSIG, SIGKILL));
            for (std::atomic<unsigned> count{0};;)
                count.fetch_add(1, std::memory_order_relaxed);
        }
    }
    ~BusyProcess()
    {
        if (m_child > 0) {
            kill(m_child, SIGKILL);
            waitpid(m_child, nullptr, 0);
        }
    }
    BusyProcess(const BusyProcess&) = delete;
    BusyProcess& operator=(const BusyProcess&) = delete;

private:
    pid_t m_child;
};

} // namespace

int main(int argc, char** argv)
{
    const bench::Report report(argc, argv, "from script to step");
    for (const char* const name :
         {"digits", "lenet", "resnet", "transformer", "spiral", "sine", "autoencoder"}) {
        const std::string text =
            textOf(std::string(WEIGHTROOM_SOURCE_DIR "/resources/examples/") + name + "/model.wr");
        const auto model = graph::buildModel(script::parse(text));
        if (!model->recipe) {
            std::fprintf(stderr, "%s: the example has no recipe\n", name);
            return 1;
        }
        const auto data = train::loadDataset(model->recipe->data, {}, Vfs::posix());
        if (!data) {
            std::fprintf(stderr, "%s: %s\n", name, data.error().toString().c_str());
            return 1;
        }
        auto one = Training::make(text, 1, *data);
        auto all = Training::make(text, 0, *data);
        if (!one || !all)
            return 1;
        constexpr double kMilliseconds = 1e3;
        constexpr double kPlanLimit = 50.0;
        const std::string example(name);
        report.row(example + ", script read", all->readSeconds * kMilliseconds, "ms", 0.0, "");
        report.row(example + ", planned", all->planSeconds * kMilliseconds, "ms",
                   all->planSeconds * kMilliseconds / kPlanLimit, "the 50 ms that it may take");
        const double alone = one->medianStep();
        const double together = all->medianStep();
        report.row(example + ", one thread", 1.0 / alone, "steps/s", 0.0, "");
        report.row(example + ", " + std::to_string(all->runtime->team().threads()) + " threads",
                   1.0 / together, "steps/s", alone / together, "one thread");
        const double calm = one->meanStep();
        const BusyProcess busy;
        const double beside = all->meanStep();
        report.row(example + ", beside a busy process", 1.0 / beside, "steps/s", calm / beside,
                   "one thread without it, on average");
    }
    return 0;
}
