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

from languages import simplifier

MOST_WORDS = 70
MOST_CHARACTERS = 500
# Sound pairs have like numbers of words. A short sentence may fall outside by right, so two are added to both.
MOST_RATIO = 4.0

# One line may be as long as it likes: it is left out, and said, with the others that are too long.
csv.field_size_limit(1 << 30)

# Left out of the text that a vocabulary is learnt from, so that it is unknown there.
UNKNOWN_SIGN = "☺"


class Pair(tuple):
    """(source, target), which is what makes two pairs the same, and `origin`, the file and line that it came from."""

    def __new__(cls, sides, origin=""):
        pair = super().__new__(cls, sides)
        pair.origin = origin
        return pair


def read_pairs(path, languages):
    """Pairs of a .tsv whose header names the languages, or of a manythings.org list (`cmn.txt`, or the zip it comes in).

    Raises ValueError for a line without both columns, and for a header that lacks a language.
    """
    rows = list(csv.reader(io.StringIO(read_text(path), newline=""), delimiter="\t", quoting=csv.QUOTE_NONE))
    codes = [language.code for language in languages]
    header = rows[0] if rows and {"en", *codes} & {*rows[0]} else None
    if header:
        missing = [code for code in codes if code not in header]
        if missing:
            raise ValueError(f"{path}:1: the header has no column {missing[0]}")
    columns = [header.index(code) if header else int(code != "en") for code in codes]
    change = simplifier() if not header and "zh" in codes else str
    pairs = []
    for number, row in enumerate(rows[1:] if header else rows, 2 if header else 1):
        if len(row) <= max(columns):
            raise ValueError(f"{path}:{number}: {len(row)} columns, expected {max(columns) + 1} or more, with tabs between")
        sides = (change(row[c]) if code == "zh" else row[c] for c, code in zip(columns, codes))
        pairs.append(Pair(sides, f"{path}:{number}"))
    return pairs


def read_text(path):
    path = Path(path)
    if path.suffix != ".zip":
        return decode(path.read_bytes(), path)
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".txt") and not name.startswith("_"):
                    return decode(archive.read(name), path)
    except zipfile.BadZipFile:
        raise ValueError(f"{path}: no zip file, or not all of it") from None
    raise ValueError(f"{path}: holds no list of sentences, say cmn.txt")


def decode(data, path):
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[:error.start].count(b"\n") + 1
        raise ValueError(f"{path}:{line}: not UTF-8: save it as UTF-8 first") from None


def read_contributors(source):
    """Who wrote the sentences, where a line credits them: `tatoeba.org #123 (name) & #456 (name)`."""
    source = Path(source)
    text = read_text(source / "train.tsv" if source.is_dir() else source)
    return sorted(set(re.findall(r"#\d+ \(([^()\s]+)\)", text)), key=lambda name: (name.lower(), name))


def read_corpus(source, languages):
    """train and dev pairs of a folder with train.tsv and dev.tsv, or of one list, of which a part is set aside."""
    source = Path(source)
    if source.is_dir():
        return read_pairs(source / "train.tsv", languages), read_pairs(source / "dev.tsv", languages)
    pairs = read_pairs(source, languages)
    # Every sentence falls on one side by its own checksum, so that a longer list later moves none across.
    english = [language.code for language in languages].index("en")
    chosen = [pair[english] for pair in pairs if zlib.crc32(pair[english].encode()) % 25 == 0]
    held = set(dict.fromkeys(chosen[:1000]))
    dev = list({pair[english]: pair for pair in pairs if pair[english] in held}.values())
    other = {pair[1 - english] for pair in dev}
    return [pair for pair in pairs if pair[english] not in held and pair[1 - english] not in other], dev


def fault(pair, languages):
    """What is wrong with a pair, in a word or three, or None."""
    if not all(pair):
        return "empty side"
    if max(map(len, pair)) > MOST_CHARACTERS:
        return f"more than {MOST_CHARACTERS} characters"
    for language, text in zip(languages, pair):
        if not language.sound(text):
            return f"{language.name} side not {language.name}"
    source, target = (language.words(text) for language, text in zip(languages, pair))
    if max(source, target) > MOST_WORDS:
        return f"more than {MOST_WORDS} words"
    if not 1 / MOST_RATIO <= (source + 2) / (target + 2) <= MOST_RATIO:
        return "odd length ratio"
    return None


class Dropped(dict):
    """What was left out: reason -> pairs."""

    def add(self, reason, pair):
        self.setdefault(reason, []).append(pair)

    def lines(self):
        """A line a reason: how many, and where the first of them stands."""
        return [f"left out, {reason}: {len(pairs)}, first {pairs[0].origin or pairs[0][0]}" for reason, pairs in
                sorted(self.items())]


def sift(pairs, dev, languages, dropped):
    """The sound pairs, in order, each once, none sharing a sentence with dev; the others go into `dropped`."""
    held = [{key(pair[side]) for pair in dev} for side in (0, 1)]
    kept = {}
    for pair in pairs:
        reason = fault(pair, languages)
        if reason is None and any(key(pair[side]) in held[side] for side in (0, 1)):
            reason = "sentence of dev"
        if reason is None and pair in kept:
            reason = "twice"
        if reason:
            dropped.add(reason, pair)
        else:
            kept[pair] = pair
    return list(kept.values())


def key(sentence):
    """What makes two sentences the same: their letters and digits, not their marks, capitals and spaces."""
    return "".join(c for c in sentence.casefold() if c.isalnum()) or sentence


def drop_rare(pairs, side, always, dropped):
    """Pairs whose `side` is written only with characters that occur twice or more or stand in `always`, so that no
    target is <unk>. Dropping a pair can leave another character alone, hence the rounds.
    """
    kept = list(pairs)
    while True:
        count = Counter(c for pair in kept for c in pair[side])
        sound = []
        for pair in kept:
            if all(count[c] >= 2 or c in always for c in pair[side]):
                sound.append(pair)
            else:
                dropped.add("character seen once", pair)
        if len(sound) == len(kept):
            return kept
        kept = sound


def as_typed(pairs, share, languages):
    """Copies of about `share` of the pairs as people type them: no full stop yet, small letters, curly quotation marks,
    and a sign that no vocabulary has, by which the model learns to read past <unk>.
    """
    source, target = languages
    copies = []
    for pair in pairs:
        draw = zlib.crc32("\t".join(pair).encode())
        if (draw >> 8) % 10000 < share * 10000:
            copies.append(Pair(typed(*pair, draw % 4, source, target), pair.origin))
    known = set(pairs)
    return [pair for pair in dict.fromkeys(copies) if pair not in known]


def typed(text, translation, kind, source, target):
    if kind < 3 and text.endswith(source.stop) and translation.endswith(target.stop):
        bare = text.removesuffix(source.stop)
        # A statement without its stop goes without it in the translation too.
        return bare.lower() if kind == 2 else bare, translation.removesuffix(target.stop)
    if kind < 3 and text.endswith(source.question) and translation.endswith(target.question):
        bare = text.removesuffix(source.question)
        return bare.lower() if kind == 2 else bare, translation  # a question stays a question
    if re.search("['\"]", text):
        return re.sub(r'"([^"]*)"', r"“\1”", text.replace("'", "’")), translation
    return f"{text} {UNKNOWN_SIGN}", translation
