// SPDX-License-Identifier: MIT
#include "evaluation/ngrams.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "tensor/error.h"

namespace regard::evaluation {

namespace {

// The runs of n neighbours, in order.
std::vector<std::u32string_view> runs(std::u32string_view sequence, size_t n) {
  std::vector<std::u32string_view> found;
  for (size_t i = 0; i + n <= sequence.size(); ++i) found.push_back(sequence.substr(i, n));
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

Overlap overlap(std::u32string_view hypothesis, std::u32string_view reference, int n) {
  const auto ours = runs(hypothesis, static_cast<size_t>(n));
  const auto theirs = runs(reference, static_cast<size_t>(n));
  std::vector<std::u32string_view> shared;
  std::set_intersection(ours.begin(), ours.end(), theirs.begin(), theirs.end(),
                        std::back_inserter(shared));
  return {static_cast<int64_t>(ours.size()), static_cast<int64_t>(theirs.size()),
          static_cast<int64_t>(shared.size())};
}

Numbered numbered(const std::vector<std::string>& hypothesis,
                  const std::vector<std::string>& reference) {
  std::map<std::string_view, char32_t> numbers;
  const auto number = [&](const std::vector<std::string>& words) {
    std::u32string sequence;
    for (const std::string& word : words) {
      sequence += numbers.try_emplace(word, static_cast<char32_t>(numbers.size())).first->second;
    }
    return sequence;
  };
  std::u32string first = number(hypothesis);
  return {std::move(first), number(reference)};
}

void expect_as_many(const char* what, size_t hypotheses, size_t references) {
  if (hypotheses == references) return;
  throw ValueError(what, ": ", hypotheses, " hypotheses, expected one for each of ", references,
                   " references");
}

}  // namespace regard::evaluation
