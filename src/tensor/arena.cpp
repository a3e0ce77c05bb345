// SPDX-License-Identifier: MIT
#include "tensor/arena.h"

#include <bit>
#include <cstdlib>
#include <new>
#include <string>

#include "tensor/error.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace regard {

namespace {

// Memory of the host, at least aligned to a cache line; null if it has none. Large buffers begin at
// a large page and ask for such pages: filling them then takes a page fault for 2 MB, not for 4 kB.
void* host_memory(size_t bytes) noexcept {
#ifdef __linux__
  constexpr size_t large_page = size_t{1} << 21;
  if (bytes >= 2 * large_page) {
    void* buffer =
        std::aligned_alloc(large_page, (bytes + large_page - 1) / large_page * large_page);
    if (buffer) madvise(buffer, bytes, MADV_HUGEPAGE);  // as good without, only slower
    return buffer;
  }
#endif
  return std::aligned_alloc(Arena::alignment, bytes);
}

}  // namespace

Arena& Arena::shared() {
  // Never destroyed: tensors with static lifetime may outlive any order of destruction.
  static Arena* arena = new Arena;
  return *arena;
}

// Four classes for each power of two of cache lines, so that at most a fifth is wasted.
int Arena::size_class(Index count) noexcept {
  const size_t lines = (static_cast<size_t>(count) * sizeof(float) + alignment - 1) / alignment;
  if (lines <= 4) return lines <= 1 ? 0 : static_cast<int>(lines) - 1;
  const int log = static_cast<int>(std::bit_width(lines - 1)) - 1;
  const size_t quarter = size_t{1} << (log - 2);
  return 4 * (log - 1) + static_cast<int>((lines - 1 - (size_t{1} << log)) / quarter);
}

size_t Arena::class_bytes(int size_class) noexcept {
  if (size_class < 4) return alignment * static_cast<size_t>(size_class + 1);
  const int log = size_class / 4 + 1;
  const size_t quarter = size_t{1} << (log - 2);
  return alignment * ((size_t{1} << log) + quarter * static_cast<size_t>(size_class % 4 + 1));
}

float* Arena::take(Index count) {
  const int wanted = size_class(count);
  const size_t bytes = class_bytes(wanted);
  void* buffer = free_[static_cast<size_t>(wanted)];
  if (buffer) {
    free_[static_cast<size_t>(wanted)] = static_cast<Idle*>(buffer)->next;
    idle_ -= bytes;
  } else {
    buffer = host_memory(bytes);
    if (!buffer) {
      trim();
      buffer = host_memory(bytes);
    }
    if (!buffer) {
      exhausted_ = true;
      throw OutOfMemoryError("tensor: ", bytes, " bytes are not to be had");
    }
  }
  used_ += bytes;
  return static_cast<float*>(buffer);
}

void Arena::give_back(float* buffer, Index count) noexcept {
  const auto size = static_cast<size_t>(size_class(count));
  const size_t bytes = class_bytes(static_cast<int>(size));
  free_[size] = new (buffer) Idle{free_[size]};
  used_ -= bytes;
  idle_ += bytes;
}

void Arena::trim() noexcept {
  for (Idle*& first : free_) {
    while (first) {
      Idle* next = first->next;
      std::free(first);
      first = next;
    }
  }
  idle_ = 0;
}

}  // namespace regard
