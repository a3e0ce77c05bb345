# SPDX-License-Identifier: MIT
"""Holds our translations against those of Hugging Face's MarianMTModel on the same folder.

    npx regard translate web/models/en-zh --json < some.en > some.jsonl
    python3 tools/check_hf.py some.jsonl --model web/models/en-zh

The input has a JSON object a line, as the command above writes them: text, score, source and
target with the ids of their pieces, and attention. Lines of {"source": text, "ids": [...]} will do.

Compared are the pieces of the source, the ids of the best hypothesis, its score, its text, and the
attention of every layer and head where the ids agree. Where ids differ, the margin says how close
the search was: fp32 sums in another order may decide differently below about 1e-4, and such a
translation counts as a tie. Exits with 1 if anything else differs.
"""
import argparse
import json
import sys

import torch
import transformers
from transformers import MarianMTModel, MarianTokenizer

from golden_marian import Margin

TIE, SCORE, ATTENTION = 1e-4, 1e-4, 1e-4


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("translations", nargs="?", type=argparse.FileType(encoding="utf-8"),
                        default=sys.stdin)
    parser.add_argument("--model", default="web/models/en-zh")
    parser.add_argument("--beams", type=int, help="default: what the folder says")
    return parser.parse_args()


def ids_of(sentence):
    return [piece["id"] for piece in sentence["pieces"]]


def read(line):
    """(source text, source ids or None, target ids, the whole object) of a line."""
    ours = json.loads(line)
    if isinstance(ours["source"], str):
        return ours["source"], ours.get("source_ids"), ours["ids"], ours
    return ours["source"]["text"], ids_of(ours["source"]), ids_of(ours["target"]), ours


class Reference:
    def __init__(self, folder, beams):
        self.model = MarianMTModel.from_pretrained(folder, dtype=torch.float32,
                                                   attn_implementation="eager").eval()
        self.tokenizer = MarianTokenizer.from_pretrained(folder)
        self.options = {"num_beams": beams} if beams else {}

    def encode(self, text):
        return self.tokenizer(text).input_ids

    def translate(self, source):
        """(ids, score or None, margin)"""
        with torch.no_grad(), Margin() as margin:
            found = self.model.generate(torch.tensor([source]), return_dict_in_generate=True,
                                        output_scores=True, **self.options)
        ids = found.sequences[0].tolist()[1:]
        eos = self.model.generation_config.eos_token_id
        if eos in ids:
            ids = ids[: ids.index(eos) + 1]
        scores = getattr(found, "sequences_scores", None)
        return ids, None if scores is None else scores[0].item(), margin.smallest

    def attention(self, source, ids):
        """By our names, without the batch: (layers, H, L, S)."""
        start = self.model.generation_config.decoder_start_token_id
        with torch.no_grad():
            given = self.model(input_ids=torch.tensor([source]), output_attentions=True,
                               decoder_input_ids=torch.tensor([[start] + ids[:-1]]))
        kinds = {"encoder": given.encoder_attentions, "cross": given.cross_attentions,
                 "decoder": given.decoder_attentions}
        return {kind: torch.cat(list(layers)) for kind, layers in kinds.items()}

    def decode(self, ids):
        return self.tokenizer.decode(ids, skip_special_tokens=True)


def compare(reference, line, differ):
    """Whether the ids agree; calls differ(what, ours, theirs) for all that does not."""
    text, source, ids, ours = read(line)
    expected = reference.encode(text)
    if source is not None and source != expected:
        differ("source pieces", source, expected)
        return False
    found, score, margin = reference.translate(expected)
    if ids != found:
        differ(f"ids (margin {margin:.1e})", ids, found, tie=margin < TIE)
        return False

    if score is not None and "score" in ours and abs(ours["score"] - score) > SCORE:
        differ("score", ours["score"], score)
    if "text" in ours and ours["text"] != reference.decode(found):
        differ("text", ours["text"], reference.decode(found))
    if ours.get("attention"):
        for kind, weights in reference.attention(expected, found).items():
            given = torch.tensor(ours["attention"][kind])
            if given.shape != weights.shape:
                differ(f"{kind} attention's shape", tuple(given.shape), tuple(weights.shape))
            elif (distance := (given - weights).abs().max().item()) > ATTENTION:
                differ(f"{kind} attention", "off by", distance)
    return True


def main():
    options = arguments()
    torch.set_num_threads(1)  # so that it may run beside other work: two spin for each other
    reference = Reference(options.model, options.beams)
    total = agreeing = ties = wrong = 0
    for number, line in enumerate(options.translations, 1):
        if not line.strip():
            continue

        def differ(what, ours, theirs, tie=False):
            nonlocal ties, wrong
            ties, wrong = ties + tie, wrong + (not tie)
            print(f"line {number}: {what}: {ours}, Hugging Face has {theirs}")

        total += 1
        agreeing += compare(reference, line, differ)

    print(f"transformers {transformers.__version__}, torch {torch.__version__}: "
          f"{agreeing} of {total} translations agree, {ties} are ties, {wrong} differences")
    sys.exit(1 if wrong or not total else 0)


if __name__ == "__main__":
    main()
