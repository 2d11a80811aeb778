// SPDX-License-Identifier: GPL-3.0-or-later
// Namings of decoders: Llama and its kin, Gemma 2, GPT-2. How to read them: preset_table.h.
#include "engine/remap/preset_table.h"

namespace wr::remap {

std::string_view decoderTables()
{
    return R"(
# "llama-gguf" is what llama.cpp writes for Llama, Mistral and Mixtral; other architectures keep rotary halves.
family llama
naming llama-hf | llama-gguf | llama-meta | gguf-halves
model.embed_tokens.weight | token_embd.weight | tok_embeddings.weight | token_embd.weight
model.norm.weight | output_norm.weight | norm.weight | output_norm.weight
lm_head.weight | output.weight | output.weight | output.weight
model.layers.{i}.input_layernorm.weight | blk.{i}.attn_norm.weight | layers.{i}.attention_norm.weight | blk.{i}.attn_norm.weight
model.layers.{i}.self_attn.q_proj.weight | blk.{i}.attn_q.weight ; rope(q) | layers.{i}.attention.wq.weight ; rope(q) | blk.{i}.attn_q.weight
model.layers.{i}.self_attn.k_proj.weight | blk.{i}.attn_k.weight ; rope(k) | layers.{i}.attention.wk.weight ; rope(k) | blk.{i}.attn_k.weight
model.layers.{i}.self_attn.v_proj.weight | blk.{i}.attn_v.weight | layers.{i}.attention.wv.weight | blk.{i}.attn_v.weight
model.layers.{i}.self_attn.o_proj.weight | blk.{i}.attn_output.weight | layers.{i}.attention.wo.weight | blk.{i}.attn_output.weight
model.layers.{i}.self_attn.q_proj.bias | - | - | blk.{i}.attn_q.bias
model.layers.{i}.self_attn.k_proj.bias | - | - | blk.{i}.attn_k.bias
model.layers.{i}.self_attn.v_proj.bias | - | - | blk.{i}.attn_v.bias
model.layers.{i}.self_attn.q_norm.weight | - | - | blk.{i}.attn_q_norm.weight
model.layers.{i}.self_attn.k_norm.weight | - | - | blk.{i}.attn_k_norm.weight
model.layers.{i}.post_attention_layernorm.weight | blk.{i}.ffn_norm.weight | layers.{i}.ffn_norm.weight | blk.{i}.ffn_norm.weight
model.layers.{i}.mlp.gate_proj.weight | blk.{i}.ffn_gate.weight | layers.{i}.feed_forward.w1.weight | blk.{i}.ffn_gate.weight
model.layers.{i}.mlp.down_proj.weight | blk.{i}.ffn_down.weight | layers.{i}.feed_forward.w2.weight | blk.{i}.ffn_down.weight
model.layers.{i}.mlp.up_proj.weight | blk.{i}.ffn_up.weight | layers.{i}.feed_forward.w3.weight | blk.{i}.ffn_up.weight
model.layers.{i}.block_sparse_moe.gate.weight | blk.{i}.ffn_gate_inp.weight | layers.{i}.feed_forward.gate.weight | -
model.layers.{i}.block_sparse_moe.experts.{j}.w1.weight | blk.{i}.ffn_gate_exps.weight ; stack(j) | layers.{i}.feed_forward.experts.{j}.w1.weight | -
model.layers.{i}.block_sparse_moe.experts.{j}.w2.weight | blk.{i}.ffn_down_exps.weight ; stack(j) | layers.{i}.feed_forward.experts.{j}.w2.weight | -
model.layers.{i}.block_sparse_moe.experts.{j}.w3.weight | blk.{i}.ffn_up_exps.weight ; stack(j) | layers.{i}.feed_forward.experts.{j}.w3.weight | -
model.layers.{i}.mlp.gate.weight | - | - | blk.{i}.ffn_gate_inp.weight
model.layers.{i}.mlp.experts.{j}.gate_proj.weight | - | - | blk.{i}.ffn_gate_exps.weight ; stack(j)
model.layers.{i}.mlp.experts.{j}.down_proj.weight | - | - | blk.{i}.ffn_down_exps.weight ; stack(j)
model.layers.{i}.mlp.experts.{j}.up_proj.weight | - | - | blk.{i}.ffn_up_exps.weight ; stack(j)
derive llama-hf-base llama-hf model.

family gemma2
naming gemma2-hf | gemma2-gguf
model.embed_tokens.weight | token_embd.weight
model.norm.weight | output_norm.weight
model.layers.{i}.input_layernorm.weight | blk.{i}.attn_norm.weight
model.layers.{i}.self_attn.{p=q|k|v|o}_proj.weight | blk.{i}.attn_{p:q=q,k=k,v=v,o=output}.weight
model.layers.{i}.post_attention_layernorm.weight | blk.{i}.post_attention_norm.weight
model.layers.{i}.pre_feedforward_layernorm.weight | blk.{i}.ffn_norm.weight
model.layers.{i}.mlp.{p=gate|down|up}_proj.weight | blk.{i}.ffn_{p=gate|down|up}.weight
model.layers.{i}.post_feedforward_layernorm.weight | blk.{i}.post_ffw_norm.weight

family gpt2
naming gpt2-hf | gpt2-gguf | gpt2-openai | gpt2-nano | gpt2-split
transformer.wte.weight | token_embd.weight | model/wte | transformer.wte.weight | transformer.wte.weight
transformer.wpe.weight | position_embd.weight | model/wpe | transformer.wpe.weight | transformer.wpe.weight
transformer.h.{i}.ln_1.{p=weight|bias} | blk.{i}.attn_norm.{p=weight|bias} | model/h{i}/ln_1/{p:weight=g,bias=b} | transformer.h.{i}.ln_1.{p=weight|bias} | transformer.h.{i}.ln_1.{p=weight|bias}
transformer.h.{i}.attn.c_attn.weight ; transpose fuse(3) | blk.{i}.attn_qkv.weight ; fuse(3) | model/h{i}/attn/c_attn/w ; squeeze(0) transpose fuse(3) | transformer.h.{i}.attn.c_attn.weight ; fuse(3) | transformer.h.{i}.attn.q_proj.weight
^ | ^ | ^ | ^ | transformer.h.{i}.attn.k_proj.weight
^ | ^ | ^ | ^ | transformer.h.{i}.attn.v_proj.weight
transformer.h.{i}.attn.c_attn.bias ; fuse(3) | blk.{i}.attn_qkv.bias ; fuse(3) | model/h{i}/attn/c_attn/b ; fuse(3) | transformer.h.{i}.attn.c_attn.bias ; fuse(3) | transformer.h.{i}.attn.q_proj.bias
^ | ^ | ^ | ^ | transformer.h.{i}.attn.k_proj.bias
^ | ^ | ^ | ^ | transformer.h.{i}.attn.v_proj.bias
transformer.h.{i}.attn.c_proj.weight ; transpose | blk.{i}.attn_output.weight | model/h{i}/attn/c_proj/w ; squeeze(0) transpose | transformer.h.{i}.attn.c_proj.weight | transformer.h.{i}.attn.out_proj.weight
transformer.h.{i}.attn.c_proj.bias | blk.{i}.attn_output.bias | model/h{i}/attn/c_proj/b | transformer.h.{i}.attn.c_proj.bias | transformer.h.{i}.attn.out_proj.bias
transformer.h.{i}.ln_2.{p=weight|bias} | blk.{i}.ffn_norm.{p=weight|bias} | model/h{i}/ln_2/{p:weight=g,bias=b} | transformer.h.{i}.ln_2.{p=weight|bias} | transformer.h.{i}.ln_2.{p=weight|bias}
transformer.h.{i}.mlp.c_fc.weight ; transpose | blk.{i}.ffn_up.weight | model/h{i}/mlp/c_fc/w ; squeeze(0) transpose | transformer.h.{i}.mlp.c_fc.weight | transformer.h.{i}.mlp.c_fc.weight
transformer.h.{i}.mlp.c_fc.bias | blk.{i}.ffn_up.bias | model/h{i}/mlp/c_fc/b | transformer.h.{i}.mlp.c_fc.bias | transformer.h.{i}.mlp.c_fc.bias
transformer.h.{i}.mlp.c_proj.weight ; transpose | blk.{i}.ffn_down.weight | model/h{i}/mlp/c_proj/w ; squeeze(0) transpose | transformer.h.{i}.mlp.c_proj.weight | transformer.h.{i}.mlp.c_proj.weight
transformer.h.{i}.mlp.c_proj.bias | blk.{i}.ffn_down.bias | model/h{i}/mlp/c_proj/b | transformer.h.{i}.mlp.c_proj.bias | transformer.h.{i}.mlp.c_proj.bias
transformer.ln_f.{p=weight|bias} | output_norm.{p=weight|bias} | model/ln_f/{p:weight=g,bias=b} | transformer.ln_f.{p=weight|bias} | transformer.ln_f.{p=weight|bias}
lm_head.weight | output.weight | - | lm_head.weight | lm_head.weight
derive gpt2-hf-base gpt2-hf transformer.
)";
}

} // namespace wr::remap
