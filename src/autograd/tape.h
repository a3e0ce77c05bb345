// SPDX-License-Identifier: MIT
// Reverse-mode differentiation: while operations run forward, the tape notes how each is undone;
// backward() replays the notes from the last to the first.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "tensor/tensor.h"

namespace regard::autograd {

/// A value, and the gradient of the loss with respect to it once backward() has reached it.
struct Node {
  Tensor value;
  Tensor gradient;
  bool needs_gradient = false;

  /// The gradient, zeros at first: what operations add to.
  Tensor& grad() {
    if (!gradient.defined()) gradient = Tensor::zeros(value.shape());
    return gradient;
  }
};

/// A handle to a node; operations take and return these.
using Variable = std::shared_ptr<Node>;

/// A value that no gradient is asked for.
Variable constant(Tensor value);
/// A value whose gradient is kept: a parameter, or an input under test.
Variable variable(Tensor value);

/// The record of one forward pass.
///
/// A tape that does not record keeps nothing: forward then costs only its arithmetic. One that
/// does keeps what backward needs, through the closures, and drops it as it goes.
class Tape {
 public:
  enum class Mode { record, forget };

  explicit Tape(Mode mode = Mode::record) : recording_(mode == Mode::record) {}

  bool recording() const noexcept { return recording_; }
  size_t size() const noexcept { return entries_.size(); }

  /// A node for an operation's output. `backward` is noted if the tape records and one of the
  /// inputs needs a gradient; it reads output.gradient and adds to its inputs' gradients.
  Variable record(Tensor value, std::initializer_list<Variable> inputs,
                  std::function<void(const Node& output)> backward);

  /// Gradients of a loss of one number with respect to all that it was made from; the tape is
  /// empty afterwards. throws ShapeError unless the loss has exactly one element.
  void backward(const Variable& loss);

 private:
  struct Entry {
    Variable output;
    std::function<void(const Node&)> backward;
  };

  bool recording_;
  std::vector<Entry> entries_;
};

}  // namespace regard::autograd
