# SPDX-License-Identifier: MIT
"""Turns a corpus into what the trainer reads: plain text, SentencePiece models, and the JSON files of a Marian folder.

    python tools/prepare.py ../shared/corpus/en-zh --out build/corpus/en-zh
    python tools/prepare.py ~/Downloads/cmn-eng.zip

writes train.en, train.zh, dev.en, dev.zh (a line a sentence, the two sides line by line), source.spm, target.spm,
vocab.json, tokenizer_config.json, config.json, generation_config.json, contributors.txt and report.json. No sentence of
dev has a part in any but dev.en and dev.zh. The same input gives the same files.
"""

import argparse
import sys
from pathlib import Path

import sentencepiece

import corpus
import vocabulary

ROOT = Path(__file__).resolve().parent.parent
# The page shows our own sentences while they are being typed, so more of them come without their full stop.
OWN_AS_TYPED = 0.5


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", nargs="?", default=ROOT / "../shared/corpus/en-zh", type=Path,
                        help="folder with train.tsv and dev.tsv, or a list from manythings.org (cmn.txt, cmn-eng.zip)")
    parser.add_argument("--out", default=ROOT / "build/corpus/en-zh", type=Path)
    parser.add_argument("--own", default=ROOT / "tools/pairs.en-zh.tsv", type=Path, help="the project's own pairs")
    parser.add_argument("--own-copies", default=3, type=int, help="how often each of them enters")
    parser.add_argument("--as-typed", default=0.1, type=float,
                        help="share of pairs to add a copy of without full stop, in small letters or with curly quotes")
    parser.add_argument("--pieces", default=5000, type=int, help="size of the English vocabulary")
    parser.add_argument("--d-model", default=256, type=int)
    parser.add_argument("--ffn", default=1024, type=int)
    parser.add_argument("--layers", default=4, type=int, help="of the encoder, and of the decoder")
    parser.add_argument("--heads", default=4, type=int)
    parser.add_argument("--activation", default="relu", choices=["relu", "swish", "gelu"])
    parser.add_argument("--dropout", default=0.3, type=float)
    parser.add_argument("--max-positions", default=512, type=int)
    parser.add_argument("--max-length", default=256, type=int, help="longest output in pieces")
    return parser.parse_args()


def main():
    options = arguments()
    try:
        train, dev = corpus.read_corpus(options.corpus)
        own = corpus.read_pairs(options.own)
    except OSError as error:
        sys.exit(f"prepare: {error.strerror}: {error.filename}. A folder with train.tsv and dev.tsv is expected, or "
                 "cmn-eng.zip from https://www.manythings.org/anki/.")

    print(f"prepare: {len(train)} pairs to train on, {len(dev)} to measure with, {len(own)} of our own")
    if not options.corpus.is_dir():  # dev was cut from the list just now: ours to tidy, and to keep our own pairs out of
        own_sentences = {sentence for pair in own for sentence in pair}
        dev = [pair for pair in (corpus.tidy(en, zh) for en, zh in dev) if not own_sentences & set(pair)]
    kept_own, faults = corpus.sift(own, dev)
    if faults:
        sys.exit(f"prepare: {options.own}: not every pair is usable: {dict(faults)}")
    train, dropped = corpus.sift([corpus.tidy(en, zh) for en, zh in train], dev)
    train, dropped["character seen once"] = corpus.drop_rare(train, {c for _, zh in own for c in zh})
    variants = corpus.as_typed(train, options.as_typed) + corpus.as_typed(kept_own, OWN_AS_TYPED)
    variants, _ = corpus.sift(variants, dev)
    everything = train + variants + kept_own * options.own_copies

    print(f"prepare: learning {options.pieces} English pieces and the Chinese characters")
    source = vocabulary.train_source([en for en, _ in everything if corpus.UNKNOWN_SIGN not in en], options.pieces)
    target = vocabulary.train_target([zh for _, zh in everything])
    joint = vocabulary.join(source, target)

    out = options.out
    out.mkdir(parents=True, exist_ok=True)
    write_lines(out, "train", everything)
    write_lines(out, "dev", dev)
    names = corpus.read_contributors(options.corpus)
    (out / "contributors.txt").write_text("".join(name + "\n" for name in names), encoding="utf-8")
    (out / "source.spm").write_bytes(source)
    (out / "target.spm").write_bytes(target)
    vocabulary.write_json(out / "vocab.json", joint)
    vocabulary.write_json(out / "tokenizer_config.json", tokenizer_config(options))
    vocabulary.write_json(out / "config.json", model_config(options, len(joint)))
    vocabulary.write_json(out / "generation_config.json", generation_config(options, len(joint)))
    report = describe(everything, dev, source, target, joint)
    report |= {"corpus": len(train), "as typed": len(variants), "own": len(own), "own copies": options.own_copies,
               "dropped": dict(sorted(dropped.items()))}
    check(out, joint, dev)
    vocabulary.write_json(out / "report.json", report)
    for name, value in report.items():
        print(f"  {name}: {value}")
    print(f"prepare: wrote {out}")


def write_lines(out, name, pairs):
    for side, language in enumerate(("en", "zh")):
        text = "".join(pair[side] + "\n" for pair in pairs)
        (out / f"{name}.{language}").write_text(text, encoding="utf-8")


def tokenizer_config(options):
    return {"tokenizer_class": "MarianTokenizer", "source_lang": "en", "target_lang": "zh", "separate_vocabs": False,
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
    return {"num_beams": 4, "length_penalty": 1.0, "early_stopping": False, "max_length": options.max_length,
            "bad_words_ids": [[size - 1]], "eos_token_id": 0, "forced_eos_token_id": 0, "pad_token_id": size - 1,
            "decoder_start_token_id": size - 1, "renormalize_logits": False}


def describe(pairs, dev, source, target, joint):
    """What a person who is about to train wants to know: sizes, lengths in pieces (end of sentence included)."""
    report = {"pairs": len(pairs), "dev": len(dev), "vocabulary": len(joint)}
    for side, model in (("en", source), ("zh", target)):
        processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        for name, part in (("train", pairs), ("dev", dev)):
            encoded = [processor.encode(pair[side == "zh"]) for pair in part]
            lengths = [len(ids) + 1 for ids in encoded]
            unknown = sum(i == processor.unk_id() for ids in encoded for i in ids)
            report[f"{name} {side}"] = {"mean": round(sum(lengths) / len(lengths), 2), "longest": max(lengths),
                                        "tokens": sum(lengths), "unknown": unknown}
    return report


def check(out, joint, dev):
    """Reads back what was written; raises AssertionError if a sentence of dev is in train or a piece has no id."""
    for side, language in enumerate(("en", "zh")):
        lines = (out / f"train.{language}").read_text(encoding="utf-8").splitlines()
        assert not {pair[side] for pair in dev} & set(lines), f"train.{language} holds a sentence of dev"
        processor = sentencepiece.SentencePieceProcessor(model_file=str(out / ("source.spm", "target.spm")[side]))
        pieces = {piece for line in lines for piece in processor.encode(line, out_type=str)}
        unknown = sorted(pieces - joint.keys() - {corpus.UNKNOWN_SIGN})
        assert not unknown, f"pieces of train.{language} without an id: {unknown[:10]}"
    assert list(joint.values()) == list(range(len(joint))) and joint[vocabulary.PAD] == len(joint) - 1


if __name__ == "__main__":
    main()
