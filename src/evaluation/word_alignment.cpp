// SPDX-License-Identifier: MIT
#include "evaluation/word_alignment.h"

#include <algorithm>

#include "tensor/error.h"
#include "text/utf8.h"

namespace regard::evaluation {

namespace {

// Where the next character stands that is no white space.
size_t past_spaces(const std::string& text, size_t at) {
  while (at < text.size()) {
    const text::Character next = text::first_character(std::string_view(text).substr(at));
    if (!text::is_space(next.code)) break;
    at += static_cast<size_t>(next.length);
  }
  return at;
}

// How many bytes a piece and a word have in common.
Index common(const text::TextPiece& piece, const text::TextSpan& word) {
  return std::max<Index>(std::min(piece.end, word.end) - std::max(piece.begin, word.begin), 0);
}

// (pieces, words): which part of each piece is which word's.
std::vector<std::vector<double>> parts(const Worded& text) {
  std::vector<std::vector<double>> found;
  for (const text::TextPiece& piece : text.pieces) {
    std::vector<double> row;
    double sum = 0;
    for (const text::TextSpan& word : text.words) {
      row.push_back(static_cast<double>(common(piece, word)));
      sum += row.back();
    }
    for (double& part : row) part /= std::max(sum, 1.0);
    found.push_back(std::move(row));
  }
  return found;
}

}  // namespace

std::vector<text::TextSpan> place_words(const std::string& text,
                                        const std::vector<std::string>& words,
                                        const std::string& where) {
  std::vector<text::TextSpan> spans;
  size_t at = past_spaces(text, 0);
  for (const std::string& word : words) {
    if (word.empty() || text.compare(at, word.size(), word) != 0) {
      throw FormatError(where, "\"", text, "\": there is no \"", word, "\" at byte ", at);
    }
    spans.push_back({static_cast<Index>(at), static_cast<Index>(at + word.size())});
    at = past_spaces(text, at + word.size());
  }
  if (at == text.size()) return spans;
  throw FormatError(where, "\"", text, "\": the words leave out \"", text.substr(at),
                    "\", at byte ", at);
}

Tensor word_weights(const Tensor& weights, const Worded& source, const Worded& target) {
  const auto S = static_cast<Index>(source.pieces.size());
  const auto T = static_cast<Index>(target.pieces.size());
  if (weights.shape().rank() != 2 || weights.size(0) < T || weights.size(1) < S) {
    throw ShapeError("word_weights: weights are ", weights.shape(), ", expected at least ",
                     Shape{T, S});
  }
  const auto source_parts = parts(source);
  const size_t J = source.words.size();
  Tensor result = Tensor::zeros({static_cast<Index>(target.words.size()), static_cast<Index>(J)});
  float* out = result.data();
  for (const text::TextSpan& word : target.words) {
    std::vector<double> sum(J);
    double rows = 0;
    for (Index i = 0; i < T; ++i) {
      if (common(target.pieces[static_cast<size_t>(i)], word) == 0) continue;
      const float* row = weights.data() + i * weights.size(1);
      for (size_t k = 0; k < source_parts.size(); ++k) {
        const auto weight = static_cast<double>(row[k]);
        for (size_t j = 0; j < J; ++j) sum[j] += weight * source_parts[k][j];
      }
      ++rows;
    }
    for (const double each : sum) *out++ = static_cast<float>(each / std::max(rows, 1.0));
  }
  return result;
}

Tensor balanced(const Tensor& weights) {
  const Index T = weights.size(0), J = weights.size(1);
  Tensor result = Tensor::zeros(weights.shape());
  for (Index j = 0; j < J; ++j) {
    double sum = 0;
    for (Index t = 0; t < T; ++t) sum += static_cast<double>(weights.data()[t * J + j]);
    if (sum == 0) continue;
    for (Index t = 0; t < T; ++t) {
      const auto weight = static_cast<double>(weights.data()[t * J + j]);
      result.data()[t * J + j] = static_cast<float>(weight / sum);
    }
  }
  return result;
}

Links strongest_links(const Tensor& weights) {
  Links links;
  const Index J = weights.size(1);
  for (Index t = 0; t < weights.size(0); ++t) {
    const float* row = weights.data() + t * J;
    const float* best = std::max_element(row, row + J);
    if (best != row + J && *best > 0) links.push_back({best - row, t});
  }
  return links;
}

}  // namespace regard::evaluation
