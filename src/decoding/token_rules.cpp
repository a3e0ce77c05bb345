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
  // softmax of softmax is softmax: the second one, where it is asked for, makes the first needless
  if (renormalize_) set_forbidden(logits, history, last);
  const float total = kernels::log_sum_exp_row(logits, vocabulary);
  set_forbidden(logits, history, last);
  return total;
}

float TokenRules::rule(float* logits, Index vocabulary, const History& history, Index last,
                       Index length) const {
  const auto only = forced(length);
  if (!only) return forbid(logits, vocabulary, history, last);
  std::fill_n(logits, vocabulary, impossible);
  logits[*only] = 0;
  return 0;
}

}  // namespace regard::decoding
