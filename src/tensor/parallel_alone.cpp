// SPDX-License-Identifier: MIT
// parallel_for in a build without threads.
#include "tensor/parallel.h"

namespace regard {

int thread_count() noexcept { return 1; }

void set_thread_count(int) {}

void run_ranges(Index count, Index, const RangeBody& body) {
  if (count > 0) body(0, count);
}

}  // namespace regard
