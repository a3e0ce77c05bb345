// SPDX-License-Identifier: MIT
// The border for tensors: JavaScript names them by number and reads and writes their values through
// the module's heap views, which it takes afresh for each copy: growth of the memory detaches old
// ones. Lists of numbers cross in one buffer.
#include <emscripten/bind.h>
#include <malloc.h>

#include "guard.h"
#include "operation.h"
#include "tensor/arena.h"
#include "variables.h"

namespace regard::bindings {
namespace {

// What crosses for each tensor: its number, whether it needs a gradient, its rank and six sizes.
constexpr size_t facts = 3 + static_cast<size_t>(Shape::max_rank);

Ids& crossing() {
  static Ids numbers;
  return numbers;
}

unsigned address_of(const void* place) {
  return static_cast<unsigned>(reinterpret_cast<uintptr_t>(place));
}

/// Room for that many whole numbers: their address, until the next call of anything here.
unsigned border(int count) {
  Ids& numbers = crossing();
  if (numbers.size() < static_cast<size_t>(count)) numbers.resize(static_cast<size_t>(count));
  return address_of(numbers.data());
}

void describe(const Variable& variable, int number, Id* out) {
  const Shape& shape = variable->value.shape();
  out[0] = number;
  out[1] = variable->needs_gradient;
  out[2] = static_cast<Id>(shape.rank());
  for (Index axis = 0; axis < shape.rank(); ++axis) out[3 + axis] = static_cast<Id>(shape[axis]);
}

/// A tensor with undefined values; the border holds its sizes.
int make_tensor(int rank) {
  const Ids& sizes = crossing();
  return keep(Tensor::empty(Shape(std::vector<Index>(sizes.begin(), sizes.begin() + rank))));
}

std::string last_answer;

/// Runs an operation. The border holds the numbers of its tensors, and afterwards the facts of what
/// it gives: how many is returned.
int call_operation(const std::string& name, int count, const std::string& text, bool records) {
  static Tape recording(Tape::Mode::record), forgetting(Tape::Mode::forget);
  const Operation& found = operation(name);
  const Options options(name, text);
  options.expect_only(found.options);

  Variables inputs(static_cast<size_t>(count));
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (const Id number = crossing().at(i)) inputs[i] = held_variables().at(number);
  }
  Call call{.tape = records ? recording : forgetting, .inputs = inputs, .options = options};
  found.run(call, found.kind);
  last_answer = std::move(call.answer);

  border(static_cast<int>(call.outputs.size() * facts));
  Id* out = crossing().data();
  for (Variable& output : call.outputs) {
    std::fill_n(out, facts, 0);
    if (output) describe(output, held_variables().keep(output), out);
    out += facts;
  }
  return static_cast<int>(call.outputs.size());
}

std::string answer() { return last_answer; }

/// Writes the facts of a tensor to the border.
void describe_tensor(int number) {
  border(static_cast<int>(facts));
  describe(held_variables().at(number), number, crossing().data());
}

unsigned tensor_address(int number) {
  return address_of(held_variables().at(number)->value.data());
}

void release_tensor(int number) { held_variables().release(number); }

unsigned ids_address(const Ids& ids) { return address_of(ids.data()); }
int ids_count(const Ids& ids) { return static_cast<int>(ids.size()); }

struct MemoryUse {
  double used;
  double idle;
  int recorded;
};

MemoryUse memory_use() {
  const auto idle = static_cast<double>(Arena::shared().idle());
  return {static_cast<double>(mallinfo().uordblks) - idle, idle,
          static_cast<int>(autograd::recorded())};
}

Report take_report() { return last_error; }

}  // namespace

EMSCRIPTEN_BINDINGS(call) {
  using namespace emscripten;

  value_object<Report>("Report")
      .field("name", &Report::name)
      .field("message", &Report::message)
      .field("fatal", &Report::fatal);
  function("lastError", &take_report);

  value_object<MemoryUse>("MemoryUse")
      .field("used", &MemoryUse::used)
      .field("idle", &MemoryUse::idle)
      .field("recorded", &MemoryUse::recorded);
  function("memoryUse", &memory_use);

  register_optional<int>();
  register_optional<unsigned>();
  register_optional<bool>();
  register_optional<std::string>();
  function("border", &guarded<&border>::call);
  function("tensor", &guarded<&make_tensor>::call);
  function("call", &guarded<&call_operation>::call);
  function("answer", &guarded<&answer>::call);
  function("describe", &guarded<&describe_tensor>::call);
  function("address", &guarded<&tensor_address>::call);
  function("release", &guarded<&release_tensor>::call);

  class_<Ids>("Ids").function("address", &ids_address).function("count", &ids_count);
  register_optional<Ids>();
}

}  // namespace regard::bindings
