// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "text/sentencepiece.h"

namespace regard::text {

/// A text as a model reads or writes it.
struct Sentence {
  std::string text;
  /// `</s>` among them, where it stands; it is empty.
  std::vector<TextPiece> pieces;
  /// For each piece its word, an index into `words`; -1 for pieces that are of none, as `</s>`.
  std::vector<Index> piece_words;
  /// Where words stand in the text, without the spaces around them; none is empty.
  std::vector<TextSpan> words;
};

/// Groups the pieces of a text into words, consecutive pieces each, and fills in `piece_words` and
/// `words`.
///
/// A word begins at a piece that begins with '▁' (or follows one that ends with '▁', in models that
/// put it last). Chinese and Japanese have no spaces: before and after each piece that is written
/// in them, or in their punctuation, a word begins too. A piece that stands for spaces alone
/// belongs to the word after it.
///
/// special  for each piece whether it is one like `</s>`, which is of no word
/// cost     O(pieces + bytes)
void group_words(Sentence& sentence, const std::vector<bool>& special);

/// The same sentence with its offsets in UTF-16 units, as JavaScript counts them.
/// cost O(pieces + bytes)
Sentence in_utf16(Sentence sentence);

}  // namespace regard::text
