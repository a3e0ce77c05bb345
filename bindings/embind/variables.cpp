// SPDX-License-Identifier: MIT
#include "variables.h"

namespace regard::bindings {

Held<autograd::Variable>& held_variables() {
  static Held<autograd::Variable> variables;
  return variables;
}

uint64_t& parameter_changes() noexcept {
  static uint64_t count = 1;
  return count;
}

int keep(Tensor value) { return held_variables().keep(autograd::constant(std::move(value))); }

}  // namespace regard::bindings
