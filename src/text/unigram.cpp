// SPDX-License-Identifier: MIT
#include "text/unigram.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "text/utf8.h"

namespace regard::text {

namespace {

constexpr float unknown_penalty = 10;
constexpr double user_defined_bonus = 0.1;  // for each byte after the first

// The best way to a place in the text: its last piece.
struct Path {
  float score = 0;
  Id id = -1;
  Index begin = -1;  ///< -1: none is known yet
};

// Calls offer(begin, end, id, score) for every piece that is somewhere in the text, those that
// begin first before the others, shorter ones first; where a character is none, the unknown piece
// takes its place.
template <class Offer>
void visit_pieces(const Lexicon& lexicon, std::string_view text, const Offer& offer) {
  const auto size = static_cast<Index>(text.size());
  const float unknown_score = lexicon.lowest_score() - unknown_penalty;
  const PieceTrie& pieces = lexicon.pieces();
  for (Index begin = 0; begin < size;) {
    const Index next = begin + announced_length(text.substr(static_cast<size_t>(begin)));
    bool character_known = false;

    PieceTrie::Node node = PieceTrie::root;
    for (Index end = begin; end < size;) {
      node = pieces.child(node, text[static_cast<size_t>(end++)]);
      if (node == PieceTrie::nowhere) break;
      const Id id = pieces.id(node);
      if (id < 0 || lexicon.is(Lexicon::Type::unused, id)) continue;

      const float score =
          lexicon.is(Lexicon::Type::user_defined, id)
              ? static_cast<float>(user_defined_bonus * static_cast<double>(end - begin - 1))
              : lexicon[id].score;
      offer(begin, end, id, score);
      character_known |= end == next;
    }

    if (!character_known) offer(begin, next, lexicon.unknown(), unknown_score);
    begin = next;
  }
}

}  // namespace

Segments cut_unigram(const Lexicon& lexicon, std::string_view text) {
  std::vector<Path> paths(text.size() + 1);
  visit_pieces(lexicon, text, [&](Index begin, Index end, Id id, float score) {
    const float total = score + paths[static_cast<size_t>(begin)].score;
    Path& path = paths[static_cast<size_t>(end)];
    if (path.begin < 0 || total > path.score) path = {total, id, begin};
  });

  // from the end backwards
  Segments segments;
  for (Index end = static_cast<Index>(text.size()); end > 0;) {
    const Path& last = paths[static_cast<size_t>(end)];
    segments.push_back({last.begin, end, last.id});
    end = last.begin;
  }
  std::reverse(segments.begin(), segments.end());
  return segments;
}

Segments sample_unigram(const Lexicon& lexicon, std::string_view text, float alpha,
                        Random& random) {
  // sums as logarithms, and every way to a place with its part of the sum
  struct Way {
    Segment last;
    double weight;
  };
  constexpr double nothing = -std::numeric_limits<double>::infinity();
  std::vector<double> sums(text.size() + 1, nothing);
  std::vector<std::vector<Way>> ways(text.size() + 1);
  sums[0] = 0;
  visit_pieces(lexicon, text, [&](Index begin, Index end, Id id, float score) {
    const double weight =
        sums[static_cast<size_t>(begin)] + static_cast<double>(alpha) * static_cast<double>(score);
    if (weight == nothing) return;  // inside of a character that only longer pieces hold
    double& sum = sums[static_cast<size_t>(end)];
    const double greater = std::max(sum, weight), lesser = std::min(sum, weight);
    sum = greater + std::log1p(std::exp(lesser - greater));
    ways[static_cast<size_t>(end)].push_back({{begin, end, id}, weight});
  });

  Segments segments;
  for (size_t end = text.size(); end > 0;) {
    double left = random.uniform();
    const std::vector<Way>& choices = ways[end];
    size_t chosen = 0;
    while (chosen + 1 < choices.size()) {
      left -= std::exp(choices[chosen].weight - sums[end]);
      if (left < 0) break;
      ++chosen;
    }
    segments.push_back(choices[chosen].last);
    end = static_cast<size_t>(choices[chosen].last.begin);
  }
  std::reverse(segments.begin(), segments.end());
  return segments;
}

}  // namespace regard::text
