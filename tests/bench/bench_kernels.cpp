// SPDX-License-Identifier: GPL-3.0-or-later
// Kernels of each instruction set: matrix products against the machine's peak of fused multiplications,
// element-wise ops against the speed of copying memory. All threads.
#include "engine/backend/update_form.h"
#include "engine/runtime/runtime.h"
#include "engine/tensor/tensor.h"
#include "tests/bench/stopwatch.h"

#include <array>
#include <cmath>
#include <cstring>
#include <immintrin.h>

using namespace wr;
using backend::OpCode;

namespace {

backend::TensorView viewOf(Tensor& tensor)
{
    return {tensor.mutableBytes().data(), tensor.shape().dims().data(), tensor.shape().rank(), tensor.dtype(),
            tensor.elementCount()};
}

Tensor filled(Shape shape)
{
    Tensor tensor = *Tensor::create(DType::Float32, std::move(shape));
    for (std::int64_t i = 0; i < tensor.elementCount(); ++i)
        tensor.data<float>()[i] = static_cast<float>(i % 97) * 0.01F - 0.3F;
    return tensor;
}

struct Call {
    std::vector<backend::TensorView> inputs;
    backend::TensorView output;
    backend::OpAttributes attributes;
    backend::KernelArgs args;
    const backend::Kernel* kernel = nullptr;
    std::vector<std::byte> workspace;

    void prepare()
    {
        args.inputs = inputs.data();
        args.inputCount = static_cast<std::int32_t>(inputs.size());
        args.outputs = &output;
        args.outputCount = 1;
        args.attributes = &attributes;
        workspace.resize((kernel->workspaceBytes != nullptr ? kernel->workspaceBytes(args) : 0) + 64);
        void* at = workspace.data();
        std::size_t space = workspace.size();
        args.workspace = static_cast<std::byte*>(std::align(64, space - 63, at, space));
    }
    void run(ThreadTeam& team)
    {
        team.run(
            kernel->tileCount(args),
            [](void* context, std::int64_t begin, std::int64_t end) {
                auto& call = *static_cast<Call*>(context);
                call.kernel->run(call.args, begin, end);
            },
            this);
    }
};

constexpr std::int64_t kRounds = 1'000'000;
// Enough independent sums to fill both multipliers' pipelines; unrolled, so that they stay in registers: in
// memory, one store a cycle would be the limit.
constexpr std::size_t kChains = 12;

/// Each sum starts elsewhere: of equal ones the compiler would compute one.
float startOf(std::size_t chain)
{
    return 0.5F / static_cast<float>(chain + 1);
}

__attribute__((target("avx512f"))) void spinAvx512(float* sink)
{
    __m512 chains[kChains];
#pragma GCC unroll 12
    for (std::size_t c = 0; c < kChains; ++c)
        chains[c] = _mm512_set1_ps(startOf(c));
    for (std::int64_t i = 0; i < kRounds; ++i) {
#pragma GCC unroll 12
        for (std::size_t c = 0; c < kChains; ++c)
            chains[c] = _mm512_fmadd_ps(chains[c], chains[c], chains[c]);
    }
#pragma GCC unroll 12
    for (std::size_t c = 0; c < kChains; ++c)
        *sink += _mm512_cvtss_f32(chains[c]);
}

__attribute__((target("avx2,fma"))) void spinAvx2(float* sink)
{
    __m256 chains[kChains];
#pragma GCC unroll 12
    for (std::size_t c = 0; c < kChains; ++c)
        chains[c] = _mm256_set1_ps(startOf(c));
    for (std::int64_t i = 0; i < kRounds; ++i) {
#pragma GCC unroll 12
        for (std::size_t c = 0; c < kChains; ++c)
            chains[c] = _mm256_fmadd_ps(chains[c], chains[c], chains[c]);
    }
#pragma GCC unroll 12
    for (std::size_t c = 0; c < kChains; ++c)
        *sink += _mm256_cvtss_f32(chains[c]);
}

void spinBaseline(float* sink)
{
    __m128 chains[kChains];
#pragma GCC unroll 12
    for (std::size_t c = 0; c < kChains; ++c)
        chains[c] = _mm_set1_ps(startOf(c));
    for (std::int64_t i = 0; i < kRounds; ++i) {
#pragma GCC unroll 12
        for (std::size_t c = 0; c < kChains; ++c)
            chains[c] = _mm_add_ps(_mm_mul_ps(chains[c], chains[c]), chains[c]);
    }
#pragma GCC unroll 12
    for (std::size_t c = 0; c < kChains; ++c)
        *sink += _mm_cvtss_f32(chains[c]);
}

/// Multiplications and additions per second of one instruction set, on numbers in registers.
double peakFlops(const std::string& isa, ThreadTeam& team)
{
    struct Context {
        void (*spin)(float*) = spinBaseline;
        std::size_t lanes = 4;
        float sink = 0.0F;
    } context;
    if (isa == "avx512") {
        context.spin = spinAvx512;
        context.lanes = 16;
    } else if (isa == "avx2") {
        context.spin = spinAvx2;
        context.lanes = 8;
    }
    const double seconds = bench::medianSeconds([&] {
        team.run(
            team.threads(),
            [](void* raw, std::int64_t begin, std::int64_t end) {
                float sink = 0.0F;
                for (std::int64_t tile = begin; tile < end; ++tile)
                    static_cast<Context*>(raw)->spin(&sink);
            },
            &context);
    });
    return 2.0 * static_cast<double>(kRounds) * static_cast<double>(context.lanes * kChains) *
           static_cast<double>(team.threads()) / seconds;
}

} // namespace

int main(int argc, char** argv)
{
    const bench::Report report(argc, argv, "kernels");
    for (const char* isa : {"baseline", "avx2", "avx512"}) {
        runtime::RuntimeOptions options;
        options.cpuIsa = isa;
        options.moduleDirectory = WEIGHTROOM_BIN_DIR;
        const auto made = runtime::Runtime::create(options);
        if (!made)
            continue;
        runtime::Runtime& runtime = **made;
        ThreadTeam& team = runtime.team();
        const double peak = peakFlops(isa, team);
        report.row(std::string(isa) + " peak", peak / 1e9, "GFLOP/s", 0.0, "");
        for (const auto& [m, k, n] : {std::array<std::int64_t, 3>{32, 784, 200},
                                      {784, 32, 200},
                                      {256, 784, 200},
                                      {1024, 1024, 1024}}) {
            Tensor a = filled({m, k});
            Tensor b = filled({k, n});
            Tensor c = filled({m, n});
            Call call;
            call.inputs = {viewOf(a), viewOf(b)};
            call.output = viewOf(c);
            call.kernel = runtime.kernel(0, OpCode::MatMul, DType::Float32);
            call.prepare();
            const double seconds = bench::medianSeconds([&] { call.run(team); });
            const double flops = 2.0 * static_cast<double>(m * k * n) / seconds;
            report.row(std::string(isa) + " MatMul " + std::to_string(m) + "x" + std::to_string(k) + "x" +
                           std::to_string(n),
                       flops / 1e9, "GFLOP/s", flops / peak, "peak");
        }
        constexpr std::int64_t kLarge = 16'000'000;
        Tensor x = filled({kLarge});
        Tensor y = filled({kLarge});
        Tensor z = filled({kLarge});
        Call copy;
        copy.inputs = {viewOf(x)};
        copy.output = viewOf(z);
        copy.kernel = runtime.kernel(0, OpCode::Identity, DType::Float32);
        copy.prepare();
        const double bytes = static_cast<double>(kLarge) * 4;
        const double copied = 2 * bytes / bench::medianSeconds([&] { copy.run(team); });
        report.row(std::string(isa) + " copy", copied / 1e9, "GB/s", 0.0, "");
        for (const auto& [op, inputs] : {std::pair(OpCode::Add, 2), std::pair(OpCode::Relu, 1),
                                         std::pair(OpCode::Exp, 1), std::pair(OpCode::Tanh, 1)}) {
            Call call;
            call.inputs = inputs == 2 ? std::vector{viewOf(x), viewOf(y)} : std::vector{viewOf(x)};
            call.output = viewOf(z);
            call.kernel = runtime.kernel(0, op, DType::Float32);
            call.prepare();
            const double speed = (inputs + 1) * bytes / bench::medianSeconds([&] { call.run(team); });
            report.row(std::string(isa) + " " + std::string(backend::opName(op)), speed / 1e9, "GB/s",
                       speed / copied, "copy");
        }
        for (const OpCode op : {OpCode::RandomUniform, OpCode::RandomNormal, OpCode::TruncatedNormal}) {
            Call call;
            call.output = viewOf(z);
            call.attributes.scalars[1] = 1.0; // from 0 to 1; mean 0, deviation 1
            call.kernel = runtime.kernel(0, op, DType::Float32);
            call.prepare();
            const double each = static_cast<double>(kLarge) / bench::medianSeconds([&] { call.run(team); });
            report.row(std::string(isa) + " " + std::string(backend::opName(op)), each / 1e9 / team.threads(),
                       "G/s core", each * 4.0 / copied * 2.0, "writing at the speed of copy");
        }
        for (const OpCode op : {OpCode::ApplyGradientDescent, OpCode::ApplyMomentum, OpCode::ApplyAdagrad,
                                OpCode::ApplyAdadelta, OpCode::ApplyRMSProp, OpCode::ApplyCenteredRMSProp,
                                OpCode::ApplyFtrl, OpCode::ApplyAdamW, OpCode::ApplyAdam}) {
            const backend::UpdateForm form = *backend::updateForm(op);
            std::vector<Tensor> tensors;
            Call call;
            for (std::size_t i = 0; i < form.inputs; ++i) {
                const bool isWhole = i <= form.slotCount || i == form.gradient;
                tensors.push_back(isWhole ? filled({kLarge}) : Tensor::scalar(0.01F));
                float* const values = tensors.back().data<float>();
                for (std::int64_t at = 0; i > 0 && isWhole && at < kLarge; ++at)
                    values[at] = std::abs(values[at]) + 0.5F; // slots hold sums and means of squares
            }
            if (op == OpCode::ApplyFtrl)
                tensors.back() = Tensor::scalar(-0.5F); // the power that all but a few use
            for (Tensor& tensor : tensors)
                call.inputs.push_back(viewOf(tensor));
            call.output = call.inputs[0];
            call.kernel = runtime.kernel(0, op, DType::Float32);
            call.prepare();
            // The variable and its slots are read and written, the gradient is read.
            const double moved = static_cast<double>(2 * (1 + form.slotCount) + 1) * bytes;
            const double speed = moved / bench::medianSeconds([&] { call.run(team); });
            report.row(std::string(isa) + " " + std::string(backend::opName(op)), speed / 1e9, "GB/s",
                       speed / copied, "copy");
        }
    }
    return 0;
}
