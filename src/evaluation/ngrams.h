// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace regard::evaluation {

/// How many runs of n neighbours two sequences have, and how many they share: each run as often as
/// the one that has it less often.
struct Overlap {
  int64_t hypothesis = 0, reference = 0, shared = 0;

  Overlap& operator+=(const Overlap& other) noexcept {
    hypothesis += other.hypothesis, reference += other.reference, shared += other.shared;
    return *this;
  }
};

/// cost     O(length n log length)
Overlap overlap(std::u32string_view hypothesis, std::u32string_view reference, int n);

/// Two lists of words as sequences of numbers: equal words have equal ones.
struct Numbered {
  std::u32string hypothesis, reference;
};
Numbered numbered(const std::vector<std::string>& hypothesis,
                  const std::vector<std::string>& reference);

/// throws ValueError `bleu: 3 hypotheses, expected one for each of 2 references`
void expect_as_many(const char* what, size_t hypotheses, size_t references);

}  // namespace regard::evaluation
