// SPDX-License-Identifier: GPL-3.0-or-later
// Namings of ResNet, ViT and the U-Net of Stable Diffusion. How to read them: preset_table.h.
#include "engine/remap/preset_table.h"

namespace wr::remap {

std::string_view visionTables()
{
    return R"(
family resnet
naming resnet-torch | resnet-keras | resnet-slim | resnet-hf
conv1.weight | conv1_conv/kernel:0 ; permute(3,2,0,1) | conv1/weights ; permute(3,2,0,1) | resnet.embedder.embedder.convolution.weight
bn1.{p=weight|bias|running_mean|running_var} | conv1_bn/{p:weight=gamma,bias=beta,running_mean=moving_mean,running_var=moving_variance}:0 | conv1/BatchNorm/{p:weight=gamma,bias=beta,running_mean=moving_mean,running_var=moving_variance} | resnet.embedder.embedder.normalization.{p=weight|bias|running_mean|running_var}
bn1.num_batches_tracked | - | - | resnet.embedder.embedder.normalization.num_batches_tracked
for k=1..3
layer{i}.{j}.conv{k}.weight | conv{i+1}_block{j+1}_{k}_conv/kernel:0 ; permute(3,2,0,1) | block{i}/unit_{j+1}/bottleneck_v1/conv{k}/weights ; permute(3,2,0,1) | resnet.encoder.stages.{i-1}.layers.{j}.layer.{k-1}.convolution.weight
layer{i}.{j}.bn{k}.{p=weight|bias|running_mean|running_var} | conv{i+1}_block{j+1}_{k}_bn/{p:weight=gamma,bias=beta,running_mean=moving_mean,running_var=moving_variance}:0 | block{i}/unit_{j+1}/bottleneck_v1/conv{k}/BatchNorm/{p:weight=gamma,bias=beta,running_mean=moving_mean,running_var=moving_variance} | resnet.encoder.stages.{i-1}.layers.{j}.layer.{k-1}.normalization.{p=weight|bias|running_mean|running_var}
layer{i}.{j}.bn{k}.num_batches_tracked | - | - | resnet.encoder.stages.{i-1}.layers.{j}.layer.{k-1}.normalization.num_batches_tracked
end
layer{i}.{j}.downsample.0.weight | conv{i+1}_block{j+1}_0_conv/kernel:0 ; permute(3,2,0,1) | block{i}/unit_{j+1}/bottleneck_v1/shortcut/weights ; permute(3,2,0,1) | resnet.encoder.stages.{i-1}.layers.{j}.shortcut.convolution.weight
layer{i}.{j}.downsample.1.{p=weight|bias|running_mean|running_var} | conv{i+1}_block{j+1}_0_bn/{p:weight=gamma,bias=beta,running_mean=moving_mean,running_var=moving_variance}:0 | block{i}/unit_{j+1}/bottleneck_v1/shortcut/BatchNorm/{p:weight=gamma,bias=beta,running_mean=moving_mean,running_var=moving_variance} | resnet.encoder.stages.{i-1}.layers.{j}.shortcut.normalization.{p=weight|bias|running_mean|running_var}
layer{i}.{j}.downsample.1.num_batches_tracked | - | - | resnet.encoder.stages.{i-1}.layers.{j}.shortcut.normalization.num_batches_tracked
fc.weight | predictions/kernel:0 ; transpose | logits/weights ; permute(3,2,0,1) squeeze(3) squeeze(2) | classifier.1.weight
fc.bias | predictions/bias:0 | logits/biases | classifier.1.bias
derive resnet-keras3 resnet-keras *:0

family vit
naming vit-hf | vit-timm | vit-flax
vit.embeddings.cls_token | cls_token | cls
vit.embeddings.position_embeddings | pos_embed | Transformer/posembed_input/pos_embedding
vit.embeddings.patch_embeddings.projection.weight | patch_embed.proj.weight | embedding/kernel ; permute(3,2,0,1)
vit.embeddings.patch_embeddings.projection.bias | patch_embed.proj.bias | embedding/bias
vit.encoder.layer.{i}.layernorm_before.{p=weight|bias} | blocks.{i}.norm1.{p=weight|bias} | Transformer/encoderblock_{i}/LayerNorm_0/{p:weight=scale,bias=bias}
vit.encoder.layer.{i}.attention.attention.query.weight | blocks.{i}.attn.qkv.weight ; fuse(3) | Transformer/encoderblock_{i}/MultiHeadDotProductAttention_1/query/kernel ; merge(1) transpose
vit.encoder.layer.{i}.attention.attention.key.weight | ^ | Transformer/encoderblock_{i}/MultiHeadDotProductAttention_1/key/kernel ; merge(1) transpose
vit.encoder.layer.{i}.attention.attention.value.weight | ^ | Transformer/encoderblock_{i}/MultiHeadDotProductAttention_1/value/kernel ; merge(1) transpose
vit.encoder.layer.{i}.attention.attention.query.bias | blocks.{i}.attn.qkv.bias ; fuse(3) | Transformer/encoderblock_{i}/MultiHeadDotProductAttention_1/query/bias ; merge(0)
vit.encoder.layer.{i}.attention.attention.key.bias | ^ | Transformer/encoderblock_{i}/MultiHeadDotProductAttention_1/key/bias ; merge(0)
vit.encoder.layer.{i}.attention.attention.value.bias | ^ | Transformer/encoderblock_{i}/MultiHeadDotProductAttention_1/value/bias ; merge(0)
vit.encoder.layer.{i}.attention.output.dense.weight | blocks.{i}.attn.proj.weight | Transformer/encoderblock_{i}/MultiHeadDotProductAttention_1/out/kernel ; merge(0) transpose
vit.encoder.layer.{i}.attention.output.dense.bias | blocks.{i}.attn.proj.bias | Transformer/encoderblock_{i}/MultiHeadDotProductAttention_1/out/bias
vit.encoder.layer.{i}.layernorm_after.{p=weight|bias} | blocks.{i}.norm2.{p=weight|bias} | Transformer/encoderblock_{i}/LayerNorm_2/{p:weight=scale,bias=bias}
vit.encoder.layer.{i}.intermediate.dense.weight | blocks.{i}.mlp.fc1.weight | Transformer/encoderblock_{i}/MlpBlock_3/Dense_0/kernel ; transpose
vit.encoder.layer.{i}.intermediate.dense.bias | blocks.{i}.mlp.fc1.bias | Transformer/encoderblock_{i}/MlpBlock_3/Dense_0/bias
vit.encoder.layer.{i}.output.dense.weight | blocks.{i}.mlp.fc2.weight | Transformer/encoderblock_{i}/MlpBlock_3/Dense_1/kernel ; transpose
vit.encoder.layer.{i}.output.dense.bias | blocks.{i}.mlp.fc2.bias | Transformer/encoderblock_{i}/MlpBlock_3/Dense_1/bias
vit.layernorm.{p=weight|bias} | norm.{p=weight|bias} | Transformer/encoder_norm/{p:weight=scale,bias=bias}
classifier.weight | head.weight | head/kernel ; transpose
classifier.bias | head.bias | head/bias
derive vit-hf-base vit-hf vit.

family sd-unet
naming unet-diffusers | unet-ldm
time_embedding.linear_1.{w=weight|bias} | time_embed.0.{w=weight|bias}
time_embedding.linear_2.{w=weight|bias} | time_embed.2.{w=weight|bias}
add_embedding.linear_1.{w=weight|bias} | label_emb.0.0.{w=weight|bias}
add_embedding.linear_2.{w=weight|bias} | label_emb.0.2.{w=weight|bias}
conv_in.{w=weight|bias} | input_blocks.0.0.{w=weight|bias}
conv_norm_out.{w=weight|bias} | out.0.{w=weight|bias}
conv_out.{w=weight|bias} | out.2.{w=weight|bias}
for i=0..3 j=0..1
down_blocks.{i}.resnets.{j}.norm1.{w=weight|bias} | input_blocks.{3*i+j+1}.0.in_layers.0.{w=weight|bias}
down_blocks.{i}.resnets.{j}.conv1.{w=weight|bias} | input_blocks.{3*i+j+1}.0.in_layers.2.{w=weight|bias}
down_blocks.{i}.resnets.{j}.time_emb_proj.{w=weight|bias} | input_blocks.{3*i+j+1}.0.emb_layers.1.{w=weight|bias}
down_blocks.{i}.resnets.{j}.norm2.{w=weight|bias} | input_blocks.{3*i+j+1}.0.out_layers.0.{w=weight|bias}
down_blocks.{i}.resnets.{j}.conv2.{w=weight|bias} | input_blocks.{3*i+j+1}.0.out_layers.3.{w=weight|bias}
down_blocks.{i}.resnets.{j}.conv_shortcut.{w=weight|bias} | input_blocks.{3*i+j+1}.0.skip_connection.{w=weight|bias}
down_blocks.{i}.attentions.{j}.{r=**} | input_blocks.{3*i+j+1}.1.{r=**}
end
for i=0..2
down_blocks.{i}.downsamplers.0.conv.{w=weight|bias} | input_blocks.{3*i+3}.0.op.{w=weight|bias}
end
for i=0..3 j=0..2
up_blocks.{i}.resnets.{j}.norm1.{w=weight|bias} | output_blocks.{3*i+j}.0.in_layers.0.{w=weight|bias}
up_blocks.{i}.resnets.{j}.conv1.{w=weight|bias} | output_blocks.{3*i+j}.0.in_layers.2.{w=weight|bias}
up_blocks.{i}.resnets.{j}.time_emb_proj.{w=weight|bias} | output_blocks.{3*i+j}.0.emb_layers.1.{w=weight|bias}
up_blocks.{i}.resnets.{j}.norm2.{w=weight|bias} | output_blocks.{3*i+j}.0.out_layers.0.{w=weight|bias}
up_blocks.{i}.resnets.{j}.conv2.{w=weight|bias} | output_blocks.{3*i+j}.0.out_layers.3.{w=weight|bias}
up_blocks.{i}.resnets.{j}.conv_shortcut.{w=weight|bias} | output_blocks.{3*i+j}.0.skip_connection.{w=weight|bias}
up_blocks.{i}.attentions.{j}.{r=norm|proj_in|proj_out}.{w=weight|bias} | output_blocks.{3*i+j}.1.{r=norm|proj_in|proj_out}.{w=weight|bias}
up_blocks.{i}.attentions.{j}.transformer_blocks.{r=**} | output_blocks.{3*i+j}.1.transformer_blocks.{r=**}
end
up_blocks.0.upsamplers.0.conv.{w=weight|bias} | output_blocks.2.1.conv.{w=weight|bias}
up_blocks.1.upsamplers.0.conv.{w=weight|bias} | output_blocks.5.2.conv.{w=weight|bias}
up_blocks.2.upsamplers.0.conv.{w=weight|bias} | output_blocks.8.2.conv.{w=weight|bias}
for j=0..1
mid_block.resnets.{j}.norm1.{w=weight|bias} | middle_block.{2*j}.in_layers.0.{w=weight|bias}
mid_block.resnets.{j}.conv1.{w=weight|bias} | middle_block.{2*j}.in_layers.2.{w=weight|bias}
mid_block.resnets.{j}.time_emb_proj.{w=weight|bias} | middle_block.{2*j}.emb_layers.1.{w=weight|bias}
mid_block.resnets.{j}.norm2.{w=weight|bias} | middle_block.{2*j}.out_layers.0.{w=weight|bias}
mid_block.resnets.{j}.conv2.{w=weight|bias} | middle_block.{2*j}.out_layers.3.{w=weight|bias}
end
mid_block.attentions.0.{r=**} | middle_block.1.{r=**}
)";
}

} // namespace wr::remap
