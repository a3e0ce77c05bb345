// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>

#include "tensor/shape.h"

namespace regard::training {

/// The learning rate over time: a linear rise to `peak` over `warmup` steps, then a fall with the
/// inverse square root of the step [Vaswani et al. 2017, eq. 3, with the peak as a parameter].
struct Schedule {
  float peak = 1e-3f;
  Index warmup = 1000;

  /// The rate of a step, counted from 1.
  float rate(Index step) const noexcept {
    const double at = static_cast<double>(std::max<Index>(step, 1));
    const double rise = static_cast<double>(std::max<Index>(warmup, 1));
    return static_cast<float>(static_cast<double>(peak) *
                              std::min(at / rise, std::sqrt(rise / at)));
  }
};

}  // namespace regard::training
