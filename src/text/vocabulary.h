// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/bytes.h"
#include "text/piece_trie.h"

namespace regard::text {

/// The tokens of a model and their ids: what `vocab.json` says. A Marian model's ids are these, not
/// those of its SentencePiece files.
class Vocabulary {
 public:
  /// json    an object of ids by token, in any order
  /// name    the file's name, for errors
  /// throws  FormatError "name: …" if it is something else, if a token stands twice, or if the ids
  ///         are not 0 … n − 1, each once
  /// cost    O(n log n) time, O(n) memory
  static Vocabulary read(io::ByteSpan json, const std::string& name);

  Index size() const noexcept { return static_cast<Index>(tokens_.size()); }
  /// `id` is 0 … size() - 1.
  const std::string& operator[](Id id) const noexcept { return tokens_[static_cast<size_t>(id)]; }
  /// The id of a token, -1 if it is not there.
  Id find(std::string_view token) const noexcept { return ids_.find(token); }

 private:
  std::vector<std::string> tokens_;
  PieceTrie ids_;
};

}  // namespace regard::text
