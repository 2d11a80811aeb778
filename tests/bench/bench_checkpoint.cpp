// SPDX-License-Identifier: GPL-3.0-or-later
// Saving and reading checkpoints: size against zstd level 1 of the same bytes, speed against writing and
// reading them as they are. Values drawn like trained weights; files in the current folder.
#include "engine/checkpoint/checkpoint.h"
#include "tests/bench/stopwatch.h"

#include <cstring>
#include <memory>
#include <random>
#include <thread>
#include <zstd.h>

using namespace wr;

namespace {

constexpr std::int64_t kElements = std::int64_t{32} << 20U;

Tensor weights(DType dtype)
{
    Tensor tensor = *Tensor::create(dtype, {kElements / 1024, 1024});
    std::mt19937 random(1);
    std::normal_distribution<float> normal(0.0F, 0.05F);
    const std::size_t size = dtypeSize(dtype);
    for (std::int64_t i = 0; i < kElements; ++i) {
        const float value = normal(random);
        std::memcpy(tensor.mutableBytes().data() + static_cast<std::size_t>(i) * size,
                    reinterpret_cast<const std::byte*>(&value) + sizeof(float) - size, size);
    }
    return tensor;
}

} // namespace

int main(int argc, char** argv)
{
    const bench::Report report(argc, argv, "checkpoint");
    const std::string path = "./.bench_checkpoint.wrck";
    const std::string raw = "./.bench_checkpoint.raw";
    for (const DType dtype : {DType::Float32, DType::BFloat16}) {
        const Tensor tensor = weights(dtype);
        const std::vector<NamedTensor> tensors{{"weights", tensor}};
        const double bytes = static_cast<double>(tensor.byteSize());
        const std::string name(dtypeName(dtype));
        std::vector<char> packed(ZSTD_compressBound(tensor.byteSize()));
        std::size_t packedSize = 0;
        const double zstdSeconds = bench::medianSeconds(
            [&] {
                packedSize =
                    ZSTD_compress(packed.data(), packed.size(), tensor.bytes().data(), tensor.byteSize(), 1);
            },
            0.1);
        Vfs& vfs = Vfs::posix();
        const double rawWrite = bench::medianSeconds([&] {
            static_cast<void>(vfs.remove(raw));
            auto file = vfs.open(raw, OpenMode::CreateNew);
            static_cast<void>((*file)->write(0, tensor.bytes()));
            static_cast<void>((*file)->sync());
        });
        std::vector<std::byte> into(tensor.byteSize());
        const double rawRead =
            bench::medianSeconds([&] { static_cast<void>((*vfs.open(raw, OpenMode::Read))->read(0, into)); });
        for (const int threads : {1, static_cast<int>(std::thread::hardware_concurrency())}) {
            checkpoint::SaveOptions options;
            options.replace = true;
            options.threads = threads;
            std::uint64_t fileBytes = 0;
            const double save = bench::medianSeconds([&] {
                const auto saved = checkpoint::saveCheckpoint(vfs, path, tensors, {}, options);
                fileBytes = saved ? saved->fileBytes : 0;
            });
            if (threads == 1) {
                report.row(name + " bytes / file bytes", bytes / static_cast<double>(fileBytes), "",
                           static_cast<double>(packedSize) / static_cast<double>(fileBytes), "zstd -1");
            }
            report.row(name + " save, durable, " + std::to_string(threads) + " threads", bytes / save / 1e9,
                       "GB/s", rawWrite / save, "write + fsync");
            report.row(name + " save, durable, " + std::to_string(threads) + " threads", bytes / save / 1e9,
                       "GB/s", zstdSeconds / save, "zstd -1 in memory");
        }
        const auto reader = checkpoint::openCheckpoint(vfs, path);
        const double load = bench::medianSeconds([&] { static_cast<void>((*reader)->read(0)); });
        report.row(name + " read, verified", bytes / load / 1e9, "GB/s", rawRead / load, "read from cache");
        const double open =
            bench::medianSeconds([&] { static_cast<void>(checkpoint::openCheckpoint(vfs, path)); });
        report.row(name + " open and list", open * 1e3, "ms", 0.0, "");
        static_cast<void>(vfs.remove(path));
        static_cast<void>(vfs.remove(raw));
    }
    return 0;
}
