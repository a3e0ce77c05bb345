// SPDX-License-Identifier: MIT
#include "decoding/token_rules.h"

#include <algorithm>
#include <limits>

#include "kernels/softmax.h"

namespace regard::decoding {
namespace {

constexpr float impossible = -std::numeric_limits<float>::infinity();

// Whether the hypothesis up to `last` ends with all ids of `word` but its last one.
bool nearly_complete(const Ids& word, const History& history, Index last) {
  for (auto id = word.rbegin() + 1; id != word.rend(); ++id, last = history.parent(last)) {
    if (last == History::none || history.id(last) != *id) return false;
  }
  return true;
}

}  // namespace

TokenRules::TokenRules(const SearchOptions& options)
    : forced_last_(options.forced_eos),
      max_length_(options.max_length),
      renormalize_(options.renormalize_logits) {
  for (const Ids& word : options.bad_words) {
    if (word.size() > 1) {
      sequences_.push_back(word);
    } else if (word[0] != options.eos) {
      single_.push_back(word[0]);
    }
  }
}

std::optional<Id> TokenRules::forced(Index length) const noexcept {
  return length == max_length_ - 1 ? forced_last_ : std::nullopt;
}

void TokenRules::set_forbidden(float* row, const History& history, Index last) const {
  for (Id id : single_) row[id] = impossible;
  for (const Ids& word : sequences_) {
    if (nearly_complete(word, history, last)) row[word.back()] = impossible;
  }
}

float TokenRules::forbid(float* logits, Index vocabulary, const History& history,
                         Index last) const {
  if (renormalize_) set_forbidden(logits, history, last);
  const float total = kernels::log_sum_exp_row(logits, vocabulary);
  set_forbidden(logits, history, last);
  return total;
}

void TokenRules::log_probabilities(Tensor& logits, const History& history,
                                   const std::vector<Index>& last, Index length) const {
  const Index rows = logits.size(0), vocabulary = logits.size(1);
  if (const auto only = forced(length)) {
    logits.fill(impossible);
    for (Index row = 0; row < rows; ++row) logits.data()[row * vocabulary + *only] = 0;
    return;
  }

  // softmax of softmax is softmax: the second one, where it is asked for, makes the first needless
  const auto forbid_all = [&] {
    for (Index row = 0; row < rows; ++row) {
      set_forbidden(logits.data() + row * vocabulary, history, last[static_cast<size_t>(row)]);
    }
  };
  if (renormalize_) forbid_all();
  kernels::log_softmax(logits.data(), logits.data(), rows, vocabulary);
  if (!renormalize_) forbid_all();
}

}  // namespace regard::decoding
