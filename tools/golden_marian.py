# SPDX-License-Identifier: MIT
"""Writes tests/golden/marian: two small Marian models, and what Hugging Face makes of them.

    python3 tools/golden_marian.py

tests/golden/README.md describes the files. The models translate an invented language after a minute
of training, so that a search has something to do: endings come early and late, hypotheses compete,
and the padding token, which must never be chosen, would often win.

Float32 sums in another order differ by about 1e-5, so a search may rightly go another way where two
candidates are as close as that. Therefore each result has a `margin`: the smallest distance between
two neighbours in any list that this search sorted, or between the two sides of its question whether
to stop. A result with a margin well above 1e-5 must be met exactly.
"""
import datetime
import json
import math
import pathlib
import random
import shutil

import torch
import transformers
from safetensors.torch import save_file
from transformers import GenerationConfig, MarianConfig, MarianMTModel

FOLDER = pathlib.Path(__file__).parent.parent / "tests" / "golden" / "marian"

EOS, PAD, VOCABULARY, MAX_LENGTH = 0, 159, 160, 40
STEPS = 1500
NOTHING = -1e8  # Hugging Face's search says "no candidate" with about -1e9


def make_model(activation, encoder_layers, decoder_layers, width, seed, **generation):
    config = MarianConfig(
        vocab_size=VOCABULARY, d_model=width, encoder_layers=encoder_layers,
        decoder_layers=decoder_layers, encoder_attention_heads=4, decoder_attention_heads=4,
        encoder_ffn_dim=64, decoder_ffn_dim=64, activation_function=activation,
        max_position_embeddings=64, scale_embedding=True, pad_token_id=PAD, eos_token_id=EOS,
        decoder_start_token_id=PAD, dropout=0.0, attn_implementation="eager")
    model = MarianMTModel(config).eval()
    model.generation_config = GenerationConfig(
        bad_words_ids=[[PAD]], decoder_start_token_id=PAD, eos_token_id=EOS, pad_token_id=PAD,
        forced_eos_token_id=EOS, max_length=MAX_LENGTH, num_beams=4, **generation)

    train(model, seed)
    with torch.no_grad():
        bias = torch.randn(VOCABULARY, generator=torch.Generator().manual_seed(seed)) * 0.3
        model.final_logits_bias.copy_(bias)
        model.final_logits_bias[0, PAD] = 6.0
    return model.eval()


def translate(source, choose):
    """The invented language: some words are dropped, some doubled, pairs swapped, some misheard."""
    target = []
    for piece in source[:-1]:
        if choose.random() < 0.1:
            piece = choose.randrange(1, PAD)
        target += [piece] * (0 if piece % 6 == 0 else 2 if piece % 5 == 0 else 1)
    for i in range(0, len(target) - 1, 2):
        target[i], target[i + 1] = target[i + 1], target[i]
    return target[: MAX_LENGTH - 2] + [EOS]


def padded(lists, filler):
    width = max(map(len, lists))
    return torch.tensor([ids + [filler] * (width - len(ids)) for ids in lists])


def train(model, seed):
    """Long enough to say something, not long enough to be sure of it."""
    torch.manual_seed(seed)
    choose = random.Random(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() > 1 and "embed_positions" not in name:
                parameter.normal_(0, 0.18)
            elif "bias" in name:
                parameter.normal_(0, 0.1)
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], 2e-3)
    for step in range(STEPS):
        sources = make_sources(64, choose.random())
        targets = padded([translate(source, choose) for source in sources], PAD)
        inputs = torch.cat([torch.full((64, 1), PAD), targets[:, :-1]], 1)
        source = padded(sources, PAD)
        logits = model(input_ids=source, attention_mask=(source != PAD).long(),
                       decoder_input_ids=inputs).logits
        logits = logits.index_fill(2, torch.tensor([PAD]), -1e9)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(),
                                                 ignore_index=PAD)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            model.model.shared.weight[PAD] = 0
        if step % 100 == 99:
            print(f"training: step {step + 1}, loss {loss.item():.3f}", flush=True)


def make_sources(count, seed):
    """Sentences of 1 to 30 pieces, </s> after them."""
    choose = random.Random(seed)
    return [[choose.randrange(1, PAD) for _ in range(choose.randint(1, 30))] + [EOS]
            for _ in range(count)]


class Margin:
    """Records how close the decisions of one search were, by watching what the search compares."""

    def __enter__(self):
        self.smallest = math.inf
        self.topk = torch.topk
        self.stop = MarianMTModel._check_early_stop_heuristic
        torch.topk = self.watch_topk
        MarianMTModel._check_early_stop_heuristic = staticmethod(self.watch_stop)
        return self

    def __exit__(self, *_):
        torch.topk = self.topk
        MarianMTModel._check_early_stop_heuristic = staticmethod(self.stop)

    def take(self, gaps):
        self.smallest = min([self.smallest, *gaps])

    def neighbours(self, values, k):
        best = self.topk(values.flatten(), min(k + 1, values.numel()))[0].tolist()
        best = [value for value in best if value > NOTHING]
        self.take(a - b for a, b in zip(best, best[1:]))

    def watch_topk(self, values, k, **options):
        self.neighbours(values, k)
        return self.topk(values, k, **options)

    def watch_stop(self, **given):
        running, finished = given["running_beam_scores"], given["beam_scores"]
        length = given["cur_len"] - given["decoder_prompt_len"]
        if given["early_stopping"] == "never" and given["length_penalty"] > 0:
            length = given["max_length"] - given["decoder_prompt_len"]
        if given["is_sent_finished"].all():
            best = running[0, 0].item() / length ** given["length_penalty"]
            self.take([abs(best - finished.min().item())])
        return self.stop(**given)


def pieces(sequence):
    """Without the start token, and up to </s> or, where the length ran out, to the end."""
    ids = sequence.tolist()[1:]
    return ids[: ids.index(EOS) + 1] if EOS in ids else ids


def search(model, source, beams, **options):
    """(ids, score) of each hypothesis, best first, and the margin."""
    with torch.no_grad(), Margin() as margin:
        found = model.generate(
            torch.tensor([source]), attention_mask=torch.ones(1, len(source), dtype=torch.int64),
            num_beams=beams, return_dict_in_generate=True, output_scores=True, output_logits=True,
            **options)
        if beams == 1:
            # Greedy generation gives no score: this is the one that a search with beams would
            # give, where the </s> that the length forces costs nothing.
            score = 0.0
            ids = pieces(found.sequences[0])
            normalized = found.scores if model.generation_config.renormalize_logits else found.logits
            for step, token in enumerate(ids):
                if step + 2 < options.get("max_length", MAX_LENGTH):
                    score += normalized[step][0].log_softmax(-1)[token].item()
                    margin.neighbours(found.scores[step][0], 1)
            scores = [score / len(ids) ** options.get("length_penalty", 1.0)]
        else:
            scores = found.sequences_scores.tolist()
    return [(pieces(ids), score) for ids, score in zip(found.sequences, scores)], margin.smallest


def rows(prefix, lists):
    """Lists of ids of different lengths, as one vector and the places where each begins."""
    offsets = [0]
    for ids in lists:
        offsets.append(offsets[-1] + len(ids))
    return {f"{prefix}.ids": torch.tensor([id for ids in lists for id in ids], dtype=torch.int32),
            f"{prefix}.offsets": torch.tensor(offsets, dtype=torch.int32)}


def record(model, sources, prefix, beams, n_best=1, **options):
    found, margins = [], []
    for source in sources:
        hypotheses, margin = search(model, source, beams, num_return_sequences=n_best, **options)
        found += hypotheses
        margins.append(margin)
    lengths = [len(ids) for ids, _ in found]
    print(f"{prefix}: {min(lengths)} to {max(lengths)} pieces, margins below 1e-4:",
          sum(margin < 1e-4 for margin in margins), "of", len(margins), flush=True)
    return rows(prefix, [ids for ids, _ in found]) | {
        f"{prefix}.score": torch.tensor([score for _, score in found]),
        f"{prefix}.margin": torch.tensor(margins)}


def stack(layers):
    """(layers, B, H, L, S) of what Hugging Face returns layer by layer."""
    return torch.stack(list(layers))


def teacher_forced(model, sources, targets):
    """States, logits and every attention when the decoder is given its tokens."""
    width = max(map(len, sources))
    source = padded(sources, PAD)
    decoder = padded([[PAD] + ids[:-1] for ids in targets], PAD)
    mask = torch.tensor([[1] * len(ids) + [0] * (width - len(ids)) for ids in sources])
    with torch.no_grad():
        given = model(input_ids=source, attention_mask=mask, decoder_input_ids=decoder,
                      output_attentions=True)
    return {"source": source.int(), "lengths": mask.sum(1).int(), "decoder": decoder.int(),
            "encoder": given.encoder_last_hidden_state, "logits": given.logits,
            "encoder_attention": stack(given.encoder_attentions),
            "decoder_attention": stack(given.decoder_attentions),
            "cross_attention": stack(given.cross_attentions)}


def write(name, tensors):
    metadata = {"program": f"transformers {transformers.__version__}, torch {torch.__version__}",
                "script": "tools/golden_marian.py", "date": datetime.date.today().isoformat()}
    tensors = {key: value.contiguous().clone() for key, value in tensors.items()}
    save_file(tensors, FOLDER / f"{name}.safetensors", metadata)


def save_model(model, name):
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    vocabulary = {"</s>": EOS, **{f"▁{id}": id for id in range(1, PAD)}, "<pad>": PAD}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False))
    return folder


def main():
    torch.set_num_threads(1)
    FOLDER.mkdir(parents=True, exist_ok=True)

    swish = make_model("swish", 2, 3, 32, seed=1)
    save_model(swish, "swish")
    sources = make_sources(200, seed=2)
    found = rows("source", sources) | record(swish, sources, "beams1", 1)
    for beams in (2, 4, 6):
        for penalty in (1.0, 0.6):
            for early, word in ((False, "false"), (True, "true"), ("never", "never")):
                found |= record(swish, sources, f"beams{beams}.penalty{penalty}.{word}", beams,
                                length_penalty=penalty, early_stopping=early)
    for beams in (1, 4):  # where the length runs out for most
        found |= record(swish, sources[:60], f"beams{beams}.max12", beams, max_length=12)
    found |= record(swish, sources[:40], "nbest4", 4, n_best=4)
    found |= record(swish, sources[:40], "nbest6.penalty0.6.never", 6, n_best=6,
                    length_penalty=0.6, early_stopping="never")
    write("swish_search", found)

    # Of different lengths, so that the batch is padded.
    some = sorted(sources, key=len)[::40]
    targets = [search(swish, source, 4)[0][0][0] for source in some]
    forced = {}
    for i in range(len(some)):
        single = teacher_forced(swish, some[i : i + 1], targets[i : i + 1])
        forced |= {f"{i}.{key}": value for key, value in single.items()}
    batch = teacher_forced(swish, some[:3], targets[:3])
    forced |= {f"batch.{key}": value for key, value in batch.items()}
    write("swish_forced", forced)

    # Saved in half precision, as published models are, and read back from there.
    folder = save_model(make_model("relu", 1, 1, 32, seed=3, renormalize_logits=True).half(), "relu")
    relu = MarianMTModel.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    relu.eval()
    sources = make_sources(60, seed=4)
    found = rows("source", sources) | record(relu, sources, "beams1", 1)
    found |= record(relu, sources, "beams4", 4)
    found |= record(relu, sources, "beams3.penalty1.5.true", 3, length_penalty=1.5,
                    early_stopping=True)
    write("relu_search", found)
    forced = teacher_forced(relu, sources[:1], [search(relu, sources[0], 4)[0][0][0]])
    write("relu_forced", {f"0.{key}": value for key, value in forced.items()})


if __name__ == "__main__":
    main()
