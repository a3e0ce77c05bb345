// SPDX-License-Identifier: MIT
#include "text/piece_trie.h"

#include <algorithm>
#include <functional>

#include "tensor/order.h"

namespace regard::text {

void sort_strings(StringIds& strings) {
  if (!std::is_sorted(strings.begin(), strings.end())) merge_sort(strings, std::less<>());
}

PieceTrie::PieceTrie(StringIds strings) {
  sort_strings(strings);

  // the strings that go through a node, and how long a prefix the node is
  struct Range {
    size_t begin, end, depth;
  };
  std::vector<Range> ranges{{0, strings.size(), 0}};
  labels_.push_back(0);

  // ranges grow while they are walked: level after level
  for (size_t node = 0; node < ranges.size(); ++node) {
    auto [begin, end, depth] = ranges[node];
    const bool ends_here = begin < end && strings[begin].first.size() == depth;
    ids_.push_back(ends_here ? strings[begin++].second : -1);
    children_.push_back(static_cast<Node>(ranges.size()));

    while (begin < end) {
      const char label = strings[begin].first[depth];
      size_t next = begin + 1;
      while (next < end && strings[next].first[depth] == label) ++next;
      labels_.push_back(static_cast<uint8_t>(label));
      ranges.push_back({begin, next, depth + 1});
      begin = next;
    }
  }
  children_.push_back(static_cast<Node>(ranges.size()));
}

PieceTrie::Node PieceTrie::child(Node node, char byte) const noexcept {
  const auto label = static_cast<uint8_t>(byte);
  Node begin = children_[node], end = children_[node + 1];
  while (end - begin > 8) {
    const Node middle = begin + (end - begin) / 2;
    (labels_[middle] <= label ? begin : end) = middle;
  }
  for (; begin < end; ++begin) {
    if (labels_[begin] == label) return begin;
  }
  return nowhere;
}

PieceTrie::Node PieceTrie::walk(Node node, std::string_view bytes) const noexcept {
  for (const char byte : bytes) {
    if (node == nowhere) break;
    node = child(node, byte);
  }
  return node;
}

Id PieceTrie::find(std::string_view string) const noexcept {
  const Node node = walk(root, string);
  return node == nowhere ? -1 : id(node);
}

Index PieceTrie::longest_prefix(std::string_view text) const noexcept {
  size_t longest = 0;
  Node node = root;
  for (size_t at = 0; at < text.size(); ++at) {
    node = child(node, text[at]);
    if (node == nowhere) break;
    if (id(node) >= 0) longest = at + 1;
  }
  return static_cast<Index>(longest);
}

}  // namespace regard::text
