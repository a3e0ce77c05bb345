// SPDX-License-Identifier: MIT
#pragma once

#include "attention/cached.h"
#include "attention/scaled_dot_product.h"
#include "layers/linear.h"

namespace regard::layers {

/// Multi-head attention [Vaswani et al. 2017, section 3.2.2].
///
///     MultiHead(Q, K, V) = [head_1, …, head_H] Wᴼ     head_h = Attention(Q W^Q_h, K W^K_h, V
///     W^V_h)
class MultiHeadAttention {
 public:
  /// throws ValueError unless H > 0 divides M.
  MultiHeadAttention(Index M, Index H, Initializer& initializer);

  /// query (B, L, M) looks at memory (B, S, M).
  /// weights receives (B, H, L, S) if not null. returns (B, L, M).
  Variable forward(Pass& pass, const Variable& query, const Variable& memory,
                   const attention::AttentionOptions& options, Tensor* weights = nullptr) const;

  /// The projected keys and values of memory (..., M), for step().
  Variable project_keys(Pass& pass, const Variable& memory) const;
  Variable project_values(Pass& pass, const Variable& memory) const;
  /// One query a row, query (rows, M), at projected keys. weights as in cached_attention.
  Variable step(Pass& pass, const Variable& query, const attention::CachedKeys& cached,
                Tensor& weights) const;

  void collect(const std::string& prefix, Parameters& parameters) const;
  void prepack();

 private:
  Index heads_;
  Linear query_;
  Linear key_;
  Linear value_;
  Linear output_;
};

}  // namespace regard::layers
