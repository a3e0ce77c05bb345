// SPDX-License-Identifier: MIT
#include "evaluation/bleu.h"

#include <cmath>

#include "evaluation/ngrams.h"

namespace regard::evaluation {

namespace {

constexpr size_t orders = 4;
using Counts = std::array<Overlap, orders>;

Counts count(std::span<const std::string> hypotheses, std::span<const std::string> references,
             Tokenization tokenization) {
  Counts counts;
  for (size_t i = 0; i < hypotheses.size(); ++i) {
    const Numbered words =
        numbered(tokenize(hypotheses[i], tokenization), tokenize(references[i], tokenization));
    for (size_t n = 0; n < orders; ++n) {
      counts[n] += overlap(words.hypothesis, words.reference, static_cast<int>(n + 1));
    }
  }
  return counts;
}

}  // namespace

Bleu bleu(std::span<const std::string> hypotheses, std::span<const std::string> references,
          Tokenization tokenization) {
  expect_as_many("bleu", hypotheses.size(), references.size());
  const Counts counts = count(hypotheses, references, tokenization);

  Bleu result;
  result.hypothesis_words = counts[0].hypothesis;
  result.reference_words = counts[0].reference;
  const auto c = static_cast<double>(result.hypothesis_words);
  const auto r = static_cast<double>(result.reference_words);
  if (c < r) result.brevity_penalty = c > 0 ? std::exp(1 - r / c) : 0;
  if (counts[0].shared == 0) return result;

  double unmatched = 1, logarithms = 0;
  for (size_t n = 0; n < orders; ++n) {
    const auto total = static_cast<double>(counts[n].hypothesis);
    if (counts[n].hypothesis == 0) return result;
    const auto shared =
        counts[n].shared > 0 ? static_cast<double>(counts[n].shared) : 1 / (unmatched *= 2);
    result.precisions[n] = 100 * shared / total;
    logarithms += std::log(result.precisions[n]);
  }
  result.score = result.brevity_penalty * std::exp(logarithms / orders);
  return result;
}

}  // namespace regard::evaluation
