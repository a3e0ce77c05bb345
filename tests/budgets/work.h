// SPDX-License-Identifier: MIT
// What a call costs, in numbers that are the same on every machine and at any time of day.
#pragma once

#include "attention/attention.h"
#include "support/numbers.h"
#include "tensor/arena.h"
#include "tensor/parallel.h"

namespace regard::testing {

/// A tensor of normal numbers.
inline Tensor normal(const Shape& shape, uint64_t seed) {
  return Tensor::from(shape, numbers(shape.count(), seed));
}

/// Bytes that a call needs at once, what it gives included, its operands not.
template <class Call>
size_t bytes_of(const Call& call) {
  Arena& arena = Arena::shared();
  arena.trim();
  const size_t before = arena.used();
  call();
  return arena.used() + arena.idle() - before;
}

/// Queries, keys and values of attention, of eight heads.
struct Operands {
  Operands(Index L, Index S, Index D, Index kv_heads = 8)
      : q(normal({1, 8, L, D}, 1)),
        k(normal({1, kv_heads, S, D}, 2)),
        v(normal({1, kv_heads, S, D}, 3)) {}

  /// What scores and contexts of this share of all pairs of a query and a key need: a
  /// multiplication with an addition for each number of a key, and for each of a value.
  double products(double share = 1) const {
    return 2.0 * share * static_cast<double>(q.count() * k.size(2));
  }

  Tensor q, k, v;
};

}  // namespace regard::testing
