// SPDX-License-Identifier: MIT
#include "operation.h"

namespace regard::bindings {

const Operation& operation(std::string_view name) {
  constexpr Operations (*tables[])() noexcept = {
      arithmetic_operations, arrangement_operations, attention_operations, layer_operations,
      making_operations,     measure_operations,     network_operations,   training_operations};
  for (const auto table : tables) {
    for (const Operation& entry : table()) {
      if (entry.name == name) return entry;
    }
  }
  throw ValueError("call: there is no operation '", name, "'");
}

}  // namespace regard::bindings
