// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "attention/cached.h"
#include "autograd/attention.h"
#include "layers/key_value_cache.h"
#include "layers/linear.h"

namespace regard::layers {

/// The sizes and choices of a multi-head attention. What PyTorch's has beside them, and later ones:
/// multi_head_extras.h.
struct MultiHeadOptions {
  Index M = 512;          ///< width of the output, and of all heads side by side
  Index H = 8;            ///< heads
  Index query_width = 0;  ///< of the queries before projection; 0 = M
  Index key_width = 0;    ///< the same of keys: PyTorch's kdim
  Index value_width = 0;  ///< the same of values: vdim
  bool bias = true;       ///< whether projections add one
  float dropout = 0;      ///< of the weights, in a pass that trains
  Naming naming = Naming::marian;
};

/// throws ValueError unless H > 0 divides M
void expect_heads(const MultiHeadOptions& options);

/// What a multi-head attention compares and averages.
struct MultiHeadInputs {
  Variable query;  ///< (B, L, query_width), or without a batch (L, query_width)
  Variable key;    ///< (B, S, key_width)
  Variable value;  ///< (B, S, value_width)
};

/// What one call is told beside its inputs.
struct MultiHeadCall {
  /// Which keys are seen, by whose convention; what is returned. Operands, scores and dropout are
  /// the layer's own matter.
  attention::AttentionOptions attention{};
  Variable bias{};  ///< added to the scores, as options.bias is; with a gradient
};

/// What an attention may do between its projections and its scores.
class MultiHeadExtension {
 public:
  virtual ~MultiHeadExtension() = default;
  /// Changes the projected operands (B, L or S, M) and what the attention is told.
  virtual void extend(Pass& pass, autograd::AttentionInputs& projected,
                      attention::AttentionOptions& options) const = 0;
  virtual void collect(const std::string& prefix, Parameters& parameters) const = 0;
};

/// Multi-head attention [Vaswani et al. 2017, section 3.2.2].
///
///     MultiHead(Q, K, V) = [head_1, …, head_H] Wᴼ
///     head_h = Attention(Q W^Q_h, K W^K_h, V W^V_h)
///
/// The first axis of sequences is the batch. Marian's attention, PyTorch's and d2l's differ in how
/// their parameters are named and kept.
class MultiHeadAttention {
 public:
  /// throws ValueError unless H > 0 divides M; for PyTorch's names and queries that are not M wide
  MultiHeadAttention(const MultiHeadOptions& options, Initializer& initializer,
                     std::shared_ptr<const MultiHeadExtension> extension = nullptr);

  /// returns  the output (B, L, M), and of the attention before the last projection what
  ///          call.attention asked for. By PyTorch's convention a query that sees no key gives NaN
  ///          if weights are asked for, and zeros if they are not, as torch.nn's does
  /// throws   as attention::attention(), and as the extension
  autograd::AttentionVariables forward(Pass& pass, const MultiHeadInputs& inputs,
                                       MultiHeadCall call = {}) const;
  /// The output as it is without weights; they receive (B, H, L, S) if not null, and change
  /// nothing.
  Variable forward(Pass& pass, const MultiHeadInputs& inputs, const MultiHeadCall& call,
                   Tensor* weights) const;

  /// The projected keys and values of memory (..., M), for step().
  Variable project_keys(Pass& pass, const Variable& memory) const;
  Variable project_values(Pass& pass, const Variable& memory) const;
  /// One query a row, query (rows, M), at projected keys, without an extension. weights as in
  /// cached_attention.
  Variable step(Pass& pass, const Variable& query, const attention::CachedKeys& cached,
                Tensor& weights) const;
  /// An empty cache for the step below, of B rows, with room for `capacity` places at first.
  /// throws  ValueError with an extension, if queries, keys and values are not all M wide, or for
  ///         sizes below 1
  KeyValueCache cache(Index B, Index capacity) const;
  /// The next L places of a self-attention, x (B, L, M) or without a batch (L, M) → of x's shape:
  /// their keys and values are appended to the cache, and each place sees what is there up to its
  /// own. The rows of one causal call over all places, up to rounding; without a gradient.
  /// throws  ShapeError unless x is (B, L, M) or (L, M) as the cache has it; ValueError as cache()
  /// cost    O(B L (M² + S M)) for S places in the end
  Variable step(Pass& pass, const Variable& x, KeyValueCache& cache) const;

  void collect(const std::string& prefix, Parameters& parameters) const;
  void prepack();

 private:
  void expect_step() const;
  void make_projections(Initializer& initializer);

  MultiHeadOptions options_;
  Linear query_, key_, value_, output_;
  std::shared_ptr<const MultiHeadExtension> extension_;
};

}  // namespace regard::layers
