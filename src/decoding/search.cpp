// SPDX-License-Identifier: MIT
#include "decoding/search.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "decoding/beam_search.h"
#include "decoding/greedy_search.h"

namespace regard::decoding {

Search::Search(std::unique_ptr<models::Stepper> stepper, const SearchOptions& options)
    : options_(checked(options, stepper->vocabulary(), stepper->max_length())),
      rules_(options_),
      stepper_(std::move(stepper)),
      over_(stepper_->sentences() == 0) {
  stepper_->keep_attention(options_.attention);
  for (Index sentence = 0; sentence < stepper_->sentences(); ++sentence) {
    outcomes_.push_back({history_.add(options_.decoder_start, 0, 0, History::none), {}, false});
  }
}

bool Search::step() {
  if (over_) return false;
  over_ = true;  // and stays so if advance() throws
  advance();
  ++length_;
  over_ = std::all_of(outcomes_.begin(), outcomes_.end(), [](const Outcome& o) { return o.done; });
  return !over_;
}

Tensor Search::feed(const std::vector<Row>& rows) {
  fed_.clear();
  ids_.clear();
  parents_.clear();
  for (const Row& row : rows) {
    fed_.push_back(row.token);
    ids_.push_back(history_.id(row.token));
    parents_.push_back(row.parent);
  }
  Tensor logits = stepper_->step(ids_, parents_);
  if (options_.attention) history_.record(fed_, stepper_->attention());
  return logits;
}

float Search::normalized(float sum, Index length) const {
  const Index searched = length - 1 - static_cast<Index>(options_.prefix.size());
  const double penalty = std::pow(static_cast<double>(searched), double{options_.length_penalty});
  return sum / static_cast<float>(penalty);
}

const Search::Outcome& Search::outcome(Index sentence) const {
  if (sentence < 0 || sentence >= sentences()) {
    throw ValueError("translate: sentence is ", sentence, ", expected 0 to ", sentences() - 1);
  }
  return outcomes_[static_cast<size_t>(sentence)];
}

const Search::Outcome& Search::done_outcome(Index sentence) const {
  const Outcome& asked = outcome(sentence);
  if (!asked.done) throw ValueError("translate: the search is not done yet");
  return asked;
}

Ids Search::partial(Index sentence) const {
  const Outcome& asked = outcome(sentence);
  return history_.ids(asked.done ? asked.finished[0].token : asked.leader);
}

std::vector<Hypothesis> Search::results(Index sentence) const {
  std::vector<Hypothesis> best;
  for (const Finished& finished : done_outcome(sentence).finished) {
    if (static_cast<Index>(best.size()) == options_.n_best) break;
    best.push_back(history_.hypothesis(finished.token, finished.score));
  }
  return best;
}

HypothesisAttention Search::attention(Index sentence, Index rank) const {
  const auto& finished = done_outcome(sentence).finished;
  if (!options_.attention) throw ValueError("translate: the search was made without attention");
  const auto found = std::min(static_cast<Index>(finished.size()), options_.n_best);
  if (rank < 0 || rank >= found) {
    throw ValueError("translate: rank is ", rank, ", expected 0 to ", found - 1);
  }
  return history_.attention(finished[static_cast<size_t>(rank)].token);
}

std::unique_ptr<Search> make_search(std::unique_ptr<models::Stepper> stepper,
                                    const SearchOptions& options) {
  if (options.beams == 1) return std::make_unique<GreedySearch>(std::move(stepper), options);
  return std::make_unique<BeamSearch>(std::move(stepper), options);
}

}  // namespace regard::decoding
