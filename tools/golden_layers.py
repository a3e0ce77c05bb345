# SPDX-License-Identifier: MIT
"""Writes tests/golden/torch/layers.json and .safetensors: whole layers as PyTorch computes them.

    python3 tools/golden_layers.py

torch.nn's Transformer layers, stacks and Transformer with all of their masks, Linear, LayerNorm and
Embedding are the modules themselves; rotation and keys of distances are Hugging Face's. The other attentions are their
papers' or tutorials' equations, written with PyTorch. Computed in float64 from numbers that float32
holds. A case of layers.json names the kind of layer, its options and those of the call, as
src/layers/registry.h has them; layers.safetensors has for each

    <case>.input.<name>       masks and ids are U8; as a layer takes them
    <case>.weight.<name>      the parameters by their checkpoint's names
    <case>.output.<name>
    <case>.loss               the loss is the sum of the first output * loss
    <case>.gradient.<input.… or weight.…>
"""
import datetime
import json
import math
import pathlib

import torch
import transformers
from safetensors.torch import save_file
from torch import nn
from transformers.models.llama import modeling_llama
from transformers.models.wav2vec2_bert import modeling_wav2vec2_bert

FOLDER = pathlib.Path(__file__).parent.parent / "tests" / "golden" / "torch"
generator = torch.Generator().manual_seed(11)
tensors, cases = {}, []
TORCH = {"convention": "torch-mha"}


def numbers(*shape):
    return torch.randn(shape, generator=generator).double()


def hiding(*shape):
    """A mask of torch.nn, 1 hides; the first key stays, so that no query is without one."""
    mask = torch.rand(shape, generator=generator) < 0.4
    mask[..., 0] = False
    return mask


def triangle(length):
    return nn.Transformer.generate_square_subsequent_mask(length).isinf()


def randomize(module):
    """Parameters that no mistake escapes: no zero bias, no norm that is the identity."""
    for name, parameter in module.named_parameters():
        value = torch.randn(parameter.shape, generator=generator) * 0.3
        with torch.no_grad():
            parameter.copy_(value + 1 if "norm" in name and name.endswith("weight") else value)
    return module.double()


def add(name, kind, options, inputs, weights, compute, call=None):
    """inputs and weights by our names; compute(inputs) gives the outputs by our names."""
    for value in [*inputs.values(), *weights.values()]:
        if value.is_floating_point():
            value.requires_grad_()
    outputs = compute(inputs)
    first = next(iter(outputs.values()))
    loss = numbers(*first.shape)
    (first * loss).sum().backward()

    parts = {f"input.{key}": value for key, value in inputs.items()}
    parts |= {f"weight.{key}": value for key, value in weights.items()}
    gradients = {f"gradient.{key}": value.grad for key, value in parts.items()
                 if value.is_floating_point() and value.grad is not None}
    parts |= gradients | {f"output.{key}": value for key, value in outputs.items()} | {"loss": loss}
    for key, value in parts.items():
        kept = value.detach().to(torch.float32 if value.is_floating_point() else torch.uint8)
        tensors[f"{name}.{key}"] = kept.contiguous().clone()
    cases.append({"name": name, "kind": kind, "options": options, "call": call or {},
                  "inputs": list(inputs), "weights": list(weights), "outputs": list(outputs),
                  "gradients": list(gradients)})


def module(name, kind, options, made, inputs, run, call=None):
    """A module of torch.nn, whose parameters have their own names."""
    randomize(made)
    add(name, kind, options, inputs, dict(made.named_parameters()),
        lambda given: {"output": run(made, given)}, call)


def basics():
    module("linear", "Linear", {"inFeatures": 5, "outFeatures": 3}, nn.Linear(5, 3),
           {"x": numbers(2, 4, 5)}, lambda made, given: made(given["x"]))
    module("linear_without_bias", "Linear", {"inFeatures": 5, "outFeatures": 3, "bias": False},
           nn.Linear(5, 3, bias=False), {"x": numbers(4, 5)}, lambda made, given: made(given["x"]))
    module("norm", "LayerNorm", {"normalizedShape": 6, "eps": 0.01},
           nn.LayerNorm(6, eps=0.01), {"x": numbers(2, 3, 6)}, lambda made, given: made(given["x"]))
    module("norm_without_bias", "LayerNorm", {"normalizedShape": 6, "bias": False},
           nn.LayerNorm(6, bias=False), {"x": numbers(2, 3, 6)},
           lambda made, given: made(given["x"]))
    ids = torch.tensor([[1, 4, 2], [2, 0, 1]])
    module("embedding", "Embedding", {"numEmbeddings": 5, "embeddingDim": 4},
           nn.Embedding(5, 4), {"ids": ids}, lambda made, given: made(given["ids"]))
    module("embedding_padded", "Embedding", {"numEmbeddings": 5, "embeddingDim": 4, "paddingIdx": 2},
           nn.Embedding(5, 4, padding_idx=2), {"ids": ids}, lambda made, given: made(given["ids"]))


M, H, F, B, L, S = 8, 2, 12, 2, 4, 5
WIDTHS = {"dModel": M, "nhead": H, "dimFeedforward": F, "dropout": 0}


def block(*, batch_first=True, **choices):
    """The arguments of torch.nn and ours."""
    ours = {"norm_first": "normFirst", "layer_norm_eps": "layerNormEps", "bias": "bias",
            "activation": "activation"}
    theirs = dict(dropout=0.0, batch_first=batch_first, **choices)
    options = WIDTHS | {ours[key]: value for key, value in choices.items()}
    return theirs, options if batch_first else options | {"batchFirst": False}


# What masks there are, by our names and by those of torch.nn's arguments.
def pick(given, mask, bias):
    return given.get(mask, given.get(bias))


def encoder(made, given):
    theirs = {"src_mask": pick(given, "mask", "bias")} if isinstance(
        made, nn.TransformerEncoderLayer) else {"mask": pick(given, "mask", "bias")}
    return made(given["src"], **theirs,
                src_key_padding_mask=pick(given, "keyMask", "keyBias"))


def decoder(made, given):
    return made(given["tgt"], given["memory"], tgt_mask=pick(given, "tgtMask", "tgtBias"),
                memory_mask=pick(given, "memoryMask", "memoryBias"),
                tgt_key_padding_mask=pick(given, "tgtKeyMask", "tgtKeyBias"),
                memory_key_padding_mask=pick(given, "memoryKeyMask", "memoryKeyBias"))


def whole(made, given):
    masks = {f"{part}_mask": pick(given, f"{part}Mask", f"{part}Bias")
             for part in ["src", "tgt", "memory"]}
    masks |= {f"{part}_key_padding_mask": pick(given, f"{part}KeyMask", f"{part}KeyBias")
              for part in ["src", "tgt", "memory"]}
    return made(given["src"], given["tgt"], **masks)


def layers():
    choices = {"post": {}, "pre": {"norm_first": True, "activation": "gelu"},
               "without_bias": {"bias": False}, "pre_without_bias": {"norm_first": True, "bias": False},
               "epsilon": {"layer_norm_eps": 0.1}}
    source_masks = {
        "plain": {}, "mask": {"mask": hiding(S, S)}, "heads": {"mask": hiding(B * H, S, S)},
        "bias": {"bias": numbers(S, S)}, "padding": {"keyMask": hiding(B, S)},
        "both": {"mask": hiding(S, S), "keyMask": hiding(B, S)},
        "floats": {"bias": numbers(B * H, S, S), "keyBias": numbers(B, S)}}
    pairs = [(choice, "both") for choice in choices] + [("post", mask) for mask in source_masks]
    for choice, mask in dict.fromkeys(pairs):
        theirs, options = block(**choices[choice])
        masks = {key: value.detach().clone() for key, value in source_masks[mask].items()}
        module(f"encoder_layer.{choice}.{mask}", "TransformerEncoderLayer", options,
               nn.TransformerEncoderLayer(M, H, F, **theirs), {"src": numbers(B, S, M)} | masks,
               encoder, TORCH)
        both = {"tgtMask": triangle(L), "tgtKeyMask": hiding(B, L), "memoryKeyMask": hiding(B, S)}
        target_masks = {"plain": {}, "mask": {"tgtMask": triangle(L), "memoryMask": hiding(L, S)},
                        "heads": {"tgtMask": triangle(L), "memoryMask": hiding(B * H, L, S)},
                        "bias": {"tgtBias": numbers(L, L), "memoryBias": numbers(L, S)},
                        "padding": {"tgtKeyMask": hiding(B, L), "memoryKeyMask": hiding(B, S)},
                        "both": both, "floats": {"tgtBias": numbers(B * H, L, L),
                                                 "memoryKeyBias": numbers(B, S)}}
        module(f"decoder_layer.{choice}.{mask}", "TransformerDecoderLayer", options,
               nn.TransformerDecoderLayer(M, H, F, **theirs),
               {"tgt": numbers(B, L, M), "memory": numbers(B, S, M)} | target_masks[mask],
               decoder, TORCH)

    theirs, options = block(batch_first=False)
    module("encoder_layer.batch_second", "TransformerEncoderLayer", options,
           nn.TransformerEncoderLayer(M, H, F, **theirs),
           {"src": numbers(S, B, M), "keyMask": hiding(B, S)}, encoder, TORCH)
    module("decoder_layer.batch_second", "TransformerDecoderLayer", options,
           nn.TransformerDecoderLayer(M, H, F, **theirs),
           {"tgt": numbers(L, B, M), "memory": numbers(S, B, M), "tgtMask": triangle(L)},
           decoder, TORCH)
    theirs, options = block()
    module("encoder_layer.unbatched", "TransformerEncoderLayer", options,
           nn.TransformerEncoderLayer(M, H, F, **theirs), {"src": numbers(S, M)}, encoder, TORCH)


def stacks():
    for order in [False, True]:
        theirs, options = block(norm_first=order)
        name = "pre" if order else "post"
        for norm in [False, True]:
            stack = options | {"numLayers": 2, "norm": norm}
            last = nn.LayerNorm(M) if norm else None
            module(f"encoder.{name}.{norm}", "TransformerEncoder", stack,
                   nn.TransformerEncoder(nn.TransformerEncoderLayer(M, H, F, **theirs), 2, last,
                                         enable_nested_tensor=False),
                   {"src": numbers(B, S, M), "mask": hiding(S, S), "keyMask": hiding(B, S)},
                   encoder, TORCH)
            last = nn.LayerNorm(M) if norm else None
            module(f"decoder.{name}.{norm}", "TransformerDecoder", stack,
                   nn.TransformerDecoder(nn.TransformerDecoderLayer(M, H, F, **theirs), 2, last),
                   {"tgt": numbers(B, L, M), "memory": numbers(B, S, M), "tgtMask": triangle(L),
                    "memoryMask": hiding(L, S), "tgtKeyMask": hiding(B, L),
                    "memoryKeyMask": hiding(B, S)}, decoder, TORCH)

    def transformer(name, inputs, call=None, **choices):
        theirs, options = block(**choices)
        module(f"transformer.{name}", "Transformer",
               options | {"numEncoderLayers": 2, "numDecoderLayers": 1},
               nn.Transformer(M, H, 2, 1, F, **theirs), inputs, whole, call or TORCH)

    def sequences():
        return {"src": numbers(B, S, M), "tgt": numbers(B, L, M)}

    def masks():
        return {"srcMask": hiding(S, S), "tgtMask": triangle(L), "memoryMask": hiding(L, S),
                "srcKeyMask": hiding(B, S), "tgtKeyMask": hiding(B, L),
                "memoryKeyMask": hiding(B, S)}

    transformer("plain", sequences())
    transformer("post", sequences() | masks())
    transformer("pre", sequences() | masks(), norm_first=True, activation="gelu")
    transformer("without_bias", sequences() | masks(), bias=False, layer_norm_eps=0.01)
    transformer("floats", sequences() | {
        "srcBias": numbers(S, S), "tgtBias": numbers(L, L), "memoryBias": numbers(B * H, L, S),
        "srcKeyBias": numbers(B, S), "memoryKeyBias": numbers(B, S)})
    transformer("batch_second", {"src": numbers(S, B, M), "tgt": numbers(L, B, M),
                                 "tgtMask": triangle(L), "srcKeyMask": hiding(B, S)},
                batch_first=False)
    transformer("unbatched", {"src": numbers(S, M), "tgt": numbers(L, M), "tgtMask": triangle(L)})


def split(x, heads):
    return x.unflatten(-1, (heads, -1)).transpose(-3, -2)


def rotated():
    """Queries and keys turned as LLaMA turns them, after a projection without a bias."""
    weights = {f"{part}_proj.weight": numbers(M, M) * 0.5 for part in ["k", "v", "q", "out"]}
    config = transformers.LlamaConfig(hidden_size=M, num_attention_heads=H)
    places = torch.arange(S)[None]
    cos, sin = modeling_llama.LlamaRotaryEmbedding(config)(torch.zeros(1).double(), places)

    def compute(given):
        q, k, v = (split(given[name] @ weights[f"{part}_proj.weight"].T, H)
                   for name, part in [("queries", "q"), ("keys", "k"), ("values", "v")])
        q, k = modeling_llama.apply_rotary_pos_emb(q, k, cos, sin)
        context = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return {"output": context.transpose(1, 2).flatten(2) @ weights["out_proj.weight"].T}

    add("rotated", "MultiHeadAttention",
        {"embedDim": M, "numHeads": H, "bias": False, "names": "marian", "rotary": {}},
        {"queries": numbers(B, S, M), "keys": numbers(B, S, M), "values": numbers(B, S, M)},
        weights, compute, {"causal": True})


def relative():
    """Wav2Vec2-BERT's attention with learned keys of clipped distances [Shaw et al. 2018]."""
    config = transformers.Wav2Vec2BertConfig(
        hidden_size=M, num_attention_heads=H, position_embeddings_type="relative_key",
        left_max_position_embeddings=2, right_max_position_embeddings=2, attention_dropout=0.0)
    config._attn_implementation = "eager"
    made = randomize(modeling_wav2vec2_bert.Wav2Vec2BertSelfAttention(config))
    ours = {"linear_q": "q_proj", "linear_k": "k_proj", "linear_v": "v_proj", "linear_out": "out_proj"}
    weights = {}
    for name, parameter in made.named_parameters():
        part, kind = name.split(".")
        weights[f"{ours.get(part, part)}.{kind}"] = parameter
    x = numbers(B, S, M)

    def compute(given):
        # one sequence is all three: their gradients are told apart by where they come in
        made.linear_q.register_forward_pre_hook(lambda *_: (given["queries"],))
        made.linear_k.register_forward_pre_hook(lambda *_: (given["keys"],))
        made.linear_v.register_forward_pre_hook(lambda *_: (given["values"],))
        output, attended = made(given["queries"])
        return {"output": output, "weights": attended}

    add("relative", "MultiHeadAttention",
        {"embedDim": M, "numHeads": H, "names": "marian", "relativeKeys": {"radius": 2}},
        {"queries": x, "keys": x.clone(), "values": x.clone()}, weights, compute, {"weights": True})


def d2l():
    """Its MultiHeadAttention projects inputs of any width, without biases."""
    widths = {"W_q": 3, "W_k": 5, "W_v": 7, "W_o": M}
    weights = {f"{name}.weight": numbers(M, width) * 0.5 for name, width in widths.items()}
    lengths = [3, 5]

    def compute(given):
        q, k, v = (split(given[name] @ weights[f"{part}.weight"].T, H)
                   for name, part in [("queries", "W_q"), ("keys", "W_k"), ("values", "W_v")])
        scores = q @ k.transpose(-1, -2) / math.sqrt(M // H)
        late = torch.arange(S)[None] >= torch.tensor(lengths)[:, None]
        attended = scores.masked_fill(late[:, None, None], -1e6).softmax(-1)
        context = (attended @ v).transpose(1, 2).flatten(2)
        return {"output": context @ weights["W_o.weight"].T, "weights": attended}

    add("d2l", "MultiHeadAttention",
        {"embedDim": M, "numHeads": H, "bias": False, "names": "d2l", "qdim": 3, "kdim": 5, "vdim": 7},
        {"queries": numbers(B, L, 3), "keys": numbers(B, S, 5), "values": numbers(B, S, 7)},
        weights, compute, {"convention": "d2l", "keyLengths": lengths, "weights": True})


def shared_projections():
    """The variant of tutorials: see src/layers/shared_projection_attention.h."""
    D = M // H

    def case(name, mask):
        weights = {"values.weight": numbers(D, D), "keys.weight": numbers(D, D),
                   "queries.weight": numbers(D, D), "fc_out.weight": numbers(M, M) * 0.5,
                   "fc_out.bias": numbers(M)}

        def compute(given):
            v, k, q = (split(given[name], H) @ weights[f"{part}.weight"].T for name, part in
                       [("values", "values"), ("keys", "keys"), ("query", "queries")])
            energy = q @ k.transpose(-1, -2)
            if "mask" in given:
                energy = energy.masked_fill(given["mask"] == 0, -1e20)
            attended = (energy / math.sqrt(M)).softmax(-1)
            context = (attended @ v).transpose(1, 2).flatten(2)
            return {"output": context @ weights["fc_out.weight"].T + weights["fc_out.bias"],
                    "weights": attended}

        inputs = {"values": numbers(B, S, M), "keys": numbers(B, S, M), "query": numbers(B, L, M)}
        add(f"shared_projections.{name}", "SharedProjectionAttention", {"embedSize": M, "heads": H},
            inputs | ({} if mask is None else {"mask": mask}), weights, compute)

    case("plain", None)
    case("mask", ~hiding(L, S))
    case("padding", ~hiding(B, 1, 1, S))
    empty = ~hiding(B, 1, L, S)
    empty[1, 0, 2] = False
    case("empty_row", empty)


def hidden(scores, given):
    return scores.masked_fill(given["keyMask"][:, None] == 0, -math.inf)


def additive():
    """Bahdanau et al. 2014, appendix A.1.2."""
    weights = {"W_q.weight": numbers(6, 3), "W_k.weight": numbers(6, 5), "w_v.weight": numbers(1, 6)}

    def compute(given):
        hidden_layer = torch.tanh((given["queries"] @ weights["W_q.weight"].T)[:, :, None]
                                  + (given["keys"] @ weights["W_k.weight"].T)[:, None])
        scores = (hidden_layer @ weights["w_v.weight"].T)[..., 0]
        attended = hidden(scores, given).softmax(-1)
        return {"output": attended @ given["values"], "weights": attended}

    add("additive", "AdditiveAttention", {"queryWidth": 3, "keyWidth": 5, "hiddenWidth": 6},
        {"queries": numbers(B, L, 3), "keys": numbers(B, S, 5), "values": numbers(B, S, 4),
         "keyMask": ~hiding(B, S)}, weights, compute, {"weights": True})


def luong(score, alignment="softmax", width=6, keys=6):
    """Luong et al. 2015, equations 5 and 7 to 10."""
    inner, radius = 7, 2
    weights = {}
    if score == "general":
        weights["W_a.weight"] = numbers(width, keys)
    if score == "concat":
        weights |= {"W_a.weight": numbers(inner, width + keys), "v_a": numbers(inner)}
    if score == "location":
        weights["W_a.weight"] = numbers(9, width)
    if alignment == "local-p":
        weights |= {"W_p.weight": numbers(inner, width), "v_p": numbers(inner)}
    weights["W_c.weight"] = numbers(width, keys + width) * 0.5

    def compute(given):
        h, states = given["h"], given["states"]
        if score == "dot":
            scores = h @ states.transpose(1, 2)
        elif score == "general":
            scores = h @ weights["W_a.weight"] @ states.transpose(1, 2)
        elif score == "concat":
            pairs = torch.cat([h[:, :, None].expand(B, L, S, width),
                               states[:, None].expand(B, L, S, keys)], -1)
            scores = torch.tanh(pairs @ weights["W_a.weight"].T) @ weights["v_a"]
        else:
            scores = (h @ weights["W_a.weight"].T)[..., :S]
        scores = hidden(scores, given)
        at = torch.arange(S).double()
        if alignment == "local-m":
            place = torch.arange(L).double()[None, :, None].expand(B, L, 1)
        if alignment == "local-p":
            inside = torch.tanh(h @ weights["W_p.weight"].T) @ weights["v_p"]
            place = S * torch.sigmoid(inside)[..., None]
        if alignment != "softmax":
            scores = scores.masked_fill((at - place).abs() > radius, -math.inf)
        attended = scores.softmax(-1)
        if alignment == "local-p":
            attended = attended * torch.exp(-((at - place) ** 2) / (2 * (radius / 2) ** 2))
        context = torch.cat([attended @ states, h], -1)
        return {"output": torch.tanh(context @ weights["W_c.weight"].T), "weights": attended}

    options = {"width": width, "keyWidth": keys, "score": score, "hiddenWidth": inner,
               "alignment": alignment}
    if score == "location":
        options["places"] = 9
    if alignment != "softmax":
        options["radius"] = radius
    seen = ~hiding(B, S) if alignment == "softmax" else torch.ones(B, S, dtype=torch.bool)
    add(f"luong.{score}.{alignment}", "LuongAttention", options,
        {"h": numbers(B, L, width), "states": numbers(B, S, keys), "keyMask": seen},
        weights, compute, {"weights": True})


def main():
    basics()
    layers()
    stacks()
    rotated()
    relative()
    d2l()
    shared_projections()
    additive()
    luong("dot")
    luong("general", keys=5)
    luong("concat", keys=5)
    luong("location", keys=5)
    luong("general", "local-m")
    luong("dot", "local-p")
    program = f"torch {torch.__version__}, transformers {transformers.__version__}"
    save_file(tensors, FOLDER / "layers.safetensors", {"program": program})
    head = json.dumps({"script": "tools/golden_layers.py", "program": program,
                       "date": datetime.date.today().isoformat()})[:-1]
    lines = ",\n".join(json.dumps(case) for case in cases)
    (FOLDER / "layers.json").write_text(f'{head}, "cases": [\n{lines}\n]}}\n')
    print(len(cases), "cases,", (FOLDER / "layers.safetensors").stat().st_size, "bytes")


if __name__ == "__main__":
    main()
