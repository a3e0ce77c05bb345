// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "tensor/tensor.h"

namespace regard::text {

using StringIds = std::vector<std::pair<std::string_view, Id>>;

/// By the strings, those that are equal by their ids.
void sort_strings(StringIds& strings);

/// Strings with ids, found byte by byte: every prefix of a string is a node.
///
/// Nodes are numbered level by level, so that the children of a node stand side by side, sorted by
/// their byte, and after the children of the node before: one array of beginnings says all.
class PieceTrie {
 public:
  using Node = uint32_t;
  static constexpr Node root = 0;
  static constexpr Node nowhere = UINT32_MAX;

  /// Without a string.
  PieceTrie() : PieceTrie(StringIds{}) {}
  /// strings  none empty, none twice, in any order
  /// cost     O(n log n) time for n bytes of strings, O(n) memory
  explicit PieceTrie(StringIds strings);

  bool empty() const noexcept { return labels_.size() == 1; }
  /// The node one byte further, or `nowhere`; `node` is a node.
  Node child(Node node, char byte) const noexcept;
  /// The node at the end of `bytes`, or `nowhere`; so is the walk from `nowhere`.
  Node walk(Node node, std::string_view bytes) const noexcept;
  /// The id of the string that ends at `node`, -1 if none does.
  Id id(Node node) const noexcept { return ids_[node]; }
  /// The id of a string, -1 if it is not there.
  Id find(std::string_view string) const noexcept;
  /// The length of the longest string that `text` begins with, 0 if there is none.
  Index longest_prefix(std::string_view text) const noexcept;

 private:
  std::vector<Node> children_;  ///< those of node n: children_[n] … children_[n + 1] - 1
  std::vector<uint8_t> labels_;
  std::vector<Id> ids_;
};

}  // namespace regard::text
