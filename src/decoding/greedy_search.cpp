// SPDX-License-Identifier: MIT
#include "decoding/greedy_search.h"

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "decoding/top_candidates.h"

namespace regard::decoding {

void check_target(const Ids& target, const SearchOptions& options, Index vocabulary) {
  if (!options.prefix.empty()) throw ValueError("translate: both a target and a prefix are given");
  if (target.empty() || static_cast<Index>(target.size()) >= options.max_length) {
    throw ValueError("translate: the target has ", target.size(), " pieces, expected 1 to ",
                     options.max_length - 1);
  }
  for (Id id : target) {
    if (id >= 0 && id < vocabulary) continue;
    throw ValueError("translate: an id of the target is ", id, ", expected 0 to ", vocabulary - 1);
  }
}

GreedySearch::GreedySearch(std::unique_ptr<models::Stepper> stepper, const SearchOptions& options)
    : Search(std::move(stepper), options) {
  for (Index sentence = 0; sentence < sentences(); ++sentence) {
    lines_.push_back({sentence, {outcome(sentence).leader, sentence}, 0});
  }
}

GreedySearch::GreedySearch(std::unique_ptr<models::Stepper> stepper, const SearchOptions& options,
                           std::vector<Ids> targets)
    : GreedySearch(std::move(stepper), options) {
  if (static_cast<Index>(targets.size()) != sentences()) {
    throw ValueError("translate: there are ", targets.size(), " targets, expected ", sentences());
  }
  for (const Ids& target : targets) check_target(target, options_, vocabulary());
  targets_ = std::move(targets);
}

void GreedySearch::advance() {
  rows_.clear();
  for (const Line& line : lines_) rows_.push_back(line.row);
  Tensor logits = feed(rows_);

  const Index vocabulary = logits.size(1);
  for (Index row = 0; row < logits.size(0); ++row) {
    Line& line = lines_[static_cast<size_t>(row)];
    continue_line(line, logits.data() + row * vocabulary, vocabulary);
    line.row.parent = row;
  }
  std::erase_if(lines_, [this](const Line& line) { return done(line.sentence); });
}

// What the sentence must begin with, or be.
const Ids& GreedySearch::given(const Line& line) const {
  return targets_.empty() ? options_.prefix : targets_[static_cast<size_t>(line.sentence)];
}

void GreedySearch::continue_line(Line& line, float* logits, Index vocabulary) {
  const float total = rules_.forbid(logits, vocabulary, history_, line.row.token);
  const std::optional<Id> forced = rules_.forced(length_);
  const auto place = static_cast<size_t>(length_ - 1);
  const bool is_given = place < given(line).size();

  const Id id = is_given ? given(line)[place]
                : forced ? *forced
                         : static_cast<Id>(first_greatest(logits, vocabulary));
  float log_probability = id < 0 ? std::numeric_limits<float>::quiet_NaN() : logits[id] - total;
  if (forced) log_probability = id == *forced ? 0 : -std::numeric_limits<float>::infinity();
  if (std::isnan(log_probability)) {
    throw ValueError("translate: no token can follow: all are forbidden or the logits are NaN");
  }
  if (!is_given || !targets_.empty()) line.sum += log_probability;

  const Index token = history_.add(id, log_probability, 0, line.row.token);
  history_.release(line.row.token);
  line.row.token = token;
  Outcome& outcome = outcomes_[static_cast<size_t>(line.sentence)];
  outcome.leader = token;

  const bool ends = id == options_.eos || length_ + 1 >= options_.max_length;
  outcome.done = targets_.empty() ? ends && !is_given : place + 1 == given(line).size();
  if (outcome.done) outcome.finished.push_back({token, normalized(line.sum, length_ + 1)});
}

}  // namespace regard::decoding
