// SPDX-License-Identifier: MIT
#include "decoding/batches.h"

#include "tensor/order.h"

namespace regard::decoding {
namespace {

// Enough rows for products to be fast, few enough for their logits: 32 MB at 65,000 tokens.
constexpr Index most_rows = 128;
// Source pieces.
constexpr Index most_pieces = 4096;
// Weights of one layer and head: what the longest of sentences has alone.
constexpr Index most_weights = Index{512} * 512;

}  // namespace

std::vector<Batch> plan_batches(const std::vector<Index>& lengths, Index beams, bool attention) {
  const auto shorter = [&](size_t a, size_t b) { return lengths[a] < lengths[b]; };
  Batch places = ordered(lengths.size(), shorter);
  std::erase_if(places, [&](size_t place) { return lengths[place] == 0; });

  // in this order each sentence is the longest so far, to which all before it are padded
  std::vector<Batch> batches;
  for (size_t place : places) {
    const Index longest = lengths[place];
    const Index count = batches.empty() ? 1 : static_cast<Index>(batches.back().size()) + 1;
    const bool fits = count * beams <= most_rows && count * longest <= most_pieces &&
                      (!attention || count * longest * longest <= most_weights);
    if (batches.empty() || !fits) batches.emplace_back();
    batches.back().push_back(place);
  }
  return batches;
}

}  // namespace regard::decoding
