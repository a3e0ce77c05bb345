// SPDX-License-Identifier: MIT
#include "layers/block.h"

#include "autograd/operations.h"

namespace regard::layers {

namespace {

Variable add_dropped(Pass& pass, const Variable& update, const Variable& x) {
  if (pass.dropout == 0) return autograd::add(pass.tape, update, x);
  return autograd::dropout_add(pass.tape, update, x, pass.dropout, pass.next_seed());
}

}  // namespace

Variable residual(Pass& pass, NormOrder order, const LayerNorm& norm, const Variable& x,
                  const std::function<Variable(const Variable&)>& f) {
  if (order == NormOrder::pre) return add_dropped(pass, f(norm.forward(pass, x)), x);
  return norm.forward(pass, add_dropped(pass, f(x), x));
}

FeedForward::FeedForward(const BlockOptions& options, Initializer& initializer)
    : inner_(options.M, options.F, initializer),
      outer_(options.F, options.M, initializer),
      activation_(options.activation) {}

Variable FeedForward::forward(Pass& pass, const Variable& x) const {
  return outer_.forward(pass,
                        autograd::activation(pass.tape, inner_.forward(pass, x), activation_));
}

void FeedForward::collect(const std::string& prefix, Parameters& parameters) const {
  inner_.collect(prefix + ".fc1", parameters);
  outer_.collect(prefix + ".fc2", parameters);
}

void FeedForward::prepack() {
  inner_.prepack();
  outer_.prepack();
}

}  // namespace regard::layers
