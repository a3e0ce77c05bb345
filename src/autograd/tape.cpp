// SPDX-License-Identifier: MIT
#include "autograd/tape.h"

#include <algorithm>
#include <utility>

namespace regard::autograd {

Variable constant(Tensor value) {
  return std::make_shared<Node>(Node{std::move(value), {}, false});
}

Variable variable(Tensor value) { return std::make_shared<Node>(Node{std::move(value), {}, true}); }

Variable Tape::record(Tensor value, std::initializer_list<Variable> inputs,
                      std::function<void(const Node& output)> backward) {
  const bool needs = recording_ && std::any_of(inputs.begin(), inputs.end(), [](const auto& input) {
                       return input && input->needs_gradient;
                     });
  Variable output = std::make_shared<Node>(Node{std::move(value), {}, needs});
  if (needs) entries_.push_back({output, std::move(backward)});
  return output;
}

void Tape::backward(const Variable& loss) {
  if (loss->value.count() != 1) {
    throw ShapeError("backward: loss is " + loss->value.shape().to_string() +
                     ", expected a single number");
  }
  loss->grad().fill(1.0f);
  while (!entries_.empty()) {
    const Entry entry = std::move(entries_.back());
    entries_.pop_back();
    // Nothing downstream asked for this output: its inputs get nothing from it.
    if (entry.output->gradient.defined()) entry.backward(*entry.output);
    // The gradient of an intermediate value has been passed on; only leaves keep theirs.
    entry.output->gradient = Tensor();
  }
}

}  // namespace regard::autograd
