// SPDX-License-Identifier: MIT
#include "autograd/tape.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "kernels/elementwise.h"
#include "tensor/arena_allocator.h"
#include "tensor/order.h"

namespace regard::autograd {

namespace {

uint64_t next_order = 0;
size_t steps_alive = 0;

}  // namespace

/// One recorded operation; its outputs hold it, and it holds its inputs.
struct Step {
  Step() { ++steps_alive; }
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;
  ~Step() { --steps_alive; }

  uint64_t order = next_order++;
  uint64_t pass = 0;  // the last backward that found it
  std::vector<Variable> inputs;
  std::vector<std::weak_ptr<Node>> outputs;
  // one of the two
  Closure<Node> backward;
  Closure<std::vector<Tensor>> backward_many;
  std::shared_ptr<Step> next;  // in the list of those that wait for their destruction
};

namespace {

// Destroys a step whose last holder has gone. That drops nodes, whose steps may come back here:
// they wait in a list, so that a chain of any length takes no more stack than one of two.
void drop(std::shared_ptr<Step> step) noexcept {
  if (!step || step.use_count() > 1) return;
  static auto& waiting = *new std::shared_ptr<Step>;  // outlives all static variables
  static bool draining = false;
  step->next = std::move(waiting);
  waiting = std::move(step);
  if (draining) return;
  draining = true;
  while (waiting) {
    const std::shared_ptr<Step> first = std::move(waiting);
    waiting = std::move(first->next);
  }
  draining = false;
}

// What backward has found and not passed yet. Holds the outputs as well: those who used them are
// gone by the time that their gradients are read.
class Pass {
 public:
  explicit Pass(const Node& loss) {
    static uint64_t passes = 0;
    number_ = ++passes;
    visit(loss);
    for (size_t i = 0; i < found_.size(); ++i) {
      // by index: visiting moves the list
      const std::shared_ptr<Step> step = found_[i].step;
      for (const Variable& input : step->inputs) visit(*input);
    }
    const auto earlier = [this](size_t a, size_t b) {
      return found_[a].step->order < found_[b].step->order;
    };
    std::vector<Found> found;
    for (const size_t place : ordered(found_.size(), earlier)) {
      found.push_back(std::move(found_[place]));
    }
    found_ = std::move(found);
  }
  Pass(const Pass&) = delete;
  Pass& operator=(const Pass&) = delete;
  ~Pass() {
    while (!done()) drop_last();
  }

  bool done() const noexcept { return found_.empty(); }

  void undo_last() {
    const Found& last = found_.back();
    std::vector<Tensor> gradients;
    bool wanted = false;
    for (const Variable& output : last.outputs) {
      gradients.push_back(output ? output->gradient : Tensor());
      wanted = wanted || gradients.back().defined();
    }
    // Nothing downstream asked for this output: its inputs get nothing from it.
    if (!wanted) return;
    if (last.step->backward) {
      gradients.clear();
      last.step->backward(*last.outputs[0]);
    } else {
      last.step->backward_many(gradients);
    }
  }

  void drop_last() noexcept {
    for (const Variable& output : found_.back().outputs) {
      if (!output) continue;
      // The gradient of an intermediate value has been passed on.
      if (!output->keeps_gradient) output->gradient = Tensor();
      output->step.reset();
    }
    found_.pop_back();
  }

 private:
  struct Found {
    std::shared_ptr<Step> step;
    std::vector<Variable> outputs;
  };

  void visit(const Node& node) {
    if (!node.needs_gradient || !node.made) return;
    if (!node.step) {
      throw ValueError(
          "backward: an earlier backward has passed what the loss was made from, and dropped it; "
          "compute the loss anew");
    }
    if (std::exchange(node.step->pass, number_) == number_) return;
    Found found{node.step, {}};
    for (const auto& output : node.step->outputs) found.outputs.push_back(output.lock());
    found_.push_back(std::move(found));
  }

  uint64_t number_;
  std::vector<Found> found_;
};

}  // namespace

Node::~Node() { drop(std::move(step)); }

void Node::add_gradient(const Tensor& more) {
  if (gradient.defined()) {
    kernels::add_in_place(more.data(), gradient.data(), gradient.count());
  } else {
    gradient = more.reshape(value.shape());
  }
}

namespace {

Variable node(Tensor value, bool needs_gradient) {
  return std::allocate_shared<Node>(ArenaAllocator<Node>(), std::move(value), needs_gradient);
}

}  // namespace

Variable constant(Tensor value) { return node(std::move(value), false); }

Variable variable(Tensor value) { return node(std::move(value), true); }

Variable quantized_variable(Index N, Index K) {
  auto variable = std::make_shared<Node>(Tensor(), false);
  variable->quantized = std::make_shared<QuantizedMatrix>(N, K);
  return variable;
}

void expect_no_gradient(const char* operation, bool recording) {
  if (recording) throw ValueError(operation, ": a parameter is int8, which has no gradient");
}

size_t recorded() noexcept { return steps_alive; }

namespace {

bool needs_gradient(const Variable& input) noexcept { return input && input->needs_gradient; }

// A step for outputs to hang on: it holds the inputs that need a gradient.
std::shared_ptr<Step> step_from(std::span<const Variable> inputs) {
  auto step = std::make_shared<Step>();
  std::copy_if(inputs.begin(), inputs.end(), std::back_inserter(step->inputs), needs_gradient);
  return step;
}

Variable output_of(const std::shared_ptr<Step>& step, Tensor value) {
  Variable output = node(std::move(value), step != nullptr);
  if (step) {
    output->made = true;
    output->step = step;
  }
  return output;
}

}  // namespace

bool Tape::records(std::span<const Variable> inputs) const noexcept {
  return recording_ && std::any_of(inputs.begin(), inputs.end(), needs_gradient);
}

Variable Tape::record_step(Tensor value, std::span<const Variable> inputs,
                           Closure<Node> backward) const {
  const auto step = step_from(inputs);
  Variable output = output_of(step, std::move(value));
  step->outputs = {output};
  step->backward = std::move(backward);
  return output;
}

std::vector<Variable> Tape::record_many(std::vector<Tensor> values, std::vector<Variable> inputs,
                                        Closure<std::vector<Tensor>> backward) const {
  const auto step = records(inputs) ? step_from(inputs) : nullptr;
  std::vector<Variable> outputs;
  for (Tensor& value : values) {
    outputs.push_back(value.defined() ? output_of(step, std::move(value)) : nullptr);
  }
  if (step) {
    step->outputs.assign(outputs.begin(), outputs.end());
    step->backward_many = std::move(backward);
  }
  return outputs;
}

void Tape::backward(const Variable& loss) const {
  if (loss->value.count() != 1) {
    throw ShapeError("backward: loss is ", loss->value.shape(), ", expected a single number");
  }
  if (!loss->needs_gradient) {
    throw ValueError("backward: the loss depends on nothing that needs a gradient");
  }
  Pass pass(*loss);
  loss->grad().data()[0] += 1.0f;
  for (; !pass.done(); pass.drop_last()) pass.undo_last();
}

}  // namespace regard::autograd
