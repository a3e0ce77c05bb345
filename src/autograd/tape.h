// SPDX-License-Identifier: MIT
// Reverse-mode differentiation: an operation that is recorded hangs on its outputs, together with
// the inputs that it was made from; backward() walks this graph from the loss, the last operation
// first. A graph lives as long as somebody holds one of its results.
#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "autograd/quantized_matrix.h"
#include "tensor/tensor.h"

namespace regard::autograd {

struct Step;

/// Whether this program can go backward at all; differentiates.cpp says that it can. A program that
/// says otherwise in its place can record nothing, and all that only backward needs is not linked.
extern const bool differentiates;

/// What undoes an operation: any function object, moved here with all that it has captured. Unlike
/// a std::function it cannot be copied, and so needs no code to copy what each operation captures.
template <class Argument>
class Closure {
 public:
  Closure() = default;
  template <class Body>
  Closure(Body body) {
    if (differentiates) body_ = std::make_unique<Holder<Body>>(std::move(body));
  }

  explicit operator bool() const noexcept { return body_ != nullptr; }
  void operator()(const Argument& argument) const { body_->call(argument); }

 private:
  struct Callable {
    virtual ~Callable() = default;
    virtual void call(const Argument& argument) = 0;
  };
  template <class Body>
  struct Holder final : Callable {
    explicit Holder(Body one) : body(std::move(one)) {}
    void call(const Argument& argument) override { body(argument); }
    Body body;
  };

  std::unique_ptr<Callable> body_;
};

/// A value, and the gradient of the loss with respect to it once backward() has reached it.
struct Node {
  Node(Tensor number, bool needs) : value(std::move(number)), needs_gradient(needs) {}
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  /// Lets go of the graph behind it, however long, without recursion.
  ~Node();

  Tensor value;
  /// A parameter's numbers where they are kept as int8: then `value` is undefined, and only
  /// linear() and embedding() of a tape that does not record can read them.
  std::shared_ptr<QuantizedMatrix> quantized;
  Tensor gradient;
  bool needs_gradient;
  /// Backward leaves the gradient of this value in place, though an operation made it.
  bool keeps_gradient = false;
  /// An operation made it; then `step` is that operation, until backward has passed it.
  bool made = false;
  std::shared_ptr<Step> step;

  /// The gradient, zeros at first: what operations add to.
  Tensor& grad() {
    if (!gradient.defined()) gradient = Tensor::zeros(value.shape());
    return gradient;
  }
  /// Makes room for a gradient, for who can write it as well as add to it. false if there is one
  /// already: then it must be added to.
  bool starts_gradient() {
    if (gradient.defined()) return false;
    gradient = Tensor::empty(value.shape());
    return true;
  }
  /// Adds a tensor of as many numbers, that nobody else will write; the first is taken as it is.
  void add_gradient(const Tensor& more);
};

/// A handle to a node; operations take and return these.
using Variable = std::shared_ptr<Node>;

/// A value that no gradient is asked for.
Variable constant(Tensor value);
/// A value whose gradient is kept: a parameter, or an input under test.
Variable variable(Tensor value);

/// How many operations are recorded and neither dropped nor passed by backward yet.
size_t recorded() noexcept;

/// What products of a layer with its weights, and their gradients, round their operands to; sums,
/// and all that is kept, are fp32.
enum class Precision {
  fp32,
  bf16,  ///< half of an fp32's bits, see kernels/matmul_bf16.h; in a browser as fp32
};

/// A parameter of (N, K) undefined numbers in int8. throws ValueError for a K beyond what sums
/// allow.
Variable quantized_variable(Index N, Index K);
/// throws ValueError `linear: a parameter is int8, which has no gradient` if a tape records.
void expect_no_gradient(const char* operation, bool recording);

/// Whether operations are recorded, and the way back through those that were.
///
/// Where a tape does not record, or nothing that goes in needs a gradient, nothing is kept: forward
/// then costs only its arithmetic. What is recorded keeps what backward needs, through closures,
/// until the last handle to what it led to goes, or backward has passed it.
class Tape {
 public:
  enum class Mode { record, forget };

  explicit Tape(Mode mode = Mode::record, Precision precision = Precision::fp32)
      : recording_(mode == Mode::record && differentiates), precision_(precision) {}

  bool recording() const noexcept { return recording_; }
  /// Whether it keeps an operation on these: some need a gradient. They may be null.
  bool records(std::span<const Variable> inputs) const noexcept;
  Precision precision() const noexcept { return precision_; }

  /// A node for an operation's output. `backward` is kept if the tape records and one of the
  /// inputs (which may be null) needs a gradient; it reads output.gradient and adds to its inputs'
  /// gradients. It may hold its inputs, but not the output's node, which holds it.
  template <class Body>
  Variable record(Tensor value, std::span<const Variable> inputs, Body backward) const {
    if (!differentiates || !records(inputs)) return constant(std::move(value));
    return record_step(std::move(value), inputs, std::move(backward));
  }
  template <class Body>
  Variable record(Tensor value, std::initializer_list<Variable> inputs, Body backward) const {
    return record(std::move(value), std::span(inputs.begin(), inputs.size()), std::move(backward));
  }

  /// The same for an operation with several outputs: a node for each value, null for one that is
  /// undefined. `backward` is called once, with all their gradients in the same order, undefined
  /// where nothing downstream used the output, but not all of them.
  std::vector<Variable> record_many(std::vector<Tensor> values, std::vector<Variable> inputs,
                                    Closure<std::vector<Tensor>> backward) const;

  /// Gradients of a loss of one number with respect to all that it was made from, added to those
  /// that are there. Operations are undone in the reverse order of their recording, and dropped.
  /// throws ShapeError unless the loss has exactly one element;
  ///        ValueError if it depends on nothing that needs a gradient, or on an operation that an
  ///        earlier backward has passed. Nothing has changed then.
  void backward(const Variable& loss) const;

 private:
  Variable record_step(Tensor value, std::span<const Variable> inputs,
                       Closure<Node> backward) const;

  bool recording_;
  Precision precision_;
};

}  // namespace regard::autograd
