# SPDX-License-Identifier: MIT
"""Writes tests/golden/conventions/torch-mha: torch.nn.MultiheadAttention.

    python3 tools/golden_torch_mha.py

Computed in fp64 from values that fp32 holds, with the gradients of the sum of output * loss. Half of
the cases are the module as it is, its parameters stored as weight.<PyTorch's name>: these have a
`layer`, with the module's arguments. In the others all projections are the identity and all their
biases 0, so that the module is nothing but attention, split into heads.
"""
import itertools
import warnings

import numpy as np
import torch
from torch import nn

from golden_cases import Golden, hidden_floats, numbers, visible

golden = Golden("torch-mha", "tools/golden_torch_mha.py", {"torch": torch.__version__})
generator = np.random.default_rng(4)
TWO_ANSWERS = "a query that sees no key: NaN with need_weights, 0 before the output projection without"
OURS = {"embed_dim": "embedDim", "num_heads": "numHeads", "add_bias_kv": "addBiasKv",
        "add_zero_attn": "addZeroAttn", "batch_first": "batchFirst"}


def hiding(*shape):
    """A boolean mask in this module's polarity: true hides."""
    return ~visible(generator, *shape)


def operands(*, B=2, L=3, S=5, E=4, K=None, V=None):
    lead = () if B is None else (B,)
    return {"queries": numbers(generator, *lead, L, E), "keys": numbers(generator, *lead, S, K or E),
            "values": numbers(generator, *lead, S, V or E)}


def module_of(E, heads, *, identity, **arguments):
    module = nn.MultiheadAttention(E, heads, batch_first=True, **arguments).double()
    for name, parameter in module.named_parameters():
        value = torch.tensor(numbers(generator, *parameter.shape) * 0.5)
        if identity:
            value = torch.eye(E).repeat(3, 1) if name == "in_proj_weight" else (
                torch.eye(E) if name == "out_proj.weight" else torch.zeros(parameter.shape))
        with torch.no_grad():
            parameter.copy_(value)
    return module


def add(name, feature, inputs, heads, *, need_weights=True, average=True, layer=None,
        batch_first=True, note=None, causal=False, **options):
    """A case of attention alone or, with the arguments of `layer`, of the whole module."""
    E = inputs["queries"].shape[-1]
    module = module_of(E, heads, identity=layer is None, **(layer or {}))
    parts = {key: torch.tensor(value) for key, value in inputs.items()}
    learned = dict(module.named_parameters()) if layer is not None else {}
    asked = {key: value.requires_grad_() for key, value in parts.items() if value.is_floating_point()}
    module.batch_first = batch_first
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of masks of two types, which are meant
        output, weights = module(
            parts["queries"], parts["keys"], parts["values"], need_weights=need_weights,
            attn_mask=parts.get("mask", parts.get("bias")),
            key_padding_mask=parts.get("keyMask", parts.get("keyBias")),
            average_attn_weights=average, is_causal=causal)

    outputs = {"output": output.detach().numpy()}
    if need_weights:
        outputs["weights"] = weights.detach().numpy()
    gradients = None
    if not output.isnan().any():
        loss = torch.tensor(numbers(generator, *output.shape))
        (output * loss).sum().backward()
        gradients = {"loss": loss.numpy(), **{key: value.grad.numpy() for key, value in asked.items()},
                     **{f"weight.{key}": value.grad.numpy() for key, value in learned.items()}}
    # averageWeights is said where it is asked of attention, which does not average by itself
    options = {**({"weights": True} if need_weights else {}),
               **({"averageWeights": average} if need_weights else {}), **options}
    stored = dict(inputs)
    more = {}
    if layer is None:
        options["heads"] = heads
    else:
        stored |= {f"weight.{key}": value.detach().numpy()
                   for key, value in module.state_dict().items()}
        arguments = {"embed_dim": E, "num_heads": heads, **layer, "batch_first": batch_first}
        more["layer"] = {"kind": "MultiHeadAttention", "options": {
            OURS.get(key, key): value for key, value in arguments.items()}}
        if causal:
            options["causal"] = True
    golden.add(name, feature, options, stored, outputs, gradients=gradients, note=note, **more)


def attention_cases():
    for heads, B in itertools.product((1, 2), (2, None)):
        tag = f"heads{heads}_{'batch' if B else 'unbatched'}"
        feature = "plain" if B else "unbatched"
        add(tag, feature, operands(B=B), heads)
        add(f"{tag}_per_head", feature, operands(B=B), heads, average=False)
        add(f"{tag}_without_weights", feature, operands(B=B), heads, need_weights=False)
    for need in (True, False):
        tag = "" if need else "_without_weights"
        add(f"mask{tag}", "boolean mask", {**operands(), "mask": hiding(3, 5)}, 2, need_weights=need)
        add(f"mask_of_heads{tag}", "boolean mask", {**operands(), "mask": hiding(4, 3, 5)}, 2,
            need_weights=need, average=False)
        add(f"bias{tag}", "bias", {**operands(), "bias": numbers(generator, 3, 5)}, 2,
            need_weights=need)
        add(f"bias_of_heads{tag}", "bias",
            {**operands(), "bias": hidden_floats(visible(generator, 4, 3, 5), generator)}, 2,
            need_weights=need, average=False)
        add(f"key_mask{tag}", "key mask", {**operands(), "keyMask": hiding(2, 5)}, 2,
            need_weights=need)
        add(f"key_mask_and_mask{tag}", "key mask",
            {**operands(), "mask": hiding(3, 5), "keyMask": hiding(2, 5)}, 2, need_weights=need)
        add(f"key_mask_and_bias{tag}", "key mask",
            {**operands(), "bias": numbers(generator, 3, 5), "keyMask": hiding(2, 5)}, 2,
            need_weights=need)
        add(f"triangle{tag}", "causal",
            {**operands(L=5), "mask": np.triu(np.ones((5, 5), bool), 1)}, 2, need_weights=need)
    add("mask_unbatched", "unbatched", {**operands(B=None), "mask": hiding(3, 5)}, 2)
    add("key_mask_unbatched", "unbatched", {**operands(B=None), "keyMask": hiding(5)}, 2)

    mask = hiding(3, 5)
    mask[1] = True
    keys = hiding(2, 5)
    keys[1] = True
    for given in ({"mask": mask}, {"keyMask": keys}, {"bias": np.where(mask, -np.inf, 0.0)}):
        tag = next(iter(given))
        add(f"empty_row_{tag}", "empty rows", {**operands(), **given}, 2, average=False,
            note=TWO_ANSWERS)
        add(f"empty_row_{tag}_without_weights", "empty rows", {**operands(), **given}, 2,
            need_weights=False, emptyRow="zeros", note=TWO_ANSWERS)


def layer_cases():
    every = {"kdim": 6, "vdim": 3}
    arguments = [{}, {"bias": False}, {"add_bias_kv": True}, {"add_zero_attn": True},
                 {"add_bias_kv": True, "add_zero_attn": True}, every,
                 {**every, "add_bias_kv": True, "add_zero_attn": True}, {**every, "bias": False},
                 {"kdim": 5}, {"vdim": 7}]
    for layer in arguments:
        tag = "_".join(["layer", *(key if value is True else f"{key}_{value}"
                                   for key, value in layer.items())])
        shape = {"K": layer.get("kdim"), "V": layer.get("vdim")}
        feature = "layer: " + (", ".join(layer) or "plain")
        add(tag, feature, operands(**shape), 2, layer=layer)
        add(f"{tag}_per_head", feature, operands(**shape), 2, layer=layer, average=False)
        add(f"{tag}_without_weights", feature, operands(**shape), 2, layer=layer, need_weights=False)
        for need in (True, False):
            rest = f"{tag}_masked{'' if need else '_without_weights'}"
            add(rest, feature, {**operands(**shape), "mask": hiding(3, 5), "keyMask": hiding(2, 5)},
                2, layer=layer, need_weights=need)
    for need in (True, False):
        rest = "" if need else "_without_weights"
        add(f"layer_key_bias{rest}", "layer: float masks",
            {**operands(), "keyBias": numbers(generator, 2, 5), "bias": numbers(generator, 3, 5)}, 2,
            layer={"add_zero_attn": True}, need_weights=need)
        add(f"layer_mask_of_heads{rest}", "layer: masks of heads",
            {**operands(), "mask": hiding(4, 3, 5)}, 2, layer={}, need_weights=need)
        add(f"layer_bias_of_heads{rest}", "layer: masks of heads",
            {**operands(), "bias": numbers(generator, 4, 3, 5), "keyMask": hiding(2, 5)}, 2,
            layer={"add_bias_kv": True}, need_weights=need)
        add(f"layer_unbatched{rest}", "layer: unbatched", operands(B=None), 2, layer={},
            need_weights=need)
        # L, B, E: what batch_first=False takes
        swapped = {key: np.swapaxes(value, 0, 1) for key, value in operands().items()}
        add(f"layer_batch_second{rest}", "layer: batch_first false",
            {**swapped, "keyMask": hiding(2, 5)}, 2, layer={}, batch_first=False, need_weights=need)
        # is_causal is a hint beside the mask that it describes
        add(f"layer_causal{rest}", "layer: causal",
            {**operands(L=5), "mask": np.triu(np.ones((5, 5), bool), 1)}, 2, layer={}, causal=True,
            need_weights=need)
        mask = hiding(3, 5)
        mask[1] = True
        add(f"layer_empty_row{rest}", "layer: empty rows", {**operands(), "mask": mask}, 2, layer={},
            need_weights=need, note=TWO_ANSWERS)
    same = operands(S=3)
    same |= {"keys": same["queries"], "values": same["queries"]}
    add("layer_self", "layer: plain", same, 2, layer={})


def main():
    attention_cases()
    layer_cases()
    golden.write()


if __name__ == "__main__":
    main()
