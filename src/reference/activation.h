// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <numbers>

namespace regard::reference {

template <class Number>
Number relu(const Number& x) {
  return x > Number(0.0) ? x : Number(0.0);
}

/// x times the probability that a standard normal variable is below x [Hendrycks and Gimpel 2016].
template <class Number>
Number gelu(const Number& x) {
  using std::erf;
  return x * 0.5 * (1.0 + erf(x / std::numbers::sqrt2));
}

/// The same with the distribution approximated by a hyperbolic tangent.
template <class Number>
Number gelu_tanh(const Number& x) {
  using std::tanh;
  const double root = std::sqrt(2.0 / std::numbers::pi);
  return x * 0.5 * (1.0 + tanh(root * (x + 0.044715 * x * x * x)));
}

/// x sigmoid(x) [Elfwing et al. 2017].
template <class Number>
Number silu(const Number& x) {
  using std::exp;
  return x / (1.0 + exp(-x));
}

}  // namespace regard::reference
