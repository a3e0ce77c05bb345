# SPDX-License-Identifier: MIT
"""Writes tests/golden/torch/tensors.{json,safetensors}: what PyTorch makes of tensors.

    python3 tools/golden_tensor.py

Shapes, axes and equations are drawn at random, from a fixed seed; numbers are computed in float64 and
stored in float32. The JSON file says what was asked, by the names that regard.tensor has; of each
case there are, in the other file, <case>.0, .1, … (its inputs), .output, .loss (the loss is the sum
of output * loss) and .gradient.0, .1, …, of those inputs that have one.
"""
import datetime
import json
import pathlib
import random

import torch
from safetensors.torch import save_file

FILE = pathlib.Path(__file__).parent.parent / "tests" / "golden" / "torch" / "tensors"
generator = torch.Generator().manual_seed(11)
draw = random.Random(11)
cases = []
tensors = {}


def numbers(shape, wide=False):
    """Normal numbers that float32 holds; `wide` ones are 0.5 away from 0 at least."""
    x = torch.randn(shape, generator=generator)
    return (x + 0.5 * torch.sign(x) if wide else x).double()


def case(operation, function, inputs, options=None, constants=()):
    name = f"{operation}{sum(1 for each in cases if each['operation'] == operation)}"
    inputs = [x.clone().requires_grad_(i not in constants) for i, x in enumerate(inputs)]
    output = function(*inputs)
    loss = numbers(output.shape)
    kept = {"output": output, "loss": loss}
    if any(x.requires_grad for x in inputs):
        (output * loss).sum().backward()
    for i, x in enumerate(inputs):
        kept[str(i)] = x
        if x.requires_grad:
            kept[f"gradient.{i}"] = x.grad
    tensors.update({f"{name}.{key}": x.detach().float().contiguous() for key, x in kept.items()})
    cases.append({"name": name, "operation": operation, "inputs": len(inputs),
                  "options": options or {}})


def shape(rank, most=4):
    return [draw.randint(1, most) for _ in range(rank)]


def part_of(full):
    """A shape that broadcasts to another: some of its first axes gone, others of size 1."""
    cut = full[draw.randint(0, len(full)):] if draw.random() < 0.5 else full
    return [1 if draw.random() < 0.35 else size for size in cut]


def arithmetic():
    pairs = {"add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div,
             "maximum": torch.maximum, "minimum": torch.minimum}
    for operation, function in pairs.items():
        for rank in (0, 2, 3, 4, 6):
            full = shape(rank, 3)
            case(operation, function, [numbers(part_of(full), True), numbers(part_of(full), True)])
    for _ in range(4):
        full = shape(3)
        condition = (numbers(part_of(full)) > 0).double()
        case("where", lambda c, x, y: torch.where(c != 0, x, y),
             [condition, numbers(part_of(full)), numbers(part_of(full))], constants=(0,))
        mask = (numbers(part_of(full)) > 0).double()
        case("maskedFill", lambda x, m: x.masked_fill(m != 0, -1.5), [numbers(full), mask],
             {"value": -1.5}, constants=(1,))


def reductions():
    functions = {"sum": torch.sum, "mean": torch.mean, "max": torch.amax, "min": torch.amin,
                 "variance": lambda x, axes, keep: torch.var(x, axes, correction=1, keepdim=keep)}
    for operation, function in functions.items():
        for rank in (1, 2, 3, 4, 5):
            axes = draw.sample(range(rank), draw.randint(1, rank))
            axes = [axis - rank if draw.random() < 0.5 else axis for axis in axes]
            keep = draw.random() < 0.5
            options = {"axis": axes, "keep": keep}
            if operation == "variance":
                options["correction"] = 1
            full = [size + 1 for size in shape(rank, 3)]
            case(operation, lambda x: function(x, axes, keepdim=keep)
                 if operation != "variance" else function(x, axes, keep), [numbers(full)], options)
    for rank in (1, 2, 3, 4):
        axis = draw.randrange(-rank, rank)
        for operation, function in {"softmax": torch.softmax, "logSoftmax": torch.log_softmax,
                                    "cumulativeSum": torch.cumsum}.items():
            case(operation, lambda x: function(x, axis), [numbers(shape(rank, 5))], {"axis": axis})


def arrangements():
    for rank in (2, 3, 4, 5):
        full = shape(rank)
        order = draw.sample(range(rank), rank)
        case("permute", lambda x: x.permute(order), [numbers(full)], {"order": order})

        axis = draw.randrange(rank)
        sizes = [full[:axis] + [size] + full[axis + 1:] for size in (1, 3, 2)]
        case("concatenate", lambda *x: torch.cat(x, axis), [numbers(each) for each in sizes],
             {"axis": axis})

        places = torch.tensor([draw.randrange(full[axis]) for _ in range(5)])
        case("indexSelect", lambda x, i: torch.index_select(x, axis, i.long()),
             [numbers(full), places.double()], {"axis": axis}, constants=(1,))
        along = torch.randint(0, full[axis], full[:axis] + [3] + full[axis + 1:],
                              generator=generator)
        case("takeAlongAxis", lambda x, i: torch.take_along_dim(x, i.long(), axis),
             [numbers(full), along.double()], {"axis": axis}, constants=(1,))

        diagonal = draw.randint(-2, 2)
        case("tril", lambda x: torch.tril(x, diagonal), [numbers(full)], {"diagonal": diagonal})
        case("triu", lambda x: torch.triu(x, diagonal), [numbers(full)], {"diagonal": diagonal})


def products():
    for a_rank, b_rank in ((1, 1), (1, 2), (2, 1), (2, 2), (3, 2), (2, 3), (3, 3), (1, 4), (4, 1),
                           (4, 3), (3, 4), (5, 4), (6, 6)):
        K, batch = draw.randint(1, 5), shape(4, 2)
        a = [1 if draw.random() < 0.3 else size for size in batch[4 - max(a_rank - 2, 0):]]
        b = [1 if draw.random() < 0.3 else size for size in batch[4 - max(b_rank - 2, 0):]]
        a += [K] if a_rank == 1 else [draw.randint(1, 4), K]
        b += [K] if b_rank == 1 else [K, draw.randint(1, 4)]
        case("matmul", torch.matmul, [numbers(a), numbers(b)])


def sums():
    """Equations at random: repeated letters, dots, with and without a result."""
    for _ in range(40):
        letters = draw.sample("abcdefXY", 4)
        sizes = {letter: draw.randint(1, 4) for letter in letters}
        dots = shape(draw.randint(1, 2), 3) if draw.random() < 0.4 else None
        terms, inputs = [], []
        for _ in range(draw.randint(1, 3)):
            term = [draw.choice(letters) for _ in range(draw.randint(0, 3))]
            full = [sizes[letter] for letter in term]
            if dots is not None:
                at = draw.randint(0, len(term))
                full[at:at] = part_of(dots)
                term.insert(at, "...")
            if len(full) > 5:
                continue
            terms.append("".join(term))
            inputs.append(numbers(full))
        if not terms:
            continue
        equation = ",".join(terms)
        if draw.random() < 0.7:
            used = sorted(set(equation) - set(",."))
            result = draw.sample(used, draw.randint(0, min(3, len(used))))
            if dots is not None:
                result.insert(draw.randint(0, len(result)), "...")
            equation += "->" + "".join(result)
        case("einsum", lambda *x: torch.einsum(equation, *x), inputs, {"equation": equation})


def main():
    arithmetic()
    reductions()
    arrangements()
    products()
    sums()
    about = {"program": f"torch {torch.__version__}", "script": "tools/golden_tensor.py",
             "date": datetime.date.today().isoformat()}
    save_file(tensors, FILE.with_suffix(".safetensors"), about)
    lines = ",\n  ".join(json.dumps(each) for each in cases)
    FILE.with_suffix(".json").write_text(f'{{"cases": [\n  {lines}\n]}}\n')
    print(len(cases), "cases,", FILE.with_suffix(".safetensors").stat().st_size, "bytes")


if __name__ == "__main__":
    main()
