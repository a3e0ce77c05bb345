// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "evaluation/tokenization.h"

namespace regard::evaluation {

/// A corpus's BLEU, and what it is made of.
struct Bleu {
  double score = 0;                    ///< 0 to 100
  std::array<double, 4> precisions{};  ///< of runs of 1 to 4 words, in percent, smoothed
  double brevity_penalty = 1;
  int64_t hypothesis_words = 0, reference_words = 0;
};

/// BLEU of translations, each against one reference, equal to sacreBLEU's `corpus_bleu`
/// [Papineni et al. 2002; Post 2018].
///
///     BLEU = 100 min(1, e^(1 - r / c)) (p_1 p_2 p_3 p_4)^(1/4)
///
/// c and r are the words of all hypotheses and references, p_n the share of the hypotheses' runs of
/// n words that stand in their references, each run counted there at most as often as it has it.
/// Where none is shared, it counts as 1 / 2^k in p's numerator, at the k-th such n ("exponential"
/// smoothing, method 3 of Chen and Cherry 2014).
///
/// returns  0 where no word is shared, or no hypothesis has four words
/// throws   ValueError `bleu: 3 hypotheses, expected one for each of 2 references`
/// cost     O(words log words)
Bleu bleu(std::span<const std::string> hypotheses, std::span<const std::string> references,
          Tokenization tokenization);

}  // namespace regard::evaluation
