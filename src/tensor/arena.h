// SPDX-License-Identifier: MIT
// Where tensors take their storage: buffers that were let go are kept by size and handed out again,
// so that the second pass through a model allocates nothing.
#pragma once

#include <array>
#include <cstddef>

#include "tensor/shape.h"

namespace regard {

/// A recycler of aligned float buffers. Not for use from two threads at once: tensors are made and
/// dropped on one thread, kernels that run on others only read and write through pointers.
class Arena {
 public:
  /// The alignment of every buffer, in bytes: a cache line, and the widest SIMD register.
  static constexpr size_t alignment = 64;

  /// The arena that all tensors share.
  static Arena& shared();

  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() { trim(); }

  /// A buffer of at least `count` floats, its contents undefined.
  /// throws OutOfMemoryError if the host has no more.
  float* take(Index count);
  /// Takes back a buffer of take(count).
  void give_back(float* buffer, Index count) noexcept;
  /// Returns all buffers that nobody uses to the host.
  void trim() noexcept;

  /// Bytes handed out and not given back yet.
  size_t used() const noexcept { return used_; }
  /// Bytes kept for the next take().
  size_t idle() const noexcept { return idle_; }
  /// Whether the host has ever refused a buffer.
  bool exhausted() const noexcept { return exhausted_; }

 private:
  static int size_class(Index count) noexcept;
  static size_t class_bytes(int size_class) noexcept;

  // A buffer that nobody uses holds the link to the next one of its size class.
  struct Idle {
    Idle* next;
  };

  std::array<Idle*, 256> free_{};
  size_t used_ = 0;
  size_t idle_ = 0;
  bool exhausted_ = false;
};

}  // namespace regard
