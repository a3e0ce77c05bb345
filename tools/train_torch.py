# SPDX-License-Identifier: MIT
"""Trains a prepared folder with Hugging Face's MarianMTModel: on a GPU, on several, or on several machines.

    torchrun --nproc-per-node 8 tools/train_torch.py --config tools/en-zh.train.json --data build/corpus/en-zh --out out
    torchrun --nproc-per-node 2 tools/train_torch.py ... --backend gloo        # two processes on a CPU

It reads the settings and the data of `regard_train` and writes the same Marian folder, so that what it trained opens in
the page, and with --start-from goes on from what `regard_train` trained, or the other way round. A step takes one batch
of `batch_tokens` in every process; gradients are averaged over the target tokens of all. It saves every few minutes and
at the end, and the same command goes on from there.
"""

import argparse
import json
import math
import os
import random
import signal
import time
from contextlib import nullcontext
from pathlib import Path

import sacrebleu
import sentencepiece
import torch
import torch.distributed as dist
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch.nn.parallel import DistributedDataParallel
from transformers import MarianConfig, MarianMTModel

COPIED = ["config.json", "generation_config.json", "source.spm", "target.spm", "vocab.json", "tokenizer_config.json",
          "contributors.txt"]
TOKENIZATION = {"zh": "zh"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, required=True, help="settings of the training, as regard_train reads them")
    parser.add_argument("--data", type=Path, required=True, help="what tools/prepare.py wrote")
    parser.add_argument("--out", type=Path, required=True, help="the Marian folder; beside it <out>.state.pt to go on from")
    parser.add_argument("--start-from", type=Path, help="a Marian folder of the same vocabulary whose weights to begin with")
    parser.add_argument("--steps", type=int, help="ends it earlier, with the same schedule")
    parser.add_argument("--backend", choices=["nccl", "gloo"], help="else nccl where there are GPUs")
    parser.add_argument("--minutes", type=float, default=3, help="between two savings")
    parser.add_argument("--dev-sentences", type=int, default=200, help="how many are translated at each saving")
    return parser.parse_args()


class Text:
    """A folder's tokenizers: pieces by SentencePiece, ids by vocab.json, as MarianTokenizer has them."""

    def __init__(self, folder):
        self.vocabulary = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
        self.pieces = {i: piece for piece, i in self.vocabulary.items()}
        self.source, self.target = (sentencepiece.SentencePieceProcessor(model_file=str(folder / f"{side}.spm"))
                                    for side in ("source", "target"))
        self.unknown, self.end = self.vocabulary["<unk>"], self.vocabulary["</s>"]

    def ids(self, processor, sentence):
        return [self.vocabulary.get(p, self.unknown) for p in processor.encode(sentence, out_type=str)] + [self.end]

    def pairs(self, folder, part, source, target, longest):
        """The ids of the pairs, and their targets as text; without blank lines and those of more than `longest` pieces."""
        sides = [(folder / f"{part}.{language}").read_text(encoding="utf-8").removesuffix("\n").split("\n")
                 for language in (source, target)]
        if len(sides[0]) != len(sides[1]):
            raise SystemExit(f"train_torch: {part}.{source} has {len(sides[0])} lines, {part}.{target} has {len(sides[1])}")
        rows = [(self.ids(self.source, a), self.ids(self.target, b), b) for a, b in zip(*sides) if a.strip() and b.strip()]
        rows = [row for row in rows if max(len(row[0]), len(row[1])) <= longest]
        if not rows:
            raise SystemExit(f"train_torch: {folder}: there are no pairs in {part}.{source} and {part}.{target}")
        return [(a, b) for a, b, _ in rows], [text for *_, text in rows]

    def text(self, ids):
        special = {self.end, self.vocabulary["<pad>"]}
        return self.target.decode([self.pieces[i] for i in ids if i not in special])


class Settings:
    """The settings that both trainers know; keys that only regard_train knows are named and passed over."""

    DEFAULTS = {"steps": None, "seed": 1, "batch_tokens": 2048, "dropout": 0.1, "label_smoothing": 0.1, "peak_rate": 1e-3,
                "warmup": 1000, "cooldown": 0, "beta1": 0.9, "beta2": 0.98, "epsilon": 1e-9, "weight_decay": 0.0,
                "clip_norm": 1.0, "average_decay": 0.999, "precision": "fp32", "source": None, "target": None}

    def __init__(self, path):
        given = json.loads(path.read_text(encoding="utf-8"))
        self.passed_over = sorted(given.keys() - self.DEFAULTS.keys())
        for key, default in self.DEFAULTS.items():
            setattr(self, key, given.get(key, default))
        missing = [key for key in ("steps", "source", "target") if getattr(self, key) is None]
        if missing:
            raise SystemExit(f"train_torch: {path} says no {missing[0]}")

    def rate(self, step):
        rate = self.peak_rate * min(step / max(self.warmup, 1), math.sqrt(max(self.warmup, 1) / step))
        return rate * min(1.0, max(self.steps + 1 - step, 0) / self.cooldown) if self.cooldown else rate


def plan(pairs, tokens, seed):
    """Rows of batches of at most `tokens` padded tokens a side, of like lengths, in an order that the seed gives."""
    draw = random.Random(seed)
    rows = list(range(len(pairs)))
    draw.shuffle(rows)
    rows.sort(key=lambda row: (len(pairs[row][1]), len(pairs[row][0])))
    batches, longest = [[]], 0
    for row in rows:
        longest = max(longest, *map(len, pairs[row]))
        if batches[-1] and (len(batches[-1]) + 1) * longest > tokens:
            batches.append([])
            longest = max(map(len, pairs[row]))
        batches[-1].append(row)
    draw.shuffle(batches)
    return batches


def padded(sequences, pad, device):
    width = max(map(len, sequences))
    return torch.tensor([ids + [pad] * (width - len(ids)) for ids in sequences], device=device)


class Workers:
    """The processes that torchrun started, or this one alone."""

    def __init__(self, backend):
        self.size, self.rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
        gpu = torch.cuda.is_available() and backend != "gloo"
        self.device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if gpu else torch.device("cpu")
        if gpu:
            torch.cuda.set_device(self.device)
        if self.size > 1:
            dist.init_process_group(backend or ("nccl" if gpu else "gloo"))

    def total(self, value):
        tensor = torch.tensor(float(value), device=self.device, dtype=torch.float64)
        if self.size > 1:
            dist.all_reduce(tensor)
        return tensor.item()

    def close(self):
        if self.size > 1:
            dist.destroy_process_group()


class Training:
    def __init__(self, options, settings, workers):
        self.options, self.settings, self.workers = options, settings, workers
        self.text = Text(options.data)
        config = MarianConfig.from_pretrained(options.data)
        config.dropout = settings.dropout
        sides = settings.source, settings.target, config.max_position_embeddings
        self.pairs, _ = self.text.pairs(options.data, "train", *sides)
        self.dev, self.references = self.text.pairs(options.data, "dev", *sides)
        torch.manual_seed(settings.seed)
        self.model = self.first_model(config).to(workers.device)
        self.average = {name: p.detach().clone() for name, p in self.model.named_parameters()}
        decay = {"weight_decay": settings.weight_decay}
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=0.0, betas=(settings.beta1, settings.beta2),
                                           eps=settings.epsilon, fused=True, **decay)
        self.step, self.stopping = 0, False
        self.state = Path(f"{options.out}.state.pt")
        if self.state.exists():
            self.resume()
        self.parallel = DistributedDataParallel(self.model) if workers.size > 1 else self.model

    def first_model(self, config):
        if self.options.start_from is None:
            return MarianMTModel(config)
        theirs = json.loads((self.options.start_from / "vocab.json").read_text(encoding="utf-8"))
        if theirs != self.text.vocabulary:
            raise SystemExit(f"train_torch: {self.options.start_from} has another vocabulary than {self.options.data}")
        model = MarianMTModel(config)
        weights = load_file(self.options.start_from / "model.safetensors")
        shared = weights.pop("model.shared.weight")
        names = dict.fromkeys(["model.shared.weight", "model.encoder.embed_tokens.weight",
                               "model.decoder.embed_tokens.weight", "lm_head.weight"], shared)
        missing, unexpected = model.load_state_dict(
            {name: tensor.float().reshape(model.state_dict()[name].shape) for name, tensor in (weights | names).items()},
            strict=False)
        unlearnt = [name for name in missing if "embed_positions" not in name]
        if unlearnt or unexpected:
            raise SystemExit(f"train_torch: {self.options.start_from}: missing {unlearnt}, unexpected {unexpected}")
        return model

    def loss(self, rows, pairs, smoothing):
        """The sum over target tokens of their cross-entropy, and how many there are. Padding is no candidate."""
        pad = self.model.config.pad_token_id
        source, target = (padded([pairs[row][side] for row in rows], pad, self.workers.device) for side in (0, 1))
        start = torch.full_like(target[:, :1], self.model.config.decoder_start_token_id)
        bf16 = self.settings.precision == "bf16"
        with torch.autocast(self.workers.device.type, torch.bfloat16) if bf16 else nullcontext():
            logits = self.parallel(input_ids=source, attention_mask=(source != pad).long(),
                                   decoder_input_ids=torch.cat([start, target[:, :-1]], 1), use_cache=False).logits
        # The padding is the last id of every vocabulary that tools/prepare.py writes.
        candidates = logits[..., :pad].float()
        losses = F.cross_entropy(candidates.flatten(0, 1), target.flatten().where(target.flatten() != pad, -100),
                                 ignore_index=-100, label_smoothing=smoothing, reduction="sum")
        return losses, int((target != pad).sum())

    def train(self):
        workers, settings = self.workers, self.settings
        batches, epoch, saved = [], 0, time.monotonic()
        shown, tokens, loss_sum = time.monotonic(), 0, 0.0
        skip = self.step
        last = self.options.steps or settings.steps
        while self.step < last and not self.stopping:
            if len(batches) < workers.size:
                epoch += 1
                batches = plan(self.pairs, settings.batch_tokens, f"{settings.seed}/{epoch}")
                if len(batches) < workers.size:
                    raise SystemExit(f"train_torch: {len(batches)} batches for {workers.size} processes: begin fewer of "
                                     "them, or make batch_tokens smaller")
            own, batches = batches[:workers.size][workers.rank], batches[workers.size:]
            if skip:
                skip -= 1
                continue
            count, loss = self.one_step(own)
            tokens, loss_sum = tokens + count, loss_sum + loss
            # One process may be told to stop before the others hear of it: all agree before they do.
            self.stopping = workers.total(self.stopping) > 0
            now = time.monotonic()
            if workers.total(now - shown > 10) > 0 or self.step == last:
                self.say(f"step {self.step}/{last}  epoch {epoch}  loss {loss_sum / max(tokens, 1):.3f}  "
                         f"{tokens / (now - shown):.0f} tokens/s")
                shown, tokens, loss_sum = now, 0, 0.0
            if workers.total(now - saved > 60 * self.options.minutes) > 0:
                self.save()
                saved = time.monotonic()
        self.save()

    def one_step(self, rows):
        settings = self.settings
        self.parallel.train()
        torch.manual_seed(hash((settings.seed, self.step, self.workers.rank)) & 0x7FFFFFFF)
        losses, count = self.loss(rows, self.pairs, settings.label_smoothing)
        total = self.workers.total(count)
        # The gradients of the processes are averaged, so each brings its share of all tokens.
        (losses * (self.workers.size / total)).backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), settings.clip_norm or math.inf)
        self.step += 1
        for group in self.optimizer.param_groups:
            group["lr"] = settings.rate(self.step)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        decay = min(settings.average_decay, self.step / (self.step + 10))
        with torch.no_grad():
            for name, parameter in self.model.named_parameters():
                self.average[name].lerp_(parameter, 1 - decay)
        return total, self.workers.total(losses.item())

    @torch.no_grad()
    def save(self):
        """The state, then the averaged weights as the folder that one uses; the first process alone writes."""
        if self.workers.rank == 0:
            write(self.state, lambda path: torch.save(
                {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(), "average": self.average,
                 "step": self.step}, path))
            latest = {name: p.detach().clone() for name, p in self.model.named_parameters()}
            self.assign(self.average)
            self.model.eval()
            dev_loss = self.dev_loss()
            bleu = self.dev_bleu()
            self.write_folder()
            self.assign(latest)
            self.say(f"step {self.step}  dev loss {dev_loss:.4f} nats a token  BLEU {bleu:.1f} (greedy, "
                     f"{min(self.options.dev_sentences, len(self.dev))} sentences)  saved to {self.options.out}")
        if self.workers.size > 1:
            dist.barrier()

    def assign(self, weights):
        for name, parameter in self.model.named_parameters():
            parameter.copy_(weights[name])

    def dev_loss(self):
        parallel, self.parallel = self.parallel, self.model
        sums = [self.loss(rows, self.dev, 0.0) for rows in plan(self.dev, 2048, "dev")]
        self.parallel = parallel
        return float(sum(s.item() for s, _ in sums) / max(sum(n for _, n in sums), 1))

    def dev_bleu(self):
        chosen = range(min(self.options.dev_sentences, len(self.dev)))
        if not chosen:
            return 0.0
        pad = self.model.config.pad_token_id
        source = padded([self.dev[row][0] for row in chosen], pad, self.workers.device)
        output = self.model.generate(source, attention_mask=(source != pad).long(), num_beams=1, max_length=128)
        texts = [self.text.text(ids.tolist()[1:]) for ids in output]
        references = [self.references[row] for row in chosen]
        return sacrebleu.corpus_bleu(texts, [references], tokenize=TOKENIZATION.get(self.settings.target, "13a")).score

    def write_folder(self):
        """Marian's names with the shared table once, in f16: what regard_train writes."""
        out = self.options.out
        out.mkdir(parents=True, exist_ok=True)
        repeated = ("embed_positions", "embed_tokens", "lm_head")
        weights = {name: tensor.to("cpu", torch.float16).contiguous() for name, tensor in self.model.state_dict().items()
                   if not any(word in name for word in repeated)}
        write(out / "model.safetensors", lambda path: save_file(weights, path, metadata={"format": "pt"}))
        for name in COPIED:
            if (self.options.data / name).exists():
                content = (self.options.data / name).read_bytes()
                write(out / name, lambda path, content=content: Path(path).write_bytes(content))

    def resume(self):
        state = torch.load(self.state, map_location=self.workers.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average, self.step = state["average"], state["step"]
        self.say(f"going on after step {self.step} of {self.state}")

    def say(self, line):
        if self.workers.rank == 0:
            print(line, flush=True)


def write(path, save):
    """Never half a file: written beside it, then renamed."""
    temporary = f"{path}.new"
    save(temporary)
    os.replace(temporary, path)


def main():
    options = arguments()
    settings = Settings(options.config)
    workers = Workers(options.backend)
    training = Training(options, settings, workers)
    if settings.passed_over:
        training.say(f"passed over, for only regard_train has it: {', '.join(settings.passed_over)}")

    def stop(*_):
        training.stopping = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    training.train()
    workers.close()


if __name__ == "__main__":
    main()
