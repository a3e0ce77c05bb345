// SPDX-License-Identifier: MIT
// A model's translations of sentences that were translated before, and how good they are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "decoding/translator.h"
#include "evaluation/bleu.h"
#include "evaluation/sentence_pairs.h"

namespace regard::evaluation {

/// How some translations compare with their references.
struct Scores {
  size_t sentences = 0;
  Bleu bleu;
  double chrf = 0;

  /// Words of the translations by words of the references.
  double length_ratio() const noexcept;
};

/// Sentences of like lengths.
struct LengthClass {
  const char* name;
  size_t longest;                ///< in words
  std::vector<size_t> places{};  ///< of its sentences
};

/// The sentences in classes of up to 5, 6 to 9, and 10 words and more, those of the source; where
/// that is Chinese, which has no spaces, those of the reference, so that the same pairs fall into
/// the same classes in both directions. A class without a sentence is left out.
std::vector<LengthClass> length_classes(const SentencePairs& pairs, const Languages& languages);

/// What one way of searching found.
struct SearchReport {
  decoding::TranslateOptions options;
  double seconds = 0;  ///< of translating, left to the caller
  std::vector<std::string> translations;
  Scores all;
  std::vector<Scores> by_length;  ///< for each length class
};

/// Scores of translations that were found. The language says how BLEU cuts them into words.
SearchReport score(const SentencePairs& pairs, const std::vector<LengthClass>& classes,
                   const std::string& language, std::vector<std::string> translations);

/// The translations of all sentences; what is not given in the options is as the model has it.
/// cost  that of the search; batches of sentences of like lengths
std::vector<std::string> translate(const decoding::Translator& translator,
                                   const std::vector<std::string>& sources,
                                   const decoding::TranslateOptions& options);

/// How sure the model would have been of the references.
struct Losses {
  std::vector<double> sentences;  ///< nats a target token of each, `</s>` counted
  double mean = 0;                ///< over the tokens of all
};

/// throws ValueError `dev.tsv:12: the reference has 701 pieces, expected at most 512` where the
///        model has no positions for more
Losses reference_losses(const decoding::Translator& translator, const SentencePairs& pairs);

/// Places of sentences, the one with the greatest loss first.
std::vector<size_t> worst_first(const Losses& losses);

}  // namespace regard::evaluation
