// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "tensor/shape.h"

namespace regard::cli {

/// What is wrong with lines of files, by kind, and where the first of each kind are: a corpus of a
/// night has thousands of lines, and nobody reads a thousand complaints.
class Faults {
 public:
  /// kind     what they have in common: `empty`
  /// place    where: `train.en:17`, and what else one wants to know of this line
  void add(const std::string& kind, const std::string& place);

  Index count() const noexcept { return count_; }
  /// A line for each kind, the most frequent first: `3 empty: train.en:4, train.en:9, train.zh:17`.
  std::string summary() const;

 private:
  struct Kind {
    std::string name;
    Index count = 0;
    std::string places;
  };

  std::vector<Kind> kinds_;
  std::unordered_map<std::string, size_t> numbers_;  // of kinds, by their names
  Index count_ = 0;
};

}  // namespace regard::cli
