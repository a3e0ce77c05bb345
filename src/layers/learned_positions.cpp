// SPDX-License-Identifier: MIT
#include "layers/learned_positions.h"

#include "autograd/arithmetic.h"
#include "autograd/arrangement.h"

namespace regard::layers {

LearnedPositions::LearnedPositions(Index places, Index M, Initializer& initializer)
    : table_(initializer.normal({places, M}, 0.02)) {}

Variable LearnedPositions::forward(Pass& pass, const Variable& x, Index first) const {
  const Index places = table_->value.size(0), M = table_->value.size(1);
  const Shape& shape = x->value.shape();
  if (shape.rank() < 2 || shape.back() != M) {
    throw ShapeError("learned_positions: x is ", shape, ", expected (..., L, ", M, ")");
  }
  const Index L = x->value.size(-2);
  if (first < 0 || L > places || first > places - L) {
    throw ValueError("learned_positions: ", L, " rows stand from place ", first, " on, there are ",
                     places);
  }
  return autograd::add(pass.tape, x, autograd::slice(pass.tape, table_, 0, first, first + L));
}

void LearnedPositions::collect(const std::string& prefix, Parameters& parameters) const {
  parameters.emplace_back(under(prefix, "weight"), table_);
}

}  // namespace regard::layers
