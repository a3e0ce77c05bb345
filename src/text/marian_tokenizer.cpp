// SPDX-License-Identifier: MIT
#include "text/marian_tokenizer.h"

#include <algorithm>

#include "tensor/error.h"
#include "text/utf8.h"

namespace regard::text {

namespace {

// How long a `>>code<<` at the beginning is, 0 if there is none.
size_t language_code_size(std::string_view text) {
  if (!text.starts_with(">>")) return 0;
  const size_t end = text.find("<<");
  return end == std::string_view::npos ? 0 : end + 2;
}

// '▁' that decoding left, in pieces that the SentencePiece model does not know, become spaces.
void replace_space_marks(DecodedText& decoded) {
  std::vector<Index> place(decoded.text.size() + 1);
  std::string text;
  for (size_t at = 0; at < decoded.text.size();) {
    const bool mark = std::string_view(decoded.text).substr(at).starts_with(space_mark);
    const size_t size = mark ? space_mark.size() : 1;
    for (size_t i = 0; i < size; ++i) place[at + i] = static_cast<Index>(text.size());
    text += mark ? ' ' : decoded.text[at];
    at += size;
  }
  place.back() = static_cast<Index>(text.size());
  for (TextSpan& span : decoded.spans) {
    span = {place[static_cast<size_t>(span.begin)], place[static_cast<size_t>(span.end)]};
  }
  decoded.text = std::move(text);
}

// Without the spaces at both ends.
void strip(DecodedText& decoded) {
  const std::string_view text = decoded.text;
  Index begin = 0, end = 0;
  bool started = false;
  for (size_t at = 0; at < text.size();) {
    const Character character = first_character(text.substr(at));
    at += static_cast<size_t>(character.length);
    if (is_space(character.code)) continue;
    if (!started) begin = static_cast<Index>(at) - character.length;
    started = true;
    end = static_cast<Index>(at);
  }
  for (TextSpan& span : decoded.spans) {
    span = {std::clamp(span.begin, begin, end) - begin, std::clamp(span.end, begin, end) - begin};
  }
  decoded.text = decoded.text.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
}

}  // namespace

MarianTokenizer::Side MarianTokenizer::make_side(SentencePiece model,
                                                 std::shared_ptr<const Vocabulary> vocabulary,
                                                 const std::string& vocabulary_name,
                                                 const MarianTokens& tokens) {
  const auto find = [&](const std::string& token) {
    const Id id = vocabulary->find(token);
    if (id < 0) throw FormatError(vocabulary_name, ": there is no \"", token, "\"");
    return id;
  };
  const Id unknown = find(tokens.unknown), end = find(tokens.end), pad = find(tokens.pad);
  return {std::move(model), std::move(vocabulary), unknown, end, pad};
}

MarianTokenizer MarianTokenizer::read(const MarianTokenizerFiles& files,
                                      const MarianTokens& tokens) {
  const auto vocabulary = [](io::ByteSpan json, const std::string& name) {
    return std::make_shared<const Vocabulary>(Vocabulary::read(json, name));
  };
  const auto joint = vocabulary(files.vocab, "vocab.json");
  Side source =
      make_side(SentencePiece::read(files.source_spm, "source.spm"), joint, "vocab.json", tokens);
  const char* name = files.target_vocab ? "target_vocab.json" : "vocab.json";
  Side target =
      make_side(SentencePiece::read(files.target_spm, "target.spm"),
                files.target_vocab ? vocabulary(*files.target_vocab, name) : joint, name, tokens);
  return MarianTokenizer(std::move(source), std::move(target));
}

Id MarianTokenizer::id_of(const Side& side, const std::string& piece) noexcept {
  const Id id = side.vocabulary->find(piece);
  return id < 0 ? side.unknown : id;
}

Ids MarianTokenizer::sample(const Side& side, std::string_view text, float alpha, Random& random) {
  Ids ids;
  const size_t code_size = language_code_size(text);
  if (code_size > 0) ids.push_back(id_of(side, std::string(text.substr(0, code_size))));
  for (const TextPiece& piece : side.model.sample(text.substr(code_size), alpha, random)) {
    ids.push_back(id_of(side, piece.text));
  }
  ids.push_back(side.end);
  return ids;
}

Sentence MarianTokenizer::encode(const Side& side, std::string_view text) {
  Sentence sentence;
  sentence.text = text;
  const size_t code_size = language_code_size(text);
  const auto shift = static_cast<Index>(code_size);
  if (code_size > 0) {
    sentence.pieces.push_back({0, std::string(text.substr(0, code_size)), 0, shift});
  }
  for (TextPiece& piece : side.model.encode(text.substr(code_size))) {
    piece.begin += shift;
    piece.end += shift;
    sentence.pieces.push_back(std::move(piece));
  }
  for (TextPiece& piece : sentence.pieces) piece.id = id_of(side, piece.text);
  const auto size = static_cast<Index>(text.size());
  sentence.pieces.push_back({side.end, (*side.vocabulary)[side.end], size, size});

  std::vector<bool> special(sentence.pieces.size());
  special.back() = true;
  group_words(sentence, special);
  return sentence;
}

Sentence MarianTokenizer::decode_target(std::span<const Id> ids) const {
  const Vocabulary& vocabulary = target_vocabulary();
  std::vector<bool> special;
  std::vector<std::string_view> pieces;
  for (const Id id : ids) {
    if (id < 0 || id >= vocabulary.size()) {
      throw ValueError("decode: id ", id, " is outside of 0 … ", vocabulary.size() - 1);
    }
    special.push_back(id == target_.end || id == target_.pad || id == target_.unknown);
    if (!special.back()) pieces.push_back(vocabulary[id]);
  }

  DecodedText decoded = target_.model.decode(pieces);
  replace_space_marks(decoded);
  strip(decoded);

  // a special token stands where the piece before it ends
  Sentence sentence;
  sentence.text = std::move(decoded.text);
  Index end = 0;
  auto span = decoded.spans.begin();
  for (size_t i = 0; i < ids.size(); ++i) {
    const TextSpan place = special[i] ? TextSpan{end, end} : *span++;
    sentence.pieces.push_back({ids[i], vocabulary[ids[i]], place.begin, place.end});
    end = place.end;
  }
  group_words(sentence, special);
  return sentence;
}

}  // namespace regard::text
