// SPDX-License-Identifier: MIT
// Which word of a translation belongs to which word of its source, read off attention.
#pragma once

#include <compare>
#include <span>
#include <string>
#include <vector>

#include "tensor/tensor.h"
#include "text/sentencepiece.h"

namespace regard::evaluation {

/// A word of the source and one of the target, by their places, that are tied to each other.
struct Link {
  Index source, target;

  auto operator<=>(const Link&) const = default;
};
using Links = std::vector<Link>;

/// Where words stand in a text, in bytes. Only white space may be between and around them.
///
/// where    what errors begin with, `gold.tsv:12: `
/// throws   FormatError `…"Tom runs.": the words leave out ".", at byte 8` or
///          `…there is no "ran" at byte 4`
std::vector<text::TextSpan> place_words(const std::string& text,
                                        const std::vector<std::string>& words,
                                        const std::string& where);

/// A text and its pieces, and the words that they shall be counted as.
struct Worded {
  std::span<const text::TextPiece> pieces;
  std::span<const text::TextSpan> words;
};

/// Attention between words, from attention between pieces.
///
///     W_tj = mean over the pieces i of target word t,
///            of the sum over the pieces k of source word j, of w_ik
///
/// A piece is a word's if they have a byte in common. A source piece with a part in several words
/// gives each of them its share of bytes; what attends to `</s>` or to spaces goes to none.
///
/// weights  (T, S)   of these pieces, in this order; there may be more rows or columns
/// returns  (words of the target, words of the source); a row of zeros for a word without a piece
/// throws   ShapeError `word_weights: weights are (3, 4), expected at least (4, 4)`
/// cost     O(T S + pieces words)
Tensor word_weights(const Tensor& weights, const Worded& source, const Worded& target);

/// Each weight as a share of what its source word gets from the whole target. A word that every
/// row looks at for want of a better, as a full stop often is, is no longer everybody's.
///
///     B_tj = W_tj / sum over t of W_tj
///
/// weights  (words of the target, words of the source)
Tensor balanced(const Tensor& weights);

/// Ties each word of the target to the word of the source that it attends to most, the first of
/// equals; one whose row is zero is tied to none.
///
/// weights  (words of the target, words of the source)
/// returns  links by target
Links strongest_links(const Tensor& weights);

}  // namespace regard::evaluation
