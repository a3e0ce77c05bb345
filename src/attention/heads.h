// SPDX-License-Identifier: MIT
#pragma once

#include "kernels/matmul.h"
#include "tensor/tensor.h"

namespace regard::attention {

/// The heads of queries, keys or values, read where they lie: number d of row i of head h of batch
/// b is data[b * batch + h * head + i * row + d]. A projected (B, L, H D) tensor is read as
/// (B, H, L, D) in this way, without a copy.
template <class Number>
struct HeadsView {
  Number* data;
  Index batch;
  Index head;
  Index row;

  Number* at(Index b, Index h) const noexcept { return data + b * batch + h * head; }
};

using Heads = HeadsView<const float>;
using MutableHeads = HeadsView<float>;

/// The heads of a (B, H, L, D) tensor.
inline Heads heads_of(const Tensor& x) {
  return {x.data(), x.size(1) * x.size(2) * x.size(3), x.size(2) * x.size(3), x.size(3)};
}
inline MutableHeads heads_of(Tensor& x) {
  const Heads view = heads_of(static_cast<const Tensor&>(x));
  return {x.data(), view.batch, view.head, view.row};
}

/// The H heads side by side in the rows of a (B, L, H D) tensor.
inline Heads split_heads(const Tensor& x, Index H) {
  return {x.data(), x.size(1) * x.size(2), x.size(2) / H, x.size(2)};
}
inline MutableHeads split_heads(Tensor& x, Index H) {
  const Heads view = split_heads(static_cast<const Tensor&>(x), H);
  return {x.data(), view.batch, view.head, view.row};
}

}  // namespace regard::attention
