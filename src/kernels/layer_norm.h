// SPDX-License-Identifier: MIT
// Layer normalization [Ba et al. 2016, eq. 4] over the rows of a contiguous (rows, n) matrix.
#pragma once

#include "tensor/shape.h"

namespace regard::kernels {

/// What the rows' normalization needs besides x.
struct LayerNormParameters {
  const float* gamma;  ///< (n)
  const float* beta;   ///< (n)
  float epsilon;       ///< added to the variance, > 0
};

/// y = gamma (x - mean) / sqrt(variance + epsilon) + beta, each row with its own mean and
/// (biased) variance, which is computed from x - mean in a second pass.
///
/// x, y        (rows, n)  y may be x
/// mean, rstd  (rows)     the mean and 1 / sqrt(variance + epsilon), for backward; both may be null
void layer_norm(const float* x, const LayerNormParameters& parameters, float* y, float* mean,
                float* rstd, Index rows, Index n) noexcept;

/// layer_norm of x + residual, the step at the end of every block.
///
/// sum  (rows, n)  receives x + residual, which backward takes as its x; may be x or residual
void add_layer_norm(const float* x, const float* residual, const LayerNormParameters& parameters,
                    float* sum, float* y, float* mean, float* rstd, Index rows, Index n) noexcept;

/// Adds to the gradients of layer_norm. With h = (x - mean) rstd, the normalized x, and
/// dh = dy gamma:
///
///     dx     += rstd (dh - mean(dh) - h mean(dh h))    over each row
///     dgamma += sum of dy h,    dbeta += sum of dy     over all rows
///
/// dy, x, dx      (rows, n)  dx may not overlap dy or x
/// mean, rstd     (rows)     what the forward pass wrote
/// dgamma, dbeta  (n)        each column is summed from the first row to the last, so that the
/// number
///                           of threads changes nothing
void layer_norm_backward(const float* dy, const float* x, const float* gamma, const float* mean,
                         const float* rstd, float* dx, float* dgamma, float* dbeta, Index rows,
                         Index n) noexcept;

}  // namespace regard::kernels
