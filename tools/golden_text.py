# SPDX-License-Identifier: MIT
"""Writes tests/golden/text: small SentencePiece models and what the sentencepiece library and
transformers' MarianTokenizer make of 2,000 lines with them.

    python tools/golden_text.py [corpus]        (default: ../shared/corpus)

Needs sentencepiece, protobuf and transformers. Sentences come from <corpus>/en-zh/train.tsv only.
The formats are described in tests/golden/text/README.md.
"""
import datetime
import json
import random
import shutil
import sys
import tempfile
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2

OUT = Path(__file__).resolve().parent.parent / 'tests' / 'golden' / 'text'
LINES = 2000
DECODED = 700  # so many of them are also put together again
SEED = 20261120

# Rules of a table of our own: longest match, several characters, deletion, spaces that appear.
RULES = {
    'e\u0301': 'é', 'E\u0301': 'É', '…': '...', '\u3000': ' ', '㍿': '株式会社', '“': '"', '”': '"',
    'ab': 'c', 'abc': 'd', 'abcde': 'e', '\u200b': '', '\ufeff': '', '—': ' - ', '\t': ' ', '\r': '',
    '龘': '龙龙龙', 'ﬁ': 'fi', '①': ' 1 ', '\x07': '  ',
}
# … and for text that comes out.
DENORMALIZATION = {'。': '.', '，': ', ', '……': '…', '嗯': ''}


def rules_file(folder, name, rules):
    path = folder / name
    hexes = lambda text: ' '.join(f'{ord(c):X}' for c in text)
    path.write_text(''.join(f'{hexes(a)}\t{hexes(b)}\n' for a, b in rules.items()), 'utf-8')
    return str(path)


def corpus_lines(corpus):
    rows = (corpus / 'en-zh' / 'train.tsv').read_text('utf-8').split('\n')[1:]
    pairs = [row.split('\t')[:2] for row in rows if row]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def train(folder, name, text, unused=0, user_defined=0, **options):
    """A model trained on lines of text; every `unused`-th normal piece is then marked as unused,
    every `user_defined`-th as user-defined, for the trainer itself makes no piece across these."""
    (folder / 'input.txt').write_text('\n'.join(text), 'utf-8')
    options = {'num_threads': 1, 'minloglevel': 2, 'input_sentence_size': 0, **options}
    sentencepiece.SentencePieceTrainer.train(
        input=str(folder / 'input.txt'), model_prefix=str(folder / name), **options)
    model = sentencepiece_model_pb2.ModelProto()
    model.ParseFromString((folder / f'{name}.model').read_bytes())
    # the file must not tell where it was made
    del model.trainer_spec.input[:]
    model.trainer_spec.model_prefix = name
    model.normalizer_spec.normalization_rule_tsv = ''
    model.denormalizer_spec.normalization_rule_tsv = ''
    normal = [piece for piece in model.pieces if piece.type == piece.NORMAL]
    for every, type in ((unused, 'UNUSED'), (user_defined, 'USER_DEFINED')):
        for piece in normal[every - 1::every] if every else []:
            piece.type = piece.Type.Value(type)
    (OUT / f'{name}.spm').write_bytes(model.SerializeToString())
    return sentencepiece.SentencePieceProcessor(model_file=str(OUT / f'{name}.spm'))


def train_all(folder, english, chinese):
    mixed = english[::4] + chinese[::4] + [f'{a} {b}' for a, b in zip(english[::16], chinese[::16])]
    symbols = ['<sep>', 'Tom', '汤姆', '👍', 'New York', 'ab']
    yield 'english_unigram', train(
        folder, 'english_unigram', english[::2], vocab_size=2000, model_type='unigram',
        normalization_rule_name='nmt_nfkc')
    yield 'english_bpe', train(
        folder, 'english_bpe', english[::2], unused=7, vocab_size=1500, model_type='bpe',
        normalization_rule_name='nmt_nfkc_cf', pad_id=3)
    yield 'chinese_unigram', train(
        folder, 'chinese_unigram', chinese[::2], vocab_size=3000, model_type='unigram',
        character_coverage=0.9995, normalization_rule_name='identity', max_sentencepiece_length=2)
    yield 'chinese_char', train(
        folder, 'chinese_char', chinese[::2], vocab_size=1500, model_type='char',
        normalization_rule_name='identity', user_defined_symbols=['<sep>', '汤姆'])
    yield 'mixed_unigram', train(
        folder, 'mixed_unigram', mixed, unused=11, user_defined=23, vocab_size=3000, model_type='unigram',
        byte_fallback=True, user_defined_symbols=symbols, control_symbols=['<zh>', '<en>'],
        character_coverage=0.999, unk_surface=' <?> ', hard_vocab_limit=False,
        normalization_rule_tsv=rules_file(folder, 'rules.tsv', RULES))
    yield 'mixed_bpe', train(
        folder, 'mixed_bpe', mixed, unused=13, vocab_size=3000, model_type='bpe',
        byte_fallback=True, user_defined_symbols=symbols, character_coverage=0.99,
        normalization_rule_name='identity', remove_extra_whitespaces=False, split_digits=True,
        treat_whitespace_as_suffix=True, allow_whitespace_only_pieces=True,
        denormalization_rule_tsv=rules_file(folder, 'denormalization.tsv', DENORMALIZATION))
    # so small that a test can cut it at every byte
    yield 'tiny', train(
        folder, 'tiny', english[::8], vocab_size=120, hard_vocab_limit=False, model_type='unigram',
        normalization_rule_name='identity', remove_extra_whitespaces=False)


# Written for these tests: what people paste, and what programs send.
SPECIAL = [
    '', ' ', '  ', '\t', '\n', '\r\n', '\u3000', '\u00a0', ' \t \n ', '.', '▁', '▁▁', '▁a', 'a▁b ▁ c',
    'a', ' a', 'a ', '  a  b  ', 'a\tb', 'a\nb', 'a\r\nb\r\n', 'a\u00a0b', 'a\u3000b\u3000', '\ufeffHello',
    '👍', '👍👍🏽', 'Tom 👍 likes 👩‍👩‍👧‍👦 and 🏳️‍🌈!', '🇨🇳🇬🇧', '1️⃣ 2️⃣', '👩🏽‍💻 writes code', '🤷🏻‍♂️', '☺️☹︎',
    'Ｈｅｌｌｏ，　ｗｏｒｌｄ！', '１２３％', '（全角）', 'ﾊﾟﾋﾟﾌﾟ ｶﾞｷﾞ', 'ｱｲｳ', '㈱㍿①②⑳㋿', 'ﬁnal ﬀ ﬃ ﬆ oﬃce', '½ ¼ ⅓ x²', '№ ℡ ™ ℃ Å K',
    'ﷺ', 'ﷻ word', 'e\u0301', 'cafe\u0301 café', 'a\u0301\u0302\u0303\u0304', 'Z\u0351\u036b\u0343a\u0363\u0308l\u030ag\u0316o\u0317',
    '\u1112\u1161\u11ab\u1100\u1173\u11af 한글', 'i\u0307 İ ı ſ ß ẞ', 'ΑΣ ας', 'ǅ ǆ', '\u0344\u0958',
    'שלום עולם', 'مرحبا بالعالم', 'abc مرحبا def', '\u202eabc\u202c', '\u200fx\u200e', 'हिन्दी में', 'ภาษาไทย', 'Привет, мир!',
    'Tom', 'Tomorrow', 'xTomx', 'TomTom', 'Tom Tom', '汤姆汤姆', '汤姆和杰瑞', 'New York', 'NewYork', 'in New York.', 'New  York', ' New York ',
    '<sep>', 'a<sep>b', '<sep><sep>', '<se', '<zh>你好', '<en>', '<unk>', 'a<unk>b', '</s>', '<s>x</s>', '<pad>', '<0x41>', '<0x0A>', '<0xGG>',
    '>>cmn<< Hello.', '>>cmn<<', '>>', '<<', '>>a b<< c', 'x >>cmn<<', '>>cmn<', '>>xyz<<  Hi', '>> ><<<', '>>zho_Hant<<Good',
    'ab', 'abc', 'abcd', 'abcde', 'abcdef', 'aabbcc', 'ababab', 'abcabc', '…', '……', '“a”', 'a—b', '— a —', '①②', '龘龘', 'x龘y',
    '\x00', 'a\x00b', '\x00\x00', '\x01\x02\x03', '\x07', 'a\x07\x07b', '\x1b[31mred\x1b[0m', '\x7f', '\x80\x81', '\x85', 'a\u0085b',
    '\u200b', 'a\u200bb', '\u200c\u200d', 'soft\u00adhyphen', '\u2028\u2029', '\u2060x', '\ufffe\uffff', '\ufdd0', '\ue000\uf8ff', '\U0010ffff', '\U000e0041',
    '�', 'a�b', '��', '\u2047', ' ⁇ ', '\U0001f9ff𠀀𪚥', '𝐇𝐞𝐥𝐥𝐨 𝕎', 'Ⅷ ⅷ', '㎏ ㏂ ㍘', '豈更車', '﹁﹂︰', 'ヷ ゟ ヿ', '〜～', '゛゜',
    '你好，世界！', '我爱你。', '汤姆追杰瑞。', '“你好”，他说……', '一 二  三', 'Tom说：“Hello!”', '龘', '龘龘龘', '㐀㐁', '嗯，好。', '嗯', '。。。',
    'Tom chases Jerry.', 'TOM CHASES JERRY.', "Don't! I can't, won't & shan't.", '1234567890', '3.14 1,000,000', '2026-11-20', 'C++20 x=y+1;',
    'http://example.org/?q=%E4%BD%A0&x=1#a', 'user@example.org', '/a/b/c.txt', 'a,b;c:d!e?f', '~!@#$%^&*()_+`-={}|[]\\:";\'<>?,./',
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '的的的的的的的的的的', 'ha' * 60, '. ' * 40, '▁ ' * 20, 'xyzzy qwrtp zxcvb', 'Ünïcödé nâïve façade', 'Łódź Đà Nẵng',
]
BROKEN = [
    b'\xff', b'a\xffb', b'\x80', b'\xc0\x80', b'\xc3', b'\xc3(', b'\xe4\xbd', b'\xe4\xbdx', b'\xe4', b'\xed\xa0\x80', b'\xed\xbf\xbf', b'\xf0\x9f\x91',
    b'\xf0\x80\x80\x80', b'\xf4\x90\x80\x80', b'\xf5\x80\x80\x80', b'\xfe\xff', b'\xef\xbb\xbf', b'ab\xe2\x96', b'\xe2\x96\x81\xe2', b'\xe4\xbd\xa0\xbd\xa0',
    b'\xc1\xbf \xc2', b' \xa0 ', b'x\xf8\x88\x80\x80\x80y', b'\xe6\xb1\xa4\xe5\xa7', b'To\xcdm', bytes(range(128, 256)), bytes(range(256)),
]


def make_lines(english, chinese):
    """The lines that every model is tried on, as bytes, for some are no UTF-8."""
    rng = random.Random(SEED)
    lines = [text.encode() for text in SPECIAL] + BROKEN
    lines += [bytes(rng.randrange(256) for _ in range(rng.randrange(1, 24))) for _ in range(40)]

    # three of about 5,000 characters
    lines.append(' '.join(rng.sample(english, 180))[:5000].encode())
    lines.append(''.join(rng.sample(chinese, 600))[:5000].encode())
    lines.append((rng.choice(english) + ' 🏳️‍🌈ﬁ' * 1500)[:5000].encode())

    alphabets = ['abcdeTom <>sp▁', '一二三汤姆的我 你，。', 'ＡＢｃｄ１２ﬁ①㍿ e\u0301…', '👍👩\u200d🏽️\ufe0f🇨🇳 ab', ''.join(map(chr, range(0x20, 0x180)))]
    for _ in range(300):
        alphabet = rng.choice(alphabets)
        lines.append(''.join(rng.choice(alphabet) for _ in range(rng.randrange(1, 40))).encode())
    picked = rng.sample(range(len(english)), LINES)
    for number, index in enumerate(picked):
        if len(lines) == LINES:
            break
        kind = number % 20
        text = english[index] if kind < 11 else chinese[index] if kind < 19 else f'{chinese[index]}  {english[index]}'
        lines.append(text.encode())
    assert len(lines) == LINES
    return lines


class Writer:
    """A line that says where the file comes from, then numbers (LEB128) and strings."""

    def __init__(self, what):
        self.bytes = bytearray(f'{what}, {datetime.date.today()}, tools/golden_text.py\n'.encode())

    def number(self, value):
        assert value >= 0
        while value >= 0x80:
            self.bytes.append(value & 0x7f | 0x80)
            value >>= 7
        self.bytes.append(value)

    def string(self, value):
        self.number(len(value))
        self.bytes += value

    def ids(self, ids):
        self.number(len(ids))
        for id in ids:
            self.number(id)


def write_lines(lines):
    writer = Writer('lines of en-zh/train.tsv (Tatoeba, CC BY 2.0 FR) and of our own')
    writer.number(len(lines))
    for line in lines:
        writer.string(line)
    (OUT / 'lines.golden').write_bytes(writer.bytes)


def write_decoded(writer, model, ids, same_as=None):
    """0 if the text is that of the line, else 1 and the text; then the length of each span."""
    raw = model.decode(ids, out_type=bytes)
    proto = model.decode(ids, out_type='proto')
    if raw == same_as:
        writer.number(0)
    else:
        writer.number(1)
        writer.string(raw)
    end = 0
    for piece in proto.pieces:
        assert piece.begin == end
        end = piece.end
        writer.number(piece.end - piece.begin)


def write_model(name, model, lines):
    rng = random.Random(SEED)
    writer = Writer(f'sentencepiece {sentencepiece.__version__}')
    writer.number(len(lines))
    writer.number(DECODED)
    for number, line in enumerate(lines):
        pieces = sentence_pieces(model, line)
        writer.number(len(pieces))
        before = 0
        for piece, id, begin, end in pieces:
            writer.number(id)
            writer.number(begin - before)
            writer.number(end - begin)
            if id == model.unk_id():
                writer.string(piece)
            before = begin
        if number < DECODED:
            write_decoded(writer, model, [piece[1] for piece in pieces], line)

    # ids in no order of any language: bytes, control pieces and unknowns among them
    writer.number(300)
    special = [i for i in range(len(model)) if model.is_control(i) or model.is_unknown(i) or model.is_byte(i)]
    spaced = [i for i in range(len(model)) if model.id_to_piece(i).startswith('▁')]
    for _ in range(300):
        pools = [range(len(model)), special, spaced]
        ids = [rng.choice(rng.choice(pools)) for _ in range(rng.randrange(0, 12))]
        writer.ids(ids)
        write_decoded(writer, model, ids)
    (OUT / f'{name}.golden').write_bytes(writer.bytes)


def sentence_pieces(model, line):
    """(piece, id, begin, end) in bytes; a proto's strings are UTF-8 only where the pieces are."""
    proto = model.encode(line, out_type='proto')
    pieces = model.encode(line, out_type=bytes)
    assert len(pieces) == len(proto.pieces)
    return [(text, p.id, p.begin, p.end) for text, p in zip(pieces, proto.pieces)]


def write_marian(source, target, lines):
    """Vocabularies with holes, so that some pieces are unknown, and what MarianTokenizer does."""
    import transformers
    folder = OUT / 'marian'
    codes = ['>>cmn<<', '>>cmn_Hans<<', '>>zho_Hant<<']

    def vocabulary(models, name):
        tokens = ['</s>', '<unk>']
        for model in models:
            pieces = [model.id_to_piece(i) for i in range(len(model)) if not model.is_control(i)]
            tokens += [piece for number, piece in enumerate(pieces) if number % 29 != 28]
        tokens = list(dict.fromkeys(tokens)) + codes + ['<pad>']
        path = folder / name
        path.write_text(json.dumps({t: i for i, t in enumerate(tokens)}, ensure_ascii=False), 'utf-8')
        return str(path)

    spm = {'source_spm': str(OUT / 'english_unigram.spm'), 'target_spm': str(OUT / 'chinese_unigram.spm')}
    joint = transformers.MarianTokenizer(vocab=vocabulary([source, target], 'vocab.json'), **spm)
    separate = transformers.MarianTokenizer(
        vocab=vocabulary([source], 'separate_vocab.json'), separate_vocabs=True,
        target_vocab_file=vocabulary([target], 'separate_target_vocab.json'), **spm)

    # a special token inside a text stays text here; there it would end the sentence
    texts = []
    for line in lines:
        try:
            text = line.decode()
        except UnicodeDecodeError:
            continue
        if len(line) < 300 and not any(token in text for token in ('</s>', '<unk>', '<pad>')):
            texts.append(text)
    texts = texts[:190] + texts[500::4]
    texts += [code + between + text for text, code, between in zip(texts[-60:], codes * 20, ['', ' ', '  '] * 20)]

    for name, tokenizer in (('joint', joint), ('separate', separate)):
        writer = Writer(f'transformers {transformers.__version__}')
        writer.number(len(texts))
        for text in texts:
            writer.string(text.encode())
            writer.ids(tokenizer(text).input_ids)
            ids = tokenizer(text_target=text).input_ids
            writer.ids(ids)
            decoded = tokenizer.decode(ids, skip_special_tokens=True, use_source_tokenizer=False)
            writer.string(decoded.encode())
        (folder / f'{name}.golden').write_bytes(writer.bytes)


def main():
    corpus = Path(sys.argv[1] if len(sys.argv) > 1 else '../shared/corpus')
    english, chinese = corpus_lines(corpus)
    (OUT / 'marian').mkdir(parents=True, exist_ok=True)
    lines = make_lines(english, chinese)
    write_lines(lines)
    models = {}
    folder = Path(tempfile.mkdtemp())
    try:
        for name, model in train_all(folder, english, chinese):
            print(name, len(model), 'pieces')
            models[name] = model
            if name != 'tiny':
                write_model(name, model, lines)
    finally:
        shutil.rmtree(folder)
    write_marian(models['english_unigram'], models['chinese_unigram'], lines)


if __name__ == '__main__':
    main()
