// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <vector>

#include "decoding/history.h"
#include "decoding/search_options.h"

namespace regard::decoding {

/// What the options say about the next token, whatever the model thinks of it.
class TokenRules {
 public:
  explicit TokenRules(const SearchOptions& options);

  /// The only token that may follow `length` tokens, start token included, if there is one.
  std::optional<Id> forced(Index length) const noexcept;

  /// Sets to -infinity the logits of what may not follow `last`: single bad words, and the last ids
  /// of bad words whose other ids `last` completes.
  ///
  /// logits   (V)
  /// returns  what to subtract from a logit to have its log-probability: log Σ e^logit, the
  ///          forbidden ones counted unless the options say `renormalize_logits`
  float forbid(float* logits, Index vocabulary, const History& history, Index last) const;

  /// The same for a beam search: where a token is forced after `length` tokens, start token
  /// included, its log-probability becomes 0 and that of all others -infinity.
  float rule(float* logits, Index vocabulary, const History& history, Index last,
             Index length) const;

 private:
  void set_forbidden(float* row, const History& history, Index last) const;

  Ids single_;                  // forbidden everywhere
  std::vector<Ids> sequences_;  // of two ids and more
  std::optional<Id> forced_last_;
  Index max_length_;
  bool renormalize_;
};

}  // namespace regard::decoding
