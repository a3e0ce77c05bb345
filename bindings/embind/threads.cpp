// SPDX-License-Identifier: MIT
// The threads of a module that has them. Each is a Worker with an instance of its own of the same
// code around the same memory (bindings/js/thread.ts), which calls begin_thread() with a block of
// memory for its stack and its thread-local variables and stays there until the pool ends. It never
// calls JavaScript, never allocates, and imports nothing, for it only runs bodies of parallel_for.
#include <emscripten/bind.h>

#include <cstdlib>
#include <new>

#include "guard.h"
#include "tensor/parallel.h"
#include "tensor/thread_pool.h"
#include "variables.h"

// Made by the linker: thread-local variables begin in `memory`.
extern "C" void __wasm_init_tls(void* memory);

namespace regard::bindings {
namespace {

/// As large as the caller's: what fits there fits here.
constexpr size_t stack_size = size_t{1} << 19;
constexpr size_t alignment = 64;

[[gnu::noinline]] void work() { thread_pool().work(); }

/// What a Worker calls, once, by its place in the module's table: the names of exports are
/// shortened, places stay. The stack pointer is a variable of each instance, and begins where the
/// first thread's did: nothing may be on the stack before it is set.
void begin_thread(char* block) {
  asm volatile(
      ".globaltype __stack_pointer, i32\n"
      "local.get %0\n"
      "global.set __stack_pointer"
      :
      : "r"(block + stack_size));
  __wasm_init_tls(block + stack_size);
  work();
}

/// What it calls after that broke.
void abandon_thread() { thread_pool().abandon(); }

/// An address, of a function its place in the table.
template <class Thing>
Id place(Thing* thing) {
  return static_cast<Id>(reinterpret_cast<intptr_t>(thing));
}

/// Makes room for `count` threads, the caller's included. Gives the places of begin_thread and
/// abandon_thread, the address of the pool's state, the bit of it that ends the pool, and a block
/// for each thread to begin.
Ids prepare_threads(int count) {
  Ids facts = {place(&begin_thread), place(&abandon_thread), place(&thread_pool().state()),
               static_cast<Id>(ThreadPool::ended)};
  const size_t bytes = stack_size + __builtin_wasm_tls_size();
  for (int i = 1; i < count; ++i) {
    void* block = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    if (!block) throw std::bad_alloc();
    facts.push_back(place(block));
  }
  set_thread_count(count);
  return facts;
}

}  // namespace

EMSCRIPTEN_BINDINGS(threads) {
  emscripten::function("prepareThreads", &guarded<&prepare_threads>::call);
}

}  // namespace regard::bindings
