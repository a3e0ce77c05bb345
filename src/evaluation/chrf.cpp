// SPDX-License-Identifier: MIT
#include "evaluation/chrf.h"

#include <cctype>
#include <vector>

#include "evaluation/ngrams.h"
#include "evaluation/tokenization.h"
#include "tensor/error.h"

namespace regard::evaluation {

namespace {

constexpr int character_orders = 6;
constexpr double beta = 2;

bool sign(char c) noexcept {
  return c > ' ' && c <= '~' && std::isalnum(static_cast<unsigned char>(c)) == 0;
}

// Words, the sign at an end of one on its own: the last, or the first where the last is none.
std::vector<std::string> words_and_signs(const std::string& text) {
  std::vector<std::string> words;
  for (const std::string& word : split(text)) {
    if (characters(word).size() == 1 || (!sign(word.front()) && !sign(word.back()))) {
      words.push_back(word);
      continue;
    }
    const size_t cut = sign(word.back()) ? word.size() - 1 : 1;
    words.push_back(word.substr(0, cut));
    words.push_back(word.substr(cut));
  }
  return words;
}

// A hypothesis's runs count where its reference has any as long.
Overlap judged(std::u32string_view hypothesis, std::u32string_view reference, int n) {
  Overlap found = overlap(hypothesis, reference, n);
  if (found.reference == 0) found.hypothesis = 0;
  return found;
}

void add(std::vector<Overlap>& counts, const std::string& hypothesis,
         const std::string& reference) {
  const std::u32string ours = characters(hypothesis), theirs = characters(reference);
  for (int n = 1; n <= character_orders; ++n) {
    counts[static_cast<size_t>(n - 1)] += judged(ours, theirs, n);
  }
  if (counts.size() == character_orders) return;
  const Numbered words = numbered(words_and_signs(hypothesis), words_and_signs(reference));
  for (size_t i = character_orders; i < counts.size(); ++i) {
    counts[i] += judged(words.hypothesis, words.reference, static_cast<int>(i) - 5);
  }
}

}  // namespace

double chrf(std::span<const std::string> hypotheses, std::span<const std::string> references,
            const ChrfOptions& options) {
  expect_as_many("chrf", hypotheses.size(), references.size());
  if (options.word_order < 0) {
    throw ValueError("chrf: the word order is ", options.word_order, ", expected 0 or more");
  }
  std::vector<Overlap> counts(static_cast<size_t>(character_orders + options.word_order));
  for (size_t i = 0; i < hypotheses.size(); ++i) add(counts, hypotheses[i], references[i]);

  double precision = 0, recall = 0, orders = 0;
  for (const Overlap& count : counts) {
    if (count.hypothesis == 0 || count.reference == 0) continue;
    precision += static_cast<double>(count.shared) / static_cast<double>(count.hypothesis);
    recall += static_cast<double>(count.shared) / static_cast<double>(count.reference);
    ++orders;
  }
  if (precision + recall == 0) return 0;
  precision /= orders, recall /= orders;
  const double factor = beta * beta;
  return 100 * (1 + factor) * precision * recall / (factor * precision + recall);
}

}  // namespace regard::evaluation
