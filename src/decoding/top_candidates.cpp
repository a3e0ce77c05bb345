// SPDX-License-Identifier: MIT
#include "decoding/top_candidates.h"

#include <algorithm>
#include <limits>

namespace regard::decoding {
namespace {

constexpr float lowest = -std::numeric_limits<float>::infinity();
constexpr Index block = 64;

// The greatest of a block, NaN ignored. Independent lanes, so that compilers use SIMD.
float greatest(const float* values) noexcept {
  constexpr Index lanes = 16;
  float lane[lanes];
  std::fill_n(lane, lanes, lowest);
  for (Index i = 0; i < block; i += lanes) {
    for (Index j = 0; j < lanes; ++j) {
      lane[j] = values[i + j] > lane[j] ? values[i + j] : lane[j];
    }
  }
  return *std::max_element(lane, lane + lanes);
}

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

void TopCandidates::offer(Index row, float base, const float* values, Index vocabulary) {
  const auto threshold = [this] { return best_.size() < count_ ? lowest : best_.back().score; };

  // base + x rounds monotonically in x: a block whose greatest is too small holds nothing
  for (Index begin = 0; begin < vocabulary; begin += block) {
    const Index end = std::min(begin + block, vocabulary);
    if (end - begin == block && !(base + greatest(values + begin) > threshold())) continue;
    for (Index i = begin; i < end; ++i) {
      const float score = base + values[i];
      if (score > threshold()) insert({score, row, static_cast<Id>(i)});
    }
  }
}

Index first_greatest(const float* values, Index count) noexcept {
  float best = lowest;
  Index place = -1;
  for (Index begin = 0; begin < count; begin += block) {
    const Index end = std::min(begin + block, count);
    if (end - begin == block && !(greatest(values + begin) > best)) continue;
    for (Index i = begin; i < end; ++i) {
      if (!(values[i] > best)) continue;
      best = values[i];
      place = i;
    }
  }
  return place;
}

}  // namespace regard::decoding
