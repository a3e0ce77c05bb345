// SPDX-License-Identifier: MIT
#include "decoding/top_candidates.h"

#include <limits>

#include "kernels/threshold.h"

namespace regard::decoding {
namespace {

constexpr float lowest = -std::numeric_limits<float>::infinity();

}  // namespace

TopCandidates::TopCandidates(Index count) : count_(static_cast<size_t>(count)) {
  best_.reserve(count_ + 1);
}

void TopCandidates::insert(const Candidate& candidate) {
  auto place = best_.end();
  while (place != best_.begin() && (place - 1)->score < candidate.score) --place;
  best_.insert(place, candidate);
  if (best_.size() > count_) best_.pop_back();
}

void TopCandidates::offer(Index row, float base, const float* logits, float total,
                          Index vocabulary) {
  for (Index i = 0;; ++i) {
    const float bound = best_.size() < count_ ? lowest : best_.back().score;
    i = kernels::first_above({base, total, bound}, logits, i, vocabulary);
    if (i == vocabulary) return;
    insert({base + (logits[i] - total), row, static_cast<Id>(i)});
  }
}

Index first_greatest(const float* values, Index count) noexcept {
  Index place = -1;
  for (Index i = 0;; ++i) {
    i = kernels::first_above({.bound = place < 0 ? lowest : values[place]}, values, i, count);
    if (i == count) return place;
    place = i;
  }
}

}  // namespace regard::decoding
