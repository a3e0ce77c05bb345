// SPDX-License-Identifier: MIT
// Where the time of a training step goes, for whoever measures it.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>

namespace regard {

/// The parts of a step that are told apart; what is in none of them is the rest.
enum class Work {
  products,   ///< of a layer with its weights, forward and back, operands packed
  attention,  ///< from projected queries, keys and values to the output, forward and back
  loss,       ///< cross-entropy
  optimizer,  ///< moments, weights and their averages
};

#ifdef __EMSCRIPTEN__

class Timed {
 public:
  explicit Timed(Work) noexcept {}
  ~Timed() {}  // a variable of this type is not unused
};

#else

/// Counts the time from here to the end of its block as that of one kind of work. Not to be nested,
/// and for the thread alone that calls kernels.
class Timed {
 public:
  explicit Timed(Work work) noexcept : total_(totals()[static_cast<size_t>(work)]) {}
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;
  ~Timed() { total_ += std::chrono::duration<double>(Clock::now() - start_).count(); }

  /// Seconds since the program started.
  static double seconds(Work work) noexcept { return totals()[static_cast<size_t>(work)]; }

 private:
  using Clock = std::chrono::steady_clock;
  static std::array<double, 4>& totals() noexcept {
    static std::array<double, 4> totals{};
    return totals;
  }

  double& total_;
  Clock::time_point start_ = Clock::now();
};

#endif

}  // namespace regard
