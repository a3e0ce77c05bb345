// SPDX-License-Identifier: MIT
#include "operation.h"

namespace regard::bindings {

const Operation* find(std::string_view name, std::span<const Operations> tables) noexcept {
  for (const Operations& table : tables) {
    for (const Operation& entry : table) {
      if (entry.name == name) return &entry;
    }
  }
  return nullptr;
}

}  // namespace regard::bindings
