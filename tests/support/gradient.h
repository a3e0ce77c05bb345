// SPDX-License-Identifier: MIT
// Exact gradients of anything that is written on a number type.
#pragma once

#include <vector>

#include "reference/dual.h"

namespace regard::testing {

/// The derivatives of f, which takes a vector of Duals and returns one, by each element of x: one
/// evaluation for each, with that element's derivative set to 1.
template <class Function>
std::vector<double> gradient(const std::vector<double>& x, const Function& f) {
  std::vector<reference::Dual> point(x.begin(), x.end());
  std::vector<double> result;
  for (reference::Dual& element : point) {
    element.derivative = 1.0;
    result.push_back(f(point).derivative);
    element.derivative = 0.0;
  }
  return result;
}

/// sum_i weights[i] y[i]: turns a vector into the number that gradient() wants, so that the weights
/// are the gradient that arrives at y.
template <class Number>
Number weighted_sum(const std::vector<Number>& y, const std::vector<double>& weights) {
  Number sum = 0.0;
  for (size_t i = 0; i < y.size(); ++i) sum += weights[i] * y[i];
  return sum;
}

}  // namespace regard::testing
