# SPDX-License-Identifier: MIT
"""Writes tests/golden/conventions/d2l: the attention of Dive into Deep Learning.

    python3 tools/golden_d2l.py

The functions of the book's own package, in fp64 from values that fp32 holds, with the gradients of
the sum of output * loss. The package draws and downloads too; what it imports for that, and is not
there, is replaced by nothing.
"""
import importlib
import sys
from unittest.mock import MagicMock

import numpy as np
import torch

from golden_cases import Golden, numbers

for package in ("torchvision", "torchvision.transforms", "PIL", "PIL.Image", "pandas", "requests",
                "IPython", "IPython.display", "matplotlib", "matplotlib.pyplot", "matplotlib_inline",
                "matplotlib_inline.backend_inline"):
    try:
        importlib.import_module(package)
    except ImportError:
        sys.modules[package] = MagicMock()

from d2l import torch as d2l  # noqa: E402

import d2l as package  # noqa: E402

golden = Golden("d2l", "tools/golden_d2l.py",
                {"d2l": package.__version__, "torch": torch.__version__})
generator = np.random.default_rng(5)
UNIFORM = ("d2l fills hidden scores with -1e6, so a query that sees no key sees all of them alike")


def operands(*, B=2, L=3, S=5, D=4, Dk=None, Dv=3):
    return {"queries": numbers(generator, B, L, D), "keys": numbers(generator, B, S, Dk or D),
            "values": numbers(generator, B, S, Dv)}


def add(name, feature, inputs, module, lengths, *, stored=None, ask=True, note=None, **options):
    """A case of a module of the book; `stored` names its parameters in our inputs."""
    module = module.double().eval()
    parts = {key: torch.tensor(value).requires_grad_() for key, value in inputs.items()}
    valid = None if lengths is None else torch.tensor(lengths)
    call = lambda: module(parts["queries"], parts["keys"], parts["values"], valid)
    with torch.no_grad():
        call()  # makes the lazy parameters
        for parameter in module.parameters():
            parameter.copy_(torch.tensor(numbers(generator, *parameter.shape)))
    output = call()
    loss = torch.tensor(numbers(generator, *output.shape))
    (output * loss).sum().backward()
    learned = dict(stored(module)) if stored else {}
    weights = module.attention_weights.detach().numpy()
    gradients = {"loss": loss.numpy(),
                 **{key: value.grad.numpy() for key, value in parts.items() if value.grad is not None},
                 **{key: value.grad.numpy().reshape(shape) for key, (value, shape) in learned.items()}}
    if lengths is not None:
        options["keyLengths"] = lengths
    golden.add(name, feature, {**options, **({"weights": True} if ask else {})},
               {**inputs, **{key: value.detach().numpy().reshape(shape)
                             for key, (value, shape) in learned.items()}},
               {"output": output.detach().numpy(), **({"weights": weights} if ask else {})},
               gradients=gradients, note=note)


def additive_parameters(module):
    """What our additive score calls them."""
    yield "scoreQuery", (module.W_q.weight, module.W_q.weight.shape)
    yield "scoreKey", (module.W_k.weight, module.W_k.weight.shape)
    yield "scoreVector", (module.w_v.weight, (-1,))


LENGTHS = {"none": None, "of_batch": [2, 5], "one": [1, 1], "all": [5, 5],
           "of_queries": [[1, 3, 5], [2, 2, 4]]}
EMPTY = {"zero": [0, 3], "zero_of_queries": [[0, 3, 5], [2, 0, 0]]}


class Softmax(torch.nn.Module):
    """masked_softmax alone: the scores are the queries, for keys and values are the identity."""

    def forward(self, queries, keys, values, lengths):
        self.attention_weights = d2l.masked_softmax(queries.clone(), lengths)
        return torch.bmm(self.attention_weights, values)


def main():
    for tag, lengths in {**LENGTHS, **EMPTY}.items():
        empty = tag in EMPTY
        note = UNIFORM if empty else None
        feature = lambda name: "empty rows" if empty else name
        one = np.broadcast_to(np.eye(5), (2, 5, 5)).copy()
        add(f"masked_softmax_{tag}", feature("masked_softmax"),
            {"queries": numbers(generator, 2, 3, 5), "keys": one, "values": one}, Softmax(), lengths,
            scale=1.0, note=note)
        add(f"dot_product_{tag}", feature("DotProductAttention"), operands(),
            d2l.DotProductAttention(0.0), lengths, note=note)
        add(f"dot_product_{tag}_without_weights", feature("DotProductAttention"), operands(),
            d2l.DotProductAttention(0.0), lengths, ask=False, note=note)
        add(f"additive_{tag}", feature("AdditiveAttention"), operands(D=4, Dk=6),
            d2l.AdditiveAttention(7, 0.0), lengths, stored=additive_parameters, score="additive",
            note=note)
        for heads in (1, 2):
            whole = d2l.MultiHeadAttention(4, heads, 0.0)
            add_whole(f"multi_head_{heads}_{tag}", feature("MultiHeadAttention"), whole, heads,
                      lengths, note)
    golden.write()


def add_whole(name, feature, module, heads, lengths, note):
    """MultiHeadAttention between its projections: what they made, and what W_o was given."""
    module = module.double().eval()
    inputs = [torch.tensor(value) for value in operands(D=4, Dv=4).values()]
    valid = None if lengths is None else torch.tensor(lengths)
    seen = {}

    def rounded(part):
        def hook(_, __, result):
            seen[part] = result.float().double()  # attention is given what fp32 holds
            return seen[part]
        return hook

    with torch.no_grad():
        module(*inputs, valid)  # makes the lazy parameters
        for parameter in module.parameters():
            parameter.copy_(torch.tensor(numbers(generator, *parameter.shape)))
        for part in ("W_q", "W_k", "W_v"):
            getattr(module, part).register_forward_hook(rounded(part))
        module.W_o.register_forward_pre_hook(lambda _, given: seen.__setitem__("context", given[0]))
        module(*inputs, valid)
    weights = module.attention.attention_weights  # (B heads, L, S)
    options = {"heads": heads, "weights": True}
    if lengths is not None:
        options["keyLengths"] = lengths
    golden.add(name, feature, options,
               {"queries": seen["W_q"].numpy(), "keys": seen["W_k"].numpy(),
                "values": seen["W_v"].numpy()},
               {"output": seen["context"].numpy(),
                "weights": weights.reshape(-1, heads, *weights.shape[-2:]).numpy()}, note=note)


if __name__ == "__main__":
    main()
