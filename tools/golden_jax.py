# SPDX-License-Identifier: MIT
"""Writes tests/golden/conventions/jax: jax.nn.dot_product_attention.

    python3 tools/golden_jax.py

On fp64 operands; its softmax is fp32 whatever they are. With the gradients of the sum of
output * loss.
"""
import itertools
import os

os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import numpy as np

from golden_cases import Golden, hidden_floats, numbers, visible

jax.config.update("jax_enable_x64", True)
golden = Golden("jax", "tools/golden_jax.py", {"jax": jax.__version__})
generator = np.random.default_rng(3)
LARGE = "jax masks with -0.7 of the largest fp32 number, so "


def operands(*, lead=(2,), N=2, K=None, T=3, S=5, H=3):
    K = K or N
    return {"queries": numbers(generator, *lead, T, N, H), "keys": numbers(generator, *lead, S, K, H),
            "values": numbers(generator, *lead, S, K, H)}


def add(name, feature, inputs, *, clean=None, differs=False, note=None, local=None, **options):
    """A case: `options` are ours; what jax calls them follows from these. `local` is the window as
    jax is given it, if in another form."""
    used = dict(clean or inputs)
    mask = used.pop("mask", None)

    def attend(parts, mask=mask):
        lengths = {theirs: np.array(options[ours], np.int32) for theirs, ours in
                   (("query_seq_lengths", "queryLengths"), ("key_value_seq_lengths", "keyLengths"))
                   if ours in options}
        window = local or tuple(options["window"]) if "window" in options else None
        return jax.nn.dot_product_attention(
            parts["queries"], parts["keys"], parts["values"], parts.get("bias"), mask,
            scale=options.get("scale"), is_causal=options.get("causal", False),
            local_window_size=window, implementation="xla", **lengths)

    output = np.asarray(attend(used))
    if clean:
        dirty = {key: value for key, value in inputs.items() if key != "mask"}
        answer = np.asarray(attend(dirty, inputs["mask"]))
        other = not np.allclose(answer, output) if differs else np.isnan(answer).any()
        assert other, f"{name}: jax does give this"
        note = note or ("computed with numbers in the hidden places: with these jax gives NaN, for it "
                        "multiplies them by a weight of 0; we select")
    loss = numbers(generator, *output.shape)
    gradients = jax.grad(lambda parts: (attend(parts) * loss).sum())(used)
    gradients = {key: np.asarray(value) for key, value in gradients.items()}
    assert not any(np.isnan(value).any() for value in (output, *gradients.values())), name
    golden.add(name, feature, options, inputs, {"output": output},
               gradients={"loss": loss, **gradients}, note=note)


def main():
    add("plain", "plain", operands())
    add("no_batch", "unbatched", operands(lead=()))
    add("one_key", "plain", operands(S=1))
    add("one_query", "plain", operands(T=1))
    add("longer", "plain", operands(lead=(1,), N=1, T=19, S=33, H=5))
    add("scale", "scale", operands(), scale=1.7)
    add("negative_scale", "scale", operands(), scale=-0.5)
    for N, K, options in ((4, 2, {}), (3, 1, {}), (4, 2, {"causal": True}), (6, 3, {"scale": 0.3})):
        add("_".join(["grouped", str(N), str(K), *options]), "grouped heads", operands(N=N, K=K),
            **options)
    for T, S in ((3, 5), (5, 3), (4, 4), (1, 4)):
        add(f"causal_{T}_by_{S}", "causal", operands(T=T, S=S), causal=True)
    add("causal_no_batch", "unbatched", operands(lead=()), causal=True)

    # bias and mask: four axes, or three without the batch
    shapes = [(2, 4, 3, 5), (1, 4, 3, 5), (2, 1, 3, 5), (1, 1, 1, 5), (2, 4, 3, 1), (4, 3, 5),
              (1, 3, 5), (3, 5), (5,)]
    for shape in shapes:
        tag = "x".join(map(str, shape))
        shown = visible(generator, *shape) if shape[-1] > 1 else np.ones(shape, bool)
        add(f"mask_{tag}", "boolean mask", {**operands(N=4, K=2), "mask": shown})
        add(f"bias_{tag}", "bias", {**operands(N=4, K=2), "bias": numbers(generator, *shape)})
    add("bias_hides", "bias",
        {**operands(), "bias": hidden_floats(visible(generator, 1, 1, 3, 5), generator)})
    add("bias_and_mask", "bias", {**operands(), "bias": numbers(generator, 2, 2, 3, 5),
                                  "mask": visible(generator, 2, 2, 3, 5)}, causal=True)
    add("mask_no_batch", "unbatched", {**operands(lead=()), "mask": visible(generator, 2, 3, 5)})

    for window, causal in itertools.product(([1, 1], [0, 0], [2, 0], [0, 2], [9, 1]), (False, True)):
        add(f"window_{window[0]}_{window[1]}_causal{causal:d}", "window", operands(T=4, S=5),
            window=window, **({"causal": True} if causal else {}))
    add("window_of_one_number", "window", operands(T=5, S=5), local=2, window=[2, 2])

    for lengths in ([5, 3], [1, 4], [5, 5]):
        add(f"key_lengths_{lengths[0]}_{lengths[1]}", "key lengths", operands(), keyLengths=lengths)
    add("key_lengths_causal", "key lengths", operands(T=5), keyLengths=[4, 2], causal=True)
    add("query_lengths", "query lengths", operands(), queryLengths=[2, 3])
    add("query_lengths_none", "query lengths", operands(), queryLengths=[0, 1])
    add("both_lengths", "query lengths", operands(N=4, K=2), queryLengths=[1, 3], keyLengths=[5, 2],
        causal=True)
    add("everything", "attributes together",
        {**operands(N=4, K=2, T=5, S=5), "bias": numbers(generator, 2, 4, 5, 5),
         "mask": visible(generator, 2, 1, 5, 5)},
        window=[3, 1], causal=True, queryLengths=[4, 5], keyLengths=[5, 4], scale=0.7)

    # a query that sees no key sees all of them alike
    uniform = LARGE + "a query that sees none gets the mean of all values, hidden ones too"
    shown = visible(generator, 1, 1, 3, 5)
    shown[..., 1, :] = False
    add("empty_row", "empty rows", {**operands(), "mask": shown}, note=uniform)
    add("empty_row_bias", "empty rows",
        {**operands(), "mask": shown, "bias": numbers(generator, 2, 2, 3, 5)}, note=uniform)
    add("empty_row_causal", "empty rows", {**operands(), "mask": shown}, causal=True, note=uniform)
    add("empty_key_length", "empty rows", operands(), keyLengths=[0, 5], note=uniform)
    add("empty_window", "empty rows", operands(T=6, S=3), window=[1, 0], note=uniform)
    hides = np.zeros((1, 1, 3, 5))
    hides[..., :3] = -np.inf
    shown = np.ones((1, 1, 3, 5), bool)
    shown[..., 3:] = False
    given = {**operands(), "mask": shown, "bias": hides}
    add("hidden_twice", "empty rows", given, differs=True,
        clean={**given, "mask": shown & (hides == 0), "bias": np.zeros_like(hides)},
        note="a bias of minus infinity hides a key here as a mask does, and the answer was computed with "
             "that in the mask; jax keeps minus infinity below its value of masked scores, so that the "
             "weights would fall on keys that the mask hides")

    for poison in (np.nan, np.inf, -np.inf):
        shown = visible(generator, 1, 1, 3, 5)
        shown[..., [1, 3]] = False
        clean = {**operands(), "mask": shown}
        dirty = {key: value.copy() for key, value in clean.items()}
        for name in ("keys", "values"):
            dirty[name][:, [1, 3]] = poison
        add(f"poison_{poison}".replace("-", "minus_"), "hidden poison", dirty, clean=clean)
    golden.write()


if __name__ == "__main__":
    main()
