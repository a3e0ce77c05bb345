// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include "tensor/arena.h"

namespace regard {

/// Lets std::allocate_shared take single objects from the shared arena, for those that are made and
/// dropped with every tensor.
template <class T>
struct ArenaAllocator {
  using value_type = T;

  ArenaAllocator() = default;
  template <class Other>
  ArenaAllocator(const ArenaAllocator<Other>&) noexcept {}

  T* allocate(size_t count) {
    static_assert(alignof(T) <= Arena::alignment);
    return reinterpret_cast<T*>(Arena::shared().take(floats(count)));
  }
  void deallocate(T* objects, size_t count) noexcept {
    Arena::shared().give_back(reinterpret_cast<float*>(objects), floats(count));
  }
  bool operator==(const ArenaAllocator&) const noexcept { return true; }

 private:
  static Index floats(size_t count) noexcept {
    return static_cast<Index>((count * sizeof(T) + sizeof(float) - 1) / sizeof(float));
  }
};

}  // namespace regard
