# SPDX-License-Identifier: MIT
"""What the preparation of a corpus has to know of English, French and Chinese."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ffff]")
KANA = re.compile(r"[\u3040-\u30ff]")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]")
FULL_WIDTH = str.maketrans({",": "，", "?": "？", "!": "！", ";": "；", ":": "：", "(": "（", ")": "）",
                            "「": "“", "」": "”", "﹐": "，", "％": "%", "－": "-", "＂": '"'})

# As volunteers left them in Latin letters in some Chinese sentences.
COMMONEST_NAMES = {"Tom": "汤姆", "Mary": "玛丽"}


@dataclass(frozen=True)
class Language:
    """tidy(text): white space and marks made uniform; words(text): its length; sound(text): whether it is this language."""

    code: str
    name: str
    stop: str
    question: str

    def tidy(self, text):
        return " ".join(CONTROL.sub(" ", text).split())

    def words(self, text):
        return len(text.split())

    def sound(self, text):
        return not HAN.search(text) and not KANA.search(text)


class Chinese(Language):
    def tidy(self, text):
        text = super().tidy(text).translate(FULL_WIDTH)
        text = re.sub(r"(?<=\d)：(?=\d)", ":", text)
        text = re.sub(r"(?<=\d)，(?=\d{3})", ",", text)
        return re.sub(r" (?=[^\x00-\x7f])|(?<=[^\x00-\x7f]) ", "", text)

    def words(self, text):
        """A Chinese word has about one character and a half in everyday sentences."""
        return len(text) / 1.5

    def sound(self, text):
        latin = sum(c.isascii() and c.isalpha() for c in text)
        return bool(HAN.search(text)) and not KANA.search(text) and len(HAN.findall(text)) > latin // 2


LANGUAGES = {"en": Language("en", "English", ".", "?"), "fr": Language("fr", "French", ".", " ?"),
             "zh": Chinese("zh", "Chinese", "。", "？")}


def tidy_pair(pair, languages):
    """Both sides tidied; in a Chinese one, names left in Latin letters and a stop that is missing there alone as well."""
    source, target = (language.tidy(text) for language, text in zip(languages, pair))
    if languages[1].code == "zh":
        target = complete(target, source)
    if languages[0].code == "zh":
        source = complete(source, target)
    return source, target


def complete(chinese, other):
    for name, proper in COMMONEST_NAMES.items():
        if re.search(rf"\b{name}\b", other):
            chinese = re.sub(rf"(?<![A-Za-z]) ?{name} ?(?![A-Za-z])", proper, chinese)
    return chinese + "。" if other.endswith(".") and chinese and HAN.match(chinese[-1]) else chinese


@cache
def simplifier():
    """The function that turns traditional characters into simplified ones."""
    import opencc

    return opencc.OpenCC("t2s").convert


@cache
def simplified():
    """traditional -> simplified, characters and the words whose characters do not change one by one, from OpenCC's tables."""
    import opencc

    folder = Path(opencc.__file__).parent / "dictionary"
    table = {}
    for name in ("TSCharacters.txt", "TSPhrases.txt"):
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            traditional, _, choices = line.partition("\t")
            if choices and traditional != choices.split()[0]:
                table[traditional] = choices.split()[0]
    return table


def compatible():
    """Full-width letters, digits and marks, odd spaces and the like -> what NFKC makes of them."""
    ranges = [(0x00A0, 0x00FF), (0x2000, 0x2BFF), (0x3000, 0x303F), (0x3200, 0x33FF), (0xF900, 0xFAFF), (0xFE30, 0xFFEF)]
    points = (chr(point) for low, high in ranges for point in range(low, high + 1))
    table = {c: unicodedata.normalize("NFKC", c) for c in points}
    # Rules are not applied twice: what one makes of a character is simplified here.
    return {c: simplified().get(plain, plain) for c, plain in table.items() if plain != c}
