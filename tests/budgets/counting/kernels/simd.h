// SPDX-License-Identifier: MIT
// The batch type as the build with four lanes sees it, in which multiply_add() counts. What simd.h
// itself makes of products, such as exponentials, is not counted.
#pragma once

#define multiply_add uncounted_multiply_add
#include_next "kernels/simd.h"
#undef multiply_add

namespace regard::simd {

/// How many products multiply_add() has added on this thread.
inline thread_local int64_t products = 0;

inline batch multiply_add(batch a, batch b, batch c) noexcept {
  products += width;
  return uncounted_multiply_add(a, b, c);
}

}  // namespace regard::simd
