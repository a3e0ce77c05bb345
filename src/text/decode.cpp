// SPDX-License-Identifier: MIT
// The second half of SentencePiece: from pieces back to text.
#include "tensor/error.h"
#include "text/sentencepiece.h"
#include "text/utf8.h"

namespace regard::text {

// What has been put together so far. Bytes wait until a piece that is no byte comes: only then is
// it clear which characters they make.
struct SentencePiece::Decoding {
  const SentencePiece& model;
  DecodedText result{};
  std::string waiting_bytes{};
  bool at_beginning = true;

  void append(std::string_view surface) {
    const auto begin = static_cast<Index>(result.text.size());
    result.text += surface;
    result.spans.push_back({begin, static_cast<Index>(result.text.size())});
  }

  // One span for each byte: the last of a character has all of it.
  void append_bytes() {
    for (std::string_view rest = waiting_bytes; !rest.empty();) {
      const Character character = first_character(rest);
      for (Index i = 1; i < character.length; ++i) append("");
      const auto length = static_cast<size_t>(character.length);
      append(character.valid ? rest.substr(0, length) : replacement_character);
      rest.remove_prefix(length);
    }
    waiting_bytes.clear();
  }

  void take(std::string_view piece, Id id) {
    const Lexicon& lexicon = model.lexicon_;
    if (lexicon.is(Lexicon::Type::byte, id)) {
      waiting_bytes += static_cast<char>(byte_of_piece(piece));
      return;
    }

    append_bytes();
    at_beginning &= result.text.empty();
    if (lexicon.is(Lexicon::Type::control, id)) return append("");
    if (id == lexicon.unknown()) {
      return append(piece == lexicon[id].text ? std::string_view(model.unknown_surface_) : piece);
    }

    if (at_beginning && model.drops_first_space_ && piece.starts_with(space_mark)) {
      piece.remove_prefix(space_mark.size());
      at_beginning = model.drops_first_spaces_;
    }
    append(with_spaces(piece));
  }

  static std::string with_spaces(std::string_view piece) {
    std::string text;
    for (size_t mark; (mark = piece.find(space_mark)) != std::string_view::npos;) {
      text.append(piece.substr(0, mark)).push_back(' ');
      piece.remove_prefix(mark + space_mark.size());
    }
    return text.append(piece);
  }
};

DecodedText SentencePiece::decode(std::span<const Id> ids) const {
  Decoding decoding{*this};
  for (const Id id : ids) {
    if (id < 0 || id >= size()) {
      throw ValueError("decode: id ", id, " is outside of 0 … ", size() - 1);
    }
    decoding.take(lexicon_[id].text, id);
  }
  decoding.append_bytes();
  return denormalize(std::move(decoding.result));
}

DecodedText SentencePiece::decode(std::span<const std::string_view> pieces) const {
  Decoding decoding{*this};
  for (const std::string_view piece : pieces) decoding.take(piece, lexicon_.find(piece));
  decoding.append_bytes();
  return denormalize(std::move(decoding.result));
}

// Some models have a second table, for the text that comes out. A span then begins at the first
// byte that was made of it or of anything after it.
DecodedText SentencePiece::denormalize(DecodedText decoded) const {
  if (!denormalizer_) return decoded;
  auto [text, origin] = denormalizer_->normalize(decoded.text, PieceTrie());

  std::vector<Index> place(decoded.text.size() + 1, static_cast<Index>(text.size()));
  size_t next = 0;
  for (size_t byte = 0; byte < text.size(); ++byte) {
    for (; next <= static_cast<size_t>(origin[byte]); ++next) {
      place[next] = static_cast<Index>(byte);
    }
  }
  for (TextSpan& span : decoded.spans) {
    span = {place[static_cast<size_t>(span.begin)], place[static_cast<size_t>(span.end)]};
  }
  decoded.text = std::move(text);
  return decoded;
}

}  // namespace regard::text
