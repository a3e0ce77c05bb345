// SPDX-License-Identifier: MIT
#include "text/unigram.h"

#include <algorithm>

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

}  // namespace

Segments cut_unigram(const Lexicon& lexicon, std::string_view text) {
  const auto size = static_cast<Index>(text.size());
  const float unknown_score = lexicon.lowest_score() - unknown_penalty;
  std::vector<Path> paths(text.size() + 1);

  const auto offer = [&](Index begin, Index end, Id id, float score) {
    Path& path = paths[static_cast<size_t>(end)];
    if (path.begin < 0 || score > path.score) path = {score, id, begin};
  };

  const PieceTrie& pieces = lexicon.pieces();
  for (Index begin = 0; begin < size;) {
    const float so_far = paths[static_cast<size_t>(begin)].score;
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
      offer(begin, end, id, score + so_far);
      character_known |= end == next;
    }

    if (!character_known) offer(begin, next, lexicon.unknown(), unknown_score + so_far);
    begin = next;
  }

  // from the end backwards
  Segments segments;
  for (Index end = size; end > 0;) {
    const Path& last = paths[static_cast<size_t>(end)];
    segments.push_back({last.begin, end, last.id});
    end = last.begin;
  }
  std::reverse(segments.begin(), segments.end());
  return segments;
}

}  // namespace regard::text
