// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/shape.h"

namespace regard::text {

/// The normalization table of a SentencePiece file: strings and what replaces them, such as
/// "Ｈ" → "H" or "e" + U+0301 → "é". The longest string that fits is replaced.
///
/// The file holds it compiled: the size of a double array in bytes (four bytes, little-endian),
/// the array, and the replacements, each closed by a NUL. The array is the one of Darts-clone
/// (Yata 2007, "A compact static double-array keeping character codes"): from a node at `p` with
/// an offset, the byte `c` leads to `p ^ offset ^ c` if the unit there is labelled `c`.
class CharacterMap {
 public:
  struct Match {
    Index length = 0;              ///< bytes of the text that are replaced; 0: none
    std::string_view replacement;  ///< may be empty
  };

  /// Replaces nothing.
  CharacterMap() = default;
  /// compiled  as above; nothing is kept of it; an empty one replaces nothing
  /// name      of the file, for errors
  /// throws    FormatError if the sizes do not fit each other or a replacement does not end
  CharacterMap(std::string_view compiled, std::string_view name);

  /// The longest string of the table that `text` begins with.
  Match longest_match(std::string_view text) const noexcept;

 private:
  std::vector<uint32_t> units_;
  std::string replacements_;
};

}  // namespace regard::text
