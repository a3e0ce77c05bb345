// SPDX-License-Identifier: MIT
// How kernels share their work among threads.
#pragma once

#include "tensor/parallel.h"

namespace regard::kernels {

/// Calls body(begin, end) for ranges that cover `rows` rows of `cost` element operations each. What
/// is too little to be worth waking a thread for (about 10 µs) runs at once on the caller's.
template <class Body>
inline void for_rows(Index rows, Index cost, const Body& body) noexcept {
  constexpr Index worthwhile = 1 << 15;
  parallel_for(rows, worthwhile / (cost > 0 ? cost : 1) + 1, body);
}

}  // namespace regard::kernels
