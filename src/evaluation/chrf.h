// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>

namespace regard::evaluation {

struct ChrfOptions {
  int word_order = 0;  ///< runs of so many words are counted as well; 2 makes it chrF++
};

/// chrF2 of translations, each against one reference, 0 to 100, equal to sacreBLEU's `corpus_chrf`
/// [Popović 2015, 2017].
///
///     chrF = 100 (1 + β²) P R / (β² P + R)     β = 2
///
/// P and R are the means, over runs of 1 to 6 characters without their white space, of the shares
/// of the hypotheses' runs that stand in their references and the other way round. A hypothesis's
/// runs of a length count where its reference has one as long; lengths of which one side has no run
/// are left out of both means. chrF++ counts runs of 1 and 2 words too, a sign of ASCII at a word's
/// end or else at its beginning being a word.
///
/// returns  0 where nothing is shared
/// throws   ValueError `chrf: 3 hypotheses, expected one for each of 2 references`, or if the word
///          order is negative
/// cost     O(characters log characters)
double chrf(std::span<const std::string> hypotheses, std::span<const std::string> references,
            const ChrfOptions& options = {});

}  // namespace regard::evaluation
