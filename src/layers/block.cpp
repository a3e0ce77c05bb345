// SPDX-License-Identifier: MIT
#include "layers/block.h"

#include "autograd/arithmetic.h"
#include "autograd/dropout.h"
#include "autograd/functions.h"

namespace regard::layers {

namespace {

Variable add_dropped(Pass& pass, float own, const Variable& update, const Variable& x) {
  const float p = pass.dropout == 0 && pass.training ? own : pass.dropout;
  if (p == 0) return autograd::add(pass.tape, update, x);
  return autograd::dropout_add(pass.tape, update, x, p, pass.next_seed());
}

}  // namespace

MultiHeadOptions BlockOptions::attention() const {
  return {.M = M, .H = H, .bias = bias, .dropout = dropout, .naming = naming};
}

Variable residual(Pass& pass, const BlockOptions& options, const LayerNorm& norm, const Variable& x,
                  const std::function<Variable(const Variable&)>& f) {
  if (options.norm == NormOrder::pre) {
    return add_dropped(pass, options.dropout, f(norm.forward(pass, x)), x);
  }
  return norm.forward(pass, add_dropped(pass, options.dropout, f(x), x));
}

FeedForward::FeedForward(const BlockOptions& options, Initializer& initializer)
    : options_(options),
      inner_(options.M, options.F, initializer, options.bias),
      outer_(options.F, options.M, initializer, options.bias) {}

Variable FeedForward::forward(Pass& pass, const Variable& x) const {
  Variable y = inner_.forward(pass, x, options_.activation);
  if (pass.training && options_.dropout > 0) {
    y = autograd::dropout(pass.tape, y, options_.dropout, pass.next_seed());
  }
  return outer_.forward(pass, y);
}

void FeedForward::collect(const std::string& prefix, Parameters& parameters) const {
  const bool torch = options_.naming == Naming::torch;
  inner_.collect(under(prefix, torch ? "linear1" : "fc1"), parameters);
  outer_.collect(under(prefix, torch ? "linear2" : "fc2"), parameters);
}

void FeedForward::prepack() {
  inner_.prepack();
  outer_.prepack();
}

}  // namespace regard::layers
