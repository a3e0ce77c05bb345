// SPDX-License-Identifier: MIT
// What JavaScript can call by name: operations on variables, with options as a JSON text. One
// border for all of them, because Embind costs bytes for each function that it exports.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/tape.h"
#include "io/options.h"

namespace regard::bindings {

using autograd::Tape;
using autograd::Variable;
using io::Options;
using Variables = std::vector<Variable>;

/// One call.
struct Call {
  Tape& tape;
  const Variables& inputs;  ///< null where JavaScript handed over nothing
  const Options& options;
  std::shared_ptr<void>& kept;  ///< what once() made for these options; null at first
  Variables outputs{};          ///< null where there is nothing
  std::string answer{};         ///< what is no tensor, as a JSON text

  /// An input that must be there. throws ValueError `add: tensor 1 is missing`.
  const Variable& input(size_t place) const;
  const Tensor& value(size_t place) const { return input(place)->value; }
  /// All of them, none missing.
  const Variables& all() const;
  // Inputs that may be absent.
  Variable optional_input(size_t place) const {
    return place < inputs.size() ? inputs[place] : nullptr;
  }
  Tensor optional_value(size_t place) const {
    const Variable found = optional_input(place);
    return found ? found->value : Tensor();
  }
  /// What an operation makes of its options: at the first call with them, and kept for the next.
  /// One operation keeps things of one type.
  template <class Make>
  auto& once(const Make& make) {
    using Made = decltype(make());
    if (!kept) kept = std::make_shared<Made>(make());
    return *static_cast<Made*>(kept.get());
  }
  void give(Variable output) { outputs.push_back(std::move(output)); }
  void give(Tensor output) { give(autograd::constant(std::move(output))); }
};

struct Operation {
  std::string_view name;
  std::string_view options;           ///< the names that it knows, separated by spaces
  void (*run)(Call& call, int kind);  ///< several may share a function
  int kind = 0;                       ///< and differ by this
};

using Operations = std::span<const Operation>;

// Each in the file of its name.
Operations arithmetic_operations() noexcept;
Operations arrangement_operations() noexcept;
Operations attention_operations() noexcept;
Operations coverage_operations() noexcept;
Operations layer_operations() noexcept;
Operations making_operations() noexcept;
Operations measure_operations() noexcept;
Operations network_operations() noexcept;
Operations training_operations() noexcept;

/// An entry of that name; null if there is none.
const Operation* find(std::string_view name, std::span<const Operations> tables) noexcept;

/// The operation of a name: each module has its own, in core.cpp or lab.cpp.
/// throws ValueError if there is none.
const Operation& operation(std::string_view name);

}  // namespace regard::bindings
