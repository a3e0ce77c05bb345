// SPDX-License-Identifier: MIT
#include "operation.h"

namespace regard::bindings {

const Variable& Call::input(size_t place) const {
  if (place < inputs.size() && inputs[place]) return inputs[place];
  throw ValueError(options.operation(), ": tensor ", place, " is missing");
}

const Variables& Call::all() const {
  for (size_t place = 0; place < inputs.size(); ++place) input(place);
  return inputs;
}

const Operation* find(std::string_view name, std::span<const Operations> tables) noexcept {
  for (const Operations& table : tables) {
    for (const Operation& entry : table) {
      if (entry.name == name) return &entry;
    }
  }
  return nullptr;
}

}  // namespace regard::bindings
