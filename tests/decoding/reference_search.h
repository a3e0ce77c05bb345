// SPDX-License-Identifier: MIT
// Beam search written a second time, to be read: one sentence, every hypothesis a list of its own,
// every continuation sorted, the place of a missing beam held by one of -1e9.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "decoding/search_options.h"
#include "table_stepper.h"

namespace regard::decoding {

struct ReferenceHypothesis {
  Ids ids;  // the start token first
  double score;
};

/// Best first; of equal ones, the earlier.
inline void sort_by_score(std::vector<ReferenceHypothesis>& hypotheses) {
  std::multimap<double, ReferenceHypothesis, std::greater<>> sorted;
  for (ReferenceHypothesis& hypothesis : hypotheses) {
    sorted.emplace(hypothesis.score, std::move(hypothesis));
  }
  hypotheses.clear();
  for (auto& [score, hypothesis] : sorted) hypotheses.push_back(std::move(hypothesis));
}

inline std::vector<double> log_softmax_reference(const std::vector<float>& logits) {
  double total = 0;
  for (float logit : logits) total += std::exp(double{logit});
  std::vector<double> result;
  for (float logit : logits) result.push_back(logit - std::log(total));
  return result;
}

inline bool ends_with(const Ids& ids, const Ids& ending) {
  return ids.size() >= ending.size() && std::equal(ending.rbegin(), ending.rend(), ids.rbegin());
}

/// The log-probability of every id after `ids`: the model's, changed by the options.
inline std::vector<double> continuations(const Table& table, Index sentence, const Ids& ids,
                                         const SearchOptions& options) {
  std::vector<double> row = log_softmax_reference(table(sentence, ids));
  const bool forced =
      options.forced_eos && static_cast<Index>(ids.size()) == options.max_length - 1;
  for (size_t id = 0; id < row.size(); ++id) {
    Ids longer = ids;
    longer.push_back(static_cast<Id>(id));
    for (const Ids& word : options.bad_words) {
      if (word != Ids{options.eos} && ends_with(longer, word)) row[id] = -INFINITY;
    }
    if (forced) row[id] = static_cast<Id>(id) == *options.forced_eos ? 0 : -INFINITY;
  }
  return row;
}

inline std::vector<ReferenceHypothesis> reference_beam_search(const Table& table, Index sentence,
                                                              const SearchOptions& options) {
  const auto beams = static_cast<size_t>(options.beams);
  Ids prompt{options.decoder_start};
  prompt.insert(prompt.end(), options.prefix.begin(), options.prefix.end());
  std::vector<ReferenceHypothesis> running(beams, {prompt, -1e9}), finished;
  running[0].score = 0;

  for (auto length = static_cast<Index>(prompt.size());; ++length) {
    std::vector<ReferenceHypothesis> candidates;
    for (const ReferenceHypothesis& beam : running) {
      const auto row = continuations(table, sentence, beam.ids, options);
      for (size_t id = 0; id < row.size(); ++id) {
        candidates.push_back({beam.ids, beam.score + row[id]});
        candidates.back().ids.push_back(static_cast<Id>(id));
      }
    }
    sort_by_score(candidates);
    candidates.resize(std::min(candidates.size(), 2 * beams));

    const auto searched = static_cast<double>(length + 1 - static_cast<Index>(prompt.size()));
    const bool full_length = length + 1 == options.max_length;
    running.clear();
    for (size_t rank = 0; rank < candidates.size(); ++rank) {
      ReferenceHypothesis& candidate = candidates[rank];
      if (!full_length && candidate.ids.back() != options.eos) {
        if (running.size() < beams) running.push_back(candidate);
      } else if (rank < beams && candidate.score > -1e8) {
        candidate.score /= std::pow(searched, options.length_penalty);
        finished.push_back(candidate);
      }
    }
    sort_by_score(finished);
    if (finished.size() > beams) finished.resize(beams);

    if (full_length || running.empty()) return finished;
    if (finished.size() < beams) continue;
    if (options.early_stopping == EarlyStopping::yes) return finished;
    const bool optimistic =
        options.early_stopping == EarlyStopping::never && options.length_penalty > 0;
    const double longest =
        optimistic ? static_cast<double>(options.max_length - static_cast<Index>(prompt.size()))
                   : searched;
    const double hope = running[0].score / std::pow(longest, options.length_penalty);
    if (hope <= finished.back().score) return finished;
  }
}

/// Every hypothesis that there can be, best first.
inline std::vector<ReferenceHypothesis> exhaustive_search(const Table& table, Index sentence,
                                                          const SearchOptions& options) {
  std::vector<ReferenceHypothesis> growing{{{options.decoder_start}, 0}}, all;
  for (Index length = 1; length < options.max_length; ++length) {
    std::vector<ReferenceHypothesis> longer;
    for (const ReferenceHypothesis& hypothesis : growing) {
      const auto row = continuations(table, sentence, hypothesis.ids, options);
      for (size_t id = 0; id < row.size(); ++id) {
        if (std::isinf(row[id])) continue;
        ReferenceHypothesis next{hypothesis.ids, hypothesis.score + row[id]};
        next.ids.push_back(static_cast<Id>(id));
        const bool ends = next.ids.back() == options.eos || length + 1 == options.max_length;
        if (ends) next.score /= std::pow(static_cast<double>(length), options.length_penalty);
        (ends ? all : longer).push_back(std::move(next));
      }
    }
    growing = std::move(longer);
  }
  sort_by_score(all);
  return all;
}

}  // namespace regard::decoding
