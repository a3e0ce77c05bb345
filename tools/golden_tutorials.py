# SPDX-License-Identifier: MIT
"""What PyTorch gives for the code cells of the five tutorials: as they stand, and put right.

Writes tests/golden/tutorials/tutorials.safetensors, which tests/js/tutorials compares with the same
cells in TypeScript. Names are those of the tests: `<cell>.<tensor>`.
"""

import math
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional

FOLDER = Path(__file__).resolve().parent.parent / "tests/golden/tutorials"
torch.manual_seed(20261120)
torch.set_default_dtype(torch.float32)
tensors = {}


def keep(cell, **values):
    for name, value in values.items():
        tensors[f"{cell}.{name}"] = value.detach().to(torch.float32).contiguous().clone()


def scaled_dot_product():
    q, k, v = torch.randn(2, 3, 4), torch.randn(2, 5, 4), torch.randn(2, 5, 6)
    weights = (q @ k.transpose(1, 2) / math.sqrt(4)).softmax(-1)
    keep("attention", q=q, k=k, v=v, weights=weights, output=weights @ v)


def module():
    """nn.MultiheadAttention on (B, L, D): with batch_first, and without as tutorial 0 has it."""
    x, y, z = torch.randn(2, 3, 8), torch.randn(2, 5, 6), torch.randn(2, 5, 4)
    right = nn.MultiheadAttention(8, 2, batch_first=True)
    wrong = nn.MultiheadAttention(8, 2, batch_first=False)
    wrong.load_state_dict(right.state_dict())
    keep("module", x=x, **{f"state.{name}": value for name, value in right.state_dict().items()})
    output, weights = right(x, x, x)
    _, each = right(x, x, x, average_attn_weights=False)
    keep("module", output=output, weights=weights, each=each, across_the_batch=wrong(x, x, x)[0])

    widths = nn.MultiheadAttention(8, 4, kdim=6, vdim=4, batch_first=True)
    keep("widths", x=x, y=y, z=z, output=widths(x, y, z)[0])
    keep("widths", **{f"state.{name}": value for name, value in widths.state_dict().items()})


def shared_projections(scale_width, projections, q, k, v, mask, value):
    """Heads first, then one projection of a head's width for all of them, as tutorial 1 does."""
    batch, heads, width = q.shape[0], 2, q.shape[2] // 2
    parts = [x.reshape(batch, -1, heads, width) for x in (q, k, v)]
    queries, keys, values = (functional.linear(x, w) for x, w in zip(parts, projections))
    energy = torch.einsum("nqhd,nkhd->nhqk", queries, keys)
    if mask is not None:
        energy = energy.masked_fill(mask == 0, value)
    weights = torch.softmax(energy / math.sqrt(scale_width), dim=3)
    return weights, torch.einsum("nhqk,nkhd->nqhd", weights, values).reshape(batch, -1, 2 * width)


def first_tutorial():
    q, k, v = torch.randn(2, 3, 8), torch.randn(2, 5, 8), torch.randn(2, 5, 8)
    projections = [torch.randn(4, 4) / 2 for _ in range(3)]
    weight, bias = torch.randn(8, 8) / 3, torch.randn(8)
    mask = torch.ones(2, 1, 3, 5)
    mask[0, :, :, 3:] = 0
    mask[1, :, 1, :] = 0  # a query that sees no key
    weights, context = shared_projections(8, projections, q, k, v, mask, -1e20)
    keep("shared", q=q, k=k, v=v, mask=mask, weights=weights)
    keep("shared", output=functional.linear(context, weight, bias), weight=weight, bias=bias)
    keep("shared", queries=projections[0], keys=projections[1], values=projections[2])
    sharper, _ = shared_projections(4, projections, q, k, v, mask, -math.inf)
    keep("shared", sharper=sharper)


def losses():
    """Tutorial 2's loss and the one that trains a translator, with gradients of the logits."""
    logits = torch.randn(4, 7, requires_grad=True)
    targets = torch.tensor([2, 6, 0, 3])
    pad = 6
    right = functional.cross_entropy(logits, targets, ignore_index=pad)
    (slope,) = torch.autograd.grad(right, logits)
    one_hot = functional.one_hot(targets, 7).float()
    wrong = functional.mse_loss(logits, one_hot)
    (wrong_slope,) = torch.autograd.grad(wrong, logits)
    keep("loss", logits=logits, targets=targets, cross_entropy=right, slope=slope)
    keep("loss", mse=wrong, mse_slope=wrong_slope)


def cosine():
    q, k = torch.randn(1, 3, 4), torch.randn(1, 5, 4)
    weights = functional.cosine_similarity(q[:, :, None], k[:, None], dim=-1).softmax(-1)
    keep("cosine", q=q, k=k, weights=weights)


def additive():
    """Bahdanau's score with the decoder's state before the step as the query."""
    state, states = torch.randn(2, 1, 5), torch.randn(2, 6, 4)
    w, u, v = torch.randn(3, 5), torch.randn(3, 4), torch.randn(3)
    scores = torch.tanh(state @ w.T + (states @ u.T)) @ v
    keep("additive", state=state, states=states, w=w, u=u, v=v, weights=scores.softmax(-1)[:, None])


for write in (scaled_dot_product, module, first_tutorial, losses, cosine, additive):
    write()
FOLDER.mkdir(parents=True, exist_ok=True)
save_file(
    tensors,
    FOLDER / "tutorials.safetensors",
    metadata={"program": f"torch {torch.__version__}", "script": "tools/golden_tutorials.py",
              "date": "2026-11-20"},
)
print(len(tensors), "tensors")
