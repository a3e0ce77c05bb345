# SPDX-License-Identifier: MIT
"""What the scripts that write tests/golden/conventions share: cases of attention, each with its
options, its inputs and what a program answered, in one pair of files for each convention.

    <convention>.json          the cases: name, feature, options in our own names, inputs, outputs
    <convention>.safetensors   <case>.<name>, fp32 or f16; booleans are U8, 1 for true
"""
import datetime
import json
import pathlib
import platform

import numpy as np
from safetensors.numpy import save_file

FOLDER = pathlib.Path(__file__).parent.parent / "tests" / "golden" / "conventions"

# A case names one; the error is measured in units of the largest finite value expected, or of 1 if
# that is less.
TOLERANCES = {
    "fp32": {"error": 4e-6, "why":
             "scores below 16 are sums of at most 16 products, each rounded to 2^-24 of their size: "
             "2^-20 in a score is as much in a weight and in the sums of values after it, four times"
             " over for sums in another order on both sides"},
    "gradient": {"error": 8e-6, "why":
                 "a gradient adds as many products again, of numbers that have the error of fp32"},
    "f16": {"error": 2.0 ** -9, "why":
            "the program rounds queries and keys times root of the scale, each partial sum, softmax "
            "and output to 2^-11 of their size; 16 such roundings in a row wander four times as far; "
            "we compute in fp32"},
    "bf16": {"error": 2.0 ** -6, "why": "as f16, with 2^-8 for 2^-11"},
}


def numbers(generator, *shape):
    """Normal numbers that fp32 holds exactly, as fp64: programs then compute on the same values."""
    return generator.standard_normal(shape).astype(np.float32).astype(np.float64)


def visible(generator, *shape):
    """A mask that shows about two keys of three, and each query its first key at least."""
    mask = generator.random(shape) < 0.65
    mask[..., 0] = True
    return mask


def hidden_floats(mask, generator=None):
    """What is added to scores: minus infinity where the mask is false, else zero or a number."""
    shown = numbers(generator, *mask.shape) if generator is not None else np.zeros(mask.shape)
    return np.where(mask, shown, -np.inf)


class Golden:
    """The cases of one convention."""

    def __init__(self, convention, script, programs):
        self.convention = convention
        self.script = script
        self.programs = {**programs, "numpy": np.__version__, "python": platform.python_version()}
        self.cases = []
        self.tensors = {}

    def add(self, name, feature, options, inputs, outputs, *, gradients=None, tolerance="fp32",
            note=None, **more):
        """`inputs` are queries, keys, values, bias, mask, …; `outputs` output, weights, raw, …;
        `gradients` those of the sum of output * loss, and `loss` among them."""
        if any(case["name"] == name for case in self.cases):
            raise ValueError(f"{self.convention}: two cases are called {name}")
        gradients = gradients or {}
        case = {"name": name, "feature": feature,
                "options": {"convention": self.convention, **options},
                "inputs": list(inputs), "outputs": list(outputs), "tolerance": tolerance, **more}
        if gradients:
            case["gradients"] = [key for key in gradients if key != "loss"]
        if note:
            case["note"] = note
        self.cases.append(case)
        stored = {**inputs, **outputs}
        stored |= {key if key == "loss" else f"gradient.{key}": value
                   for key, value in gradients.items()}
        for key, value in stored.items():
            self.tensors[f"{name}.{key}"] = stored_as(np.asarray(value))

    def write(self):
        FOLDER.mkdir(parents=True, exist_ok=True)
        used = {case["tolerance"] for case in self.cases}
        if any("gradients" in case for case in self.cases):
            used.add("gradient")
        head = {"convention": self.convention, "script": self.script, "programs": self.programs,
                "date": datetime.date.today().isoformat(),
                "tolerances": {key: TOLERANCES[key] for key in TOLERANCES if key in used}}
        # one line for each case, so that a change shows as one
        lines = ",\n".join("    " + json.dumps(case) for case in self.cases)
        text = json.dumps(head, indent=2)[:-2] + f',\n  "cases": [\n{lines}\n  ]\n}}\n'
        (FOLDER / f"{self.convention}.json").write_text(text)
        file = FOLDER / f"{self.convention}.safetensors"
        # one entry: several would be written in another order each time
        programs = ", ".join(f"{name} {version}" for name, version in self.programs.items())
        save_file(self.tensors, file, {"written": f"{self.script}, {head['date']}, {programs}"})
        print(f"{self.convention}: {len(self.cases)} cases, {file.stat().st_size} bytes")


def stored_as(value):
    if value.dtype == np.bool_:
        value = value.astype(np.uint8)
    elif value.dtype.name == "bfloat16" or value.dtype == np.float64:
        value = value.astype(np.float32)
    if value.dtype not in (np.float32, np.float16, np.uint8):
        raise ValueError(f"{value.dtype} is not stored")
    return np.ascontiguousarray(value)
