// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/attention.h"
#include "layers/parameters.h"

namespace regard::layers {

struct AdditiveOptions {
  Index query_width = 0;  ///< D
  Index key_width = 0;    ///< Dk
  Index M = 0;            ///< of the hidden layer that scores
  float dropout = 0;      ///< of the weights, in a pass that trains
};

/// Attention by a small network [Bahdanau et al. 2014, appendix A.1.2].
///
///     score = w_vᵀ tanh(W_q q + W_k k)
///
/// In a recurrent translator the query is the decoder's last state s_{i-1}, before it has seen what
/// this attention gives it; keys and values are the encoder's states. Parameters go by Dive into
/// Deep Learning's names W_q, W_k and w_v: the paper's W_a, U_a and v_a.
class AdditiveAttention {
 public:
  /// throws ValueError unless all widths are above 0
  AdditiveAttention(const AdditiveOptions& options, Initializer& initializer);

  /// queries  (B, L, D), keys (B, S, Dk), values (B, S, Dv); or all without a batch
  /// options  which keys are seen, by whose convention; what is returned
  /// returns  the context (B, L, Dv), and what was asked for
  /// throws   as attention::attention()
  autograd::AttentionVariables forward(Pass& pass, const Variable& queries, const Variable& keys,
                                       const Variable& values,
                                       const attention::AttentionOptions& options = {}) const;

  void collect(const std::string& prefix, Parameters& parameters) const;

 private:
  AdditiveOptions options_;
  Variable query_;   // (M, D)
  Variable key_;     // (M, Dk)
  Variable vector_;  // (1, M)
};

}  // namespace regard::layers
