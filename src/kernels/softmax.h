// SPDX-License-Identifier: MIT
// Softmax and its logarithm over the rows of a contiguous (rows, n) matrix.
#pragma once

#include "tensor/shape.h"

namespace regard::kernels {

/// One row of softmax:  y[i] = e^(x[i] - max x) / sum_j e^(x[j] - max x).
///
/// x, y    (n)  y may be x
/// A row of nothing but -infinity has no distribution; it becomes zeros. A NaN makes the row NaN.
/// cost    n exponentials, three passes over the row
void softmax_row(const float* x, float* y, Index n) noexcept;

/// The largest of x, -infinity for n = 0. A NaN may get lost.
float row_max(const float* x, Index n) noexcept;

/// y[i] = e^(x[i] - shift); y may be x.
/// returns  the sum of y
float exp_row(const float* x, float shift, float* y, Index n) noexcept;

/// y[i] = e^(scale (x[i] - most)) for scale > 0 and x[i] <= most; y may be x. Off by at most
/// 2^-22 + 2^-23 scale (most - x[i]) of itself: what weighs much is exact to the last bits.
/// returns  the sum of y
float weigh_row(const float* x, float most, float scale, float* y, Index n) noexcept;

/// weigh_row without the sum, times `share`: weights again, from a row's maximum and the inverse
/// of its sum.
void weigh_again_row(const float* x, float most, float scale, float share, float* y,
                     Index n) noexcept;

/// softmax_row of every row of x (rows, n) into y, which may be x.
void softmax(const float* x, float* y, Index rows, Index n) noexcept;

/// One row of softmax's gradient:  dx[i] = y[i] (dy[i] - sum_j y[j] dy[j]).
///
/// y       (n)  what softmax_row wrote
/// dy, dx  (n)  dx may be dy; it is overwritten, not added to. Where y[i] is 0, dy[i] may hold
///              anything
void softmax_row_backward(const float* y, const float* dy, float* dx, Index n) noexcept;

/// The same of a part of a row, whose sum_j y[j] dy[j] is known:  dx[i] = scale y[i] (dy[i] -
/// mean), and 0 where y[i] = 0, whatever dy[i] is.
void weigh_row_backward(const float* y, const float* dy, float mean, float scale, float* dx,
                        Index n) noexcept;

/// softmax_row_backward of every row of (rows, n).
void softmax_backward(const float* y, const float* dy, float* dx, Index rows, Index n) noexcept;

/// log sum_j e^x[j] of one row, -infinity for a row of nothing but -infinity or for n = 0.
float log_sum_exp_row(const float* x, Index n) noexcept;

/// y[i] = x[i] - log sum_j e^x[j] for every row of x (rows, n); y may be x. A row of nothing but
/// -infinity stays as it is.
void log_softmax(const float* x, float* y, Index rows, Index n) noexcept;

/// The gradient of log_softmax:  dx[i] = dy[i] - e^y[i] sum_j dy[j].
///
/// y       (rows, n)  what log_softmax wrote
/// dy, dx  (rows, n)  dx may be dy; it is overwritten, not added to
void log_softmax_backward(const float* y, const float* dy, float* dx, Index rows, Index n) noexcept;

}  // namespace regard::kernels
