// SPDX-License-Identifier: MIT
#pragma once

#include "reference/matrix.h"

namespace regard::reference {

/// x[i] / (1 - p) where kept[i], else 0 [Srivastava et al. 2014]: the expectation is x.
template <class Number>
Vector<Number> dropout(const Vector<Number>& x, const std::vector<bool>& kept, double p) {
  Vector<Number> y;
  for (size_t i = 0; i < x.size(); ++i) y.push_back(kept[i] ? x[i] / (1.0 - p) : Number(0.0));
  return y;
}

}  // namespace regard::reference
