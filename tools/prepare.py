# SPDX-License-Identifier: MIT
"""Turns a corpus into what the trainer reads: plain text, SentencePiece models, and the JSON files of a Marian folder.

    python tools/prepare.py en-zh
    python tools/prepare.py zh-en --corpus ~/Downloads/cmn-eng.zip

writes, into build/corpus/en-zh, train.en, train.zh, dev.en, dev.zh (a line a sentence, the two sides line by line),
source.spm, target.spm, vocab.json, tokenizer_config.json, config.json, generation_config.json, contributors.txt and
report.json. No sentence of dev has a part in any but dev.en and dev.zh. The same input gives the same files.
"""

import argparse
import sys
from pathlib import Path

import sentencepiece

import corpus
import names
import vocabulary
from languages import LANGUAGES, tidy_pair

ROOT = Path(__file__).resolve().parent.parent
# The page shows our own sentences of the tutorials while they are being typed, so more of them come without a full stop.
LESSONS_AS_TYPED = 0.5
LESSON_COPIES = 3


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("direction", help="source and target language: en-zh, zh-en, en-fr")
    parser.add_argument("--corpus", type=Path, help="folder with train.tsv and dev.tsv, or a list from manythings.org "
                        "(cmn.txt, cmn-eng.zip); else ../shared/corpus")
    parser.add_argument("--out", type=Path, help="else build/corpus/<direction>")
    parser.add_argument("--also", nargs="*", default=[], type=Path,
                        help="further pairs to train on, say another model's translations: .tsv with a header")
    parser.add_argument("--own", default=1, type=int, help="0: without the project's own everyday pairs")
    parser.add_argument("--names", default=0, type=float, help="share of pairs to add a copy of under other names")
    parser.add_argument("--as-typed", default=0.1, type=float,
                        help="share of pairs to add a copy of without full stop, in small letters or with curly quotes")
    parser.add_argument("--english-pieces", default=4500, type=int, help="and French ones")
    parser.add_argument("--chinese-pieces", default=4000, type=int,
                        help="of a Chinese source; 0: single characters, as Chinese targets always have")
    parser.add_argument("--d-model", default=256, type=int)
    parser.add_argument("--ffn", default=1024, type=int)
    parser.add_argument("--layers", default=4, type=int, help="of the encoder, and of the decoder")
    parser.add_argument("--heads", default=4, type=int)
    parser.add_argument("--activation", default="relu", choices=["relu", "swish", "gelu"])
    parser.add_argument("--dropout", default=0.3, type=float)
    parser.add_argument("--length-penalty", default=1.0, type=float, help="of beam search, chosen on dev")
    parser.add_argument("--max-positions", default=512, type=int)
    parser.add_argument("--max-length", default=256, type=int, help="longest output in pieces")
    options = parser.parse_args()
    codes = options.direction.split("-")
    if len(codes) != 2 or codes[0] == codes[1] or "en" not in codes or not set(codes) <= set(LANGUAGES):
        parser.error(f"direction is {options.direction}, expected English and one of {', '.join(sorted(LANGUAGES))}: en-zh")
    options.languages = [LANGUAGES[code] for code in codes]
    # A folder of both directions has the name that begins with en.
    options.shared = "-".join(sorted(codes))
    options.corpus = options.corpus or ROOT.parent / "shared/corpus" / options.shared
    options.out = options.out or ROOT / "build/corpus" / options.direction
    return options


def main():
    try:
        prepare(arguments())
    except OSError as error:
        sys.exit(f"prepare: {error.strerror}: {error.filename}.")
    except ValueError as error:
        sys.exit(f"prepare: {error}")


def prepare(options):
    languages = options.languages
    source_side, target_side = languages
    try:
        train, dev = corpus.read_corpus(options.corpus, languages)
        lessons = own_pairs(f"pairs.{options.shared}.tsv", languages)
        everyday = own_pairs(f"everyday.{options.shared}.tsv", languages) if options.own else []
        also = [pair for path in options.also for pair in corpus.read_pairs(path, languages)]
    except OSError as error:
        sys.exit(f"prepare: {error.strerror}: {error.filename}. A folder with train.tsv and dev.tsv is expected, or "
                 "cmn-eng.zip from https://www.manythings.org/anki/.")

    print(f"prepare: {len(train)} pairs to train on, {len(dev)} to measure with, {len(lessons) + len(everyday)} of our own")
    if not options.corpus.is_dir():  # dev was cut from the list just now: ours to tidy
        dev = tidied(dev, languages)
    dropped = corpus.Dropped()
    lessons, everyday, train, also = (corpus.sift(tidied(part, languages), dev, languages, dropped)
                                      for part in (lessons, everyday, train, also))
    if not train or not dev:
        raise ValueError("\n  ".join([f"{options.corpus} leaves nothing to {'measure with' if train else 'train on'}",
                                      *dropped.lines()]))
    if target_side.code == "zh":
        ours = {c for pair in lessons for c in pair[1]}
        kept = set(corpus.drop_rare([*train, *everyday], 1, ours, dropped))
        train, everyday = [pair for pair in train if pair in kept], [pair for pair in everyday if pair in kept]
        known = {c for pair in [*train, *everyday, *lessons] for c in pair[1]}
        also = [pair for pair in also if set(pair[1]) <= known]
    renamed = names.renamed([*train, *everyday], options.names)
    variants = [*corpus.as_typed([*train, *everyday], options.as_typed, languages),
                *corpus.as_typed(lessons, LESSONS_AS_TYPED, languages)]
    renamed, variants = (corpus.sift(part, dev, languages, dropped) for part in (renamed, variants))
    everything = [*train, *everyday, *also, *renamed, *variants, *lessons * LESSON_COPIES]

    print(f"prepare: learning the pieces of {source_side.name} and {target_side.name}")
    source = vocabulary.train_source([text for text, _ in everything if corpus.UNKNOWN_SIGN not in text], source_side,
                                     pieces_of(source_side, options))
    target = vocabulary.train_target([text for _, text in everything], target_side, options.english_pieces)
    joint = vocabulary.join(source, target)

    out = options.out
    out.mkdir(parents=True, exist_ok=True)
    write_lines(out, "train", everything, languages)
    write_lines(out, "dev", dev, languages)
    contributors = corpus.read_contributors(options.corpus)
    (out / "contributors.txt").write_text("".join(name + "\n" for name in contributors), encoding="utf-8")
    (out / "source.spm").write_bytes(source)
    (out / "target.spm").write_bytes(target)
    vocabulary.write_json(out / "vocab.json", joint)
    vocabulary.write_json(out / "tokenizer_config.json", tokenizer_config(options))
    vocabulary.write_json(out / "config.json", model_config(options, len(joint)))
    vocabulary.write_json(out / "generation_config.json", generation_config(options, len(joint)))
    report = describe(everything, dev, source, target, joint, languages)
    report |= {"corpus": len(train), "everyday": len(everyday), "also": len(also), "renamed": len(renamed),
               "as typed": len(variants), "lessons": len(lessons), "lesson copies": LESSON_COPIES,
               "left out": {reason: len(pairs) for reason, pairs in sorted(dropped.items())}}
    check(out, joint, dev, languages)
    vocabulary.write_json(out / "report.json", report)
    for name, value in report.items():
        print(f"  {name}: {value}")
    for line in dropped.lines():
        print(f"  {line}")
    print(f"prepare: wrote {out}")


def tidied(pairs, languages):
    return [corpus.Pair(tidy_pair(pair, languages), pair.origin) for pair in pairs]


def own_pairs(name, languages):
    path = ROOT / "tools" / name
    return corpus.read_pairs(path, languages) if path.exists() else []


def pieces_of(language, options):
    return options.chinese_pieces if language.code == "zh" else options.english_pieces


def write_lines(out, name, pairs, languages):
    for side, language in enumerate(languages):
        text = "".join(pair[side] + "\n" for pair in pairs)
        (out / f"{name}.{language.code}").write_text(text, encoding="utf-8")


def tokenizer_config(options):
    source, target = (language.code for language in options.languages)
    return {"tokenizer_class": "MarianTokenizer", "source_lang": source, "target_lang": target, "separate_vocabs": False,
            "unk_token": vocabulary.UNKNOWN, "eos_token": vocabulary.EOS, "pad_token": vocabulary.PAD,
            "model_max_length": options.max_positions, "sp_model_kwargs": {}, "clean_up_tokenization_spaces": False}


def model_config(options, size):
    sides = {}
    for side in ("encoder", "decoder"):
        sides |= {f"{side}_layers": options.layers, f"{side}_attention_heads": options.heads,
                  f"{side}_ffn_dim": options.ffn, f"{side}_layerdrop": 0.0}
    return {"model_type": "marian", "architectures": ["MarianMTModel"], "is_encoder_decoder": True,
            "vocab_size": size, "decoder_vocab_size": size, "d_model": options.d_model, **sides,
            "activation_function": options.activation, "dropout": options.dropout, "attention_dropout": 0.0,
            "activation_dropout": 0.0, "init_std": 0.02, "max_position_embeddings": options.max_positions,
            "scale_embedding": True, "share_encoder_decoder_embeddings": True, "tie_word_embeddings": True,
            "use_cache": True, "eos_token_id": 0, "forced_eos_token_id": 0, "pad_token_id": size - 1,
            "decoder_start_token_id": size - 1, "dtype": "float32"}


def generation_config(options, size):
    return {"num_beams": 4, "length_penalty": options.length_penalty, "early_stopping": False, "max_length": options.max_length,
            "bad_words_ids": [[size - 1]], "eos_token_id": 0, "forced_eos_token_id": 0, "pad_token_id": size - 1,
            "decoder_start_token_id": size - 1, "renormalize_logits": False}


def describe(pairs, dev, source, target, joint, languages):
    """What a person who is about to train wants to know: sizes, lengths in pieces (end of sentence included)."""
    report = {"pairs": len(pairs), "dev": len(dev), "vocabulary": len(joint)}
    for side, model in enumerate((source, target)):
        processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        for name, part in (("train", pairs), ("dev", dev)):
            encoded = [processor.encode(pair[side]) for pair in part]
            lengths = [len(ids) + 1 for ids in encoded]
            unknown = sum(i == processor.unk_id() for ids in encoded for i in ids)
            report[f"{name} {languages[side].code}"] = {
                "mean": round(sum(lengths) / len(lengths), 2), "longest": max(lengths), "tokens": sum(lengths),
                "unknown": unknown}
    return report


def check(out, joint, dev, languages):
    """Reads back what was written; raises AssertionError if a sentence of dev is in train or a piece has no id."""
    for side, language in enumerate(languages):
        lines = (out / f"train.{language.code}").read_text(encoding="utf-8").splitlines()
        assert not {pair[side] for pair in dev} & set(lines), f"train.{language.code} holds a sentence of dev"
        processor = sentencepiece.SentencePieceProcessor(model_file=str(out / ("source.spm", "target.spm")[side]))
        pieces = {piece for line in lines for piece in processor.encode(line, out_type=str)}
        unknown = sorted(pieces - joint.keys() - {corpus.UNKNOWN_SIGN})
        assert not unknown, f"pieces of train.{language.code} without an id: {unknown[:10]}"
    assert list(joint.values()) == list(range(len(joint))) and joint[vocabulary.PAD] == len(joint) - 1


if __name__ == "__main__":
    main()
