# SPDX-License-Identifier: MIT
"""BLEU and chrF of translations against a reference, as sacreBLEU counts them.

    npx regard translate web/models/en-zh < build/corpus/en-zh/dev.en > build/dev.out
    python tools/evaluate.py build/dev.out --source build/corpus/en-zh/dev.en --reference build/corpus/en-zh/dev.zh

A line a sentence in all three. The second table has the sentences by the number of words in the source, since a model
trained on short sentences is good at those.
"""

import argparse
import json
import sys
from pathlib import Path

from sacrebleu.metrics import BLEU, CHRF

ROOT = Path(__file__).resolve().parent.parent
DEV = ROOT / "build/corpus/en-zh/dev"
TOKENIZATION = {"zh": "zh", "en": "13a", "fr": "13a"}
GROUPS = [("1 to 5 words", 1, 5), ("6 to 9 words", 6, 9), ("10 words and more", 10, 10**9)]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("translations", type=Path)
    parser.add_argument("--source", default=f"{DEV}.en", type=Path)
    parser.add_argument("--reference", default=f"{DEV}.zh", type=Path)
    parser.add_argument("--language", choices=sorted(TOKENIZATION), help="of the translations; else the reference's suffix")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    return parser.parse_args()


def read_lines(path):
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        sys.exit(f"evaluate: {error.strerror}: {error.filename}")
    # Not splitlines(): a translation may hold a character that it takes for the end of a line.
    return text.removesuffix("\n").split("\n")


def measure(metrics, hypotheses, references):
    return {name: metric.corpus_score(hypotheses, [references]).score for name, metric in metrics.items()}


def evaluate(sources, hypotheses, references, language):
    """{"all": {BLEU, chrF, sentences}, each group the same, "signatures", "length", "empty", "exact"}."""
    metrics = {"BLEU": BLEU(tokenize=TOKENIZATION[language]), "chrF": CHRF()}
    result = {"all": measure(metrics, hypotheses, references) | {"sentences": len(hypotheses)}}
    result["signatures"] = {name: str(metric.get_signature()) for name, metric in metrics.items()}
    for name, low, high in GROUPS:
        chosen = [i for i, source in enumerate(sources) if low <= len(source.split()) <= high]
        if chosen:
            part = measure(metrics, [hypotheses[i] for i in chosen], [references[i] for i in chosen])
            result[name] = part | {"sentences": len(chosen)}
    result["length"] = sum(map(len, hypotheses)) / max(1, sum(map(len, references)))
    result["empty"] = sum(not hypothesis.strip() for hypothesis in hypotheses)
    result["exact"] = sum(a == b for a, b in zip(hypotheses, references))
    return result


def main():
    options = arguments()
    language = options.language or options.reference.suffix.lstrip(".")
    if language not in TOKENIZATION:
        sys.exit(f"evaluate: say the language of {options.reference} with --language")
    sources, hypotheses, references = map(read_lines, (options.source, options.translations, options.reference))
    if not len(sources) == len(hypotheses) == len(references):
        sys.exit(f"evaluate: {len(sources)} sources, {len(hypotheses)} translations, {len(references)} references: "
                 "one line of each to a sentence is needed")
    result = evaluate(sources, hypotheses, references, language)
    if options.json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return
    print(f"{'':20}{'sentences':>10}{'BLEU':>8}{'chrF':>8}")
    for name in ["all", *(name for name, _, _ in GROUPS if name in result)]:
        row = result[name]
        print(f"{name:20}{row['sentences']:10}{row['BLEU']:8.1f}{row['chrF']:8.1f}")
    print(f"length ratio {result['length']:.3f} in characters, {result['empty']} empty, {result['exact']} exact")
    for name, signature in result["signatures"].items():
        print(f"{name}: {signature}")


if __name__ == "__main__":
    main()
