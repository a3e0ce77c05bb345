# SPDX-License-Identifier: MIT
"""Writes tests/golden/classical/*.safetensors: the attention of the papers before the Transformer,
written from their equations with PyTorch, one query and one key at a time; and what Keras's
additive, concatenating and multiplying layers make of the same.

    KERAS_BACKEND=torch python3 tools/golden_classical.py

Everything is computed in float64 from numbers that float32 holds exactly, and stored in float32. In
each file:

    queries (B, L, D), keys (B, S, Dk), values (B, S, Dv), and the parameters of the score or layer
    raw (B, L, S)         the scores, before anything is hidden; not of Keras and coverage
    weights (B, L, S), output (B, L, Dv)
    loss (B, L, Dv)       the loss is the sum of output * loss
    gradient.<name>       of the loss by each operand and parameter; not of hard attention

The metadata says which score and alignment it is, and how many keys of each sentence are there.
"""
import datetime
import math
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "torch")
import keras
import torch
from safetensors.torch import save_file

FOLDER = pathlib.Path(__file__).parent.parent / "tests" / "golden" / "classical"
B, L, S, D, DK, DV, M = 2, 3, 6, 4, 5, 3, 7
LENGTHS = [6, 4]


class Numbers:
    """Normal numbers that float32 holds exactly, in float64; each keeps its gradient."""

    def __init__(self, name):
        self.generator = torch.Generator().manual_seed(sum(name.encode()) * 31 + len(name))
        self.tensors = {}

    def __call__(self, name, *shape):
        numbers = torch.randn(shape, generator=self.generator).double()
        self.tensors[name] = numbers.requires_grad_()
        return self.tensors[name]


# --- Scores: one query q, one key k ---

def dot(q, k, s, p):
    return q @ k


def scaled_dot(q, k, s, p):  # Vaswani et al. 2017, eq. 1
    return q @ k / math.sqrt(len(q))


def general(q, k, s, p):  # Luong et al. 2015, eq. 8
    return q @ p["query"] @ k


def concat(q, k, s, p):  # Luong et al. 2015, eq. 8
    return p["vector"] @ torch.tanh(p["query"] @ torch.cat([q, k]))


def additive(q, k, s, p):  # Bahdanau et al. 2014, appendix A.1.2
    return p["vector"] @ torch.tanh(p["query"] @ q + p["key"] @ k)


def cosine(q, k, s, p):  # Graves et al. 2014, eq. 6
    return torch.nn.functional.cosine_similarity(q, k, dim=0, eps=1e-30)


def location(q, k, s, p):  # Luong et al. 2015, section 3.1: a = softmax(W_a h_t)
    return (p["query"] @ q)[s]


SHAPES = {
    "dot": {}, "scaled_dot": {}, "cosine": {},
    "general": {"query": (D, DK)},
    "concat": {"query": (M, D + DK), "vector": (M,)},
    "additive": {"query": (M, D), "key": (M, DK), "vector": (M,)},
    "location": {"query": (S + 2, D)},
}

# --- Alignments: the raw scores e of the keys that are there, query q at step t ---

RADIUS = 2


def softmax(e, q, t, p):
    return torch.softmax(e, 0)


def hard(e, q, t, p):
    return torch.nn.functional.one_hot(e.argmax(), len(e)).double()


def within(e, place):
    """Luong et al. 2015, section 3.2: the softmax of the scores within [p - D, p + D]."""
    near = [s for s in range(len(e)) if place - RADIUS <= s <= place + RADIUS]
    weights = torch.zeros(len(e), dtype=torch.float64)
    return weights.index_put((torch.tensor(near, dtype=torch.long),), torch.softmax(e[near], 0))


def local_m(e, q, t, p):
    return within(e, t)


def local_p(e, q, t, p):  # Luong et al. 2015, eq. 9 and 10
    place = len(e) * torch.sigmoid(p["position_vector"] @ torch.tanh(p["position_weight"] @ q))
    s, sigma = torch.arange(len(e)), RADIUS / 2
    return within(e, place.item()) * torch.exp(-((s - place) ** 2) / (2 * sigma ** 2))


def save(name, tensors, gradients, metadata):
    """`gradients` are the tensors whose gradients are stored beside them."""
    FOLDER.mkdir(exist_ok=True)
    tensors = {**tensors, **{f"gradient.{key}": x.grad for key, x in gradients.items()}}
    save_file({key: x.detach().float().contiguous() for key, x in tensors.items()},
              FOLDER / f"{name}.safetensors",
              {"torch": torch.__version__, "keras": keras.__version__,
               "date": str(datetime.date.today()), "script": "tools/golden_classical.py",
               "lengths": ",".join(map(str, LENGTHS)), **metadata})


def backward(numbers, output):
    loss = numbers("loss", *output.shape).detach()
    numbers.tensors["loss"] = loss
    operands = {key: x for key, x in numbers.tensors.items() if key != "loss"}
    (output * loss).sum().backward()
    return operands


def write(name, score, alignment):
    numbers = Numbers(name)
    wide = DK if score in (general, concat, additive) else D
    q, k, v = numbers("queries", B, L, D), numbers("keys", B, S, wide), numbers("values", B, S, DV)
    p = {key: numbers(f"score.{key}", *shape) for key, shape in SHAPES[score.__name__].items()}
    if alignment is local_p:
        p["position_weight"] = numbers("position_weight", M, D)
        p["position_vector"] = numbers("position_vector", M)

    raw = torch.stack([torch.stack([torch.stack([score(q[b, t], k[b, s], s, p) for s in range(S)])
                                    for t in range(L)]) for b in range(B)])
    rows = []
    for b, length in enumerate(LENGTHS):
        for t in range(L):
            weights = alignment(raw[b, t, :length], q[b, t], t, p)
            rows.append(torch.cat([weights, torch.zeros(S - length, dtype=torch.float64)]))
    weights = torch.stack(rows).reshape(B, L, S)
    output = weights @ v

    operands = {}
    if alignment is not hard:
        operands = {key: x for key, x in backward(numbers, output).items() if x.grad is not None}
    save(name, {**numbers.tensors, "raw": raw, "weights": weights, "output": output}, operands,
         {"score": score.__name__, "alignment": alignment.__name__, "radius": str(RADIUS)})


def write_coverage(name):
    """See et al. 2017, eq. 10 to 13."""
    numbers = Numbers(name)
    h, states, values = numbers("keys", B, S, DK), numbers("queries", B, L, D), numbers(
        "values", B, S, DV)
    w_h, w_s = numbers("key_weight", M, DK), numbers("query_weight", M, D)
    w_c, v, b_attn = (numbers(key, M) for key in ("coverage_weight", "vector", "bias"))
    rows, covered, losses = [], [], []
    for b, length in enumerate(LENGTHS):
        c = torch.zeros(S, dtype=torch.float64)
        for t in range(L):
            covered.append(c)
            e = torch.stack([v @ torch.tanh(w_h @ h[b, i] + w_s @ states[b, t] + w_c * c[i] + b_attn)
                             for i in range(length)])
            a = torch.cat([torch.softmax(e, 0), torch.zeros(S - length, dtype=torch.float64)])
            losses.append(torch.minimum(a, c).sum())
            rows.append(a)
            c = c + a
        covered.append(c)
    weights = torch.stack(rows).reshape(B, L, S)
    output, covloss = weights @ values, torch.stack(losses).reshape(B, L)
    loss = numbers("loss", B, L, DV).detach()
    numbers.tensors["loss"] = loss
    ((output * loss).sum() + covloss.sum()).backward()
    operands = {key: x for key, x in numbers.tensors.items() if key != "loss"}
    save(name, {**numbers.tensors, "weights": weights, "output": output,
                "coverage": torch.stack(covered).reshape(B, L + 1, S), "coverage_loss": covloss},
         operands, {})


def write_keras(name, layer):
    """Keys and queries as wide as each other; the value mask hides what is padding."""
    numbers = Numbers(name)
    q, k, v = numbers("queries", B, L, D), numbers("keys", B, S, D), numbers("values", B, S, DV)
    layer.build([q.shape, v.shape, k.shape])
    parameters = {}
    for weight in layer.weights:
        value = numbers(f"layer.{weight.name}", *weight.shape)
        weight.assign(value.detach())
        parameters[f"layer.{weight.name}"] = weight.value
    there = torch.arange(S)[None] < torch.tensor(LENGTHS)[:, None]
    output, weights = layer([q, v, k], mask=[None, there], return_attention_scores=True)
    operands = backward(numbers, output)
    operands = {key: parameters.get(key, x) for key, x in operands.items()}
    save(name, {**numbers.tensors, "weights": weights, "output": output}, operands,
         {"layer": type(layer).__name__})


if __name__ == "__main__":
    keras.config.set_floatx("float64")
    for one in (dot, scaled_dot, general, concat, additive, cosine, location):
        write(one.__name__, one, softmax)
    write("hard", dot, hard)
    write("local_m", general, local_m)
    write("local_p", general, local_p)
    write("local_p_dot", dot, local_p)
    write_coverage("coverage")
    write_keras("keras_additive", keras.layers.AdditiveAttention())
    write_keras("keras_concat", keras.layers.Attention(use_scale=True, score_mode="concat"))
    write_keras("keras_dot", keras.layers.Attention(use_scale=True, score_mode="dot"))
