# SPDX-License-Identifier: MIT
"""Writes tests/golden/measures/measures.safetensors: what numpy and scipy measure of attention.

    python3 tools/golden_measures.py

In float64 from weights that float32 holds exactly. The file has

    weights        (3, 2, 5, 5)  three layers of self-attention; row 2 of layer 1, head 0 is empty, and
                                 row 1 of layer 0, head 1 lies on one key
    entropy        (3, 2, 5)     scipy.stats.entropy of each row, NaN for the empty one
    mean_entropy   (3, 2)        numpy.nanmean of it over the rows
    received       (5)           the mean of all rows
    rollout        (3, 5, 5)     Abnar and Zuidema 2020, by their formula
    <case>.x, .y, .tau           scipy.stats.kendalltau (tau-b): plain, tied, same, opposite
"""
import datetime
import pathlib

import numpy as np
import scipy
from safetensors.numpy import save_file
from scipy import stats

FILE = pathlib.Path(__file__).parent.parent / "tests" / "golden" / "measures" / "measures.safetensors"


def attention(generator):
    scores = 2 * generator.standard_normal((3, 2, 5, 5))
    weights = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    weights[1, 0, 2] = 0
    weights[0, 1, 1] = [0, 0, 0, 1, 0]
    return weights.astype(np.float32)


def rollout(weights):
    joint, rows = None, []
    for layer in weights.mean(axis=1):
        mixed = 0.5 * layer + 0.5 * np.eye(len(layer))
        mixed /= mixed.sum(axis=-1, keepdims=True)
        joint = mixed if joint is None else mixed @ joint
        rows.append(joint)
    return np.stack(rows)


def rankings(generator):
    x = generator.standard_normal(40)
    y = x + generator.standard_normal(40)
    yield "plain", x, y
    yield "tied", np.round(x), np.round(2 * y) / 2
    yield "same", x, np.exp(x)
    yield "opposite", x, -x


def main():
    generator = np.random.default_rng(5)
    weights = attention(generator)
    exact = weights.astype(np.float64)
    with np.errstate(invalid="ignore"):  # the empty row divides 0 by 0
        entropy = stats.entropy(exact, axis=-1)
    tensors = {
        "weights": exact,
        "entropy": entropy,
        "mean_entropy": np.nanmean(entropy, axis=-1),
        "received": exact.reshape(-1, 5).mean(axis=0),
        "rollout": rollout(exact),
    }
    for name, x, y in rankings(generator):
        x, y = x.astype(np.float32), y.astype(np.float32)
        tensors |= {f"{name}.x": x, f"{name}.y": y}
        tensors[f"{name}.tau"] = np.array([stats.kendalltau(x, y).statistic])

    FILE.parent.mkdir(exist_ok=True)
    save_file({name: np.ascontiguousarray(value, np.float32) for name, value in tensors.items()}, FILE,
              {"program": f"scipy {scipy.__version__}, numpy {np.__version__}",
               "script": "tools/golden_measures.py", "date": datetime.date.today().isoformat()})


if __name__ == "__main__":
    main()
