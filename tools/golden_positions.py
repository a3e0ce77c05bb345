# SPDX-License-Identifier: MIT
"""Writes tests/golden/torch/positions.safetensors: what Hugging Face's models make of places.

    python3 tools/golden_positions.py

Every number comes from a function of the models themselves: rotary positions from LLaMA, GPT-NeoX,
GPT-J and RoFormer, slopes from Bloom and MPT, buckets and biases from T5, windows from Swin, keys of
distances from Wav2Vec2-BERT. In float64 where the function lets us, from numbers that float32 holds.

    <case>.input      what is rotated, or the learned table
    <case>.queries    of the keys of distances
    <case>.output
    <case>.loss       as large as the output: the loss is the sum of output * loss
    <case>.gradient   of the loss with respect to the input; .gradient_queries to the queries
    slopes.<heads>    of ALiBi
    buckets.<both|past>   the bucket of distances -300 … 300, and with .small_ 8 buckets up to 20
"""
import datetime
import pathlib

import torch
import transformers
from safetensors.torch import save_file
from transformers.models.bloom import modeling_bloom
from transformers.models.gpt_neox import modeling_gpt_neox
from transformers.models.gptj import modeling_gptj
from transformers.models.llama import modeling_llama
from transformers.models.mpt import modeling_mpt
from transformers.models.roformer import modeling_roformer
from transformers.models.swin import modeling_swin
from transformers.models.t5 import modeling_t5
from transformers.models.wav2vec2_bert import modeling_wav2vec2_bert

FILE = pathlib.Path(__file__).parent.parent / "tests" / "golden" / "torch" / "positions.safetensors"
generator = torch.Generator().manual_seed(7)
tensors = {}


def numbers(*shape):
    return torch.randn(shape, generator=generator).double().requires_grad_()


def keep(case, source, output, queries=None):
    """The case's output, and the gradients of a loss."""
    loss = torch.randn(output.shape, generator=generator).double()
    (output.double() * loss).sum().backward()
    kept = {"input": source, "output": output, "loss": loss, "gradient": source.grad}
    if queries is not None:
        kept |= {"queries": queries, "gradient_queries": queries.grad}
    tensors.update({f"{case}.{key}": value.detach().float().contiguous()
                    for key, value in kept.items()})


def rotary():
    """Heads (B, H, L, D); GPT-J has (B, L, H, D)."""
    places = torch.arange(3, 8)[None]

    config = transformers.LlamaConfig(hidden_size=16, num_attention_heads=2)
    cos, sin = modeling_llama.LlamaRotaryEmbedding(config)(torch.zeros(1).double(), places)
    x = numbers(1, 2, 5, 8)
    keep("llama", x, modeling_llama.apply_rotary_pos_emb(x, x.detach(), cos, sin)[0])

    config = transformers.GPTNeoXConfig(
        hidden_size=16, num_attention_heads=2,
        rope_parameters={"rope_type": "default", "rope_theta": 500.0, "partial_rotary_factor": 0.75})
    cos, sin = modeling_gpt_neox.GPTNeoXRotaryEmbedding(config)(torch.zeros(1).double(), places)
    x = numbers(1, 2, 5, 8)
    assert cos.shape[-1] == 6
    keep("neox", x, modeling_gpt_neox.apply_rotary_pos_emb(x, x.detach(), cos, sin)[0])

    sin, cos = modeling_gptj.create_sinusoidal_positions(8, 6)[places].double().chunk(2, dim=-1)
    x = numbers(1, 5, 2, 8)
    turned = modeling_gptj.apply_rotary_pos_emb(x[..., :6], sin, cos)
    keep("gptj", x, torch.cat([turned, x[..., 6:]], dim=-1))

    table = modeling_roformer.RoFormerSinusoidalPositionalEmbedding(8, 6)
    with torch.no_grad():
        table.weight.copy_(table.create_weight())
    rows = table([1, 5], past_key_values_length=3).double()[None, None]
    x = numbers(1, 2, 5, 6)
    rotate = modeling_roformer.RoFormerSelfAttention.apply_rotary_position_embeddings
    keep("roformer", x, rotate(rows, x, x.detach())[0])


def alibi():
    for heads in [1, 2, 3, 4, 6, 7, 8, 12, 16, 20]:
        bloom = modeling_bloom.build_alibi_tensor(torch.ones(1, 2), heads, torch.float64)[:, 0, 1]
        mpt = -modeling_mpt.build_mpt_alibi_tensor(heads, 2)[:, 0, 0]
        assert torch.allclose(bloom, mpt.double(), rtol=1e-6)
        tensors[f"slopes.{heads}"] = bloom.float()


def buckets():
    distances = torch.arange(-300, 301)
    bucket = modeling_t5.T5Attention._relative_position_bucket
    for name, both in [("both", True), ("past", False)]:
        tensors[f"buckets.{name}"] = bucket(distances, both).float()
        tensors[f"buckets.small_{name}"] = bucket(distances, both, 8, 20).float()

    for name, decoder in [("t5_encoder", False), ("t5_decoder", True)]:
        config = transformers.T5Config(d_model=6, d_kv=2, num_heads=3, is_decoder=decoder,
                                       relative_attention_num_buckets=8,
                                       relative_attention_max_distance=20)
        module = modeling_t5.T5Attention(config, has_relative_attention_bias=True, layer_idx=0)
        table = numbers(8, 3)
        module.relative_attention_bias.weight = torch.nn.Parameter(table.detach())
        output = module.compute_bias(5, 30, past_seen_tokens=4)
        keep(name, module.relative_attention_bias.weight, output)


def windows():
    module = modeling_swin.SwinRelativePositionBias(3, (2, 3))
    module.relative_position_bias_table = torch.nn.Parameter(numbers(15, 3).detach())
    keep("swin", module.relative_position_bias_table, module())


def keys_of_distances():
    """Distances are clipped to -3 … 3."""
    config = transformers.Wav2Vec2BertConfig(hidden_size=8, num_attention_heads=2,
                                             position_embeddings_type="relative_key",
                                             left_max_position_embeddings=3,
                                             right_max_position_embeddings=3)
    module = modeling_wav2vec2_bert.Wav2Vec2BertSelfAttention(config).double()
    module.distance_embedding.weight = torch.nn.Parameter(numbers(7, 4).detach())
    queries, keys = numbers(2, 2, 6, 4), numbers(2, 2, 6, 4)
    encode = modeling_wav2vec2_bert._apply_relative_key_position_encoding
    _, bias = encode(module, queries, keys)
    keep("relative_keys", module.distance_embedding.weight, bias, queries)


def main():
    rotary()
    alibi()
    buckets()
    windows()
    keys_of_distances()
    save_file({key: value.contiguous() for key, value in tensors.items()}, FILE, {
        "program": f"transformers {transformers.__version__}, torch {torch.__version__}",
        "script": "tools/golden_positions.py", "date": datetime.date.today().isoformat()})
    print(FILE.stat().st_size, "bytes,", len(tensors), "tensors")


if __name__ == "__main__":
    main()
