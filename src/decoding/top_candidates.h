// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "tensor/tensor.h"

namespace regard::decoding {

/// One more token for one row.
struct Candidate {
  float score;
  Index row;
  Id token;
};

/// The `count` best of all tokens of several rows, best first; of equal ones, the one offered
/// first.
class TopCandidates {
 public:
  explicit TopCandidates(Index count);

  void clear() noexcept { best_.clear(); }
  /// Offers base + (logits[token] - total) for every token of a row. NaN and -infinity are never
  /// taken. cost one comparison per token and a few insertions; allocates nothing.
  void offer(Index row, float base, const float* logits, float total, Index vocabulary);

  const std::vector<Candidate>& best() const noexcept { return best_; }

 private:
  void insert(const Candidate& candidate);

  size_t count_;
  std::vector<Candidate> best_;
};

/// The first index of the greatest of `count` values, -1 if none is above -infinity.
Index first_greatest(const float* values, Index count) noexcept;

}  // namespace regard::decoding
