// SPDX-License-Identifier: MIT
// How kernels share their work among threads.
#pragma once

#include <algorithm>
#include <type_traits>

#include "tensor/parallel.h"

namespace regard::kernels {

/// Calls body(begin, end) for ranges that cover `rows` rows of `cost` element operations each. What
/// is too little to be worth waking a thread for (about 10 µs) runs at once on the caller's.
template <class Body>
inline void for_rows(Index rows, Index cost, const Body& body) noexcept {
  constexpr Index worthwhile = 1 << 15;
  parallel_for(rows, worthwhile / (cost > 0 ? cost : 1) + 1, body);
}

/// Calls body(first, count) for blocks of `columns` columns that cover 0 … n-1, of `rows` rows of
/// `cost` operations an element: for sums over rows, each in one piece. Where a block is whole,
/// `count` is a constant, so that its sums can stay in registers; whole cache lines of columns keep
/// two threads from writing to one.
template <Index columns, class Body>
inline void for_columns(Index n, Index rows, Index cost, const Body& body) noexcept {
  for_rows((n + columns - 1) / columns, cost * rows * columns, [&](Index begin, Index end) {
    for (Index first = begin * columns; first < std::min(end * columns, n); first += columns) {
      if (n - first >= columns) {
        body(first, std::integral_constant<Index, columns>{});
      } else {
        body(first, n - first);
      }
    }
  });
}

}  // namespace regard::kernels
