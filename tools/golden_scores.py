# SPDX-License-Identifier: MIT
"""Writes tests/golden/scores/scores.json: what sacreBLEU makes of translations, and how it cuts them into words.

    python3 tools/golden_scores.py

Our own pairs (tools/pairs.en-zh.tsv) stand for translations after words are lost, doubled, swapped and replaced by
chance; beside them lines made to be difficult: signs, numbers, entities, wide forms, mixed scripts, nothing at all.
"""

import datetime
import json
import random
from pathlib import Path

import sacrebleu
from sacrebleu.metrics import BLEU, CHRF

ROOT = Path(__file__).resolve().parent.parent
TOKENIZATIONS = ["none", "char", "13a", "zh"]

DIFFICULT = [
    "", " ", "\t \u3000", "a", "。", ".", "...", "a..b", "1.5", "1,000.50", ".5", "5.", "5. a", "a.5", "3-4", "a-4", "4-a", "--", "1--2",
    "It's 5 o'clock, isn't it?", "\"Yes,\" she said; 'no'.", "e-mail: tom@example.com/a_b?c=d&e=f", "$5.00 (50%) + #1 * 2 = {x} [y] <z> ~ ^ | \\ `",
    "&quot;Tom &amp; Jerry&quot; &lt;1&gt;", "&amp;lt; &nbsp; &amp;amp;", "<skipped>a<skipped> b", "end-\nof line\nand more", "a  b\t\tc \u00a0d\u2003e",
    "汤姆追逐杰瑞。", "汤姆 追逐 杰瑞 。", "他2024年11月20日花了3.5元，不是５．５元！", "“你好”——他说……《书》", "Tom说：“OK，3-4个。”", "１２３ＡＢＣ，。？",
    "漢字と仮名 カタカナ 한국어", "ㄅㄆㄇ ⺀⼀⿰ ㈠㎏ ︰﹐ ｶﾅ", "𠀀𪛖 㐀䶵䶶 龥龦龻龼", "😀 Tom 😀😀汤姆👨‍👩‍👧", "naïve café Ærø ß Straße", "→ ≠ ∑ ☺ ✓ – — ‘a’ “b”", "Привет, мир! Ünïcödé.",
    "a\u0301e\u0308", "\ufeffa\u200bb", "A.B.C. v1.2.3-4", "-5 +5 5-", "no match here", "完全不同", "x" * 40, "好" * 40, "the the the the the the", "a b c d", "a b c",
]


def damaged(text, joint, choose):
    """The text after some mishaps; `joint` stands between its units, words or characters."""
    units = text.split(joint) if joint else list(text)
    for _ in range(choose.randrange(0, 4)):
        i = choose.randrange(len(units)) if units else 0
        action = choose.randrange(4)
        if action == 0:
            units[i:i + 1] = []
        elif action == 1:
            units[i:i] = units[i:i + 1]
        elif action == 2 and i + 1 < len(units):
            units[i], units[i + 1] = units[i + 1], units[i]
        elif units:
            units[i] = choose.choice(["Tom", "the", "7.5", ","] if joint else ["汤", "了", "7.5", "，"])
    return joint.join(units)


def noise(choose):
    """A line of units that the rules of tokenization tell apart."""
    units = ["a", "Zz", "1", "23", ".", ",", "-", "'", "&", "&lt;", "/", "~", " ", "  ", "\u3000", "汤", "，", "é", "😀", "—", "\u2001", "\u2000", "⩭", "⩮", "𠀀", "\u007f"]
    return "".join(choose.choice(units) for _ in range(choose.randrange(1, 24)))


def corpora():
    choose = random.Random(4)
    pairs = [line.split("\t") for line in (ROOT / "tools/pairs.en-zh.tsv").read_text(encoding="utf-8").splitlines()[1:]][:120]
    english, chinese = ([pair[side] for pair in pairs] for side in (0, 1))
    yield "to English", [damaged(line, " ", choose) for line in english], english
    yield "to Chinese", [damaged(line, "", choose) for line in chinese], chinese
    yield "identical", DIFFICULT, DIFFICULT
    yield "difficult, the next line's", DIFFICULT[1:] + DIFFICULT[:1], DIFFICULT
    yield "difficult, damaged", [damaged(line, "", choose) for line in DIFFICULT], DIFFICULT
    noisy = [noise(choose) for _ in range(200)]
    yield "noise", [damaged(line, "", choose) for line in noisy], noisy
    yield "nothing said", ["", "", " "], ["a b c d e", "汤姆追逐杰瑞。", "x"]
    yield "nothing to say", ["a b c d e", "汤姆"], ["", " "]
    yield "no sentence", [], []
    yield "no match", ["a b c d e", "完全不同的话"], ["v w x y z", "汤姆追逐杰瑞"]
    yield "no pair matches", ["the a cat a sat", "on b mat b the"], ["the cat sat down", "on mat the floor"]
    yield "three words", ["a b c"], ["a b c"]
    yield "too short", ["Tom is"], ["Tom is running after Jerry."]
    yield "too long", ["Tom Tom Tom is running after Jerry all day and all night."], ["Tom is running after Jerry."]


def scores(hypotheses, references):
    bleu = {}
    for tokenization in TOKENIZATIONS:
        found = BLEU(tokenize=tokenization).corpus_score(hypotheses, [references])
        bleu[tokenization] = {"score": found.score, "precisions": found.precisions, "penalty": found.bp,
                              "hypothesis": found.sys_len, "reference": found.ref_len}
    chrf = [CHRF(word_order=order).corpus_score(hypotheses, [references]).score for order in (0, 1, 2)]
    return {"bleu": bleu, "chrf": chrf}


def no_sentence():
    """sacreBLEU refuses a corpus of nothing; what its formulas give for empty sums."""
    bleu = {name: {"score": 0.0, "precisions": [0.0] * 4, "penalty": 1.0, "hypothesis": 0, "reference": 0} for name in TOKENIZATIONS}
    return {"bleu": bleu, "chrf": [0.0] * 3}


def main():
    choose = random.Random(7)
    lines = DIFFICULT + [noise(choose) for _ in range(300)]
    tokenizers = {name: BLEU(tokenize=name) for name in TOKENIZATIONS}
    golden = {
        "program": f"sacrebleu {sacrebleu.__version__}",
        "script": "tools/golden_scores.py",
        "date": datetime.date.today().isoformat(),
        "words": [{"text": line} | {name: bleu._preprocess_segment(line).split() for name, bleu in tokenizers.items()} for line in lines],
        "corpora": [
            {"name": name, "hypotheses": hypotheses, "references": references} | (scores(hypotheses, references) if references else no_sentence())
            for name, hypotheses, references in corpora()
        ],
    }
    path = ROOT / "tests/golden/scores/scores.json"
    path.write_text(json.dumps(golden, ensure_ascii=False, separators=(",", ":")).replace('},{"', '},\n{"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
