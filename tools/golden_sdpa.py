# SPDX-License-Identifier: MIT
"""Writes tests/golden/conventions/torch: torch.nn.functional.scaled_dot_product_attention.

    python3 tools/golden_sdpa.py

Computed in fp64 from values that fp32 holds, with the gradients of the sum of output * loss.
"""
import itertools

import numpy as np
import torch
from torch.nn.functional import scaled_dot_product_attention

from golden_cases import Golden, hidden_floats, numbers, visible

golden = Golden("torch", "tools/golden_sdpa.py", {"torch": torch.__version__})
generator = np.random.default_rng(2)


def operands(*, lead=(2, 2), kv=None, L=3, S=5, D=3, Dv=2):
    """`lead` are the axes before queries; `kv` heads in place of the last of them."""
    keys = lead if kv is None else (*lead[:-1], kv)
    return {"queries": numbers(generator, *lead, L, D), "keys": numbers(generator, *keys, S, D),
            "values": numbers(generator, *keys, S, Dv)}


def add(name, feature, inputs, *, clean=None, note=None, **options):
    """A case: `options` are ours; what torch calls them follows from these."""
    used = {key: torch.tensor(np.ascontiguousarray(value))
            for key, value in (clean or inputs).items()}
    parts = {key: value.requires_grad_() for key, value in used.items() if key != "mask"}
    output = attend(used, options)
    if clean:
        dirty = {key: torch.tensor(value) for key, value in inputs.items()}
        assert attend(dirty, options).isnan().any(), f"{name}: torch does give numbers"
        note = note or ("computed with numbers in the hidden places: with these torch gives NaN, for "
                        "it multiplies them by a weight of 0; we select")
    loss = torch.tensor(numbers(generator, *output.shape))
    (output * loss).sum().backward()
    gradients = {key: value.grad.numpy() for key, value in parts.items()}
    assert not any(np.isnan(value).any() for value in gradients.values()), name
    golden.add(name, feature, options, inputs, {"output": output.detach().numpy()},
               gradients={"loss": loss.numpy(), **gradients}, note=note)


def attend(tensors, options):
    grouped = (tensors["queries"].dim() > 2
               and tensors["queries"].shape[:-2] != tensors["keys"].shape[:-2])
    mask = tensors.get("mask", tensors.get("bias"))
    return scaled_dot_product_attention(
        tensors["queries"], tensors["keys"], tensors["values"], attn_mask=mask,
        is_causal=options.get("causal", False), scale=options.get("scale"), enable_gqa=grouped)


def masked(inputs, kind, shown):
    return {**inputs, "mask": shown} if kind == "bool" else {
        **inputs, "bias": hidden_floats(shown, generator)}


def main():
    for lead in ((), (2,), (2, 3)):
        rank = len(lead) + 2
        add(f"rank{rank}", "plain", operands(lead=lead))
        add(f"rank{rank}_causal", "causal", operands(lead=lead, S=3), causal=True)
        add(f"rank{rank}_scale", "scale", operands(lead=lead), scale=1.7)
    add("one_key", "plain", operands(S=1))
    add("one_query", "plain", operands(L=1))
    add("width_one", "plain", operands(D=1, Dv=1))
    add("wide_values", "values of another width", operands(Dv=9))
    add("longer", "plain", operands(lead=(1, 1), L=19, S=33, D=5, Dv=7))
    add("longer_causal", "causal", operands(lead=(1, 1), L=33, S=19, D=5, Dv=7), causal=True)
    # past the edges of our tiles, 48 queries by 256 keys
    long = {"lead": (1, 1), "L": 50, "S": 300, "D": 2, "Dv": 2}
    add("tiles", "more than a tile", operands(**long))
    add("tiles_bool_mask", "more than a tile",
        masked(operands(**long), "bool", visible(generator, 1, 300)))
    add("tiles_causal", "more than a tile", operands(**{**long, "L": 300, "S": 270, "D": 1, "Dv": 1}),
        causal=True)
    add("large_scores", "scale", operands(), scale=12.0)
    add("negative_scale", "scale", operands(), scale=-0.5)
    add("scale_zero", "scale", operands(), scale=0.0)

    # the causal triangle begins at the top left, whatever the lengths
    for L, S in ((2, 5), (5, 2), (4, 4), (1, 4), (4, 1)):
        add(f"causal_{L}_by_{S}", "causal", operands(L=L, S=S), causal=True)

    # a mask of two axes or more is aligned from the right, whatever the rank of the queries
    for lead, shapes in {
        (): [(3, 5), (1, 5), (3, 1)],
        (2,): [(2, 3, 5), (1, 3, 5), (2, 1, 5), (3, 5), (1, 5)],
        (2, 3): [(2, 3, 3, 5), (2, 1, 3, 5), (1, 3, 3, 5), (2, 1, 1, 5), (1, 1, 1, 5), (2, 3, 3, 1),
                 (3, 3, 5), (1, 3, 5), (3, 1, 5), (3, 5), (1, 5), (3, 1)],
    }.items():
        for shape, kind in itertools.product(shapes, ("bool", "float")):
            shown = visible(generator, *shape) if shape[-1] > 1 else np.ones(shape, bool)
            name = f"rank{len(lead) + 2}_{kind}_mask_{'x'.join(map(str, shape))}"
            add(name, "boolean mask" if kind == "bool" else "bias",
                masked(operands(lead=lead), kind, shown))

    # enable_gqa: the heads of keys repeat, each for neighbouring queries' heads
    for heads, kv, options in ((4, 2, {}), (3, 1, {}), (6, 2, {"causal": True}), (4, 2, {"scale": 0.3})):
        tag = "_".join(["grouped", str(heads), str(kv), *options])
        add(tag, "grouped heads", operands(lead=(2, heads), kv=kv), **options)
    add("grouped_bool_mask", "grouped heads",
        masked(operands(lead=(2, 4), kv=2), "bool", visible(generator, 2, 4, 3, 5)))

    # a row that sees nothing is 0
    for kind, lead in itertools.product(("bool", "float"), ((), (2,), (2, 2))):
        shown = visible(generator, 3, 5)
        shown[1] = False
        add(f"empty_row_{kind}_rank{len(lead) + 2}", "empty rows",
            masked(operands(lead=lead), kind, shown))
    add("empty_everywhere", "empty rows", masked(operands(), "bool", np.zeros((3, 5), bool)))

    for poison, kind in itertools.product((np.nan, np.inf, -np.inf), ("bool", "float")):
        shown = visible(generator, 3, 5)
        shown[:, [1, 3]] = False
        shown[2] = False
        clean = masked(operands(), kind, shown)
        dirty = {key: value.copy() for key, value in clean.items()}
        for name in ("keys", "values"):
            dirty[name][:, :, [1, 3]] = poison
        add(f"poison_{poison}_{kind}".replace("-", "minus_"), "hidden poison", dirty, clean=clean)
    golden.write()


if __name__ == "__main__":
    main()
