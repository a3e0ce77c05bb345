# SPDX-License-Identifier: MIT
"""Writes tests/golden/torch/*.safetensors: attention, Transformer layers and a whole Transformer as
PyTorch computes them, with the gradients of a scalar loss.

    python3 tools/golden_torch.py

Everything is computed in float64 from weights and inputs that float32 holds exactly, and stored in
float32. Each file has

    weight.<PyTorch's name>    the parameters
    input.<name>               (B, L, M) or (B, S, M); masks are U8, 1 where a query may look
    output                     (B, L, M)
    attention[.<module>]       (B, H, L, S), every head for itself
    loss                       (B, L, M): the loss is the sum of output * loss
    gradient.<weight… or input…>   of the loss

and says in its metadata with which options the module was made.
"""
import datetime
import pathlib

import torch
from torch import nn
from safetensors.torch import save_file

FOLDER = pathlib.Path(__file__).parent.parent / "tests" / "golden" / "torch"


def randomize(module, generator):
    """Parameters that no mistake escapes: no zero bias, no norm that is the identity."""
    for name, parameter in module.named_parameters():
        numbers = torch.randn(parameter.shape, generator=generator) * 0.3
        if "norm" in name and name.endswith("weight"):
            numbers = numbers + 1
        with torch.no_grad():
            parameter.copy_(numbers)


def causal(length):
    """(L, L), true where a query may look: PyTorch's own masks of bool say the opposite."""
    return torch.ones(length, length, dtype=torch.bool).tril()


def padding(lengths, width):
    """(B, S), true where there is a token."""
    return torch.arange(width)[None] < torch.tensor(lengths)[:, None]


def record_attention(module, into):
    """Makes each nn.MultiheadAttention inside keep its weights, which it is not asked for."""

    def ask(_, args, options):
        return args, {**options, "need_weights": True, "average_attn_weights": False}

    for name, part in module.named_modules():
        if isinstance(part, nn.MultiheadAttention):
            part.register_forward_pre_hook(ask, with_kwargs=True)
            part.register_forward_hook(
                lambda _, args, result, name=name: into.__setitem__(name, result[1]))


def write(name, module, call, inputs, masks, options):
    generator = torch.Generator().manual_seed(len(name) * 1000 + sum(name.encode()))
    randomize(module, generator)
    module.double()
    inputs = {key: torch.randn(shape, generator=generator).double().requires_grad_()
              for key, shape in inputs.items()}
    attention = {}
    record_attention(module, attention)

    output = call(module, inputs, masks)
    loss = torch.randn(output.shape, generator=generator).double()
    (output * loss).sum().backward()

    weights = dict(module.named_parameters())
    tensors = {"output": output, "loss": loss}
    tensors |= {f"weight.{key}": value for key, value in weights.items()}
    tensors |= {f"input.{key}": value for key, value in inputs.items()}
    tensors |= {f"gradient.weight.{key}": value.grad for key, value in weights.items()}
    tensors |= {f"gradient.input.{key}": value.grad for key, value in inputs.items()}
    tensors |= {f"attention.{key}" if key else "attention": value
                for key, value in attention.items()}
    tensors = {key: value.detach().float().contiguous() for key, value in tensors.items()}
    tensors |= {f"input.{key}": value.to(torch.uint8).contiguous() for key, value in masks.items()}
    metadata = {"program": f"torch {torch.__version__}", "script": "tools/golden_torch.py",
                "date": datetime.date.today().isoformat(),
                **{key: str(value) for key, value in options.items()}}
    save_file(tensors, FOLDER / f"{name}.safetensors", metadata)
    print(name, (FOLDER / f"{name}.safetensors").stat().st_size)


def attention(name, width, heads, batch, queries, keys=None, masks=None):
    """nn.MultiheadAttention; self-attention unless there is a number of keys."""

    def call(module, inputs, masks):
        query = inputs["query"]
        memory = inputs.get("memory", query)
        mask, pad = masks.get("mask"), masks.get("key_padding")
        return module(query, memory, memory, average_attn_weights=False,
                      attn_mask=None if mask is None else ~mask,
                      key_padding_mask=None if pad is None else ~pad)[0]

    inputs = {"query": (batch, queries, width)}
    if keys:
        inputs["memory"] = (batch, keys, width)
    write(name, nn.MultiheadAttention(width, heads, batch_first=True), call, inputs, masks or {},
          {"module": "MultiheadAttention", "heads": heads})


def encoder_layer(name, width, heads, feed_forward, norm_first, activation, batch, keys, masks):
    def call(module, inputs, masks):
        return module(inputs["source"], src_key_padding_mask=~masks["key_padding"])

    write(name, nn.TransformerEncoderLayer(width, heads, feed_forward, 0.0, activation,
                                           batch_first=True, norm_first=norm_first),
          call, {"source": (batch, keys, width)}, masks,
          {"module": "TransformerEncoderLayer", "heads": heads, "feed_forward": feed_forward,
           "norm_first": norm_first, "activation": activation.__name__})


def decoder_layer(name, width, heads, feed_forward, norm_first, activation, batch, queries, keys,
                  masks):
    def call(module, inputs, masks):
        return module(inputs["target"], inputs["memory"], tgt_mask=~masks["mask"],
                      memory_key_padding_mask=~masks["key_padding"])

    write(name, nn.TransformerDecoderLayer(width, heads, feed_forward, 0.0, activation,
                                           batch_first=True, norm_first=norm_first),
          call, {"target": (batch, queries, width), "memory": (batch, keys, width)}, masks,
          {"module": "TransformerDecoderLayer", "heads": heads, "feed_forward": feed_forward,
           "norm_first": norm_first, "activation": activation.__name__})


def transformer(name, width, heads, feed_forward, norm_first, activation, batch, queries, keys,
                masks):
    """nn.Transformer, which ends its encoder and its decoder with a norm, pre-norm or not."""

    def call(module, inputs, masks):
        return module(inputs["source"], inputs["target"], tgt_mask=~masks["mask"],
                      src_key_padding_mask=~masks["key_padding"],
                      memory_key_padding_mask=~masks["key_padding"])

    write(name, nn.Transformer(width, heads, 2, 1, feed_forward, 0.0, activation,
                               batch_first=True, norm_first=norm_first),
          call, {"source": (batch, keys, width), "target": (batch, queries, width)}, masks,
          {"module": "Transformer", "heads": heads, "feed_forward": feed_forward,
           "norm_first": norm_first, "activation": activation.__name__, "encoder_layers": 2,
           "decoder_layers": 1})


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    relu, gelu, silu = nn.functional.relu, nn.functional.gelu, nn.functional.silu

    attention("attention_cross", 12, 3, 2, 5, 7)
    attention("attention_padding", 10, 2, 2, 6, masks={"key_padding": padding([6, 3], 6)})
    attention("attention_causal", 7, 1, 2, 5, masks={"mask": causal(5)})
    attention("attention_long", 20, 4, 1, 3, 19, masks={"key_padding": padding([18], 19)})

    sources = {"key_padding": padding([6, 4], 6)}
    encoder_layer("encoder_post", 10, 2, 14, False, relu, 2, 6, sources)
    encoder_layer("encoder_pre", 12, 4, 18, True, gelu, 2, 6, sources)
    both = {"mask": causal(5), "key_padding": padding([7, 2], 7)}
    decoder_layer("decoder_post", 10, 2, 14, False, silu, 2, 5, 7, both)
    decoder_layer("decoder_pre", 9, 3, 18, True, relu, 2, 5, 7, both)
    transformer("transformer_post", 10, 2, 14, False, relu, 2, 5, 7, both)
    transformer("transformer_pre", 12, 3, 16, True, gelu, 2, 5, 7, both)


if __name__ == "__main__":
    main()
