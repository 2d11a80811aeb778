// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cpu/kernel_case.h"

#include "engine/backend/update_form.h"

#include <algorithm>
#include <numeric>

namespace wr::cpu {

using backend::OpCode;

int KernelCase::written() const
{
    switch (op) {
    case OpCode::Assign:
    case OpCode::AssignAdd:
    case OpCode::AssignSub:
    case OpCode::ScatterUpdate:
    case OpCode::ScatterAdd:
    case OpCode::ScatterSub:
    case OpCode::ScatterMul:
    case OpCode::ScatterDiv:
        return 1;
    default:
        break;
    }
    const std::optional<backend::UpdateForm> form = backend::updateForm(op);
    return form ? static_cast<int>(1 + form->slotCount) : 0;
}

QString KernelCase::name() const
{
    QString text =
        QString::fromUtf8(backend::opName(op).data(), static_cast<qsizetype>(backend::opName(op).size()));
    text +=
        u' ' + QString::fromUtf8(dtypeName(dtype).data(), static_cast<qsizetype>(dtypeName(dtype).size()));
    for (const Tensor& input : inputs)
        text += u' ' + QString::fromStdString(input.shape().toString());
    text += QStringLiteral(" -> ") + QString::fromStdString(outShape.toString());
    if (attributes.transposeA)
        text += QStringLiteral(" aT");
    if (attributes.transposeB)
        text += QStringLiteral(" bT");
    for (int i = 0; i < attributes.axisCount; ++i)
        text += QStringLiteral(" axis %1").arg(attributes.axes[i]);
    return text;
}

namespace {

backend::TensorView viewOf(Tensor& tensor)
{
    backend::TensorView view;
    view.data = tensor.mutableBytes().data();
    view.dims = tensor.shape().dims().data();
    view.rank = tensor.shape().rank();
    view.dtype = tensor.dtype();
    view.elements = tensor.elementCount();
    return view;
}

} // namespace

std::vector<Tensor> runKernel(const backend::Kernel& kernel, const KernelCase& c, std::mt19937* shuffle)
{
    return runKernelBy(kernel, c, [&](const backend::KernelArgs& args, std::int64_t tiles) {
        if (shuffle == nullptr) {
            kernel.run(args, 0, tiles);
            return;
        }
        std::vector<std::int64_t> order(static_cast<std::size_t>(tiles));
        std::iota(order.begin(), order.end(), std::int64_t{0});
        std::shuffle(order.begin(), order.end(), *shuffle);
        for (const std::int64_t tile : order)
            kernel.run(args, tile, tile + 1);
    });
}

std::vector<Tensor> runKernelBy(const backend::Kernel& kernel, const KernelCase& c,
                                const std::function<void(const backend::KernelArgs&, std::int64_t)>& runTiles)
{
    std::vector<Tensor> inputs;
    for (const Tensor& input : c.inputs)
        inputs.push_back(*input.clone());
    // What a kernel leaves unwritten must not look right by accident.
    Tensor out = *Tensor::create(c.outType, c.outShape);
    std::fill(out.mutableBytes().begin(), out.mutableBytes().end(), std::byte{0xA5});
    std::vector<backend::TensorView> inputViews;
    for (Tensor& input : inputs)
        inputViews.push_back(viewOf(input));
    backend::TensorView outView = viewOf(out);
    if (c.written() > 0)
        outView = inputViews[0];
    backend::KernelArgs args;
    args.inputs = inputViews.data();
    args.inputCount = static_cast<std::int32_t>(inputViews.size());
    args.outputs = &outView;
    args.outputCount = 1;
    args.attributes = &c.attributes;
    std::vector<std::byte> workspace(kernel.workspaceBytes != nullptr ? kernel.workspaceBytes(args) + 64
                                                                      : 64);
    std::fill(workspace.begin(), workspace.end(), std::byte{0xA5});
    void* aligned = workspace.data();
    std::size_t space = workspace.size();
    args.workspace = static_cast<std::byte*>(std::align(64, space - 63, aligned, space));
    runTiles(args, kernel.tileCount(args));
    if (c.written() == 0)
        return {out};
    return {inputs.begin(), inputs.begin() + c.written()};
}

} // namespace wr::cpu
