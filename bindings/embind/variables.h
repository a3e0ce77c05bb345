// SPDX-License-Identifier: MIT
// What JavaScript holds of the engine, by number: 0 is nothing, and a number is used again once it
// was let go.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "autograd/tape.h"

namespace regard::bindings {

/// Things that JavaScript holds.
template <class Thing>
class Held {
 public:
  int keep(Thing thing) {
    if (free_.empty()) {
      things_.push_back(std::move(thing));
      free_.reserve(things_.size());
      return static_cast<int>(things_.size());
    }
    const int number = free_.back();
    free_.pop_back();
    things_[static_cast<size_t>(number - 1)] = std::move(thing);
    return number;
  }

  /// throws std::out_of_range for a number that was never given.
  Thing& at(int number) { return things_.at(static_cast<size_t>(number - 1)); }

  void release(int number) {
    Thing& thing = at(number);
    if (!thing) return;
    thing = nullptr;
    free_.push_back(number);
  }

 private:
  std::vector<Thing> things_;
  std::vector<int> free_;
};

/// The tensors of JavaScript.
Held<autograd::Variable>& held_variables();

/// A value for JavaScript to hold.
int keep(Tensor value);

/// How often parameters of any layer have changed, 1 at first: what was made of their values before
/// is stale. All that writes into a parameter counts it up.
uint64_t& parameter_changes() noexcept;

}  // namespace regard::bindings
