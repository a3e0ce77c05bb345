// SPDX-License-Identifier: MIT
// Which keys a query may see, as functions of both their places.
#pragma once

#include <cmath>
#include <functional>

#include "reference/matrix.h"

namespace regard::reference {

/// Whether query i may see key j.
using Mask = std::function<bool(Index i, Index j)>;

inline Mask all_keys() {
  return [](Index, Index) { return true; };
}
/// What both masks let through.
inline Mask both(Mask first, Mask second) {
  return [=](Index i, Index j) { return first(i, j) && second(i, j); };
}

/// Query i stands at key i + origin and sees no later one.
inline Mask causal(Index origin) {
  return [=](Index i, Index j) { return j <= i + origin; };
}
/// Query i sees keys 0 … i.
inline Mask causal_top_left() { return causal(0); }
/// Of L queries and S keys the last query sees all keys, each one before it one less.
inline Mask causal_bottom_right(Index L, Index S) { return causal(S - L); }

/// Query i stands at key i + origin and sees `left` keys before it and `right` after it.
inline Mask window(Index origin, Index left, Index right) {
  return [=](Index i, Index j) { return i + origin - left <= j && j <= i + origin + right; };
}

/// Keys from `length` on are padding.
inline Mask first_keys(Index length) {
  return [=](Index, Index j) { return j < length; };
}
/// For query i the keys from lengths[i] on are.
inline Mask first_keys(std::vector<Index> lengths) {
  return [=](Index i, Index j) { return j < lengths[static_cast<size_t>(i)]; };
}
/// Queries from `length` on are padding and see nothing.
inline Mask first_queries(Index length) {
  return [=](Index i, Index) { return i < length; };
}

/// Where (L, S) numbers are not 0: a mask in which 1 attends.
inline Mask where(Matrix<double> ones) {
  return [=](Index i, Index j) { return ones(i, j) != 0.0; };
}
/// Where (L, S) numbers are above -infinity: what a bias leaves visible.
inline Mask where_above_minus_infinity(Matrix<double> bias) {
  return [=](Index i, Index j) { return bias(i, j) != -INFINITY; };
}

}  // namespace regard::reference
