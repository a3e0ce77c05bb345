// SPDX-License-Identifier: MIT
// The border for tensors: JavaScript names them by number and reads and writes their values through
// the module's heap views, which it takes afresh for each copy: growth of the memory detaches old
// ones. Lists of numbers cross in one buffer. What a program does again and again crosses as whole
// numbers, without Embind: a name and options are prepared once, and run by number from then on.
#include <emscripten/bind.h>
#include <emscripten/emscripten.h>
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

int address_of(const void* place) { return static_cast<int>(reinterpret_cast<uintptr_t>(place)); }

/// Room for that many whole numbers, those that are there kept.
Id* border(size_t count) {
  Ids& numbers = crossing();
  if (numbers.size() < count) numbers.resize(count);
  return numbers.data();
}

void describe(const Variable& variable, int number, Id* out) {
  const Shape& shape = variable->value.shape();
  out[0] = number;
  out[1] = variable->needs_gradient;
  out[2] = static_cast<Id>(shape.rank());
  for (Index axis = 0; axis < shape.rank(); ++axis) out[3 + axis] = static_cast<Id>(shape[axis]);
}

/// An operation with options, read and to be run any number of times.
struct Prepared {
  Prepared(const Operation& found, const std::string& text)
      : operation(found), options(found.name, text) {
    options.expect_only(found.options);
  }

  const Operation& operation;
  Options options;
  std::shared_ptr<void> kept{};
  std::string answer{};  // of the last run
};

// By places that JavaScript hands out, and hands out again: it knows how many there may be.
std::vector<std::unique_ptr<Prepared>>& prepared() {
  static std::vector<std::unique_ptr<Prepared>> all;
  return all;
}

void prepare(int place, const std::string& name, const std::string& text) {
  const auto at = static_cast<size_t>(place);
  if (prepared().size() <= at) prepared().resize(at + 1);
  prepared()[at] = nullptr;
  prepared()[at] = std::make_unique<Prepared>(operation(name), text);
}

/// The border holds the numbers of the tensors; afterwards whether there is another answer than the
/// last time, and the facts of what the operation gives: how many is returned.
int run(int place, int count, bool records) {
  static Tape recording(Tape::Mode::record), forgetting(Tape::Mode::forget);
  Prepared& called = *prepared().at(static_cast<size_t>(place));
  Variables inputs(static_cast<size_t>(count));
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (const Id number = crossing().at(i)) inputs[i] = held_variables().at(number);
  }
  Call call{.tape = records ? recording : forgetting,
            .inputs = inputs,
            .options = called.options,
            .kept = called.kept};
  called.operation.run(call, called.operation.kind);

  Id* out = border(1 + call.outputs.size() * facts);
  *out++ = call.answer != called.answer;
  called.answer = std::move(call.answer);
  for (Variable& output : call.outputs) {
    out[0] = 0;
    if (output) describe(output, held_variables().keep(output), out);
    out += facts;
  }
  return static_cast<int>(call.outputs.size());
}

std::string answer(int place) { return prepared().at(static_cast<size_t>(place))->answer; }

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
  function("prepare", &guarded<&prepare>::call);
  function("answer", &guarded<&answer>::call);

  class_<Ids>("Ids").function("address", &ids_address).function("count", &ids_count);
  register_optional<Ids>();
}

// What crosses as whole numbers. Each returns -1 where it fails.
extern "C" {

/// The address of the border, with room for that many whole numbers.
EMSCRIPTEN_KEEPALIVE int regard_border(int count) {
  return number_of([&] { return address_of(border(static_cast<size_t>(count))); });
}

/// A tensor with undefined values, of the sizes in the border: its number.
EMSCRIPTEN_KEEPALIVE int regard_tensor(int rank) {
  return number_of([&] {
    const Ids& sizes = crossing();
    return keep(Tensor::empty(Shape(std::vector<Index>(sizes.begin(), sizes.begin() + rank))));
  });
}

/// Runs what was prepared at a place on the tensors that the border names.
EMSCRIPTEN_KEEPALIVE int regard_run(int place, int count, bool records) {
  return number_of([&] { return run(place, count, records); });
}

/// Writes the facts of a tensor to the border.
EMSCRIPTEN_KEEPALIVE int regard_describe(int number) {
  return number_of([&] {
    describe(held_variables().at(number), number, border(facts));
    return 0;
  });
}

/// Where a tensor's values lie.
EMSCRIPTEN_KEEPALIVE int regard_address(int number) {
  return number_of([&] { return address_of(held_variables().at(number)->value.data()); });
}

EMSCRIPTEN_KEEPALIVE void regard_release(int number) { held_variables().release(number); }

}  // extern "C"

}  // namespace regard::bindings
