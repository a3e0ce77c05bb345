// SPDX-License-Identifier: MIT
// What one attention of the sweep is told: a level of each factor. Configurations are drawn until
// every two levels that do not contradict each other have met often enough.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "tensor/random.h"
#include "tensor/shape.h"

namespace regard::attention::sweep {

enum Factor {
  convention,
  form,
  heads,
  widths,
  score,
  scale,
  softcap,
  alignment,
  mask,
  key_mask,
  bias,
  key_lengths,
  query_lengths,
  causal,
  origin,
  window,
  past,
  mask_value,
  empty_row,
  dropout,
  returned,
  hidden,
  size,
  factor_count
};

// The levels that are asked for by name; those of convention, score and alignment are the numbers
// of the options' own enumerations, with one more score.
enum OperandForm { L_D, BL_D, BHLD, BLHD, LHD, L_HD, BL_HD };
enum HeadCount { one_head, several_heads, grouped_heads, one_key_head };
enum Widths { equal_widths, value_width, key_width };
constexpr int additive_without_projections = 7;
enum Scale { default_scale, given_scale, negative_scale };
enum MaskKind { no_mask, queries_by_keys, full_mask, repeated_mask, short_mask };
enum BiasKind { no_bias, finite_bias, hiding_bias, repeated_bias, short_bias };
enum Lengths { no_lengths, batch_lengths, query_lengths_of_keys };
enum OriginKind { unstated, top_left, bottom_right, last_key, cache, offset };
enum WindowKind { no_window, left_window, right_window, both_window };
enum MaskValue { default_mask_value, given_mask_value, minus_infinity };
enum EmptyRowKind { default_empty_row, zeros, nan, softmax };
enum Returned { output_alone, weights_too, raw_too, capped_too, masked_too, everything };
enum Hidden { hidden_numbers, hidden_nan, hidden_infinities };
enum Size { few, around_registers, around_tiles, around_blocks, around_depths };

struct FactorLevels {
  const char* name;
  std::vector<const char*> levels;
};
/// By Factor.
const std::vector<FactorLevels>& factors();

struct Configuration {
  std::array<int, factor_count> levels{};

  int operator[](Factor f) const { return levels[static_cast<size_t>(f)]; }
  /// Every factor that is not at its first level.
  std::string to_string() const;
};

/// Whether the options of two levels contradict each other, so that no attention has both.
bool contradict(Factor a, int x, Factor b, int y);
/// Whether an attention can be told this.
bool possible(const Configuration& configuration);

/// How often every two levels have met.
class Pairs {
 public:
  using Filter = std::function<bool(const Configuration&)>;

  Pairs();
  void count(const Configuration& configuration);
  /// How many pairs of a configuration have met less than `often`.
  Index rare(const Configuration& configuration, Index often) const;
  /// Pairs that do not contradict each other, of levels that occur at all.
  Index possible_pairs() const;
  /// The fewest meetings of such a pair, and which one that is.
  Index fewest(std::string* which = nullptr) const;
  /// How often a level occurred.
  Index occurrences(Factor f, int level) const;

 private:
  Index& at(Factor a, int x, Factor b, int y);
  Index at(Factor a, int x, Factor b, int y) const;
  bool counts(Factor a, int x, Factor b, int y) const;

  std::vector<Index> first_;  // the number of each factor's first level
  std::vector<Index> met_;
};

/// `count` configurations: of eight drawn ones each time the one with the most pairs that have not
/// met five times.
std::vector<Configuration> draw(Index count, uint64_t seed, const Pairs::Filter& allowed);

}  // namespace regard::attention::sweep
