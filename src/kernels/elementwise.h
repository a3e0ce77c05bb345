// SPDX-License-Identifier: MIT
// What is done to numbers one by one: sums, scaling, and the update of a parameter.
#pragma once

#include "tensor/shape.h"

namespace regard::kernels {

/// y[i] = a[i] + b[i] for i < n; y may be a or b.
void add(const float* a, const float* b, float* y, Index n) noexcept;

/// y[i] += x[i] for i < n.
void add_in_place(const float* x, float* y, Index n) noexcept;

/// y[i] += a x[i] for i < n.
void axpy(float a, const float* x, float* y, Index n) noexcept;

/// y[i] = factor x[i] for i < n; y may be x.
void scale(float factor, const float* x, float* y, Index n) noexcept;

/// sum[i] += x[0][i] + x[1][i] + …, over the rows of x (rows, n) from the first to the last: the
/// gradient of what was added to every row.
void add_rows(const float* x, float* sum, Index rows, Index n) noexcept;

/// Whether no x[i] is infinite or NaN.
bool all_finite(const float* x, Index n) noexcept;

/// The sum of x[i]^2, in double and in an order that depends on n and the batch width alone.
double sum_of_squares(const float* x, Index n) noexcept;

/// One step of Adam [Kingma and Ba 2015, algorithm 1] or of AdamW [Loshchilov and Hutter 2019,
/// algorithm 2].
struct AdamStep {
  float rate;                   ///< the learning rate of this step
  float beta1 = 0.9f;           ///< decay of the mean of gradients
  float beta2 = 0.999f;         ///< decay of the mean of squared gradients
  float epsilon = 1e-8f;        ///< added to the root, after the bias correction
  float weight_decay = 0.0f;    ///< AdamW's: the parameter shrinks by rate * weight_decay
  float gradient_scale = 1.0f;  ///< multiplies every gradient first: clipping, averaging
  Index step = 1;               ///< counts from 1, for the bias correction
};

/// Updates n parameters and their two moments:
///
///     g = gradient_scale gradient,  m = beta1 m + (1 - beta1) g,  v = beta2 v + (1 - beta2) g^2
///     parameter -= rate (m / (1 - beta1^step) / (sqrt(v / (1 - beta2^step)) + epsilon)
///                        + weight_decay parameter)
void adam_update(float* parameter, const float* gradient, float* m, float* v, Index n,
                 const AdamStep& options) noexcept;

}  // namespace regard::kernels
