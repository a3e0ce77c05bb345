// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "reference/matrix.h"

namespace regard::reference {

/// gamma (x - mean) / sqrt(variance + epsilon) + beta of one row [Ba et al. 2016, eq. 4]; the
/// variance is the mean square, not the unbiased estimate.
template <class Number>
Vector<Number> layer_norm(const Vector<Number>& x, const Vector<Number>& gamma,
                          const Vector<Number>& beta, double epsilon) {
  using std::sqrt;
  const double n = static_cast<double>(x.size());

  Number mean = 0.0;
  for (const Number& value : x) mean += value / n;
  Number variance = 0.0;
  for (const Number& value : x) variance += (value - mean) * (value - mean) / n;

  Vector<Number> y;
  for (size_t i = 0; i < x.size(); ++i) {
    y.push_back(gamma[i] * (x[i] - mean) / sqrt(variance + epsilon) + beta[i]);
  }
  return y;
}

}  // namespace regard::reference
