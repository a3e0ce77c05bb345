// SPDX-License-Identifier: MIT
// The border to JavaScript, and the project's one catch. A C++ exception ends here: the call
// returns nothing and leaves a report. A JavaScript error must never unwind these frames, because
// the stack pointer would stay where it was; so nothing here calls JavaScript.
#pragma once

#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "tensor/arena.h"
#include "tensor/error.h"

namespace regard::bindings {

/// What the last failed call leaves: the error's class in JavaScript, and its sentence.
struct Report {
  std::string name;
  std::string message;
  bool fatal = false;  ///< the engine cannot go on: its memory is full, or it is itself at fault
};

/// Roomy from the start, so that a full heap can still be reported.
inline Report last_error = [] {
  Report report;
  report.name.reserve(32);
  report.message.reserve(256);
  return report;
}();

inline void leave_report(const char* name, const char* message, bool fatal) {
  last_error.name.assign(name);
  last_error.message.assign(message);
  last_error.fatal = fatal;
}

/// Leaves a report of the exception under way: one copy of the clauses for all calls.
[[gnu::noinline]] inline void report_exception() {
  try {
    throw;
  } catch (const Error& error) {
    leave_report(error.name(), error.what(), Arena::shared().exhausted());
  } catch (const std::bad_alloc&) {
    leave_report("OutOfMemoryError", "the engine's memory is full", true);
  } catch (const std::length_error&) {
    leave_report("OutOfMemoryError", "a list would be longer than this host can address", true);
  } catch (const std::exception& error) {
    leave_report("InternalError", error.what(), true);
  } catch (...) {
    leave_report("InternalError", "an exception of no known class", true);
  }
}

/// The function F with its exceptions turned into a report: `guarded<&f>::call` returns what F
/// returns, or nothing, which JavaScript sees as undefined; true where F returns void.
template <auto F>
struct guarded;

template <class R, class... Arguments, R (*F)(Arguments...)>
struct guarded<F> {
  using Result = std::conditional_t<std::is_void_v<R>, bool, std::decay_t<R>>;

  static std::optional<Result> call(Arguments... arguments) {
    try {
      if constexpr (std::is_void_v<R>) {
        F(std::forward<Arguments>(arguments)...);
        return true;
      } else {
        return F(std::forward<Arguments>(arguments)...);
      }
    } catch (...) {
      report_exception();
    }
    return std::nullopt;
  }
};

/// The same for what crosses as whole numbers, without Embind: what `body` returns, or -1.
template <class Body>
int number_of(const Body& body) noexcept {
  try {
    return body();
  } catch (...) {
    report_exception();
  }
  return -1;
}

}  // namespace regard::bindings
