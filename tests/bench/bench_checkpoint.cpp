// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoints of a network that is trained here: how small they are, also as deltas; processor time of
// packing and unpacking against zstd level 1 on the same bytes, of whole saves and loads; statistics; opening
// large lists, and looking through them; with --large GIGABYTES the memory that saving and browsing take.
// Files in the current folder.
#include "engine/checkpoint/digest.h"
#include "engine/checkpoint/frame_ring.h"
#include "tests/bench/generated_reader.h"
#include "tests/bench/stopwatch.h"
#include "tests/bench/trained_weights.h"

#include <array>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <malloc.h>
#include <thread>
#include <unistd.h>
#include <zstd.h>

using namespace wr;
using namespace wr::checkpoint;

namespace {

const std::string kFile = "./.bench_checkpoint.wrck";
const std::string kBase = "./.bench_checkpoint_base.wrck";
const std::string kRaw = "./.bench_checkpoint.raw";

/// Processor time of the median run, all threads of this process; `prepare` runs before each and does not
/// count.
template <typename Work, typename Prepare>
double cpuSeconds(Work work, Prepare prepare)
{
    constexpr std::size_t kRuns = 7;
    const auto now = [] {
        timespec time{};
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
    };
    prepare();
    work();
    std::vector<double> runs;
    for (std::size_t i = 0; i < kRuns; ++i) {
        prepare();
        const double begin = now();
        work();
        runs.push_back(now() - begin);
    }
    std::sort(runs.begin(), runs.end());
    return runs[kRuns / 2];
}

/// Seconds of the median run; `prepare` does not count.
template <typename Work, typename Prepare>
double medianOf(Work work, Prepare prepare)
{
    constexpr std::size_t kRuns = 9;
    std::vector<double> runs;
    for (std::size_t i = 0; i < kRuns; ++i) {
        prepare();
        const auto begin = std::chrono::steady_clock::now();
        work();
        runs.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    std::sort(runs.begin(), runs.end());
    return runs[kRuns / 2];
}

template <typename Work>
double cpuSeconds(Work work)
{
    return cpuSeconds(work, [] {});
}

/// `word` in capitals; ASCII alone.
bool containsAnyCase(std::string_view name, std::string_view word)
{
    const auto isSame = [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 'a' + 'A' : a) == b; };
    return std::search(name.begin(), name.end(), word.begin(), word.end(), isSame) != name.end();
}

/// The most memory that was in use since resetPeak(), in bytes.
double peakBytes()
{
    double kilobytes = 0.0;
    if (std::FILE* const file = std::fopen("/proc/self/status", "r")) {
        std::array<char, 256> line{};
        while (std::fgets(line.data(), line.size(), file) != nullptr) {
            if (std::strncmp(line.data(), "VmHWM:", 6) == 0)
                kilobytes = std::strtod(line.data() + 6, nullptr);
        }
        std::fclose(file);
    }
    return kilobytes * 1024.0;
}

void resetPeak()
{
    malloc_trim(0);
    if (std::FILE* const file = std::fopen("/proc/self/clear_refs", "w")) {
        std::fputs("5", file);
        std::fclose(file);
    }
}

/// Memory of this process that is in use now.
double residentBytes()
{
    malloc_trim(0);
    long long pages = 0;
    long long resident = 0;
    if (std::FILE* const file = std::fopen("/proc/self/statm", "r")) {
        if (std::fscanf(file, "%lld %lld", &pages, &resident) != 2)
            resident = 0;
        std::fclose(file);
    }
    return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double bytesOf(const std::vector<NamedTensor>& tensors)
{
    double bytes = 0.0;
    for (const NamedTensor& tensor : tensors)
        bytes += static_cast<double>(tensor.tensor.byteSize());
    return bytes;
}

double saved(const std::string& path, const std::vector<NamedTensor>& tensors, SaveOptions options = {})
{
    options.replace = true;
    const auto report = saveCheckpoint(Vfs::posix(), path, tensors, {}, options);
    if (!report)
        std::fprintf(stderr, "%s\n", report.error().toString().c_str());
    return report ? static_cast<double>(report->fileBytes) : 0.0;
}

double zstdBytes(const std::vector<NamedTensor>& tensors)
{
    double bytes = 0.0;
    std::vector<char> packed;
    for (const NamedTensor& tensor : tensors) {
        packed.resize(ZSTD_compressBound(tensor.tensor.byteSize()));
        bytes += static_cast<double>(ZSTD_compress(packed.data(), packed.size(), tensor.tensor.bytes().data(),
                                                   tensor.tensor.byteSize(), 1));
    }
    return bytes;
}

void measureSizes(const bench::Report& report, bench::TrainedWeights& training)
{
    const auto row = [&](const std::string& what, const std::vector<NamedTensor>& tensors, double fileBytes) {
        report.row(what + ": bytes / file bytes", bytesOf(tensors) / fileBytes, "",
                   zstdBytes(tensors) / fileBytes, "zstd -1");
    };
    const std::vector<NamedTensor> first = training.weights();
    const std::vector<NamedTensor> halves = bench::toBfloat16(first);
    const std::vector<NamedTensor> state = training.state();
    row("float32 weights", first, saved(kFile, first));
    row("bfloat16 weights", halves, saved(kFile, halves));
    row("float32 weights and slots", state, saved(kFile, state));
    saved(kBase, first);
    const std::string halfBase = kBase + ".half";
    saved(halfBase, halves);
    SaveOptions options;
    int done = 0;
    for (const int steps : {1, 10, 100}) {
        if (const Status status = training.train(steps - done); !status.isOk())
            return;
        done = steps;
        const std::vector<NamedTensor> now = training.weights();
        const std::vector<NamedTensor> nowHalves = bench::toBfloat16(now);
        options.base = openCheckpoint(Vfs::posix(), kBase).value_or(nullptr);
        row("float32 delta, " + std::to_string(steps) + " steps", now, saved(kFile, now, options));
        options.base = openCheckpoint(Vfs::posix(), halfBase).value_or(nullptr);
        row("bfloat16 delta, " + std::to_string(steps) + " steps", nowHalves,
            saved(kFile, nowHalves, options));
    }
    static_cast<void>(Vfs::posix().remove(kBase));
    static_cast<void>(Vfs::posix().remove(halfBase));
}

/// The tensors several times under other names, until they are `bytes` in all.
std::vector<NamedTensor> repeated(const std::vector<NamedTensor>& tensors, double bytes)
{
    std::vector<NamedTensor> many;
    for (int copy = 0; bytesOf(many) < bytes; ++copy) {
        for (const NamedTensor& tensor : tensors)
            many.push_back({std::to_string(copy) + "/" + tensor.name, *tensor.tensor.clone()});
    }
    return many;
}

void measureCoders(const bench::Report& report, const std::string& name,
                   const std::vector<NamedTensor>& tensors)
{
    const double bytes = bytesOf(tensors);
    const MemorySource source(tensors);
    auto plan = planSave(source, {}, {}, std::string(32, '0'));
    for (PlannedTensor& tensor : plan->tensors)
        tensor.needsStatistics = false; // the coder alone
    const double encode = cpuSeconds([&] {
        UnitEncoder encoder(*plan);
        EncodedUnit encoded;
        for (std::size_t unit = 0; unit < plan->units.size(); ++unit) {
            static_cast<void>(encoder.load(unit));
            static_cast<void>(encoder.encode(encoded));
        }
    });
    const double zstd = cpuSeconds([&] { static_cast<void>(zstdBytes(tensors)); });
    report.row(name + " encode, a core", bytes / encode / 1e9, "GB/s", zstd / encode, "zstd -1");

    std::vector<std::vector<char>> packed;
    for (const NamedTensor& tensor : tensors) {
        packed.emplace_back(ZSTD_compressBound(tensor.tensor.byteSize()));
        packed.back().resize(ZSTD_compress(packed.back().data(), packed.back().size(),
                                           tensor.tensor.bytes().data(), tensor.tensor.byteSize(), 1));
    }
    std::vector<std::byte> into;
    const double unzstd = cpuSeconds([&] {
        for (std::size_t i = 0; i < tensors.size(); ++i) {
            into.resize(std::max(into.size(), tensors[i].tensor.byteSize()));
            ZSTD_decompress(into.data(), into.size(), packed[i].data(), packed[i].size());
        }
    });
    saved(kFile, tensors);
    const auto reader = openCheckpoint(Vfs::posix(), kFile);
    const double decode = cpuSeconds([&] {
        for (std::size_t i = 0; i < (*reader)->tensors().size(); ++i)
            static_cast<void>(
                (*reader)->readPart(i, 0, std::span(into).first((*reader)->tensors()[i].logicalBytes)));
    });
    report.row(name + " decode, a core", bytes / decode / 1e9, "GB/s", unzstd / decode, "zstd -d");
    const double load = cpuSeconds([&] {
        for (std::size_t i = 0; i < (*reader)->tensors().size(); ++i)
            static_cast<void>((*reader)->read(i));
    });
    report.row(name + " load with digests", bytes / load / 1e9, "GB/CPU-s", 0.0, "");
    const double save = cpuSeconds([&] { saved(kFile, tensors); });
    report.row(name + " save over an older file", bytes / save / 1e9, "GB/CPU-s", 0.0, "");
    const double fresh =
        cpuSeconds([&] { saved(kFile, tensors); }, [] { static_cast<void>(Vfs::posix().remove(kFile)); });
    report.row(name + " save, end to end", bytes / fresh / 1e9, "GB/CPU-s", 0.0, "");
    const double statistics = cpuSeconds([&] {
        for (const NamedTensor& tensor : tensors) {
            static_cast<void>(computeStatistics(tensor.tensor));
            static_cast<void>(digestOf(tensor.tensor.bytes()));
        }
    });
    report.row(name + " statistics and digest, a core", bytes / statistics / 1e9, "GB/s", 0.0, "");
    Vfs& vfs = Vfs::posix();
    const double raw = medianOf(
        [&] {
            const auto file = vfs.open(kRaw, OpenMode::CreateNew);
            std::uint64_t at = 0;
            for (const NamedTensor& tensor : tensors) {
                static_cast<void>((*file)->write(at, tensor.tensor.bytes()));
                at += tensor.tensor.byteSize();
            }
            static_cast<void>((*file)->sync());
        },
        [&] { static_cast<void>(vfs.remove(kRaw)); });
    for (const int threads : {1, 2}) {
        for (const Profile profile : {Profile::Compact, Profile::Stored}) {
            SaveOptions options;
            options.threads = threads;
            options.profile = profile;
            // Freeing the older file is no part of a save under a new name.
            const double seconds = medianOf([&] { saved(kFile, tensors, options); },
                                            [] { static_cast<void>(Vfs::posix().remove(kFile)); });
            report.row(name + (profile == Profile::Stored ? " stored" : "") + " save, fsynced, threads " +
                           std::to_string(threads),
                       bytes / seconds / 1e9, "GB/s", raw / seconds, "write + fsync");
        }
    }
    static_cast<void>(vfs.remove(kRaw));
}

void measureOpening(const bench::Report& report, std::int64_t count)
{
    std::vector<NamedTensor> tensors;
    for (std::int64_t i = 0; i < count; ++i)
        tensors.push_back({"model/layer_" + std::to_string(i / 100) + "/kernel_" + std::to_string(i % 100),
                           Tensor::of<float>({0.37F * static_cast<float>(i), -0.001F}, Shape{2})});
    if (saved(kFile, tensors) == 0.0)
        return;
    const std::string what = std::to_string(count) + " tensors";
    constexpr std::size_t kShown = 100;
    double sum = 0.0;
    const double open = cpuSeconds([&] {
        const auto reader = openCheckpoint(Vfs::posix(), kFile);
        for (std::size_t i = 0; i < kShown; ++i)
            sum += (*reader)->tensors()[i].statistics->mean;
        sum += static_cast<double>((*reader)->find(tensors.back().name));
    });
    report.row("open and list " + what, open * 1e3, "CPU-ms", 0.0, "");
    const double before = residentBytes();
    const auto reader = openCheckpoint(Vfs::posix(), kFile);
    for (const TensorEntry& entry : (*reader)->tensors())
        sum += entry.statistics->max;
    report.row("open and list " + what + ": memory", (residentBytes() - before) / 1e6, "MB", 0.0, "");
    const double walk = cpuSeconds([&] {
        for (const TensorEntry& entry : (*reader)->tensors())
            sum += static_cast<double>(entry.logicalBytes);
    });
    report.row("walk over " + what, walk * 1e3, "CPU-ms", 0.0, "");
    std::vector<std::uint32_t> found;
    const double filter = cpuSeconds([&] {
        found.clear();
        (*reader)->forEachName([&](std::size_t index, std::string_view name) {
            if (containsAnyCase(name, "KERNEL_7"))
                found.push_back(static_cast<std::uint32_t>(index));
        });
    });
    report.row("filter " + what + " by name", filter * 1e3, "CPU-ms", 0.0, "");
    const double sort = cpuSeconds([&] {
        std::vector<std::pair<double, std::uint32_t>> rows;
        rows.reserve((*reader)->tensorCount());
        for (const TensorEntry& entry : (*reader)->tensors())
            rows.emplace_back(entry.statistics->mean, static_cast<std::uint32_t>(rows.size()));
        std::sort(rows.begin(), rows.end(), std::greater<>());
        sum += rows.front().first;
    });
    report.row("sort " + what + " by mean", sort * 1e3, "CPU-ms", 0.0, "");
    if (sum == 0.0 || found.empty())
        std::fprintf(stderr, "the tensors hold no values\n");
    saved(kFile, {}); // removes the parts
}

/// Saves and browses `gigabytes` of weights that are made up on the way.
void measureLarge(const bench::Report& report, double gigabytes)
{
    constexpr std::int64_t kElements = 64'000'000;
    const bench::GeneratedReader from(static_cast<std::uint64_t>(gigabytes * 1e9), kElements);
    const std::string what = std::to_string(static_cast<int>(gigabytes)) + " GB";
    SaveOptions options;
    options.replace = true;
    options.threads = 2;
    const double before = residentBytes();
    resetPeak();
    const auto begin = std::chrono::steady_clock::now();
    const auto saved = rewriteCheckpoint(Vfs::posix(), from, kFile, options);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (!saved)
        return static_cast<void>(std::fprintf(stderr, "%s\n", saved.error().toString().c_str()));
    report.row("save " + what + ": memory", (peakBytes() - before) / 1e6, "MB", 0.0, "");
    report.row("save " + what + ", threads 2", static_cast<double>(saved->logicalBytes) / seconds / 1e9,
               "GB/s", 0.0, "");
    resetPeak();
    double sum = 0.0;
    {
        const auto reader = openCheckpoint(Vfs::posix(), kFile);
        std::vector<std::byte> part(std::size_t{1} << 16U);
        for (std::size_t i = 0; i < (*reader)->tensorCount(); ++i) {
            sum += (*reader)->tensor(i).statistics->stddev;
            static_cast<void>((*reader)->readPart(i, 128'000'000, part));
        }
    }
    report.row("browse " + what + ": memory", (peakBytes() - before) / 1e6, "MB", 0.0, "");
    static_cast<void>(Vfs::posix().remove(kFile));
    if (sum == 0.0)
        std::fprintf(stderr, "the tensors hold no values\n");
}

} // namespace

int main(int argc, char** argv)
{
    const bench::Report report(argc, argv, "checkpoint");
    for (int i = 1; i + 1 < argc; ++i) {
        if (std::strcmp(argv[i], "--large") == 0) { // takes as much of the disk
            measureLarge(report, std::strtod(argv[i + 1], nullptr));
            return 0;
        }
    }
    constexpr int kSteps = 400;
    constexpr double kBytes = 96e6;
    bench::TrainedWeights training;
    if (const Status status = training.status().isOk() ? training.train(kSteps) : training.status();
        !status.isOk()) {
        std::fprintf(stderr, "%s\n", status.toString().c_str());
        return 1;
    }
    report.row("loss after " + std::to_string(kSteps) + " steps", training.loss(), "", 0.0, "");
    if (report.wants("bytes / file bytes"))
        measureSizes(report, training);
    for (const bool isHalf : {false, true}) {
        const std::string name = isHalf ? "bfloat16" : "float32";
        if (report.wants(name)) {
            const std::vector<NamedTensor> weights = training.weights();
            measureCoders(report, name, repeated(isHalf ? bench::toBfloat16(weights) : weights, kBytes));
        }
    }
    for (const std::int64_t count : {500, 100000, 1000000}) {
        if (report.wants("open and list " + std::to_string(count)))
            measureOpening(report, count);
    }
    static_cast<void>(Vfs::posix().remove(kFile));
    return 0;
}
