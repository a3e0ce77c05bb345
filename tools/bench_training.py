# SPDX-License-Identifier: MIT
"""Compares a step of our trainer with PyTorch's on the same batches, in rounds that take turns.

    python tools/bench_training.py --config tools/en-zh.train.json --data build/corpus/en-zh

Both take whole steps: forward with dropout, smoothed cross-entropy, backward, clipping, Adam and the moving average of
the weights. Ours are those of build/native/regard_bench_training, which also says on which ids they train; PyTorch's
are MarianMTModel's with fused attention and fused Adam, on these ids. What is counted as GFLOP are the multiplications
and additions of matrix products on tokens that are no padding, twice as many backward as forward (`flop`).
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

import torch
import torch.nn.functional as F
from transformers import MarianConfig, MarianMTModel

ROOT = Path(__file__).resolve().parent.parent
PARTS = ["products", "attention", "loss", "optimizer"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, required=True, help="settings of the training, as regard_train reads them")
    parser.add_argument("--data", type=Path, required=True, help="what tools/prepare.py wrote")
    parser.add_argument("--program", type=Path, default=ROOT / "build/native/regard_bench_training")
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32", help="bf16: torch.autocast on the other side")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=8, help="of a round")
    parser.add_argument("--rounds", type=int, default=8, help="after three that are not counted")
    return parser.parse_args()


def flop(config, pairs):
    """Of one step. A token passes through 4 M^2 weights of self-attention and 2 M F of the feed-forward in each layer,
    a target token also through 2 M^2 of cross-attention and M V of the output, and for a source token each layer of the
    decoder projects a key and a value. Attention takes 2 M for each query and key that it sees."""
    M, V = config.d_model, config.vocab_size
    encoder = config.encoder_layers * (4 * M * M + 2 * M * config.encoder_ffn_dim) + config.decoder_layers * 2 * M * M
    decoder = config.decoder_layers * (6 * M * M + 2 * M * config.decoder_ffn_dim) + M * V
    total = 0
    for source, target in pairs:
        S, L = len(source), len(target)
        seen = config.encoder_layers * S * S + config.decoder_layers * (L * (L + 1) // 2 + L * S)
        total += S * encoder + L * decoder + 2 * M * seen
    return 2 * 3 * total


class Ours:
    """The program, one round for each line that it is sent."""

    def __init__(self, options, batches):
        self.process = subprocess.Popen(
            [options.program, "--config", options.config, "--data", options.data, "--precision", options.precision,
             "--threads", str(options.threads), "--steps", str(options.steps), "--rounds", str(options.rounds + 3),
             "--batches", batches], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.first = True

    def round(self):
        if not self.first:
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        self.first = False
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("bench_training: regard_bench_training ended early")
        return json.loads(line)


class Theirs:
    """PyTorch's steps on the batches that ours wrote."""

    def __init__(self, options, settings, config):
        torch.manual_seed(settings["seed"])
        config.dropout = settings["dropout"]
        self.model = MarianMTModel._from_config(config, attn_implementation="sdpa").train()
        self.parameters = list(self.model.parameters())
        self.optimizer = torch.optim.Adam(self.parameters, lr=1e-4, betas=(settings["beta1"], settings["beta2"]),
                                          eps=settings["epsilon"], fused=True)
        self.average = [p.detach().clone() for p in self.parameters]
        self.smoothing, self.clip, self.decay = (settings[k] for k in ("label_smoothing", "clip_norm", "average_decay"))
        self.pad, self.start = config.pad_token_id, config.decoder_start_token_id
        self.precision = options.precision

    def padded(self, rows):
        width = max(map(len, rows))
        return torch.tensor([ids + [self.pad] * (width - len(ids)) for ids in rows])

    def step(self, pairs):
        source = self.padded([s for s, _ in pairs])
        labels = self.padded([t for _, t in pairs])
        given = self.padded([[self.start] + t[:-1] for _, t in pairs])
        with torch.autocast("cpu", dtype=torch.bfloat16) if self.precision == "bf16" else nullcontext():
            logits = self.model(input_ids=source, attention_mask=(source != self.pad).long(), decoder_input_ids=given,
                                use_cache=False).logits
            loss = F.cross_entropy(logits.flatten(0, 1).float(), labels.flatten(), ignore_index=self.pad,
                                   label_smoothing=self.smoothing)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, self.clip, foreach=True)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        with torch.no_grad():
            torch._foreach_lerp_(self.average, self.parameters, 1 - self.decay)

    def round(self, batches):
        start = time.perf_counter()
        for pairs in batches:
            self.step(pairs)
        return time.perf_counter() - start


def read_batches(path):
    batches = {}
    for line in path.read_text().splitlines():
        step, source, target = line.split("\t")
        batches.setdefault(int(step), []).append([[int(i) for i in side.split()] for side in (source, target)])
    return [batches[step] for step in sorted(batches)]


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    settings = {"seed": 1, "dropout": 0.1, "label_smoothing": 0.1, "beta1": 0.9, "beta2": 0.98, "epsilon": 1e-9,
                "clip_norm": 1.0, "average_decay": 0.999} | json.loads(options.config.read_text())
    config = MarianConfig.from_pretrained(options.data)
    theirs = Theirs(options, settings, config)

    with tempfile.TemporaryDirectory() as folder:
        ours = Ours(options, Path(folder) / "batches.tsv")
        measured = [ours.round()]  # by now the batches are there
        batches = read_batches(Path(folder) / "batches.tsv")
    seconds, work = [], []
    for i in range(options.rounds + 3):
        if i > 0:
            measured.append(ours.round())
        these = batches[i * options.steps:(i + 1) * options.steps]
        seconds.append(theirs.round(these))
        work.append(sum(flop(config, pairs) for pairs in these) / 1e9)
    measured, seconds, work = measured[3:], seconds[3:], work[3:]

    def median(values):
        return statistics.median(values)

    tokens = [m["target_tokens"] for m in measured]
    print(f"{options.precision}, {options.threads} threads, torch {torch.__version__}, {options.rounds} rounds of "
          f"{options.steps} steps, medians; {median(work) / options.steps:.0f} GFLOP a step")
    for name, times in [("ours", [m["seconds"] for m in measured]), ("PyTorch", seconds)]:
        print(f"{name:8} {median(t / s for t, s in zip(tokens, times)):7.0f} target tokens/s "
              f"{median(w / s for w, s in zip(work, times)):6.0f} GFLOP/s "
              f"{1000 * median(times) / options.steps:6.0f} ms a step")
    print(f"ours are {median(s / m['seconds'] for s, m in zip(seconds, measured)):.2f} times as fast")
    shares = {part: median(m[part] / m["seconds"] for m in measured) for part in PARTS}
    shares["rest"] = 1 - sum(shares.values())
    print("our time:", ", ".join(f"{part} {100 * share:.0f} %" for part, share in shares.items()))


main()
