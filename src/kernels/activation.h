// SPDX-License-Identifier: MIT
// The functions between two products, element by element.
#pragma once

#include "tensor/shape.h"

namespace regard::kernels {

enum class Activation {
  identity,   ///< x
  relu,       ///< max(x, 0) [Nair and Hinton 2010]; its slope at 0 is 0
  gelu,       ///< x Phi(x), Phi the normal distribution [Hendrycks and Gimpel 2016]
  gelu_tanh,  ///< x (1 + tanh(u)) / 2, u = sqrt(2 / pi) (x + 0.044715 x^3) [ibid., section 2]
  silu,       ///< x / (1 + e^-x) [Elfwing et al. 2017], also called swish
};

/// y[i] = kind(x[i]) for i < n; y may be x. Stays within 1e-6 max(|x|, |y|) of the exact function.
void activate(Activation kind, const float* x, float* y, Index n) noexcept;

/// dx[i] += kind'(x[i]) dy[i] for i < n; x is what went into activate; dx may not overlap x or dy.
void activate_backward(Activation kind, const float* x, const float* dy, float* dx,
                       Index n) noexcept;

}  // namespace regard::kernels
