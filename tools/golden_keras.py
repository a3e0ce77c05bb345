# SPDX-License-Identifier: MIT
"""Writes tests/golden/conventions/keras and keras-attention: the attention layers of Keras 3.

    python3 tools/golden_keras.py

keras is MultiHeadAttention and GroupQueryAttention between their projections: what these made of
random inputs, rounded to fp32, and what the output projection was given, in fp64; and some of them
whole, with a `layer` and Keras's weights as weight.<projection>.<kernel|bias>. keras-attention is
Attention and AdditiveAttention, in fp32, for what they give to a query that sees no key depends on
it. On PyTorch, which is told to be Keras's backend.
"""
import itertools
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch

from golden_cases import Golden, numbers, visible

PROGRAMS = {"keras": keras.__version__, "torch": torch.__version__}
multi_head = Golden("keras", "tools/golden_keras.py", PROGRAMS)
single = Golden("keras-attention", "tools/golden_keras.py", PROGRAMS)
generator = np.random.default_rng(6)
TWO_ANSWERS = ("a query that sees no key gets 0 from the layer with return_attention_scores, and the "
               "mean of all values without, when the backend's own attention is called")
# What the backend's attention does with hidden scores and rows.
BACKEND = {"emptyRow": "softmax", "maskValue": float(np.float32(-0.7) * np.finfo(np.float32).max)}


def observe(layer):
    """Makes a layer round what attention is given, and keep it and what comes out."""
    seen = {}
    attend = layer._compute_attention

    def observed(query, key, value, *rest, **options):
        operands = [part.float().double() for part in (query, key, value)]
        seen["context"], seen["weights"] = attend(*operands, *rest, **options)
        seen.update(zip(("queries", "keys", "values"), operands, strict=True))
        return seen["context"], seen["weights"]

    layer._compute_attention = observed
    return seen


def randomize(layer):
    layer.set_weights([numbers(generator, *weight.shape) * 0.5 for weight in layer.get_weights()])


def add(name, feature, layer, *, T=3, S=5, scores=True, mask=None, query_mask=None, value_mask=None,
        key_mask=None, causal=False, repeats=1, whole=False, note=None, **options):
    """A case of MultiHeadAttention or GroupQueryAttention, or of the whole layer; `options` are ours."""
    seen = observe(layer)
    query, value, key = (torch.tensor(numbers(generator, 2, length, 4)) for length in (T, S, S))
    layer.build(query.shape, value.shape, key.shape)
    randomize(layer)
    given = lambda array: None if array is None else torch.tensor(array)
    if query_mask is not None:  # as an Embedding leaves it on its output
        query._keras_mask = given(query_mask)
    with torch.no_grad():
        result = layer(query, value, key, attention_mask=given(mask), value_mask=given(value_mask),
                       key_mask=given(key_mask), use_causal_mask=causal,
                       return_attention_scores=scores)
    inputs = {part: seen[part].numpy() for part in ("queries", "keys", "values")}
    for part in ("keys", "values"):  # a group's heads are equal here, and are given once
        inputs[part] = inputs[part][:, :, ::repeats]
    outputs, more = {"output": seen["context"].numpy()}, {}
    if whole:
        inputs = {"queries": query.numpy(), "keys": key.numpy(), "values": value.numpy(),
                  **projections(layer)}
        outputs = {"output": (result[0] if scores else result).numpy()}
        more["layer"] = {"kind": type(layer).__name__}
    if query_mask is not None:
        mask = query_mask[:, :, None] if mask is None else mask & query_mask[:, :, None]
    hidden = [part for part in (value_mask, key_mask) if part is not None]
    if hidden:
        inputs["keyMask"] = np.logical_and.reduce(hidden)
    if mask is not None:
        inputs["mask"] = mask
    if scores:
        outputs["weights"] = seen["weights"].numpy()
        options["weights"] = True
    if causal:
        options["causal"] = True
    multi_head.add(name, feature, options, inputs, outputs, note=note, **more)


def projections(layer):
    """A layer's weights by the projection that they belong to."""
    parts = {"query": layer._query_dense, "key": layer._key_dense, "value": layer._value_dense,
             "output": layer._output_dense}
    return {f"weight.{name}.{kind}": getattr(part, kind).value.detach().numpy()
            for name, part in parts.items() for kind in ("kernel", "bias")
            if getattr(part, kind) is not None}


def multi_head_cases():
    for scores in (True, False):
        tag = "" if scores else "_without_scores"

        def case(name, feature, *, heads=2, key_dim=3, value_dim=None, layer=None, **rest):
            made = keras.layers.MultiHeadAttention(heads, key_dim, value_dim, dtype="float64",
                                                   **(layer or {}))
            add(name + tag, feature, made, scores=scores, **rest)

        case("plain", "plain")
        case("one_head", "plain", heads=1)
        case("whole", "whole layer", whole=True)
        case("whole_widths", "whole layer", key_dim=5, value_dim=3, mask=visible(generator, 2, 3, 5),
             whole=True)
        case("whole_no_bias", "whole layer", causal=True, layer={"use_bias": False}, whole=True)
        case("widths", "values of another width", key_dim=3, value_dim=5)
        case("no_bias", "plain", layer={"use_bias": False})
        for T, S in ((5, 5), (3, 5), (5, 3)):
            case(f"causal_{T}_by_{S}", "causal", T=T, S=S, causal=True)
        for shape in ((2, 3, 5), (1, 3, 5), (2, 1, 5), (2, 2, 3, 5), (2, 1, 3, 5)):
            case(f"mask_{'x'.join(map(str, shape))}", "boolean mask", mask=visible(generator, *shape))
        case("mask_causal", "boolean mask", mask=visible(generator, 2, 3, 5), causal=True)
        case("value_mask", "key mask", value_mask=visible(generator, 2, 5))
        case("value_and_key_mask", "key mask", value_mask=visible(generator, 2, 5),
             key_mask=visible(generator, 2, 5), mask=visible(generator, 2, 3, 5))
        for width, causal in itertools.product((1, 2, 9), (False, True)):
            case(f"sliding_window_{width}_causal{causal:d}", "window", T=5,
                 layer={"sliding_window": width}, causal=causal, window=[width - 1, width - 1])

        shown = visible(generator, 2, 3, 5)
        shown[:, 1] = False
        empty = {"note": TWO_ANSWERS, **({} if scores else BACKEND)}
        case("empty_row", "empty rows", mask=shown, **empty)
        case("empty_value_mask", "empty rows", value_mask=np.array([[False] * 5, [True] * 5]), **empty)
        case("empty_query_mask", "empty rows", query_mask=np.array([[True, True, False]] * 2), **empty)

        def grouped(name, heads, kv, **rest):
            made = keras.layers.GroupQueryAttention(3, heads, kv, dtype="float64")
            add(name + tag, "grouped heads", made, scores=scores, repeats=heads // kv, **rest)

        grouped("whole_grouped", 4, 2, whole=True)
        grouped("grouped_4_2", 4, 2)
        grouped("grouped_3_1", 3, 1)
        grouped("grouped_2_2", 2, 2)
        grouped("grouped_causal", 4, 2, causal=True)
        grouped("grouped_mask", 4, 2, mask=visible(generator, 2, 3, 5))


def add_single(name, feature, layer, parameters, *, T=3, S=5, D=4, mask=None, query_lengths=None,
               causal=False, note=None, **options):
    """A case of Attention or AdditiveAttention; `parameters` names its weights in our inputs."""
    inputs = {"queries": numbers(generator, 2, T, D), "keys": numbers(generator, 2, S, D),
              "values": numbers(generator, 2, S, 3)}
    query, key, value = (torch.tensor(part, dtype=torch.float32) for part in inputs.values())
    layer.build([query.shape, value.shape, key.shape])
    randomize(layer)
    query_mask = None
    if query_lengths:
        query_mask = torch.arange(T)[None] < torch.tensor(query_lengths)[:, None]
        options["queryLengths"] = query_lengths
    masks = None
    if mask is not None or query_mask is not None:
        masks = [query_mask, None if mask is None else torch.tensor(mask)]
    with torch.no_grad():
        output, weights = layer([query, value, key], mask=masks, use_causal_mask=causal,
                                return_attention_scores=True)
    inputs |= parameters(layer, options)
    if mask is not None:
        inputs["keyMask"] = mask
    if causal:
        options["causal"] = True
    outputs = {"output": output.numpy()}
    if query_mask is None:  # the layer leaves the weights of hidden queries, which nothing uses
        outputs["weights"] = weights.numpy()
        options["weights"] = True
    single.add(name, feature, options, inputs, outputs, note=note)


def single_cases():
    numpy = lambda weight: weight.value.detach().numpy()

    def dot(layer, options):
        options["score"] = "dot"
        if layer.scale is not None:
            options["scale"] = float(numpy(layer.scale))
        return {}

    def concat(layer, options):
        """w sum tanh(s (q + k)) is our additive score with W = U = s and v = w."""
        options["score"] = "additive"
        scale = 1.0 if layer.scale is None else float(numpy(layer.scale))
        weight = float(numpy(layer.concat_score_weight))
        return {"scoreQuery": np.eye(4) * scale, "scoreKey": np.eye(4) * scale,
                "scoreVector": np.full(4, weight)}

    def additive(layer, options):
        options["score"] = "additive"
        return {"scoreVector": numpy(layer.scale) if layer.use_scale else np.ones(4)}

    layers = {
        "dot": ("Attention", lambda: keras.layers.Attention(), dot),
        "dot_scaled": ("Attention, use_scale", lambda: keras.layers.Attention(use_scale=True), dot),
        "concat": ("Attention, concat", lambda: keras.layers.Attention(score_mode="concat"), concat),
        "concat_scaled": ("Attention, concat", lambda: keras.layers.Attention(
            use_scale=True, score_mode="concat"), concat),
        "additive": ("AdditiveAttention", lambda: keras.layers.AdditiveAttention(), additive),
        "additive_unscaled": ("AdditiveAttention", lambda: keras.layers.AdditiveAttention(
            use_scale=False), additive),
    }
    for tag, (feature, make, parameters) in layers.items():
        case = lambda name, shown, **rest: add_single(f"{tag}_{name}", shown, make(), parameters,
                                                      **rest)
        case("plain", feature)
        case("causal", feature, causal=True)
        case("causal_more_queries", feature, T=5, S=3, causal=True)
        case("value_mask", feature, mask=visible(generator, 2, 5))
        case("value_mask_causal", feature, mask=visible(generator, 2, 5), causal=True)
        case("query_mask", feature, query_lengths=[2, 1])
        case("both_masks", feature, query_lengths=[3, 1], mask=visible(generator, 2, 5))
        case("empty", "empty rows", mask=np.array([[False] * 5, [True, False] * 2 + [True]]),
             note="Keras adds -1e9 in fp32, where neighbouring numbers of that size are 64 apart: what "
                  "is left of scores below 32 is nothing, and the weights are alike")
        case("empty_causal", "empty rows", mask=np.array([[False] * 2 + [True] * 3] * 2), causal=True,
             note="the same where the mask and the triangle together hide all keys")


def main():
    multi_head_cases()
    single_cases()
    multi_head.write()
    single.write()


if __name__ == "__main__":
    main()
