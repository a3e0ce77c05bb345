// SPDX-License-Identifier: MIT
// The elementary functions, element by element.
#pragma once

#include "tensor/shape.h"

namespace regard::kernels {

enum class Function {
  negate,    ///< -x
  absolute,  ///< |x|; its slope at 0 is 0
  exp,
  log,
  sqrt,
  tanh,
  sigmoid,  ///< 1 / (1 + e^-x)
  sine,
  cosine,
};

/// y[i] = kind(x[i]) for i < n; y may be x.
void apply(Function kind, const float* x, float* y, Index n) noexcept;

/// dx[i] += kind'(x[i]) dy[i] for i < n; x is what went into apply and y what came out.
void apply_backward(Function kind, const float* x, const float* y, const float* dy, float* dx,
                    Index n) noexcept;

/// y[i] = x[i]^exponent for i < n.
void power(float exponent, const float* x, float* y, Index n) noexcept;

}  // namespace regard::kernels
