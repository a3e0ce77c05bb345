// SPDX-License-Identifier: MIT
// Loops whose iterations may run on several threads.
#pragma once

#include "tensor/shape.h"

namespace regard {

/// How many threads parallel_for uses, the caller's included; 1 where there are no threads.
int thread_count() noexcept;

/// Sets the number of threads, 1 to 64; a build without threads stays at 1.
/// Not to be called while a parallel_for runs.
void set_thread_count(int count);

/// Calls body(begin, end) for consecutive ranges that together cover 0 … count-1, each at least
/// `grain` long but the last, on up to thread_count() threads, and returns when all are done. A
/// grain should take 2 to 5 µs, or more if it is 1: a loop of two is shared with threads that are
/// awake, one of 16, or of grains that are 1, wakes them. What is computed for an index must not
/// depend on the range that it comes in: then the result is the same, bit for bit, for every number
/// of threads. The body must not throw or allocate tensors. A call from inside a body runs on the
/// calling thread.
template <class Body>
void parallel_for(Index count, Index grain, const Body& body);

/// A body that is borrowed for the time of a loop: no allocation, whatever it captures.
class RangeBody {
 public:
  template <class Body>
  explicit RangeBody(const Body& body) noexcept
      : body_(&body), call_([](const void* self, Index begin, Index end) {
          (*static_cast<const Body*>(self))(begin, end);
        }) {}

  void operator()(Index begin, Index end) const { call_(body_, begin, end); }

 private:
  const void* body_;
  void (*call_)(const void*, Index, Index);
};

/// What parallel_for does once the body's type is out of the way.
void run_ranges(Index count, Index grain, const RangeBody& body);

template <class Body>
void parallel_for(Index count, Index grain, const Body& body) {
  run_ranges(count, grain, RangeBody(body));
}

}  // namespace regard
