// SPDX-License-Identifier: GPL-3.0-or-later
// BERT, T5 and Whisper, and networks of no table.
#include "tests/remap/architecture_names.h"

namespace wr::remap {
namespace {

std::string number(int value)
{
    return std::to_string(value);
}

std::string padded(int value)
{
    const std::string text = number(value);
    return std::string(3 - text.size(), '0') + text;
}

/// A dense layer of TensorFlow and the same of PyTorch.
void dense(NamedPair& pair, const std::string& from, const std::string& to, int in, int out)
{
    pair.add(from + "/kernel", {in, out}, to + ".weight", {out, in}, "transpose");
    pair.add(from + "/bias", to + ".bias", {out});
}

void norm(NamedPair& pair, const std::string& from, const std::string& to, int size)
{
    pair.add(from + "/gamma", to + ".weight", {size});
    pair.add(from + "/beta", to + ".bias", {size});
}

NamedPair bertTf(bool withAdam)
{
    NamedPair pair;
    pair.name = withAdam ? "bert with Adam, TensorFlow to Hugging Face" : "bert, TensorFlow to Hugging Face";
    pair.canTurn = !withAdam;
    pair.add("bert/embeddings/word_embeddings", "bert.embeddings.word_embeddings.weight", {30522, 768});
    pair.add("bert/embeddings/position_embeddings", "bert.embeddings.position_embeddings.weight", {512, 768});
    pair.add("bert/embeddings/token_type_embeddings", "bert.embeddings.token_type_embeddings.weight",
             {2, 768});
    norm(pair, "bert/embeddings/LayerNorm", "bert.embeddings.LayerNorm", 768);
    for (int i = 0; i < 12; ++i) {
        const std::string from = "bert/encoder/layer_" + number(i) + "/";
        const std::string to = "bert.encoder.layer." + number(i) + ".";
        for (const char* role : {"query", "key", "value"})
            dense(pair, from + "attention/self/" + role, to + "attention.self." + role, 768, 768);
        dense(pair, from + "attention/output/dense", to + "attention.output.dense", 768, 768);
        norm(pair, from + "attention/output/LayerNorm", to + "attention.output.LayerNorm", 768);
        dense(pair, from + "intermediate/dense", to + "intermediate.dense", 768, 3072);
        dense(pair, from + "output/dense", to + "output.dense", 3072, 768);
        norm(pair, from + "output/LayerNorm", to + "output.LayerNorm", 768);
    }
    dense(pair, "bert/pooler/dense", "bert.pooler.dense", 768, 768);
    pair.add("cls/predictions/output_bias", "cls.predictions.bias", {30522});
    dense(pair, "cls/predictions/transform/dense", "cls.predictions.transform.dense", 768, 768);
    norm(pair, "cls/predictions/transform/LayerNorm", "cls.predictions.transform.LayerNorm", 768);
    pair.add("cls/seq_relationship/output_weights", "cls.seq_relationship.weight", {2, 768});
    pair.add("cls/seq_relationship/output_bias", "cls.seq_relationship.bias", {2});
    if (withAdam) {
        const std::vector<MatchTensor> weights = pair.sources;
        for (const MatchTensor& weight : weights) {
            pair.addSource(weight.spec.name + "/adam_m", weight.spec.shape);
            pair.addSource(weight.spec.name + "/adam_v", weight.spec.shape);
        }
        pair.addSource("global_step", {});
    }
    return pair;
}

NamedPair bertGguf()
{
    NamedPair pair;
    pair.name = "bert without heads, Hugging Face to GGUF";
    pair.add("embeddings.word_embeddings.weight", "token_embd.weight", {30522, 384});
    pair.add("embeddings.position_embeddings.weight", "position_embd.weight", {512, 384});
    pair.add("embeddings.token_type_embeddings.weight", "token_types.weight", {2, 384});
    pair.addBoth("embeddings.LayerNorm.", "token_embd_norm.", {384});
    for (int i = 0; i < 6; ++i) {
        const std::string from = "encoder.layer." + number(i) + ".";
        const std::string to = "blk." + number(i) + ".";
        pair.addBoth(from + "attention.self.query.", to + "attn_q.", {384, 384});
        pair.addBoth(from + "attention.self.key.", to + "attn_k.", {384, 384});
        pair.addBoth(from + "attention.self.value.", to + "attn_v.", {384, 384});
        pair.addBoth(from + "attention.output.dense.", to + "attn_output.", {384, 384});
        pair.addBoth(from + "attention.output.LayerNorm.", to + "attn_output_norm.", {384});
        pair.addBoth(from + "intermediate.dense.", to + "ffn_up.", {1536, 384});
        pair.addBoth(from + "output.dense.", to + "ffn_down.", {384, 1536});
        pair.addBoth(from + "output.LayerNorm.", to + "layer_output_norm.", {384});
    }
    pair.addBoth("pooler.dense.", "none.", {1, 1}); // what llama.cpp leaves out
    for (const char* suffix : {"weight", "bias"}) {
        pair.targets.pop_back();
        pair.truth.erase(std::string("none.") + suffix);
    }
    pair.sources.resize(pair.sources.size() - 2);
    pair.addSource("pooler.dense.weight", {384, 384});
    pair.addSource("pooler.dense.bias", {384});
    return pair;
}

/// One half of T5. `style`: "gguf" or "mesh", which is what Hugging Face's names come from.
void t5Half(NamedPair& pair, const std::string& half, bool isMesh)
{
    constexpr int kSize = 512;
    constexpr int kInner = 2048;
    const bool isDecoder = half == "decoder";
    const std::string gguf = isDecoder ? "dec." : "enc.";
    const auto add = [&](const std::string& hf, const Shape& shape, const std::string& other) {
        const bool isMatrix = isMesh && shape.rank() == 2;
        if (isMatrix)
            pair.add(other, Shape{shape.dim(1), shape.dim(0)}, hf, shape, "transpose");
        else if (isMesh)
            pair.add(other, hf, shape);
        else
            pair.add(hf, other, shape);
    };
    for (int i = 0; i < 6; ++i) {
        const std::string hf = half + ".block." + number(i) + ".layer.";
        const std::string mesh = half + "/block_" + padded(i) + "/layer_";
        const std::string blk = gguf + "blk." + number(i) + ".";
        for (const char* role : {"q", "k", "v", "o"}) {
            add(hf + "0.SelfAttention." + role + ".weight", {kSize, kSize},
                isMesh ? mesh + "000/SelfAttention/" + role : blk + "attn_" + role + ".weight");
            if (isDecoder)
                add(hf + "1.EncDecAttention." + role + ".weight", {kSize, kSize},
                    isMesh ? mesh + "001/EncDecAttention/" + role : blk + "cross_attn_" + role + ".weight");
        }
        if (i == 0)
            add(hf + "0.SelfAttention.relative_attention_bias.weight", {32, 8},
                isMesh ? mesh + "000/SelfAttention/relative_attention_bias" : blk + "attn_rel_b.weight");
        add(hf + "0.layer_norm.weight", {kSize},
            isMesh ? mesh + "000/layer_norm/scale" : blk + "attn_norm.weight");
        const std::string last = isDecoder ? "2" : "1";
        if (isDecoder)
            add(hf + "1.layer_norm.weight", {kSize},
                isMesh ? mesh + "001/layer_norm/scale" : blk + "cross_attn_norm.weight");
        add(hf + last + ".layer_norm.weight", {kSize},
            isMesh ? mesh + "00" + last + "/layer_norm/scale" : blk + "ffn_norm.weight");
        add(hf + last + ".DenseReluDense.wi.weight", {kInner, kSize},
            isMesh ? mesh + "00" + last + "/DenseReluDense/wi/kernel" : blk + "ffn_up.weight");
        add(hf + last + ".DenseReluDense.wo.weight", {kSize, kInner},
            isMesh ? mesh + "00" + last + "/DenseReluDense/wo/kernel" : blk + "ffn_down.weight");
    }
    add(half + ".final_layer_norm.weight", {kSize},
        isMesh ? half + "/final_layer_norm/scale" : gguf + "output_norm.weight");
}

NamedPair t5(bool isMesh)
{
    NamedPair pair;
    pair.name = isMesh ? "t5, first files to Hugging Face" : "t5, Hugging Face to GGUF";
    if (isMesh)
        pair.add("shared/embedding", "shared.weight", {32128, 512});
    else
        pair.add("shared.weight", "token_embd.weight", {32128, 512});
    t5Half(pair, "encoder", isMesh);
    t5Half(pair, "decoder", isMesh);
    return pair;
}

NamedPair whisper()
{
    constexpr int kSize = 512;
    NamedPair pair;
    pair.name = "whisper base, OpenAI to Hugging Face";
    pair.addBoth("encoder.conv1.", "model.encoder.conv1.", {kSize, 80, 3});
    pair.addBoth("encoder.conv2.", "model.encoder.conv2.", {kSize, kSize, 3});
    pair.add("encoder.positional_embedding", "model.encoder.embed_positions.weight", {1500, kSize});
    pair.addBoth("encoder.ln_post.", "model.encoder.layer_norm.", {kSize});
    pair.add("decoder.token_embedding.weight", "model.decoder.embed_tokens.weight", {51865, kSize});
    pair.add("decoder.positional_embedding", "model.decoder.embed_positions.weight", {448, kSize});
    pair.addBoth("decoder.ln.", "model.decoder.layer_norm.", {kSize});
    for (const std::string half : {"encoder", "decoder"}) {
        for (int i = 0; i < 6; ++i) {
            const std::string from = half + ".blocks." + number(i) + ".";
            const std::string to = "model." + half + ".layers." + number(i) + ".";
            const auto attention = [&](const std::string& a, const std::string& b, const std::string& ln) {
                pair.addBoth(from + a + ".query.", to + b + ".q_proj.", {kSize, kSize});
                pair.add(from + a + ".key.weight", to + b + ".k_proj.weight", {kSize, kSize});
                pair.addBoth(from + a + ".value.", to + b + ".v_proj.", {kSize, kSize});
                pair.addBoth(from + a + ".out.", to + b + ".out_proj.", {kSize, kSize});
                pair.addBoth(from + a + "_ln.", to + ln + ".", {kSize});
            };
            attention("attn", "self_attn", "self_attn_layer_norm");
            if (half == "decoder")
                attention("cross_attn", "encoder_attn", "encoder_attn_layer_norm");
            pair.addBoth(from + "mlp.0.", to + "fc1.", {4 * kSize, kSize});
            pair.addBoth(from + "mlp.2.", to + "fc2.", {kSize, 4 * kSize});
            pair.addBoth(from + "mlp_ln.", to + "final_layer_norm.", {kSize});
        }
    }
    return pair;
}

/// Names of PyTorch with something in front.
NamedPair prefixed(const char* name, const std::string& from, const std::string& to)
{
    NamedPair pair;
    pair.name = name;
    for (int i = 0; i < 24; ++i) {
        const std::string block = "stack." + number(i) + ".";
        pair.addBoth(from + block + "mix.", to + block + "mix.", {256, 256});
        pair.addBoth(from + block + "up.", to + block + "up.", {1024, 256});
        pair.addBoth(from + block + "down.", to + block + "down.", {256, 1024});
        pair.addBoth(from + block + "norm1.", to + block + "norm1.", {256});
        pair.addBoth(from + block + "norm2.", to + block + "norm2.", {256});
    }
    pair.addBoth(from + "head.", to + "head.", {10, 256});
    return pair;
}

NamedPair experts()
{
    NamedPair pair;
    pair.name = "44,544 experts under another scope";
    for (int i = 3; i < 61; ++i) {
        for (int j = 0; j < 256; ++j) {
            const std::string name = "layers." + number(i) + ".mlp.experts." + number(j) + ".";
            for (const char* role : {"w1", "w2", "w3"})
                pair.add("model." + name + role, name + role,
                         role[1] == '2' ? Shape{7168, 2048} : Shape{2048, 7168});
        }
    }
    return pair;
}

NamedPair keras()
{
    NamedPair pair;
    pair.name = "a network of one's own, Keras to PyTorch";
    int in = 3;
    for (int i = 1; i <= 4; ++i) {
        const int out = 32 * i;
        const std::string stage = "stage" + number(i);
        pair.add(stage + "/conv/kernel:0", {3, 3, in, out}, stage + ".conv.weight", {out, in, 3, 3},
                 "permute(3, 2, 0, 1)");
        pair.add(stage + "/conv/bias:0", stage + ".conv.bias", {out});
        pair.add(stage + "/bn/gamma:0", stage + ".bn.weight", {out});
        pair.add(stage + "/bn/beta:0", stage + ".bn.bias", {out});
        pair.add(stage + "/bn/moving_mean:0", stage + ".bn.running_mean", {out});
        pair.add(stage + "/bn/moving_variance:0", stage + ".bn.running_var", {out});
        in = out;
    }
    for (const std::string layer : {"hidden", "inner"}) {
        pair.add(layer + "/kernel:0", {128, 128}, layer + ".weight", {128, 128}, "transpose");
        pair.add(layer + "/bias:0", layer + ".bias", {128});
    }
    pair.add("logits/kernel:0", {128, 10}, "logits.weight", {10, 128}, "transpose");
    pair.add("logits/bias:0", "logits.bias", {10});
    return pair;
}

NamedPair fiveIntoSix(bool isRenamed)
{
    NamedPair pair;
    pair.name = isRenamed ? "5 into 6 layers, renamed" : "5 into 6 layers";
    pair.needsNoQuestion = !isRenamed; // which of the six is new is a question
    pair.canTurn = false;
    for (int i = 1; i <= 5; ++i) {
        const std::string from = "layer" + number(i);
        const std::string to = isRenamed ? "dense_" + number(i) : from;
        pair.add(from + "/weights", to + (isRenamed ? "/kernel" : "/weights"), {200, 200});
        pair.add(from + "/biases", to + (isRenamed ? "/bias" : "/biases"), {200});
    }
    pair.addTarget(isRenamed ? "dense_6/kernel" : "layer6/weights", {200, 200});
    pair.addTarget(isRenamed ? "dense_6/bias" : "layer6/biases", {200});
    return pair;
}

/// Llama's words without Llama's table: norms whose names mislead, roles of one shape.
NamedPair misleadingNorms()
{
    NamedPair pair;
    pair.name = "trap: norms before and behind";
    pair.needsNoQuestion = false;
    for (int i = 0; i < 16; ++i) {
        const std::string from = "trunk." + number(i) + ".";
        const std::string to = "body." + number(i) + ".";
        pair.add(from + "input_layernorm.weight", to + "attn_norm.weight", {512});
        pair.add(from + "post_attention_layernorm.weight", to + "ffn_norm.weight", {512});
        pair.add(from + "self_attn.q_proj.weight", to + "attn_q.weight", {512, 512});
        pair.add(from + "self_attn.k_proj.weight", to + "attn_k.weight", {512, 512});
        pair.add(from + "self_attn.v_proj.weight", to + "attn_v.weight", {512, 512});
        pair.add(from + "self_attn.o_proj.weight", to + "attn_output.weight", {512, 512});
    }
    return pair;
}

/// Norms behind instead of before: the table of Llama explains most names, and would be wrong.
NamedPair olmo2()
{
    NamedPair pair;
    pair.name = "trap: olmo 2, Hugging Face to GGUF";
    pair.needsNoQuestion = false;
    pair.options.heads.heads = 16;
    pair.add("model.embed_tokens.weight", "token_embd.weight", {50000, 1024});
    pair.add("model.norm.weight", "output_norm.weight", {1024});
    for (int i = 0; i < 16; ++i) {
        const std::string from = "model.layers." + number(i) + ".";
        const std::string to = "blk." + number(i) + ".";
        pair.add(from + "self_attn.q_proj.weight", to + "attn_q.weight", {1024, 1024});
        pair.add(from + "self_attn.k_proj.weight", to + "attn_k.weight", {1024, 1024});
        pair.add(from + "self_attn.v_proj.weight", to + "attn_v.weight", {1024, 1024});
        pair.add(from + "self_attn.o_proj.weight", to + "attn_output.weight", {1024, 1024});
        pair.add(from + "self_attn.q_norm.weight", to + "attn_q_norm.weight", {1024});
        pair.add(from + "self_attn.k_norm.weight", to + "attn_k_norm.weight", {1024});
        pair.add(from + "post_attention_layernorm.weight", to + "post_attention_norm.weight", {1024});
        pair.add(from + "post_feedforward_layernorm.weight", to + "post_ffw_norm.weight", {1024});
        pair.add(from + "mlp.gate_proj.weight", to + "ffn_gate.weight", {4096, 1024});
        pair.add(from + "mlp.down_proj.weight", to + "ffn_down.weight", {1024, 4096});
        pair.add(from + "mlp.up_proj.weight", to + "ffn_up.weight", {4096, 1024});
    }
    return pair;
}

/// Two towers of one shape, and a target that could be either.
NamedPair twoTowers()
{
    NamedPair pair;
    pair.name = "trap: two towers for one";
    pair.needsNoQuestion = false;
    pair.canTurn = false;
    for (int i = 0; i < 4; ++i) {
        const std::string layer = "layers." + number(i) + ".w";
        pair.add("text." + layer, layer, {64, 64});
        pair.addSource("image." + layer, {64, 64});
    }
    return pair;
}

/// What is left over on both sides has one shape and nothing else in common.
NamedPair leftOvers()
{
    NamedPair pair;
    pair.name = "trap: left over on both sides";
    pair.canTurn = true;
    for (int i = 0; i < 8; ++i) {
        const std::string layer = "encoder.layers." + number(i) + ".";
        pair.addBoth(layer + "fc.", layer + "fc.", {768, 768});
    }
    pair.addSource("classifier.dense.weight", {768, 768});
    pair.addSource("classifier.dense.bias", {768});
    pair.addTarget("pooler.dense.weight", {768, 768});
    pair.addTarget("pooler.dense.bias", {768});
    return pair;
}

} // namespace

std::vector<NamedPair> encoderPairs()
{
    return {bertTf(false), bertTf(true), bertGguf(), t5(false), t5(true), whisper()};
}

std::vector<NamedPair> otherPairs()
{
    return {prefixed("DataParallel to plain", "module.", ""),
            prefixed("compiled and DataParallel to plain", "module._orig_mod.", ""),
            prefixed("Lightning to another scope", "model.net.", "backbone."),
            experts(),
            keras(),
            fiveIntoSix(false),
            fiveIntoSix(true),
            misleadingNorms(),
            olmo2(),
            twoTowers(),
            leftOvers()};
}

} // namespace wr::remap
