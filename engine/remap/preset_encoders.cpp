// SPDX-License-Identifier: GPL-3.0-or-later
// Namings of BERT, T5 and Whisper. How to read them: preset_table.h.
#include "engine/remap/preset_table.h"

namespace wr::remap {

std::string_view encoderTables()
{
    return R"(
family bert
naming bert-hf | bert-tf | bert-hf-early | bert-gguf
bert.embeddings.word_embeddings.weight | bert/embeddings/word_embeddings | bert.embeddings.word_embeddings.weight | token_embd.weight
bert.embeddings.position_embeddings.weight | bert/embeddings/position_embeddings | bert.embeddings.position_embeddings.weight | position_embd.weight
bert.embeddings.token_type_embeddings.weight | bert/embeddings/token_type_embeddings | bert.embeddings.token_type_embeddings.weight | token_types.weight
bert.embeddings.LayerNorm.{p=weight|bias} | bert/embeddings/LayerNorm/{p:weight=gamma,bias=beta} | bert.embeddings.LayerNorm.{p:weight=gamma,bias=beta} | token_embd_norm.{p=weight|bias}
bert.encoder.layer.{i}.attention.self.{p=query|key|value}.weight | bert/encoder/layer_{i}/attention/self/{p=query|key|value}/kernel ; transpose | bert.encoder.layer.{i}.attention.self.{p=query|key|value}.weight | blk.{i}.attn_{p:query=q,key=k,value=v}.weight
bert.encoder.layer.{i}.attention.self.{p=query|key|value}.bias | bert/encoder/layer_{i}/attention/self/{p=query|key|value}/bias | bert.encoder.layer.{i}.attention.self.{p=query|key|value}.bias | blk.{i}.attn_{p:query=q,key=k,value=v}.bias
bert.encoder.layer.{i}.attention.output.dense.weight | bert/encoder/layer_{i}/attention/output/dense/kernel ; transpose | bert.encoder.layer.{i}.attention.output.dense.weight | blk.{i}.attn_output.weight
bert.encoder.layer.{i}.attention.output.dense.bias | bert/encoder/layer_{i}/attention/output/dense/bias | bert.encoder.layer.{i}.attention.output.dense.bias | blk.{i}.attn_output.bias
bert.encoder.layer.{i}.attention.output.LayerNorm.{p=weight|bias} | bert/encoder/layer_{i}/attention/output/LayerNorm/{p:weight=gamma,bias=beta} | bert.encoder.layer.{i}.attention.output.LayerNorm.{p:weight=gamma,bias=beta} | blk.{i}.attn_output_norm.{p=weight|bias}
bert.encoder.layer.{i}.intermediate.dense.weight | bert/encoder/layer_{i}/intermediate/dense/kernel ; transpose | bert.encoder.layer.{i}.intermediate.dense.weight | blk.{i}.ffn_up.weight
bert.encoder.layer.{i}.intermediate.dense.bias | bert/encoder/layer_{i}/intermediate/dense/bias | bert.encoder.layer.{i}.intermediate.dense.bias | blk.{i}.ffn_up.bias
bert.encoder.layer.{i}.output.dense.weight | bert/encoder/layer_{i}/output/dense/kernel ; transpose | bert.encoder.layer.{i}.output.dense.weight | blk.{i}.ffn_down.weight
bert.encoder.layer.{i}.output.dense.bias | bert/encoder/layer_{i}/output/dense/bias | bert.encoder.layer.{i}.output.dense.bias | blk.{i}.ffn_down.bias
bert.encoder.layer.{i}.output.LayerNorm.{p=weight|bias} | bert/encoder/layer_{i}/output/LayerNorm/{p:weight=gamma,bias=beta} | bert.encoder.layer.{i}.output.LayerNorm.{p:weight=gamma,bias=beta} | blk.{i}.layer_output_norm.{p=weight|bias}
bert.pooler.dense.weight | bert/pooler/dense/kernel ; transpose | bert.pooler.dense.weight | -
bert.pooler.dense.bias | bert/pooler/dense/bias | bert.pooler.dense.bias | -
cls.predictions.bias | cls/predictions/output_bias | cls.predictions.bias | -
cls.predictions.transform.dense.weight | cls/predictions/transform/dense/kernel ; transpose | cls.predictions.transform.dense.weight | -
cls.predictions.transform.dense.bias | cls/predictions/transform/dense/bias | cls.predictions.transform.dense.bias | -
cls.predictions.transform.LayerNorm.{p=weight|bias} | cls/predictions/transform/LayerNorm/{p:weight=gamma,bias=beta} | cls.predictions.transform.LayerNorm.{p:weight=gamma,bias=beta} | -
cls.seq_relationship.{p=weight|bias} | cls/seq_relationship/output_{p:weight=weights,bias=bias} | cls.seq_relationship.{p=weight|bias} | -
derive bert-hf-base bert-hf bert.
derive bert-hf-early-base bert-hf-early bert.

family t5
naming t5-hf | t5-gguf | t5-mesh
shared.weight | token_embd.weight | shared/embedding
encoder.block.{i}.layer.0.SelfAttention.{p=q|k|v|o}.weight | enc.blk.{i}.attn_{p=q|k|v|o}.weight | encoder/block_{i:3}/layer_000/SelfAttention/{p=q|k|v|o} ; transpose
encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight | enc.blk.0.attn_rel_b.weight | encoder/block_000/layer_000/SelfAttention/relative_attention_bias ; transpose
encoder.block.{i}.layer.0.layer_norm.weight | enc.blk.{i}.attn_norm.weight | encoder/block_{i:3}/layer_000/layer_norm/scale
encoder.block.{i}.layer.1.DenseReluDense.wi.weight | enc.blk.{i}.ffn_up.weight | encoder/block_{i:3}/layer_001/DenseReluDense/wi/kernel ; transpose
encoder.block.{i}.layer.1.DenseReluDense.wi_0.weight | enc.blk.{i}.ffn_gate.weight | encoder/block_{i:3}/layer_001/DenseReluDense/wi_0/kernel ; transpose
encoder.block.{i}.layer.1.DenseReluDense.wi_1.weight | enc.blk.{i}.ffn_up.weight | encoder/block_{i:3}/layer_001/DenseReluDense/wi_1/kernel ; transpose
encoder.block.{i}.layer.1.DenseReluDense.wo.weight | enc.blk.{i}.ffn_down.weight | encoder/block_{i:3}/layer_001/DenseReluDense/wo/kernel ; transpose
encoder.block.{i}.layer.1.layer_norm.weight | enc.blk.{i}.ffn_norm.weight | encoder/block_{i:3}/layer_001/layer_norm/scale
encoder.final_layer_norm.weight | enc.output_norm.weight | encoder/final_layer_norm/scale
decoder.block.{i}.layer.0.SelfAttention.{p=q|k|v|o}.weight | dec.blk.{i}.attn_{p=q|k|v|o}.weight | decoder/block_{i:3}/layer_000/SelfAttention/{p=q|k|v|o} ; transpose
decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight | dec.blk.0.attn_rel_b.weight | decoder/block_000/layer_000/SelfAttention/relative_attention_bias ; transpose
decoder.block.{i}.layer.0.layer_norm.weight | dec.blk.{i}.attn_norm.weight | decoder/block_{i:3}/layer_000/layer_norm/scale
decoder.block.{i}.layer.1.EncDecAttention.{p=q|k|v|o}.weight | dec.blk.{i}.cross_attn_{p=q|k|v|o}.weight | decoder/block_{i:3}/layer_001/EncDecAttention/{p=q|k|v|o} ; transpose
decoder.block.{i}.layer.1.layer_norm.weight | dec.blk.{i}.cross_attn_norm.weight | decoder/block_{i:3}/layer_001/layer_norm/scale
decoder.block.{i}.layer.2.DenseReluDense.wi.weight | dec.blk.{i}.ffn_up.weight | decoder/block_{i:3}/layer_002/DenseReluDense/wi/kernel ; transpose
decoder.block.{i}.layer.2.DenseReluDense.wi_0.weight | dec.blk.{i}.ffn_gate.weight | decoder/block_{i:3}/layer_002/DenseReluDense/wi_0/kernel ; transpose
decoder.block.{i}.layer.2.DenseReluDense.wi_1.weight | dec.blk.{i}.ffn_up.weight | decoder/block_{i:3}/layer_002/DenseReluDense/wi_1/kernel ; transpose
decoder.block.{i}.layer.2.DenseReluDense.wo.weight | dec.blk.{i}.ffn_down.weight | decoder/block_{i:3}/layer_002/DenseReluDense/wo/kernel ; transpose
decoder.block.{i}.layer.2.layer_norm.weight | dec.blk.{i}.ffn_norm.weight | decoder/block_{i:3}/layer_002/layer_norm/scale
decoder.final_layer_norm.weight | dec.output_norm.weight | decoder/final_layer_norm/scale
lm_head.weight | output.weight | decoder/logits/kernel ; transpose

family whisper
naming whisper-hf | whisper-openai
model.encoder.conv1.{p=weight|bias} | encoder.conv1.{p=weight|bias}
model.encoder.conv2.{p=weight|bias} | encoder.conv2.{p=weight|bias}
model.encoder.embed_positions.weight | encoder.positional_embedding
model.encoder.layer_norm.{p=weight|bias} | encoder.ln_post.{p=weight|bias}
model.decoder.embed_tokens.weight | decoder.token_embedding.weight
model.decoder.embed_positions.weight | decoder.positional_embedding
model.decoder.layer_norm.{p=weight|bias} | decoder.ln.{p=weight|bias}
model.{s=encoder|decoder}.layers.{i}.self_attn.{p=q_proj|k_proj|v_proj|out_proj}.{w=weight|bias} | {s=encoder|decoder}.blocks.{i}.attn.{p:q_proj=query,k_proj=key,v_proj=value,out_proj=out}.{w=weight|bias}
model.{s=encoder|decoder}.layers.{i}.self_attn_layer_norm.{w=weight|bias} | {s=encoder|decoder}.blocks.{i}.attn_ln.{w=weight|bias}
model.{s=encoder|decoder}.layers.{i}.fc1.{w=weight|bias} | {s=encoder|decoder}.blocks.{i}.mlp.0.{w=weight|bias}
model.{s=encoder|decoder}.layers.{i}.fc2.{w=weight|bias} | {s=encoder|decoder}.blocks.{i}.mlp.2.{w=weight|bias}
model.{s=encoder|decoder}.layers.{i}.final_layer_norm.{w=weight|bias} | {s=encoder|decoder}.blocks.{i}.mlp_ln.{w=weight|bias}
model.decoder.layers.{i}.encoder_attn.{p=q_proj|k_proj|v_proj|out_proj}.{w=weight|bias} | decoder.blocks.{i}.cross_attn.{p:q_proj=query,k_proj=key,v_proj=value,out_proj=out}.{w=weight|bias}
model.decoder.layers.{i}.encoder_attn_layer_norm.{w=weight|bias} | decoder.blocks.{i}.cross_attn_ln.{w=weight|bias}
derive whisper-hf-base whisper-hf model.
)";
}

} // namespace wr::remap
