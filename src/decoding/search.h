// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <vector>

#include "decoding/history.h"
#include "decoding/search_options.h"
#include "decoding/token_rules.h"
#include "models/stepper.h"

namespace regard::decoding {

/// A search for target sentences, advanced by its caller one token at a time. What is common to the
/// ways of searching: the model, the rules, the tokens tried so far and what came of each sentence.
class Search {
 public:
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;
  virtual ~Search() = default;

  /// Continues every unfinished sentence by one token; false when none is left to continue.
  /// throws ValueError if no token can follow, because all are forbidden or the model's logits are
  ///        NaN; the search is then over.
  bool step();

  Index sentences() const noexcept { return static_cast<Index>(outcomes_.size()); }
  bool done(Index sentence) const { return outcome(sentence).done; }

  /// The ids of the best unfinished hypothesis, of the best one once the sentence is done; without
  /// the start token. throws ValueError if there is no such sentence.
  Ids partial(Index sentence) const;

  /// The finished hypotheses, best first, at most n_best.
  /// throws ValueError before the sentence is done, or if there is no such sentence.
  std::vector<Hypothesis> results(Index sentence) const;

  /// The attention along results(sentence)[rank]. cost O(layers H T (S + T)).
  /// throws ValueError as results() does, if there is no such rank, or if it was not asked for.
  HypothesisAttention attention(Index sentence, Index rank = 0) const;

 protected:
  struct Finished {
    Index token;  // the last one, in history_
    float score;
  };
  struct Outcome {
    Index leader;                    // the last token of the best unfinished hypothesis
    std::vector<Finished> finished;  // best first
    bool done = false;
  };
  /// One row of the step to come: the hypothesis's last token, and the row that it continues.
  struct Row {
    Index token;
    Index parent;
  };

  Search(std::unique_ptr<models::Stepper> stepper, const SearchOptions& options);

  /// Continues by one token, at least one sentence being unfinished.
  virtual void advance() = 0;

  /// The logits of what follows each row, (rows, V).
  Tensor feed(const std::vector<Row>& rows);
  /// Σ log p / length ** length_penalty of a hypothesis of `length` tokens, start token included.
  float normalized(float sum, Index length) const;
  const Outcome& outcome(Index sentence) const;
  Index vocabulary() const { return stepper_->vocabulary(); }

  const SearchOptions options_;
  const TokenRules rules_;
  History history_;
  std::vector<Outcome> outcomes_;
  Index length_ = 1;  ///< tokens of every unfinished hypothesis, start token included

 private:
  const Outcome& done_outcome(Index sentence) const;

  std::unique_ptr<models::Stepper> stepper_;
  bool over_ = false;

  // of the step that is under way, by row
  std::vector<Index> fed_;
  Ids ids_;
  std::vector<Index> parents_;
};

/// The search that the options ask for: greedy for one beam, else a beam search.
/// throws ValueError if an option is out of its range.
std::unique_ptr<Search> make_search(std::unique_ptr<models::Stepper> stepper,
                                    const SearchOptions& options);

}  // namespace regard::decoding
