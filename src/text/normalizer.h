// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/character_map.h"
#include "text/piece_trie.h"
#include "text/sentencepiece_file.h"

namespace regard::text {

/// A text made uniform, and where each byte of it came from.
struct NormalizedText {
  std::string text;
  /// For each byte of `text`, and for its end, the byte of the original where the characters begin
  /// that it was made of; never falls. text.size() + 1 numbers; none if there were only spaces.
  std::vector<Index> origin;
};

/// Makes text uniform before it is cut into pieces, as the sentencepiece library does: characters
/// by its table, bytes that are no UTF-8 to U+FFFD, runs of spaces to one, spaces to '▁', with one
/// more '▁' in front.
class Normalizer {
 public:
  struct Options {
    bool add_dummy_prefix = true;          ///< one more space at the beginning
    bool remove_extra_whitespaces = true;  ///< none at the ends, no two in a row
    bool escape_whitespaces = true;        ///< spaces become '▁'
    bool space_last = false;               ///< the one more space stands at the end
  };

  Normalizer(CharacterMap map, Options options) : map_(std::move(map)), options_(options) {}

  /// text      anything
  /// verbatim  strings that stay as they are: the user-defined pieces
  /// returns   text and origins
  /// cost      O(bytes) time and memory
  NormalizedText normalize(std::string_view text, const PieceTrie& verbatim) const;

 private:
  CharacterMap::Match next(std::string_view text, const PieceTrie& verbatim) const noexcept;

  CharacterMap map_;
  Options options_;
};

}  // namespace regard::text
