// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <limits>
#include <string_view>
#include <vector>

#include "text/piece_trie.h"
#include "text/sentencepiece_file.h"

namespace regard::text {

/// The pieces of a SentencePiece model, found by id and by text.
class Lexicon {
 public:
  using Type = LexiconPiece::Type;

  /// pieces         in the order of their ids
  /// byte_fallback  whether unknown characters are written as 256 byte pieces
  /// name           of the file, for errors
  /// throws         FormatError if there is not exactly one unknown piece, if a piece stands twice,
  ///                or if there are byte pieces without byte_fallback or not all of them with it
  Lexicon(std::vector<LexiconPiece> pieces, bool byte_fallback, std::string_view name);

  Index size() const noexcept { return static_cast<Index>(pieces_.size()); }
  /// `id` is 0 … size() - 1, here and below.
  const LexiconPiece& operator[](Id id) const noexcept { return pieces_[static_cast<size_t>(id)]; }
  bool is(Type type, Id id) const noexcept { return (*this)[id].type == type; }

  /// The piece that stands for every other text.
  Id unknown() const noexcept { return unknown_; }
  /// The id of a piece by its text, whatever its type; unknown() if there is none.
  Id find(std::string_view text) const noexcept;

  /// What text may be cut into: normal, user-defined and unused pieces.
  const PieceTrie& pieces() const noexcept { return usable_; }
  /// What is never changed nor cut.
  const PieceTrie& user_defined() const noexcept { return user_defined_; }

  bool has_bytes() const noexcept { return bytes_[0] >= 0; }
  /// The piece of a byte; only where has_bytes().
  Id byte_piece(uint8_t byte) const noexcept { return bytes_[byte]; }

  /// The lowest score of a normal piece; the greatest float if there is none.
  float lowest_score() const noexcept { return lowest_score_; }

 private:
  std::vector<LexiconPiece> pieces_;
  PieceTrie usable_, reserved_, user_defined_;
  std::array<Id, 256> bytes_;
  Id unknown_ = -1;
  float lowest_score_ = std::numeric_limits<float>::max();
};

/// The byte that a byte piece such as `<0x0A>` stands for, -1 if `text` is none.
int byte_of_piece(std::string_view text) noexcept;

}  // namespace regard::text
