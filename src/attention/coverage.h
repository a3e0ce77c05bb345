// SPDX-License-Identifier: MIT
// Attention that remembers where it has looked, so as to look elsewhere: one query after the other.
#pragma once

#include <vector>

#include "tensor/tensor.h"

namespace regard::attention {

/// What coverage attention learns.
struct CoverageParameters {
  Tensor query;     ///< W (M, D)
  Tensor key;       ///< U (M, Dk)
  Tensor coverage;  ///< w_c (M)
  Tensor vector;    ///< v (M)
  Tensor bias{};    ///< b (M), may be undefined
};

struct CoverageOptions {
  std::vector<Index> key_lengths{};  ///< (B), each 0 … S: later keys are padding; empty = all S
  Tensor mask{};                     ///< (B, S) or (B, L, S): 1 where a query may look, else 0
  Tensor initial{};                  ///< (B, S) coverage before the first query; undefined = 0
};

struct CoverageAttention {
  Tensor output;    ///< (B, L, Dv)
  Tensor weights;   ///< (B, L, S); rows sum to 1, or are all 0 where a query sees no key
  Tensor coverage;  ///< (B, L + 1, S): row t is what query t found, the last row what it is after
                    ///< all of them, the next `initial`
  Tensor loss;      ///< (B, L): what looking at the same place again costs, for each query
};

/// Additive attention with a memory of all weights so far [See et al. 2017, eq. 10 to 13; Tu et al.
/// 2016, section 3, with a fertility of 1].
///
///     c_t = initial + sum_{t' < t} a_t'
///     e_t = vᵀ tanh(W q_t + U k + w_c c_t + b)     a_t = softmax(e_t)     output_t = a_t V
///     loss_t = sum_s min(a_t[s], c_t[s])
///
/// q        (B, L, D)
/// k        (B, S, Dk)
/// v        (B, S, Dv)
/// returns  all of it; keys that are hidden have no influence on it, whatever they and their values
///          hold. Queries at once or one by one, each with the coverage that the last one left,
///          give the same bits.
/// throws   ShapeError if shapes disagree; ValueError if lengths are not B entries in 0 … S, if the
///          mask holds anything but 0 and 1, or if a parameter is missing
/// cost     O(B L S M) time, L steps in sequence, each with a hyperbolic tangent for all S and M;
///          O(B (L + S) (M + D)) memory beside the results
CoverageAttention coverage_attention(const Tensor& q, const Tensor& k, const Tensor& v,
                                     const CoverageParameters& parameters,
                                     const CoverageOptions& options = {});

/// What the gradients of coverage_attention() are with respect to; undefined for a bias or an
/// initial coverage that is not there.
struct CoverageGradients {
  Tensor q, k, v;
  CoverageParameters parameters;
  Tensor initial;
};

/// The gradients of coverage_attention(). Where weight and coverage are equal, the loss is taken to
/// follow the coverage.
///
/// forward    what coverage_attention() returned for the same operands
/// gradients  of its members, undefined where nothing depends on one
/// throws     ShapeError as above and if a gradient is of another shape than its member
/// cost       twice to three times forward's
CoverageGradients coverage_attention_backward(const Tensor& q, const Tensor& k, const Tensor& v,
                                              const CoverageParameters& parameters,
                                              const CoverageOptions& options,
                                              const CoverageAttention& forward,
                                              const CoverageAttention& gradients);

}  // namespace regard::attention
