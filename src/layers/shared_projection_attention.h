// SPDX-License-Identifier: MIT
// A variant of multi-head attention that goes round in tutorials, to compare with the real one.
#pragma once

#include "autograd/attention.h"
#include "layers/linear.h"

namespace regard::layers {

/// Multi-head attention whose heads share their projections: rows are split into H pieces of width
/// D = M / H first, and then every piece is multiplied by the same D x D matrices.
///
///     head_h = softmax(masked(Q_h Aᵀ (K_h Bᵀ)ᵀ) / sqrt(M)) V_h Cᵀ     output = [head_1, …] Wᵀ + b
///
/// It differs from MultiHeadAttention in what it can learn and in its numbers:
///  - a head sees its own piece of a row alone, and all look at their pieces in one way: 3 D²
///    weights in place of 3 M². Vaswani et al. project the whole row, differently for each head.
///  - scores are divided by sqrt(M), not by sqrt(D): they are smaller by sqrt(H), and the weights
///    that much flatter.
///  - hidden keys get the score -1e20 before the division, not -infinity after it: a query that
///    sees no key averages all of them.
class SharedProjectionAttention {
 public:
  /// throws ValueError unless H > 0 divides M
  SharedProjectionAttention(Index M, Index H, Initializer& initializer);

  /// In the order that the variant has: values (B, S, M), keys (B, S, M), query (B, L, M).
  ///
  /// mask     1 where a query sees a key; of a shape that repeats to (B, H, L, S) by NumPy's rule,
  ///          or undefined
  /// returns  the output (B, L, M), and the weights (B, H, L, S)
  /// throws   ShapeError if the shapes do not fit
  autograd::AttentionVariables forward(Pass& pass, const Variable& values, const Variable& keys,
                                       const Variable& query, const Tensor& mask = {}) const;

  /// By the variant's names: values, keys, queries, fc_out.
  void collect(const std::string& prefix, Parameters& parameters) const;
  void prepack();

 private:
  Variable project(Pass& pass, const Linear& projection, const Variable& x, const char* name) const;

  Index M_;
  Index H_;
  Linear values_, keys_, queries_, output_;
};

}  // namespace regard::layers
