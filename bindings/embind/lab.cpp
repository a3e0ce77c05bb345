// SPDX-License-Identifier: MIT
// What makes a module of all of the library: core.cpp's, and tensors that compute, gradients,
// layers and optimizers.
#include "operation.h"

namespace regard::bindings {

const Operation& operation(std::string_view name) {
  const Operations tables[] = {
      arithmetic_operations(), arrangement_operations(), attention_operations(),
      coverage_operations(),   layer_operations(),       making_operations(),
      measure_operations(),    network_operations(),     training_operations()};
  if (const Operation* found = find(name, tables)) return *found;
  throw ValueError("call: there is no operation '", name, "'");
}

}  // namespace regard::bindings
