// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "evaluation/alignment_error.h"
#include "io/bytes.h"

namespace regard::evaluation {

/// A sentence and its words, which a person told apart.
struct WordedText {
  std::string text;
  std::vector<std::string> words;
  std::vector<text::TextSpan> spans;  ///< of the words, in bytes of the text
};

/// Two sentences that translate each other, with links between their words.
struct GoldPair {
  WordedText source, target;
  GoldLinks links;
};

/// Reads pairs that were aligned by hand, for a model of either direction.
///
/// The file has lines that begin with `#`, a header, and a pair a line, of five columns: the first
/// language's sentence, the second's, their words with spaces between, and links with spaces
/// between, `0-2` for sure and `3?1` for possible, the place of a word of the first language in
/// front. The header names languages, `en` `zh` `en words` `zh words` `links`.
///
/// source   language of the model's source, which may be that of either column
/// name     of the file, for errors
/// throws   FormatError with the line, `gold.tsv:12: …`, where the columns are not those, words do
///          not make up their sentence, or a link is none, stands twice or leads out of it
std::vector<GoldPair> read_gold_pairs(io::ByteSpan file, const std::string& name,
                                      const std::string& source, const std::string& target);

}  // namespace regard::evaluation
