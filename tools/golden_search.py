# SPDX-License-Identifier: MIT
"""Writes tests/golden/search/search.json: what Hugging Face's generate() finds in a made-up model.

The logits of the model are a hash of the sentence's number and of the tokens so far, the same that
tests/decoding/table_stepper.h computes, so that the rules of the search alone are compared:

    python tools/golden_search.py            (needs torch and transformers)
"""

import itertools
import json
import pathlib

import numpy as np
import torch
import transformers
from transformers import GenerationConfig, GenerationMixin, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutput

VOCABULARY, EOS, START, SENTENCES, MAX_LENGTH = 24, 0, 23, 6, 12
MASK = (1 << 64) - 1


def mix(word):
    word = (word + 0x9E3779B97F4A7C15) & MASK
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
    return word ^ (word >> 31)


def row_of_logits(sentence, tokens):
    """Sixteenths of bits in [0, 8), and eos likelier with every token: exact in float32."""
    state = mix(sentence)
    for token in tokens:
        state = mix(state ^ (token + 1))
    row = [(mix(state ^ (65536 + token)) >> 48) / 8192 for token in range(VOCABULARY)]
    row[EOS] += len(tokens) / 2
    return row


class TableConfig(PretrainedConfig):
    model_type = "table"


class TableModel(PreTrainedModel, GenerationMixin):
    config_class = TableConfig
    main_input_name = "input_ids"

    def __init__(self, config):
        super().__init__(config)
        self.unused = torch.nn.Parameter(torch.zeros(1))
        self.post_init()

    def prepare_inputs_for_generation(self, input_ids, sentence=None, **_):
        return {"input_ids": input_ids, "sentence": sentence}

    def forward(self, input_ids, sentence=None, return_dict=True):
        rows = [
            row_of_logits(int(number), tokens)
            for number, tokens in zip(sentence.tolist(), input_ids.tolist())
        ]
        return CausalLMOutput(logits=torch.tensor(rows, dtype=torch.float32)[:, None, :])


def generate(model, options):
    prompt = torch.tensor([[START] + options.get("prefix", [])] * SENTENCES)
    config = GenerationConfig(
        max_length=options["max_length"],
        num_beams=options["beams"],
        num_return_sequences=options["beams"],
        length_penalty=options["length_penalty"],
        early_stopping=options["early_stopping"],
        forced_eos_token_id=EOS if options.get("forced_eos") else None,
        renormalize_logits=options.get("renormalize_logits", False),
        bad_words_ids=options["bad_words"],
        eos_token_id=EOS,
        pad_token_id=START,
        do_sample=False,
        use_cache=False,
        return_dict_in_generate=True,
        output_scores=True,
        output_logits=True,
    )
    found = model.generate(
        prompt, generation_config=config, sentence=torch.arange(SENTENCES)
    )
    sequences, beams = found.sequences.tolist(), options["beams"]
    results = []
    for sentence in range(SENTENCES):
        hypotheses = []
        for place in range(sentence * beams, (sentence + 1) * beams):
            ids = sequences[place][1:]
            if EOS in ids:
                ids = ids[: ids.index(EOS) + 1]
            hypothesis = {"ids": ids}
            if beams > 1:
                hypothesis["score"] = float(found.sequences_scores[place])
                trace = found.beam_indices[place].tolist()
                searched = len(ids) - len(options.get("prefix", []))
                hypothesis["beams"] = [beam - sentence * beams for beam in trace[:searched]]
            hypotheses.append(hypothesis)
        results.append(hypotheses)
    return results


def all_options():
    base = {"max_length": MAX_LENGTH, "bad_words": [[START]], "forced_eos": True}
    grid = itertools.product([1, 2, 4, 6], [1.0, 0.6, 0.0, 2.0, -1.0], [False, True, "never"])
    for beams, penalty, stopping in grid:
        if beams == 1 and (penalty != 1.0 or stopping):
            continue
        yield base | {"beams": beams, "length_penalty": penalty, "early_stopping": stopping}
    for beams, stopping in itertools.product([1, 3, 5], [False, True, "never"]):
        if beams == 1 and stopping:
            continue
        shared = base | {"beams": beams, "length_penalty": 1.0, "early_stopping": stopping}
        yield shared | {"forced_eos": False, "max_length": 5}
        yield shared | {"max_length": 4}
        yield shared | {"max_length": 2}
        yield shared | {"renormalize_logits": True, "bad_words": [[START], [1], [2], [3], [EOS]]}
        yield shared | {"bad_words": [[START], [4, 5], [7, EOS], [START, 9], [9, 9, 11], [8, EOS]]}
        yield shared | {"prefix": [3, 17, 5]}
        yield shared | {"prefix": [3, 17, 5], "max_length": 5}


def main():
    torch.set_num_threads(1)
    transformers.utils.logging.set_verbosity_error()
    model = TableModel(TableConfig(vocab_size=VOCABULARY)).eval()
    cases = [options | {"results": generate(model, options)} for options in all_options()]
    golden = {
        "made_by": "tools/golden_search.py",
        "transformers": transformers.__version__,
        "torch": torch.__version__,
        "vocabulary": VOCABULARY,
        "eos": EOS,
        "start": START,
        "sentences": SENTENCES,
        "cases": cases,
    }
    folder = pathlib.Path(__file__).parent.parent / "tests" / "golden" / "search"
    folder.mkdir(parents=True, exist_ok=True)
    lines = json.dumps(golden, separators=(",", ":")).replace('{"max_length"', '\n{"max_length"')
    (folder / "search.json").write_text(lines + "\n")
    print(len(cases), "cases")


if __name__ == "__main__":
    main()
