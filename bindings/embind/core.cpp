// SPDX-License-Identifier: MIT
// What makes a module of the library that computes attention, translates and measures, and never
// goes backward. What only the laboratory needs is not linked.
#include "autograd/tape.h"
#include "operation.h"

namespace regard {

const bool autograd::differentiates = false;

const bindings::Operation& bindings::operation(std::string_view name) {
  const Operations tables[] = {attention_operations(), measure_operations()};
  if (const Operation* found = find(name, tables)) return *found;
  throw ValueError(name, ": this engine has it only with load({ lab: true })");
}

}  // namespace regard
