// SPDX-License-Identifier: GPL-3.0-or-later
// ResNet, ViT and the U-Net of Stable Diffusion.
#include "tests/remap/architecture_names.h"

#include <array>

namespace wr::remap {
namespace {

std::string number(int value)
{
    return std::to_string(value);
}

enum class Style { Torch, HuggingFace, Keras, Slim };

/// Names of one convolution of ResNet-50 and its normalisation. stage 0: the first one; conv 0: the shortcut.
struct ConvNames {
    std::string kernel;
    std::string norm;
};

ConvNames convNames(Style style, int stage, int block, int conv)
{
    const std::string c = number(conv);
    switch (style) {
    case Style::Torch:
        if (stage == 0)
            return {"conv1.weight", "bn1."};
        return conv == 0 ? ConvNames{"layer" + number(stage) + "." + number(block) + ".downsample.0.weight",
                                     "layer" + number(stage) + "." + number(block) + ".downsample.1."}
                         : ConvNames{"layer" + number(stage) + "." + number(block) + ".conv" + c + ".weight",
                                     "layer" + number(stage) + "." + number(block) + ".bn" + c + "."};
    case Style::HuggingFace: {
        std::string base = "resnet.embedder.embedder.";
        if (stage > 0)
            base = "resnet.encoder.stages." + number(stage - 1) + ".layers." + number(block) +
                   (conv == 0 ? ".shortcut." : ".layer." + number(conv - 1) + ".");
        return {base + "convolution.weight", base + "normalization."};
    }
    case Style::Keras: {
        const std::string base =
            stage == 0 ? "conv1" : "conv" + number(stage + 1) + "_block" + number(block + 1) + "_" + c;
        return {base + "_conv/kernel:0", base + "_bn/"};
    }
    case Style::Slim: {
        std::string base = "resnet_v1_50/conv1";
        if (stage > 0)
            base = "resnet_v1_50/block" + number(stage) + "/unit_" + number(block + 1) + "/bottleneck_v1/" +
                   (conv == 0 ? std::string("shortcut") : "conv" + c);
        return {base + "/weights", base + "/BatchNorm/"};
    }
    }
    return {};
}

bool isTensorFlow(Style style)
{
    return style == Style::Keras || style == Style::Slim;
}

std::string normLeaf(Style style, int role)
{
    constexpr std::array<const char*, 4> kTorch{"weight", "bias", "running_mean", "running_var"};
    constexpr std::array<const char*, 4> kTensorFlow{"gamma", "beta", "moving_mean", "moving_variance"};
    const auto index = static_cast<std::size_t>(role);
    return isTensorFlow(style) ? std::string(kTensorFlow[index]) + (style == Style::Keras ? ":0" : "")
                               : kTorch[index];
}

NamedPair resnet(const QString& name, Style from, Style to)
{
    NamedPair pair;
    pair.name = name;
    pair.canTurn = false;
    const auto add = [&](int stage, int block, int conv, int in, int out, int size) {
        const ConvNames a = convNames(from, stage, block, conv);
        const ConvNames b = convNames(to, stage, block, conv);
        const bool turns = isTensorFlow(from) && !isTensorFlow(to);
        pair.add(a.kernel, turns ? Shape{size, size, in, out} : Shape{out, in, size, size}, b.kernel,
                 {out, in, size, size}, turns ? "permute(3, 2, 0, 1)" : "");
        for (int role = 0; role < 4; ++role)
            pair.add(a.norm + normLeaf(from, role), b.norm + normLeaf(to, role), {out});
        if (from == Style::Keras) // Keras has biases before its normalisations
            pair.addSource(a.kernel.substr(0, a.kernel.find('/')) + "/bias:0", {out});
        if (to == Style::Torch)
            pair.addTarget(b.norm + "num_batches_tracked", {});
        if (from == Style::Torch)
            pair.addSource(a.norm + "num_batches_tracked", {});
    };
    add(0, 0, 1, 3, 64, 7);
    constexpr std::array<int, 4> kBlocks{3, 4, 6, 3};
    int in = 64;
    for (int stage = 1; stage <= 4; ++stage) {
        const int width = 64 << (stage - 1);
        for (int block = 0; block < kBlocks[static_cast<std::size_t>(stage - 1)]; ++block) {
            add(stage, block, 1, in, width, 1);
            add(stage, block, 2, width, width, 3);
            add(stage, block, 3, width, 4 * width, 1);
            if (block == 0)
                add(stage, block, 0, in, 4 * width, 1);
            in = 4 * width;
        }
    }
    const std::string head = to == Style::HuggingFace ? "classifier.1." : "fc.";
    if (from == Style::Torch) {
        pair.addBoth("fc.", head, {1000, 2048});
    } else if (from == Style::Keras) {
        pair.add("predictions/kernel:0", {2048, 1000}, head + "weight", {1000, 2048}, "transpose");
        pair.add("predictions/bias:0", head + "bias", {1000});
    } else {
        pair.add("resnet_v1_50/logits/weights", {1, 1, 2048, 1000}, head + "weight", {1000, 2048},
                 "permute(3, 2, 0, 1) squeeze(3) squeeze(2)");
        pair.add("resnet_v1_50/logits/biases", head + "bias", {1000});
    }
    return pair;
}

constexpr int kWidth = 768;

void vitEnds(NamedPair& pair, bool isFlax, const std::string& cls, const std::string& positions,
             const std::string& patch, const std::string& norm, const std::string& head)
{
    pair.add(isFlax ? "cls" : "cls_token", cls, {1, 1, kWidth});
    pair.add(isFlax ? "Transformer/posembed_input/pos_embedding" : "pos_embed", positions, {1, 197, kWidth});
    if (isFlax) {
        pair.add("embedding/kernel", {16, 16, 3, kWidth}, patch + "weight", {kWidth, 3, 16, 16},
                 "permute(3, 2, 0, 1)");
        pair.add("embedding/bias", patch + "bias", {kWidth});
        pair.add("Transformer/encoder_norm/scale", norm + "weight", {kWidth});
        pair.add("Transformer/encoder_norm/bias", norm + "bias", {kWidth});
        pair.add("head/kernel", {kWidth, 1000}, head + "weight", {1000, kWidth}, "transpose");
        pair.add("head/bias", head + "bias", {1000});
    } else {
        pair.addBoth("patch_embed.proj.", patch, {kWidth, 3, 16, 16});
        pair.addBoth("norm.", norm, {kWidth});
        pair.addBoth("head.", head, {1000, kWidth});
    }
}

NamedPair vitFromTimm()
{
    NamedPair pair;
    pair.name = "vit, timm to Hugging Face";
    pair.canTurn = false;
    vitEnds(pair, false, "vit.embeddings.cls_token", "vit.embeddings.position_embeddings",
            "vit.embeddings.patch_embeddings.projection.", "vit.layernorm.", "classifier.");
    for (int i = 0; i < 12; ++i) {
        const std::string from = "blocks." + number(i) + ".";
        const std::string to = "vit.encoder.layer." + number(i) + ".";
        pair.addBoth(from + "norm1.", to + "layernorm_before.", {kWidth});
        pair.addBoth(from + "norm2.", to + "layernorm_after.", {kWidth});
        pair.addSource(from + "attn.qkv.weight", {3 * kWidth, kWidth});
        pair.addSource(from + "attn.qkv.bias", {3 * kWidth});
        int part = 0;
        for (const char* role : {"query", "key", "value"}) {
            const std::string target = to + "attention.attention." + role + ".";
            const std::string cut =
                "slice(0, " + number(kWidth * part) + ", " + number(kWidth * (part + 1)) + ")";
            pair.addTarget(target + "weight", {kWidth, kWidth});
            pair.addTarget(target + "bias", {kWidth});
            pair.truth[target + "weight"] = {{from + "attn.qkv.weight"}, cut};
            pair.truth[target + "bias"] = {{from + "attn.qkv.bias"}, cut};
            ++part;
        }
        pair.addBoth(from + "attn.proj.", to + "attention.output.dense.", {kWidth, kWidth});
        pair.addBoth(from + "mlp.fc1.", to + "intermediate.dense.", {4 * kWidth, kWidth});
        pair.addBoth(from + "mlp.fc2.", to + "output.dense.", {kWidth, 4 * kWidth});
    }
    return pair;
}

NamedPair vitToTimm()
{
    NamedPair pair;
    pair.name = "vit, Hugging Face to timm";
    const NamedPair other = vitFromTimm();
    pair.sources = other.targets;
    pair.targets = other.sources;
    pair.canTurn = false;
    for (const auto& [target, truth] : other.truth) {
        if (truth.operations.empty())
            pair.truth[truth.sources.front()] = {{target}, {}};
    }
    for (int i = 0; i < 12; ++i) {
        for (const char* leaf : {"weight", "bias"}) {
            Truth joined{{}, "concat(0)"};
            for (const char* role : {"query", "key", "value"})
                joined.sources.push_back("vit.encoder.layer." + number(i) + ".attention.attention." + role +
                                         "." + leaf);
            pair.truth["blocks." + number(i) + ".attn.qkv." + leaf] = joined;
        }
    }
    return pair;
}

NamedPair vitFromFlax()
{
    NamedPair pair;
    pair.name = "vit, first files to Hugging Face";
    vitEnds(pair, true, "vit.embeddings.cls_token", "vit.embeddings.position_embeddings",
            "vit.embeddings.patch_embeddings.projection.", "vit.layernorm.", "classifier.");
    for (int i = 0; i < 12; ++i) {
        const std::string from = "Transformer/encoderblock_" + number(i) + "/";
        const std::string to = "vit.encoder.layer." + number(i) + ".";
        const auto norm = [&](const std::string& a, const std::string& b) {
            pair.add(from + a + "/scale", to + b + ".weight", {kWidth});
            pair.add(from + a + "/bias", to + b + ".bias", {kWidth});
        };
        norm("LayerNorm_0", "layernorm_before");
        norm("LayerNorm_2", "layernorm_after");
        const std::string attention = from + "MultiHeadDotProductAttention_1/";
        for (const std::string role : {"query", "key", "value"}) {
            pair.add(attention + role + "/kernel", {kWidth, 12, 64},
                     to + "attention.attention." + role + ".weight", {kWidth, kWidth}, "merge(1) transpose");
            pair.add(attention + role + "/bias", {12, 64}, to + "attention.attention." + role + ".bias",
                     {kWidth}, "merge(0)");
        }
        pair.add(attention + "out/kernel", {12, 64, kWidth}, to + "attention.output.dense.weight",
                 {kWidth, kWidth}, "merge(0) transpose");
        pair.add(attention + "out/bias", to + "attention.output.dense.bias", {kWidth});
        const auto dense = [&](const std::string& a, const std::string& b, int in, int out) {
            pair.add(from + a + "/kernel", {in, out}, to + b + ".weight", {out, in}, "transpose");
            pair.add(from + a + "/bias", to + b + ".bias", {out});
        };
        dense("MlpBlock_3/Dense_0", "intermediate.dense", kWidth, 4 * kWidth);
        dense("MlpBlock_3/Dense_1", "output.dense", 4 * kWidth, kWidth);
    }
    return pair;
}

/// One block with a residual of the U-Net.
void residual(NamedPair& pair, const std::string& from, const std::string& to, int in, int out)
{
    pair.addBoth(from + "in_layers.0.", to + "norm1.", {in});
    pair.addBoth(from + "in_layers.2.", to + "conv1.", {out, in, 3, 3});
    pair.addBoth(from + "emb_layers.1.", to + "time_emb_proj.", {out, 1280});
    pair.addBoth(from + "out_layers.0.", to + "norm2.", {out});
    pair.addBoth(from + "out_layers.3.", to + "conv2.", {out, out, 3, 3});
    if (in != out)
        pair.addBoth(from + "skip_connection.", to + "conv_shortcut.", {out, in, 1, 1});
}

void transformer(NamedPair& pair, const std::string& from, const std::string& to, int size)
{
    pair.addBoth(from + "norm.", to + "norm.", {size});
    pair.addBoth(from + "proj_in.", to + "proj_in.", {size, size, 1, 1});
    const std::string block = "transformer_blocks.0.";
    for (const std::string attention : {"attn1.", "attn2."}) {
        const int context = attention == "attn1." ? size : 768;
        const std::string name = block + attention;
        pair.add(from + name + "to_q.weight", to + name + "to_q.weight", {size, size});
        pair.add(from + name + "to_k.weight", to + name + "to_k.weight", {size, context});
        pair.add(from + name + "to_v.weight", to + name + "to_v.weight", {size, context});
        pair.addBoth(from + name + "to_out.0.", to + name + "to_out.0.", {size, size});
    }
    pair.addBoth(from + block + "ff.net.0.proj.", to + block + "ff.net.0.proj.", {8 * size, size});
    pair.addBoth(from + block + "ff.net.2.", to + block + "ff.net.2.", {size, 4 * size});
    for (const char* norm : {"norm1.", "norm2.", "norm3."})
        pair.addBoth(from + block + norm, to + block + norm, {size});
    pair.addBoth(from + "proj_out.", to + "proj_out.", {size, size, 1, 1});
}

NamedPair unet()
{
    NamedPair pair;
    pair.name = "stable diffusion, first files to diffusers";
    const std::string root = "model.diffusion_model.";
    pair.addBoth(root + "time_embed.0.", "time_embedding.linear_1.", {1280, 320});
    pair.addBoth(root + "time_embed.2.", "time_embedding.linear_2.", {1280, 1280});
    pair.addBoth(root + "input_blocks.0.0.", "conv_in.", {320, 4, 3, 3});
    constexpr std::array<int, 4> kSizes{320, 640, 1280, 1280};
    std::vector<int> skips{320};
    int size = 320;
    for (int i = 0; i < 4; ++i) {
        const int out = kSizes[static_cast<std::size_t>(i)];
        for (int j = 0; j < 2; ++j) {
            const std::string from = root + "input_blocks." + number(3 * i + j + 1) + ".";
            const std::string to = "down_blocks." + number(i) + ".";
            residual(pair, from + "0.", to + "resnets." + number(j) + ".", size, out);
            if (i < 3)
                transformer(pair, from + "1.", to + "attentions." + number(j) + ".", out);
            size = out;
            skips.push_back(size);
        }
        if (i < 3) {
            pair.addBoth(root + "input_blocks." + number(3 * i + 3) + ".0.op.",
                         "down_blocks." + number(i) + ".downsamplers.0.conv.", {size, size, 3, 3});
            skips.push_back(size);
        }
    }
    residual(pair, root + "middle_block.0.", "mid_block.resnets.0.", 1280, 1280);
    transformer(pair, root + "middle_block.1.", "mid_block.attentions.0.", 1280);
    residual(pair, root + "middle_block.2.", "mid_block.resnets.1.", 1280, 1280);
    for (int i = 0; i < 4; ++i) {
        const int out = kSizes[static_cast<std::size_t>(3 - i)];
        for (int j = 0; j < 3; ++j) {
            const std::string from = root + "output_blocks." + number(3 * i + j) + ".";
            const std::string to = "up_blocks." + number(i) + ".";
            residual(pair, from + "0.", to + "resnets." + number(j) + ".", size + skips.back(), out);
            skips.pop_back();
            size = out;
            if (i > 0)
                transformer(pair, from + "1.", to + "attentions." + number(j) + ".", out);
        }
        if (i < 3)
            pair.addBoth(root + "output_blocks." + number(3 * i + 2) + (i == 0 ? ".1.conv." : ".2.conv."),
                         "up_blocks." + number(i) + ".upsamplers.0.conv.", {size, size, 3, 3});
    }
    pair.addBoth(root + "out.0.", "conv_norm_out.", {320});
    pair.addBoth(root + "out.2.", "conv_out.", {4, 320, 3, 3});
    return pair;
}

} // namespace

std::vector<NamedPair> visionPairs()
{
    return {resnet("resnet 50, torchvision to Hugging Face", Style::Torch, Style::HuggingFace),
            resnet("resnet 50, Keras to torchvision", Style::Keras, Style::Torch),
            resnet("resnet 50, TF-Slim to torchvision", Style::Slim, Style::Torch),
            vitFromTimm(),
            vitToTimm(),
            vitFromFlax(),
            unet()};
}

} // namespace wr::remap
