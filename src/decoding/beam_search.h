// SPDX-License-Identifier: MIT
// Beam search by the rules of Hugging Face transformers 5 (`_beam_search`), so that the same model
// writes the same translations here and there.
#pragma once

#include <memory>
#include <vector>

#include "decoding/search.h"
#include "decoding/top_candidates.h"

namespace regard::decoding {

/// Keeps the `beams` best unfinished hypotheses of each sentence.
///
/// Of the 2 · beams best continuations of a sentence, those that end (eos, or max_length reached)
/// are finished if they are among the first `beams`, else forgotten; the first `beams` of those
/// that do not end go on. The `beams` best finished ones are kept, by Σ log p / length **
/// length_penalty, the length counted after the prefix and with eos. A sentence is done at
/// max_length, or when all its places are finished and `early_stopping` says so.
///
/// A sentence that is done leaves the batch, and one at its start takes one row only: there are
/// never more rows than hypotheses. One difference follows: where fewer than 2 · beams
/// continuations are possible at all, nothing makes up the number, and there may be less than
/// `beams` results.
class BeamSearch final : public Search {
 public:
  /// throws ValueError if an option is out of its range.
  BeamSearch(std::unique_ptr<models::Stepper> stepper, const SearchOptions& options);

 private:
  struct Beam {
    Row row;
    float sum;  // Σ log p, the prefix's left out
  };
  using Beams = std::vector<Beam>;  // best first

  void advance() override;
  float log_probability(const Tensor& logits, Index row, Id id) const;
  void follow_prefix(Beams& beams, const Tensor& logits, Index first_row);
  void continue_sentence(Beams& beams, Outcome& outcome, const Tensor& logits, Index first_row);
  void finish(Outcome& outcome, Index token, float score);
  bool is_done(const Beams& beams, const Outcome& outcome) const;

  std::vector<Beams> unfinished_;  // by sentence, none once it is done
  TopCandidates candidates_;
  std::vector<Row> rows_;
  std::vector<Index> fed_;
  std::vector<float> totals_;  // by row: what makes a logit a log-probability
  Beams next_;
};

}  // namespace regard::decoding
