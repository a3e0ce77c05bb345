// SPDX-License-Identifier: MIT
#include "decoding/beam_search.h"

#include <algorithm>

namespace regard::decoding {

BeamSearch::BeamSearch(std::unique_ptr<models::Stepper> stepper, const SearchOptions& options)
    : Search(std::move(stepper), options), candidates_(2 * options_.beams) {
  for (Index sentence = 0; sentence < sentences(); ++sentence) {
    unfinished_.push_back({{{outcome(sentence).leader, sentence}, 0}});
  }
}

void BeamSearch::advance() {
  rows_.clear();
  fed_.clear();
  for (const Beams& beams : unfinished_) {
    for (const Beam& beam : beams) {
      rows_.push_back(beam.row);
      fed_.push_back(beam.row.token);
    }
  }
  Tensor logits = feed(rows_);
  totals_.clear();
  for (Index row = 0; row < logits.size(0); ++row) {
    totals_.push_back(rules_.rule(logits.data() + row * vocabulary(), vocabulary(), history_,
                                  fed_[static_cast<size_t>(row)], length_));
  }

  const bool in_prefix = length_ <= static_cast<Index>(options_.prefix.size());
  Index row = 0;
  for (size_t sentence = 0; sentence < unfinished_.size(); ++sentence) {
    Beams& beams = unfinished_[sentence];
    const auto rows = static_cast<Index>(beams.size());
    if (rows == 0) continue;
    if (in_prefix) {
      follow_prefix(beams, logits, row);
    } else {
      continue_sentence(beams, outcomes_[sentence], logits, row);
    }
    if (!beams.empty()) outcomes_[sentence].leader = beams[0].row.token;
    row += rows;
  }
}

float BeamSearch::log_probability(const Tensor& logits, Index row, Id id) const {
  return logits.data()[row * vocabulary() + id] - totals_[static_cast<size_t>(row)];
}

void BeamSearch::follow_prefix(Beams& beams, const Tensor& logits, Index first_row) {
  const Id id = options_.prefix[static_cast<size_t>(length_ - 1)];
  const Index token =
      history_.add(id, log_probability(logits, first_row, id), 0, beams[0].row.token);
  history_.release(beams[0].row.token);
  beams[0].row = {token, first_row};
}

void BeamSearch::continue_sentence(Beams& beams, Outcome& outcome, const Tensor& logits,
                                   Index first_row) {
  candidates_.clear();
  for (size_t beam = 0; beam < beams.size(); ++beam) {
    const Index row = first_row + static_cast<Index>(beam);
    candidates_.offer(row, beams[beam].sum, logits.data() + row * vocabulary(),
                      totals_[static_cast<size_t>(row)], vocabulary());
  }
  if (candidates_.best().empty()) {
    throw ValueError("translate: no token can follow: all are forbidden or the logits are NaN");
  }

  // those that end take a place among the finished, the others go on
  next_.clear();
  const bool full_length = length_ + 1 >= options_.max_length;
  Index rank = 0;
  for (const Candidate& candidate : candidates_.best()) {
    const bool ends = full_length || candidate.token == options_.eos;
    if ((ends ? rank : static_cast<Index>(next_.size())) < options_.beams) {
      const Index beam = candidate.row - first_row;
      const Index token =
          history_.add(candidate.token, log_probability(logits, candidate.row, candidate.token),
                       beam, beams[static_cast<size_t>(beam)].row.token);
      if (ends) {
        finish(outcome, token, normalized(candidate.score, length_ + 1));
      } else {
        next_.push_back({{token, candidate.row}, candidate.score});
      }
    }
    ++rank;
  }

  outcome.done = is_done(next_, outcome);
  for (const Beam& beam : beams) history_.release(beam.row.token);
  if (outcome.done) {
    for (const Beam& beam : next_) history_.release(beam.row.token);
    next_.clear();
  }
  beams.assign(next_.begin(), next_.end());
}

// Takes the place that the score deserves, behind equal ones that were there before.
void BeamSearch::finish(Outcome& outcome, Index token, float score) {
  auto& finished = outcome.finished;
  const auto worse = [score](const Finished& other) { return other.score < score; };
  finished.insert(std::find_if(finished.begin(), finished.end(), worse), {token, score});
  if (static_cast<Index>(finished.size()) <= options_.beams) return;
  history_.release(finished.back().token);
  finished.pop_back();
}

bool BeamSearch::is_done(const Beams& beams, const Outcome& outcome) const {
  if (beams.empty()) return true;
  if (static_cast<Index>(outcome.finished.size()) < options_.beams) return false;
  if (options_.early_stopping == EarlyStopping::yes) return true;

  const bool longer_may_win =
      options_.early_stopping == EarlyStopping::never && options_.length_penalty > 0;
  const Index length = longer_may_win ? options_.max_length : length_ + 1;
  return normalized(beams[0].sum, length) <= outcome.finished.back().score;
}

}  // namespace regard::decoding
