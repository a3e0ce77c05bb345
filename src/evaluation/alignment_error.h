// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "evaluation/word_alignment.h"

namespace regard::evaluation {

/// Links that a person drew: sure ones, which must be found, and possible ones, which may be.
struct GoldLinks {
  Links sure, possible;  ///< a sure one is not repeated among the possible
};

/// How links agree with those of a person, over any number of sentences [Och and Ney 2003,
/// "A Systematic Comparison of Various Statistical Alignment Models", section 5.1].
struct AlignmentError {
  int64_t found = 0;            ///< |A|
  int64_t sure = 0;             ///< |S|
  int64_t found_sure = 0;       ///< |A ∩ S|
  int64_t found_permitted = 0;  ///< |A ∩ P|, with S within P

  AlignmentError& operator+=(const AlignmentError& other) noexcept;

  /// AER = 1 - (|A ∩ S| + |A ∩ P|) / (|A| + |S|), 0 to 1; 0 where both are empty
  double rate() const noexcept;
  double precision() const noexcept;  ///< |A ∩ P| / |A|, 1 if nothing was found
  double recall() const noexcept;     ///< |A ∩ S| / |S|, 1 if nothing is sure
};

/// cost O(links of gold log links + links)
AlignmentError compare(const Links& found, const GoldLinks& gold);

}  // namespace regard::evaluation
