// SPDX-License-Identifier: MIT
// Sentences, flat: tables of whole numbers in place of structures, and the texts one by one.
// Offsets are bytes of UTF-8 here; JavaScript turns them into its own units.
#include "text/sentence.h"

#include <emscripten/bind.h>

#include "guard.h"

namespace regard::bindings {
namespace {

using text::Sentence;

std::string sentence_text(const Sentence& sentence) { return sentence.text; }

/// Four numbers a piece: id, begin, end, word.
Ids sentence_pieces(const Sentence& sentence) {
  Ids table;
  for (size_t i = 0; i < sentence.pieces.size(); ++i) {
    const text::TextPiece& piece = sentence.pieces[i];
    table.push_back(piece.id);
    table.push_back(static_cast<Id>(piece.begin));
    table.push_back(static_cast<Id>(piece.end));
    table.push_back(static_cast<Id>(sentence.piece_words[i]));
  }
  return table;
}

std::string sentence_piece(const Sentence& sentence, int index) {
  return sentence.pieces.at(static_cast<size_t>(index)).text;
}

/// Two numbers a word: begin, end.
Ids sentence_words(const Sentence& sentence) {
  Ids table;
  for (const text::TextSpan& word : sentence.words) {
    table.push_back(static_cast<Id>(word.begin));
    table.push_back(static_cast<Id>(word.end));
  }
  return table;
}

}  // namespace

EMSCRIPTEN_BINDINGS(sentence) {
  using namespace emscripten;

  class_<Sentence>("Sentence")
      .function("text", &guarded<&sentence_text>::call)
      .function("pieces", &guarded<&sentence_pieces>::call)
      .function("piece", &guarded<&sentence_piece>::call)
      .function("words", &guarded<&sentence_words>::call);
  register_optional<Sentence>();
}

}  // namespace regard::bindings
