// SPDX-License-Identifier: MIT
#include "text/byte_pairs.h"

#include <map>
#include <queue>

#include "text/characters.h"

namespace regard::text {

namespace {

// A run of characters that have been joined; one of a list linked both ways, -1 at its ends. A
// symbol that was joined to the one before it is empty.
struct Symbol {
  Index begin, end;
  Index previous, next;
  PieceTrie::Node node;  ///< where its text leads to
  bool frozen;           ///< a user-defined piece
};

// Two neighbours that would make a piece.
struct Pair {
  float score;
  Index left, right;
  Index size;  ///< of both together, to know an outdated pair by
};

struct Worse {
  bool operator()(const Pair& a, const Pair& b) const noexcept {
    return a.score < b.score || (a.score == b.score && a.left > b.left);
  }
};

class Joiner {
 public:
  Joiner(const Lexicon& lexicon, std::string_view text) : lexicon_(lexicon), text_(text) {}

  Segments run() {
    split();
    for (size_t i = 1; i < symbols_.size(); ++i) {
      consider(static_cast<Index>(i) - 1, static_cast<Index>(i));
    }
    join();
    return collect();
  }

 private:
  Symbol& at(Index symbol) { return symbols_[static_cast<size_t>(symbol)]; }
  std::string_view bytes(Index begin, Index end) const {
    return text_.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
  }

  // into characters and user-defined pieces
  void split() {
    const Segments characters = cut_characters(lexicon_, text_);
    symbols_.reserve(characters.size());
    for (const auto& [begin, end, id] : characters) {
      const auto index = static_cast<Index>(symbols_.size());
      const bool last = symbols_.size() + 1 == characters.size();
      symbols_.push_back({begin, end, index - 1, last ? -1 : index + 1,
                          lexicon_.pieces().walk(PieceTrie::root, bytes(begin, end)),
                          lexicon_.is(Lexicon::Type::user_defined, id)});
    }
  }

  // puts two neighbours on the agenda if they make a piece
  void consider(Index left, Index right) {
    if (left < 0 || right < 0 || at(left).frozen || at(right).frozen) return;
    const PieceTrie& pieces = lexicon_.pieces();
    const PieceTrie::Node node = pieces.walk(at(left).node, bytes(at(right).begin, at(right).end));
    const Id id = node == PieceTrie::nowhere ? -1 : pieces.id(node);
    if (id < 0) return;

    agenda_.push({lexicon_[id].score, left, right, at(right).end - at(left).begin});
    if (lexicon_.is(Lexicon::Type::unused, id)) {
      left_halves_[id] = at(right).begin - at(left).begin;
    }
  }

  void join() {
    while (!agenda_.empty()) {
      const auto [score, left, right, size] = agenda_.top();
      agenda_.pop();
      Symbol& first = at(left);
      Symbol& second = at(right);
      const bool empty = first.begin == first.end || second.begin == second.end;
      const Index together = (first.end - first.begin) + (second.end - second.begin);
      if (empty || together != size) continue;

      first.node = lexicon_.pieces().walk(first.node, bytes(second.begin, second.end));
      first.end = second.end;
      first.next = second.next;
      if (second.next >= 0) at(second.next).previous = left;
      second.begin = second.end;

      consider(first.previous, left);
      consider(left, first.next);
    }
  }

  // the symbols that are left; unused pieces are taken apart into what they were joined from
  Segments collect() {
    Segments segments;
    std::vector<Segment> open;
    for (Index symbol = symbols_.empty() ? -1 : 0; symbol >= 0; symbol = at(symbol).next) {
      open.push_back({at(symbol).begin, at(symbol).end, -1});
      while (!open.empty()) {
        auto [begin, end, id] = open.back();
        open.pop_back();
        id = lexicon_.pieces().find(bytes(begin, end));
        const auto left_half = left_halves_.find(id);
        if (left_half == left_halves_.end()) {
          const bool usable = id >= 0 && !lexicon_.is(Lexicon::Type::unused, id);
          segments.push_back({begin, end, usable ? id : lexicon_.unknown()});
          continue;
        }
        const Index middle = begin + left_half->second;
        open.push_back({middle, end, -1});
        open.push_back({begin, middle, -1});
      }
    }
    return segments;
  }

  const Lexicon& lexicon_;
  std::string_view text_;
  std::vector<Symbol> symbols_;
  std::priority_queue<Pair, std::vector<Pair>, Worse> agenda_;
  /// How long the left half was when an unused piece was last joined, anywhere in the text.
  std::map<Id, Index> left_halves_;
};

}  // namespace

Segments cut_byte_pairs(const Lexicon& lexicon, std::string_view text) {
  return Joiner(lexicon, text).run();
}

}  // namespace regard::text
