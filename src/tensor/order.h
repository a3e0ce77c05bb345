// SPDX-License-Identifier: MIT
// Sorting in little code: std::sort is 3 kB of a module for each kind of thing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace regard {

/// Sorts a list by merging; equal items keep their order. As fast as std::sort where it is
/// comparing that takes the time. Cost: n log n comparisons, and a second list.
template <class Item, class Less>
void merge_sort(std::vector<Item>& items, const Less& less) {
  const size_t n = items.size();
  std::vector<Item> merged(n);
  for (size_t run = 1; run < n; run *= 2) {
    for (size_t begin = 0; begin < n; begin += 2 * run) {
      Item* const first = items.data() + begin;
      Item* const second = items.data() + std::min(begin + run, n);
      Item* const end = items.data() + std::min(begin + 2 * run, n);
      std::merge(first, second, second, end, merged.data() + begin, less);
    }
    items.swap(merged);
  }
}

/// Whether the thing of the first number comes before that of the second; borrowed for a call.
class Before {
 public:
  template <class Body>
  Before(const Body& body) noexcept
      : body_(&body), call_([](const void* self, size_t a, size_t b) -> bool {
          return (*static_cast<const Body*>(self))(a, b);
        }) {}

  bool operator()(size_t a, size_t b) const { return call_(body_, a, b); }

 private:
  const void* body_;
  bool (*call_)(const void*, size_t, size_t);
};

/// The numbers 0 … count-1 in an order: those of which neither comes before the other keep theirs.
/// So all kinds of things are sorted by one piece of code.
std::vector<size_t> ordered(size_t count, const Before& before);

}  // namespace regard
