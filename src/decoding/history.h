// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "decoding/hypothesis.h"
#include "models/stepper.h"

namespace regard::decoding {

/// The tokens of all hypotheses of a search, as trees: each token knows the one before it, and
/// hypotheses that begin alike share their beginnings. A token that no hypothesis leads to any more
/// is dropped, its attention with it.
class History {
 public:
  /// No token.
  static constexpr Index none = -1;

  /// Adds a token after `parent` (none: a start token). The caller holds the token until release().
  ///
  /// log_probability  nats
  /// beam             the place of the parent among its sentence's beams
  Index add(Id token, float log_probability, Index beam, Index parent);
  /// Lets a token go, and those before it that only it held. `none` is ignored.
  void release(Index token);

  /// Keeps row r of a step's attention with tokens[r], the token that row r was fed.
  void record(const std::vector<Index>& tokens, const models::StepAttention& attention);

  Id id(Index token) const noexcept { return at(token).id; }
  Index parent(Index token) const noexcept { return at(token).parent; }
  /// The ids from the start token, itself left out, to `last`.
  Ids ids(Index last) const;
  /// The same as a hypothesis, with its score.
  Hypothesis hypothesis(Index last, float score) const;
  /// The attention of the steps that predicted these ids. `last` need not have been fed.
  HypothesisAttention attention(Index last) const;

  /// How many tokens are held.
  Index size() const noexcept {
    return static_cast<Index>(tokens_.size()) - static_cast<Index>(free_.size());
  }

 private:
  struct Token {
    Id id;
    float log_probability;
    Index beam;
    Index parent;
    Index uses;      // holders: later tokens and the caller
    Index length;    // tokens from the start token to this one, both counted
    Tensor cross;    // (layers, H, S)
    Tensor decoder;  // (layers, H, length)
  };

  const Token& at(Index token) const noexcept { return tokens_[static_cast<size_t>(token)]; }
  Token& at(Index token) noexcept { return tokens_[static_cast<size_t>(token)]; }

  std::vector<Token> tokens_;
  std::vector<Index> free_;
};

}  // namespace regard::decoding
