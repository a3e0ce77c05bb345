// SPDX-License-Identifier: MIT
// What a row of masked scores becomes; hidden keys have the score -infinity and get the weight 0.
// Softmax is in softmax.h.
#pragma once

#include <cmath>
#include <limits>

#include "reference/matmul.h"
#include "reference/softmax.h"

namespace regard::reference {

/// 1 for the first of the largest scores, else 0; nothing but -infinity gives zeros.
template <class Number>
Vector<Number> hard(const Vector<Number>& scores) {
  Vector<Number> weights(scores.size(), Number(0.0));
  const auto largest = std::max_element(scores.begin(), scores.end());
  if (largest == scores.end() || *largest == Number(-std::numeric_limits<double>::infinity())) {
    return weights;
  }
  weights[static_cast<size_t>(largest - scores.begin())] = 1.0;
  return weights;
}

/// Softmax over the keys s with |s - place| <= radius [Luong et al. 2015, section 3.2].
template <class Number>
Vector<Number> windowed_softmax(Vector<Number> scores, double place, Index radius) {
  for (size_t s = 0; s < scores.size(); ++s) {
    const double distance = std::abs(static_cast<double>(s) - place);
    if (distance > static_cast<double>(radius)) {
      scores[s] = -std::numeric_limits<double>::infinity();
    }
  }
  return softmax(scores);
}

/// softmax(scores within the radius) exp(-(s - place)^2 / (2 sigma^2)), sigma = radius / 2
/// [Luong et al. 2015, eq. 10]. Which keys lie within the radius has no derivative.
template <class Number>
Vector<Number> gaussian_softmax(const Vector<Number>& scores, const Number& place, double place_now,
                                Index radius) {
  using std::exp;
  const double sigma = static_cast<double>(radius) / 2.0;
  Vector<Number> weights = windowed_softmax(scores, place_now, radius);
  for (size_t s = 0; s < weights.size(); ++s) {
    const Number distance = static_cast<double>(s) - place;
    weights[s] = weights[s] * exp(distance * distance * (-0.5 / (sigma * sigma)));
  }
  return weights;
}

/// keys sigmoid(v_pᵀ tanh(W_p q)) for each row of q (L, D), W_p (M, D), v_p (M)
/// [Luong et al. 2015, eq. 9].
template <class Number>
Vector<Number> predicted_places(const Matrix<Number>& q, double keys,
                                const Matrix<Number>& position_weight,
                                const Vector<Number>& position_vector) {
  using std::exp, std::tanh;
  const Matrix<Number> hidden = matmul(q, transpose(position_weight));
  Vector<Number> places;
  for (Index l = 0; l < q.rows(); ++l) {
    Number sum = 0.0;
    for (Index m = 0; m < hidden.columns(); ++m) {
      sum += position_vector[static_cast<size_t>(m)] * tanh(hidden(l, m));
    }
    places.push_back(keys / (1.0 + exp(-sum)));
  }
  return places;
}

}  // namespace regard::reference
