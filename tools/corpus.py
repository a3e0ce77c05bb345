# SPDX-License-Identifier: MIT
"""Sentence pairs: read, tidied, sifted, and varied the way people type.

Every step is a pure function of its input, so that the same files give the same corpus.
"""

import csv
import io
import re
import zipfile
import zlib
from collections import Counter
from pathlib import Path

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ffff]")
KANA = re.compile(r"[\u3040-\u30ff]")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]")

MOST_WORDS = 60
MOST_CHARACTERS = 120
# Sound pairs of everyday sentences have 0.4 to 8 Chinese characters to an English word. A short sentence may fall
# outside by right ("Run." has one word and four characters), so the ratio is taken with two added to the words.
FEWEST_PER_WORD, MOST_PER_WORD = 0.2, 6.0

# Left out of the text that the English vocabulary is learnt from, so that it is unknown there.
UNKNOWN_SIGN = "☺"

NAMES = {"Tom": "汤姆", "Mary": "玛丽"}
FULL_WIDTH = str.maketrans({",": "，", "?": "？", "!": "！", ";": "；", ":": "：", "(": "（", ")": "）",
                            "「": "“", "」": "”", "﹐": "，", "％": "%", "－": "-", "＂": '"'})


def read_pairs(path):
    """(en, zh) pairs of a .tsv with a header, or of a manythings.org list (`cmn.txt`, or the zip it comes in)."""
    rows = list(csv.reader(io.StringIO(read_text(path), newline=""), delimiter="\t", quoting=csv.QUOTE_NONE))
    if rows and rows[0][:2] == ["en", "zh"]:
        return [(row[0], row[1]) for row in rows[1:]]
    simplify = simplifier()
    return [(row[0], simplify(row[1])) for row in rows if len(row) >= 2]


def read_text(path):
    path = Path(path)
    if path.suffix != ".zip":
        return path.read_text(encoding="utf-8-sig")
    with zipfile.ZipFile(path) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".txt") and not n.startswith("_"))
        return archive.read(name).decode("utf-8-sig")


def read_contributors(source):
    """Who wrote the sentences, where a line credits them: `tatoeba.org #123 (name) & #456 (name)`."""
    source = Path(source)
    text = read_text(source / "train.tsv" if source.is_dir() else source)
    return sorted(set(re.findall(r"#\d+ \(([^()\s]+)\)", text)), key=lambda name: (name.lower(), name))


def simplifier():
    """The function that turns traditional characters into simplified ones (lists from manythings.org mix the two)."""
    import opencc  # only those lists need it

    return opencc.OpenCC("t2s").convert


def read_corpus(source):
    """train and dev pairs of a folder with train.tsv and dev.tsv, or of one list, of which a part is set aside."""
    source = Path(source)
    if source.is_dir():
        return read_pairs(source / "train.tsv"), read_pairs(source / "dev.tsv")
    pairs = read_pairs(source)
    # Every sentence falls on one side by its own checksum, so that a longer list later moves none across.
    chosen = [en for en, _ in pairs if zlib.crc32(en.encode()) % 25 == 0]
    held = set(dict.fromkeys(chosen[:1000]))
    dev = list({en: (en, zh) for en, zh in pairs if en in held}.values())
    dev_zh = {zh for _, zh in dev}
    return [(en, zh) for en, zh in pairs if en not in held and zh not in dev_zh], dev


def tidy(en, zh):
    """White space, Chinese punctuation and the two commonest names made uniform; what is said is left alone."""
    en, zh = (" ".join(CONTROL.sub(" ", text).split()) for text in (en, zh))
    zh = zh.translate(FULL_WIDTH)
    zh = re.sub(r"(?<=\d)：(?=\d)", ":", zh)
    zh = re.sub(r"(?<=\d)，(?=\d{3})", ",", zh)
    for name, chinese in NAMES.items():
        if re.search(rf"\b{name}\b", en):
            zh = re.sub(rf"(?<![A-Za-z]){name}(?![A-Za-z])", chinese, zh)
    zh = re.sub(r" (?=[^\x00-\x7f])|(?<=[^\x00-\x7f]) ", "", zh)
    if en.endswith(".") and zh and HAN.match(zh[-1]):
        zh += "。"
    return en, zh


def fault(en, zh):
    """What is wrong with a pair, in a word or three, or None."""
    words, characters = len(en.split()), len(zh)
    if not words or not characters:
        return "empty"
    if words > MOST_WORDS or characters > MOST_CHARACTERS:
        return "too long"
    if HAN.search(en) or KANA.search(en):
        return "English side not English"
    latin = sum(c.isascii() and c.isalpha() for c in zh)
    if KANA.search(zh) or len(HAN.findall(zh)) <= latin // 2 or not HAN.search(zh):
        return "Chinese side not Chinese"
    if not FEWEST_PER_WORD <= characters / (words + 2) <= MOST_PER_WORD:
        return "odd length ratio"
    return None


def sift(pairs, dev):
    """The sound pairs, in order, each once, none sharing a sentence with dev; and how many went for which reason."""
    dev_en, dev_zh = {en for en, _ in dev}, {zh for _, zh in dev}
    kept, dropped = {}, Counter()
    for en, zh in pairs:
        reason = fault(en, zh)
        if reason is None and (en in dev_en or zh in dev_zh):
            reason = "sentence of dev"
        if reason is None and (en, zh) in kept:
            reason = "twice"
        if reason:
            dropped[reason] += 1
        else:
            kept[en, zh] = None
    return list(kept), dropped


def drop_rare(pairs, always):
    """Pairs written only with characters that occur twice or more or stand in `always`, so that no target is <unk>.

    Dropping a pair can leave another character alone, hence the rounds.
    """
    kept, dropped = list(pairs), 0
    while True:
        count = Counter(c for _, zh in kept for c in zh)
        sound = [(en, zh) for en, zh in kept if all(count[c] >= 2 or c in always for c in zh)]
        if len(sound) == len(kept):
            return kept, dropped
        dropped += len(kept) - len(sound)
        kept = sound


def as_typed(pairs, share):
    """Copies of about `share` of the pairs as people type them: no full stop yet, small letters, curly quotation marks,
    and a sign that no vocabulary has, by which the model learns to read past <unk>.
    """
    copies = []
    for en, zh in pairs:
        draw = zlib.crc32(f"{en}\t{zh}".encode())
        if (draw >> 8) % 10000 >= share * 10000:
            continue
        kind = draw % 4
        if kind < 3 and en.endswith((".", "?")) and zh.endswith(("。", "？")):
            bare = en[:-1]
            # A question stays a question in Chinese; a statement without its stop goes without it there too.
            target = zh if en.endswith("?") else zh[:-1]
            copies.append((bare.lower() if kind == 2 else bare, target))
        elif re.search("['\"]", en):
            copies.append((re.sub(r'"([^"]*)"', r"“\1”", en.replace("'", "’")), zh))
        else:
            copies.append((f"{en} {UNKNOWN_SIGN}", zh))
    known = set(pairs)
    return [pair for pair in dict.fromkeys(copies) if pair not in known]
