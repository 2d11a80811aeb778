// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/remap/architecture_names.h"

namespace wr::remap {

void NamedPair::addSource(const std::string& called, const Shape& shape)
{
    MatchTensor tensor;
    tensor.spec = {called, DType::Float32, shape};
    sources.push_back(std::move(tensor));
}

void NamedPair::addTarget(const std::string& called, const Shape& shape)
{
    MatchTensor tensor;
    tensor.spec = {called, DType::Float32, shape};
    targets.push_back(std::move(tensor));
}

void NamedPair::add(const std::string& from, const Shape& fromShape, const std::string& to,
                    const Shape& toShape, const std::string& operations)
{
    addSource(from, fromShape);
    addTarget(to, toShape);
    truth[to] = {{from}, operations};
}

void NamedPair::addBoth(const std::string& from, const std::string& to, const Shape& weight)
{
    add(from + "weight", to + "weight", weight);
    add(from + "bias", to + "bias", Shape{weight.dim(0)});
}

NamedPair NamedPair::turned() const
{
    NamedPair other;
    other.name = name + ", turned";
    other.sources = targets;
    other.targets = sources;
    other.options = options;
    other.needsNoQuestion = needsNoQuestion;
    for (const auto& [target, one] : truth) {
        std::string operations = one.operations;
        if (operations == "permute(3, 2, 0, 1)")
            operations = "permute(2, 3, 1, 0)";
        else if (!operations.empty() && operations != "transpose")
            operations = "?";
        if (one.sources.size() == 1)
            other.truth[one.sources.front()] = {{target}, operations};
    }
    return other;
}

namespace {

std::string number(int value)
{
    return std::to_string(value);
}

constexpr int kWidth = 4096;

/// Llama and what is built like it. `keys`: rows of keys and values; `style`: "gguf", "meta".
NamedPair llama(const QString& name, int layers, int inner, int keys, const std::string& style,
                bool hasBias = false)
{
    NamedPair pair;
    pair.name = name;
    const bool isMeta = style == "meta";
    const auto other = [&](const char* gguf, const char* meta) { return std::string(isMeta ? meta : gguf); };
    const Shape table{32000, kWidth};
    pair.add("model.embed_tokens.weight", other("token_embd.weight", "tok_embeddings.weight"), table);
    pair.add("lm_head.weight", "output.weight", table);
    pair.add("model.norm.weight", other("output_norm.weight", "norm.weight"), {kWidth});
    for (int i = 0; i < layers; ++i) {
        const std::string from = "model.layers." + number(i) + ".";
        const std::string to = other("blk.", "layers.") + number(i) + ".";
        const std::string heads = hasBias ? "" : "heads(32, pairs)";
        const std::string keyHeads = hasBias ? "" : "heads(" + number(keys / 128) + ", pairs)";
        pair.add(from + "input_layernorm.weight", to + other("attn_norm.weight", "attention_norm.weight"),
                 {kWidth});
        pair.add(from + "self_attn.q_proj.weight", {kWidth, kWidth},
                 to + other("attn_q.weight", "attention.wq.weight"), {kWidth, kWidth}, heads);
        pair.add(from + "self_attn.k_proj.weight", {keys, kWidth},
                 to + other("attn_k.weight", "attention.wk.weight"), {keys, kWidth}, keyHeads);
        pair.add(from + "self_attn.v_proj.weight", to + other("attn_v.weight", "attention.wv.weight"),
                 {keys, kWidth});
        pair.add(from + "self_attn.o_proj.weight", to + other("attn_output.weight", "attention.wo.weight"),
                 {kWidth, kWidth});
        pair.add(from + "post_attention_layernorm.weight", to + "ffn_norm.weight", {kWidth});
        if (hasBias) {
            pair.add(from + "self_attn.q_proj.bias", to + "attn_q.bias", {kWidth});
            pair.add(from + "self_attn.k_proj.bias", to + "attn_k.bias", {keys});
            pair.add(from + "self_attn.v_proj.bias", to + "attn_v.bias", {keys});
        }
        if (inner == 0)
            continue;
        pair.add(from + "mlp.gate_proj.weight", to + other("ffn_gate.weight", "feed_forward.w1.weight"),
                 {inner, kWidth});
        pair.add(from + "mlp.down_proj.weight", to + other("ffn_down.weight", "feed_forward.w2.weight"),
                 {kWidth, inner});
        pair.add(from + "mlp.up_proj.weight", to + other("ffn_up.weight", "feed_forward.w3.weight"),
                 {inner, kWidth});
    }
    pair.options.heads.heads = 32;
    return pair;
}

NamedPair mixtral()
{
    constexpr int kExperts = 8;
    constexpr int kInner = 14336;
    NamedPair pair = llama("mixtral, Hugging Face to GGUF", 32, 0, 1024, "gguf");
    for (int i = 0; i < 32; ++i) {
        const std::string from = "model.layers." + number(i) + ".block_sparse_moe.";
        const std::string to = "blk." + number(i) + ".";
        pair.add(from + "gate.weight", to + "ffn_gate_inp.weight", {kExperts, kWidth});
        for (const auto& [role, target] : std::map<std::string, std::string>{
                 {"w1", "ffn_gate_exps"}, {"w2", "ffn_down_exps"}, {"w3", "ffn_up_exps"}}) {
            const Shape shape = role == "w2" ? Shape{kWidth, kInner} : Shape{kInner, kWidth};
            std::vector<std::int64_t> stacked{kExperts};
            stacked.insert(stacked.end(), shape.dims().begin(), shape.dims().end());
            Truth truth{{}, "stack(0)"};
            for (int j = 0; j < kExperts; ++j) {
                truth.sources.push_back(from + "experts." + number(j) + "." + role + ".weight");
                pair.addSource(truth.sources.back(), shape);
            }
            pair.addTarget(to + target + ".weight", Shape(stacked));
            pair.truth[to + target + ".weight"] = truth;
        }
    }
    pair.canTurn = false;
    return pair;
}

/// GPT-2 as Hugging Face has it, with what each other program calls its tensors.
struct Gpt2Names {
    std::string wte, wpe, block, lnF, lmHead;
    std::string ln1, attn, attnOut, ln2, fc, proj; ///< behind the block
    std::string weight, bias, gain, shift;         ///< what they end with
    int kernel = 0;                                ///< 0 [in, out], 1 [out, in], 2 [1, in, out]
};

Shape gpt2Kernel(int kind, int in, int out)
{
    return kind == 0 ? Shape{in, out} : kind == 1 ? Shape{out, in} : Shape{1, in, out};
}

const Gpt2Names kHuggingFace{"transformer.wte.weight",
                             "transformer.wpe.weight",
                             "transformer.h.",
                             "transformer.ln_f.",
                             "lm_head.weight",
                             ".ln_1.",
                             ".attn.c_attn.",
                             ".attn.c_proj.",
                             ".ln_2.",
                             ".mlp.c_fc.",
                             ".mlp.c_proj.",
                             "weight",
                             "bias",
                             "weight",
                             "bias",
                             0};
const Gpt2Names kGguf{"token_embd.weight",
                      "position_embd.weight",
                      "blk.",
                      "output_norm.",
                      "output.weight",
                      ".attn_norm.",
                      ".attn_qkv.",
                      ".attn_output.",
                      ".ffn_norm.",
                      ".ffn_up.",
                      ".ffn_down.",
                      "weight",
                      "bias",
                      "weight",
                      "bias",
                      1};
const Gpt2Names kOpenAi{"model/wte",
                        "model/wpe",
                        "model/h",
                        "model/ln_f/",
                        "",
                        "/ln_1/",
                        "/attn/c_attn/",
                        "/attn/c_proj/",
                        "/ln_2/",
                        "/mlp/c_fc/",
                        "/mlp/c_proj/",
                        "w",
                        "b",
                        "g",
                        "b",
                        2};
const Gpt2Names kNano{"transformer.wte.weight",
                      "transformer.wpe.weight",
                      "transformer.h.",
                      "transformer.ln_f.",
                      "lm_head.weight",
                      ".ln_1.",
                      ".attn.c_attn.",
                      ".attn.c_proj.",
                      ".ln_2.",
                      ".mlp.c_fc.",
                      ".mlp.c_proj.",
                      "weight",
                      "bias",
                      "weight",
                      "bias",
                      1};

NamedPair gpt2(const QString& name, const Gpt2Names& from, const Gpt2Names& to, const std::string& operation)
{
    constexpr int kSize = 768;
    NamedPair pair;
    pair.name = name;
    pair.add(from.wte, to.wte, {50257, kSize});
    pair.add(from.wpe, to.wpe, {1024, kSize});
    const auto norm = [&](const std::string& a, const std::string& b) {
        pair.add(a + from.gain, b + to.gain, {kSize});
        pair.add(a + from.shift, b + to.shift, {kSize});
    };
    const auto linear = [&](const std::string& a, const std::string& b, int in, int out) {
        pair.add(a + from.weight, gpt2Kernel(from.kernel, in, out), b + to.weight,
                 gpt2Kernel(to.kernel, in, out), operation);
        pair.add(a + from.bias, b + to.bias, {out});
    };
    for (int i = 0; i < 12; ++i) {
        const std::string a = from.block + number(i);
        const std::string b = to.block + number(i);
        norm(a + from.ln1, b + to.ln1);
        linear(a + from.attn, b + to.attn, kSize, 3 * kSize);
        linear(a + from.attnOut, b + to.attnOut, kSize, kSize);
        norm(a + from.ln2, b + to.ln2);
        linear(a + from.fc, b + to.fc, kSize, 4 * kSize);
        linear(a + from.proj, b + to.proj, 4 * kSize, kSize);
    }
    norm(from.lnF, to.lnF);
    if (!from.lmHead.empty() && !to.lmHead.empty())
        pair.add(from.lmHead, to.lmHead, {50257, kSize});
    return pair;
}

NamedPair gpt2Split()
{
    NamedPair pair;
    pair.name = "gpt2, one matrix for query, key and value to three";
    for (int i = 0; i < 12; ++i) {
        const std::string block = "transformer.h." + number(i) + ".";
        pair.addSource(block + "attn.c_attn.weight", {768, 2304});
        pair.addSource(block + "attn.c_attn.bias", {2304});
        int part = 0;
        for (const char* role : {"q_proj", "k_proj", "v_proj"}) {
            const std::string cut = "slice(0, " + number(768 * part) + ", " + number(768 * (part + 1)) + ")";
            pair.addTarget(block + "attn." + role + ".weight", {768, 768});
            pair.addTarget(block + "attn." + role + ".bias", {768});
            pair.truth[block + "attn." + role + ".weight"] = {{block + "attn.c_attn.weight"},
                                                              "transpose " + cut};
            pair.truth[block + "attn." + role + ".bias"] = {{block + "attn.c_attn.bias"}, cut};
            ++part;
        }
        pair.add(block + "attn.c_proj.weight", {768, 768}, block + "attn.out_proj.weight", {768, 768},
                 "transpose");
        pair.add(block + "attn.c_proj.bias", block + "attn.out_proj.bias", {768});
        for (const char* norm : {"ln_1.weight", "ln_1.bias", "ln_2.weight", "ln_2.bias"})
            pair.add(block + norm, block + norm, {768});
        pair.add(block + "mlp.c_fc.weight", {768, 3072}, block + "mlp.c_fc.weight", {3072, 768}, "transpose");
        pair.add(block + "mlp.c_fc.bias", block + "mlp.c_fc.bias", {3072});
        pair.add(block + "mlp.c_proj.weight", {3072, 768}, block + "mlp.c_proj.weight", {768, 3072},
                 "transpose");
        pair.add(block + "mlp.c_proj.bias", block + "mlp.c_proj.bias", {768});
    }
    pair.add("transformer.wte.weight", "transformer.wte.weight", {50257, 768});
    pair.add("transformer.wpe.weight", "transformer.wpe.weight", {1024, 768});
    pair.add("transformer.ln_f.weight", "transformer.ln_f.weight", {768});
    pair.add("transformer.ln_f.bias", "transformer.ln_f.bias", {768});
    pair.canTurn = false;
    return pair;
}

} // namespace

std::vector<NamedPair> decoderPairs()
{
    std::vector<NamedPair> pairs;
    pairs.push_back(llama("llama 2 7B, Hugging Face to GGUF", 32, 11008, kWidth, "gguf"));
    pairs.back().options.architecture = "llama";
    pairs.push_back(llama("llama 3 8B, Hugging Face to GGUF", 32, 14336, 1024, "gguf"));
    pairs.back().options.architecture = "llama";
    pairs.push_back(llama("llama 2 7B, Hugging Face to its first files", 32, 11008, kWidth, "meta"));
    pairs.push_back(llama("qwen 2, Hugging Face to GGUF", 28, 11008, 512, "gguf", true));
    pairs.push_back(mixtral());
    pairs.push_back(gpt2("gpt2, Hugging Face to GGUF", kHuggingFace, kGguf, "transpose"));
    pairs.push_back(gpt2("gpt2, OpenAI to Hugging Face", kOpenAi, kHuggingFace, "squeeze(0)"));
    pairs.push_back(gpt2("gpt2, Hugging Face to nanoGPT", kHuggingFace, kNano, "transpose"));
    pairs.push_back(gpt2("gpt2, OpenAI to GGUF", kOpenAi, kGguf, "squeeze(0) transpose"));
    pairs.push_back(gpt2Split());
    return pairs;
}

} // namespace wr::remap
