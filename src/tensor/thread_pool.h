// SPDX-License-Identifier: MIT
// Threads that take ranges of a loop, and sleep in between.
#pragma once

#include <atomic>
#include <cstdint>

#include "tensor/parallel.h"

namespace regard {

/// One loop at a time, shared by the thread that begins it and by those that wait in work(). Who
/// they are and how many is not known here: a loop never waits for one that has not joined it, so
/// that threads which start late, never, or die while they wait take nothing but their help away.
/// Allocates nothing and calls nobody, so that it also runs in a browser's main thread.
///
/// `state_` is one word that all look at: how many have joined the loop, whether it is open to
/// join, its number, and whether the pool has ended. Joining is one compare-and-swap of it, so
/// nobody can join a loop that was closed.
///
class ThreadPool {
 public:
  /// What JavaScript needs, which ends the pool of a module that may be broken by itself.
  static constexpr uint32_t ended = uint32_t{1} << 31;

  /// Calls body(begin, end) for ranges of `chunk` that cover 0 … count-1; returns when all are
  /// done. `wakes`: threads that sleep are called, too. Not from two threads at once, and not from
  /// inside of a body.
  void run(Index count, Index chunk, const RangeBody& body, bool wakes) noexcept;

  /// Takes ranges of each loop as it comes, until end().
  void work() noexcept;

  /// Lets every work() return; the pool is as new after reset().
  void end() noexcept;
  void reset() noexcept { state_ = 0; }

  /// Called for a thread that broke inside of a loop's body, which waits for it: the loop's run()
  /// traps instead of going on with what is half done.
  void abandon() noexcept;

  std::atomic<uint32_t>& state() noexcept { return state_; }

 private:
  void take_ranges() noexcept;

  // Words that different threads write lie on cache lines of their own.
  alignas(64) std::atomic<uint32_t> state_{0};
  std::atomic<uint32_t> sleepers_{0};
  std::atomic<bool> broken_{false};
  alignas(64) std::atomic<Index> next_{0};
  alignas(64) const RangeBody* body_ = nullptr;
  Index count_ = 0;
  Index chunk_ = 1;
  bool wakes_ = false;
};

/// The pool of parallel_for.
ThreadPool& thread_pool() noexcept;

}  // namespace regard
