// SPDX-License-Identifier: MIT
#include "training/batches.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "tensor/order.h"
#include "tensor/random.h"

namespace regard::training {

namespace {

// Fisher and Yates's shuffle; std::shuffle differs from one library to the next.
template <class Item>
void shuffle(std::vector<Item>& items, Random& random) {
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
}

}  // namespace

Batch make_batch(const std::vector<Pair>& pairs, std::vector<size_t> rows, Id pad, Id start) {
  Batch batch;
  batch.B = static_cast<Index>(rows.size());
  size_t S = 0, L = 0;
  for (const size_t row : rows) {
    S = std::max(S, pairs[row].source.size());
    L = std::max(L, pairs[row].target.size());
  }
  batch.source.assign(rows.size() * S, pad);
  batch.target_input.assign(rows.size() * L, pad);
  batch.target_output.assign(rows.size() * L, pad);
  for (size_t b = 0; b < rows.size(); ++b) {
    const auto& [source, target] = pairs[rows[b]];
    std::copy(source.begin(), source.end(), batch.source.begin() + static_cast<Index>(b * S));
    batch.target_input[b * L] = start;
    std::copy(target.begin(), target.end() - 1,
              batch.target_input.begin() + static_cast<Index>(b * L + 1));
    std::copy(target.begin(), target.end(),
              batch.target_output.begin() + static_cast<Index>(b * L));
    batch.source_lengths.push_back(static_cast<Index>(source.size()));
    batch.source_tokens += static_cast<Index>(source.size());
    batch.target_tokens += static_cast<Index>(target.size());
  }
  return batch;
}

std::vector<std::vector<size_t>> plan_batches(const std::vector<Pair>& pairs, Index tokens,
                                              uint64_t seed) {
  Random random(seed);
  std::vector<size_t> order(pairs.size());
  std::iota(order.begin(), order.end(), size_t{0});
  shuffle(order, random);
  const auto shorter = [&](size_t a, size_t b) {
    const Pair &one = pairs[order[a]], &other = pairs[order[b]];
    return std::pair(one.target.size(), one.source.size()) <
           std::pair(other.target.size(), other.source.size());
  };

  std::vector<std::vector<size_t>> batches;
  size_t longest = 0;
  for (const size_t place : ordered(order.size(), shorter)) {
    const size_t row = order[place];
    longest = std::max({longest, pairs[row].target.size(), pairs[row].source.size()});
    const bool fits =
        !batches.empty() && (batches.back().size() + 1) * longest <= static_cast<size_t>(tokens);
    if (!fits) {
      batches.emplace_back();
      longest = std::max(pairs[row].target.size(), pairs[row].source.size());
    }
    batches.back().push_back(row);
  }
  shuffle(batches, random);
  return batches;
}

}  // namespace regard::training
