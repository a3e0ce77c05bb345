// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "reference/matrix.h"

namespace regard::reference {

/// log sum_i e^x[i], by way of the largest x, so that no exponential overflows.
template <class Number>
Number log_sum_exp(const Vector<Number>& x) {
  using std::exp, std::log;
  const Number none = -std::numeric_limits<double>::infinity();
  if (x.empty()) return none;
  const Number largest = *std::max_element(x.begin(), x.end());
  if (largest == none) return none;

  Number sum = 0.0;
  for (const Number& value : x) sum += exp(value - largest);
  return largest + log(sum);
}

/// y[i] = e^(x[i] - max x) / sum_j e^(x[j] - max x); nothing but -infinity gives zeros.
template <class Number>
Vector<Number> softmax(const Vector<Number>& x) {
  using std::exp;
  const Number none = -std::numeric_limits<double>::infinity();
  Vector<Number> y(x.size());
  if (x.empty()) return y;
  const Number largest = *std::max_element(x.begin(), x.end());
  if (largest == none) return y;

  Number sum = 0.0;
  for (size_t i = 0; i < x.size(); ++i) {
    if (x[i] > none) y[i] = exp(x[i] - largest);
    sum += y[i];
  }
  for (Number& value : y) value /= sum;
  return y;
}

/// y[i] = x[i] - log sum_j e^x[j].
template <class Number>
Vector<Number> log_softmax(const Vector<Number>& x) {
  const Number log_sum = log_sum_exp(x);
  Vector<Number> y;
  for (const Number& value : x) y.push_back(value - log_sum);
  return y;
}

}  // namespace regard::reference
