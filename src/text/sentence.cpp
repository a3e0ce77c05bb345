// SPDX-License-Identifier: MIT
#include "text/sentence.h"

#include "text/utf8.h"

namespace regard::text {

namespace {

// Scripts that are written without spaces and read character by character, and their punctuation.
bool is_unspaced(char32_t code) noexcept {
  return (code >= 0x2E80 && code <= 0x312F) ||  // radicals, punctuation, kana, bopomofo
         (code >= 0x31A0 && code <= 0x9FFF) ||  // enclosed forms, ideographs
         (code >= 0xF900 && code <= 0xFAFF) ||  // compatibility ideographs
         (code >= 0xFE30 && code <= 0xFE4F) ||  // vertical forms
         (code >= 0xFF00 && code <= 0xFF9F) ||  // full-width forms, narrow kana
         (code >= 0x20000 && code <= 0x3FFFF);  // more ideographs
}

// What a piece shows in the text: its first and last character that is no space.
struct Surface {
  Index begin, end;      ///< without the spaces around; begin == end if there is nothing else
  char32_t first, last;  ///< 0 if there is nothing
};

Surface surface_of(std::string_view text, const TextPiece& piece) {
  Surface surface{piece.begin, piece.begin, 0, 0};
  for (Index at = piece.begin; at < piece.end;) {
    const Character character = first_character(text.substr(static_cast<size_t>(at)));
    if (!is_space(character.code)) {
      if (surface.first == 0) surface.begin = at, surface.first = character.code;
      surface.end = at + character.length, surface.last = character.code;
    }
    at += character.length;
  }
  // a part of a character that another piece has
  if (piece.begin == piece.end && piece.begin < static_cast<Index>(text.size())) {
    surface.first = first_character(text.substr(static_cast<size_t>(piece.begin))).code;
  }
  return surface;
}

}  // namespace

void group_words(Sentence& sentence, const std::vector<bool>& special) {
  sentence.piece_words.assign(sentence.pieces.size(), -1);
  sentence.words.clear();

  // the word that grows: its pieces from `first_piece` on and, once one shows something, its place
  size_t first_piece = 0;
  bool open = false, visible = false;
  bool space_follows = false;
  char32_t last = 0;

  const auto close = [&](size_t next_piece) {
    if (!open) return;
    // spaces at the end go with the word before them
    const Index word = static_cast<Index>(sentence.words.size()) - 1;
    for (size_t i = first_piece; i < next_piece; ++i) sentence.piece_words[i] = word;
    open = visible = false;
  };

  for (size_t i = 0; i < sentence.pieces.size(); ++i) {
    if (special[i]) {
      close(i);
      continue;
    }
    const TextPiece& piece = sentence.pieces[i];
    const Surface surface = surface_of(sentence.text, piece);
    const bool marked = piece.text.starts_with(space_mark);
    if (open && visible) {
      if (marked || space_follows || is_unspaced(surface.first) || is_unspaced(last)) close(i);
    }
    if (!open) open = true, first_piece = i;

    if (surface.begin < surface.end) {
      if (!visible) sentence.words.push_back({surface.begin, surface.end});
      sentence.words.back().end = surface.end;
      visible = true;
      last = surface.last;
    }
    space_follows = piece.text.size() > space_mark.size() && piece.text.ends_with(space_mark);
  }
  close(sentence.pieces.size());
}

Sentence in_utf16(Sentence sentence) {
  const std::vector<Index> positions = utf16_positions(sentence.text);
  const auto convert = [&](Index& offset) { offset = positions[static_cast<size_t>(offset)]; };
  for (TextPiece& piece : sentence.pieces) convert(piece.begin), convert(piece.end);
  for (TextSpan& word : sentence.words) convert(word.begin), convert(word.end);
  return sentence;
}

}  // namespace regard::text
