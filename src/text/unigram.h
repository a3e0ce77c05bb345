// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "tensor/random.h"
#include "text/lexicon.h"
#include "text/segment.h"

namespace regard::text {

/// Cuts a normalized text into the pieces whose scores sum to the most (Kudo 2018, "Subword
/// regularization", section 3.2), by the algorithm of Viterbi:
///
///     best(e) = max over pieces ending at e of best(begin) + score(piece)
///
/// A character that is no piece costs 10 more than the worst piece. A user-defined piece of n bytes
/// scores 0.1 (n − 1), better than any logarithm of a probability. Of equals, the one found first
/// stays, the longest piece that is. Sums are rounded to float at every step, as the sentencepiece
/// library 0.2.3 rounds them, so that ties fall the same way.
///
/// returns  segments without a gap; none if the text is empty
/// cost     O(n · longest piece) time, O(n) memory for n bytes
Segments cut_unigram(const Lexicon& lexicon, std::string_view text);

/// One of all cuts, drawn with a probability in proportion to exp(alpha · score) (Kudo 2018,
/// section 3.2, with every cut instead of the l best), from the end backwards:
///
///     sum(e) = Σ over pieces ending at e of sum(begin) exp(alpha score(piece))
///     P(piece | it ends at e) = sum(begin) exp(alpha score(piece)) / sum(e)
///
/// alpha    above 0: the smaller, the more alike all cuts are; the greater, the more often it is
///          the best one. 0.1 to 0.5 are usual.
/// returns  segments without a gap; none if the text is empty
/// cost     as above
Segments sample_unigram(const Lexicon& lexicon, std::string_view text, float alpha, Random& random);

}  // namespace regard::text
