// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <vector>

#include "decoding/search.h"

namespace regard::decoding {

/// throws ValueError if a target cannot be followed: empty, longer than max_length - 1, or with an
///        id outside of 0 … vocabulary-1; or if the options have a prefix
void check_target(const Ids& target, const SearchOptions& options, Index vocabulary);

/// Takes the most probable token at every step, until eos or max_length; or follows given sentences
/// and so finds their scores and attention.
class GreedySearch final : public Search {
 public:
  /// Searches. throws ValueError if an option is out of its range; `beams` is not looked at.
  GreedySearch(std::unique_ptr<models::Stepper> stepper, const SearchOptions& options);

  /// Follows one target for each sentence, taken as it is: with eos if its score shall count eos.
  /// throws ValueError as check_target() does, if an option is out of its range, or if the number
  /// of
  ///        targets is not that of sentences
  GreedySearch(std::unique_ptr<models::Stepper> stepper, const SearchOptions& options,
               std::vector<Ids> targets);

 private:
  struct Line {
    Index sentence;
    Row row;
    float sum;  // Σ log p, the prefix's left out
  };

  void advance() override;
  void continue_line(Line& line, float* logits, Index vocabulary);
  const Ids& given(const Line& line) const;

  std::vector<Ids> targets_;  // empty when searching
  std::vector<Line> lines_;   // the unfinished sentences
  std::vector<Row> rows_;
};

}  // namespace regard::decoding
