# SPDX-License-Identifier: MIT
"""SentencePiece models for both sides, and the one joint vocabulary that a Marian folder has."""

import contextlib
import io
import json
import os
import tempfile
from pathlib import Path

import sentencepiece

from languages import compatible, simplified

EOS, UNKNOWN, PAD = "</s>", "<unk>", "<pad>"


def train_source(sentences, language, pieces):
    """Unigram pieces after compatibility normalization. Returns the bytes of source.spm.

    Chinese has no spaces: none is put in front, and traditional characters become simplified ones.
    """
    options = {"model_type": "unigram", "vocab_size": pieces}
    if language.code != "zh":
        return train(sentences, normalization_rule_name="nmt_nfkc", **options)
    if not pieces:
        options = characters(sentences)
    with rules(compatible() | simplified()) as path:
        return train(sentences, normalization_rule_tsv=path, add_dummy_prefix=False, **options)


def train_target(sentences, language, pieces):
    """Like train_source; but in Chinese every character is a piece of its own. Returns the bytes of target.spm.

    There, compatibility normalization would turn ，and ？ into their ASCII look-alikes; only traditional characters change.
    """
    if language.code != "zh":
        return train(sentences, model_type="unigram", vocab_size=pieces, normalization_rule_name="nmt_nfkc")
    with rules(simplified()) as path:
        return train(sentences, normalization_rule_tsv=path, add_dummy_prefix=False, **characters(sentences))


def characters(sentences):
    count = len({c for sentence in sentences for c in sentence})
    return {"model_type": "unigram", "max_sentencepiece_length": 1, "vocab_size": count + 4, "hard_vocab_limit": False}


@contextlib.contextmanager
def rules(table):
    """A file of normalization rules as SentencePiece reads them: code points in hexadecimal, from and to.

    The model keeps the file's name, so it is the same one every time, in the folder of the moment.
    """
    def points(text):
        return " ".join(f"{ord(c):X}" for c in text)
    name, before = "rules.tsv", os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        lines = (f"{points(old)}\t{points(new)}\n" for old, new in sorted(table.items()))
        Path(folder, name).write_text("".join(lines), encoding="ascii")
        os.chdir(folder)
        try:
            yield name
        finally:
            os.chdir(before)


def train(sentences, **options):
    model = io.BytesIO()
    # One thread, so that sums are taken in one order and the same text gives the same model.
    try:
        with quiet():
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=iter(sentences), model_writer=model, character_coverage=1.0, num_threads=1,
                bos_id=-1, unk_id=0, eos_id=1, minloglevel=1, **options)
    except RuntimeError as error:
        # It names the place in its own source first, then says what is wrong.
        raise ValueError(f"SentencePiece learns no pieces: {str(error).rpartition('] ')[2]}") from None
    return model.getvalue()


@contextlib.contextmanager
def quiet():
    """Sends SentencePiece's report of its training, written past Python's own streams, to nowhere."""
    saved, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)


def pieces_of(model):
    """The pieces of a model's bytes in the order of their ids, control pieces left out."""
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    ids = range(processor.get_piece_size())
    return [processor.id_to_piece(i) for i in ids if not processor.is_control(i) and not processor.is_unknown(i)]


def join(source, target):
    """piece -> id: `</s>` 0, `<unk>` 1, the pieces of both models once each, `<pad>` last."""
    pieces = dict.fromkeys([EOS, UNKNOWN, *pieces_of(source), *pieces_of(target)])
    pieces.pop(PAD, None)
    return {piece: i for i, piece in enumerate([*pieces, PAD])}


def write_json(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
