// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>

#include "tensor/shape.h"

namespace regard::training {

/// The learning rate over time: a linear rise to `peak` over `warmup` steps, then a fall with the
/// inverse square root of the step [Vaswani et al. 2017, eq. 3, with the peak as a parameter]. Over
/// the last `cooldown` steps it is scaled down to zero besides [Zhai et al. 2022, section 3.5],
/// which settles the weights where the rate kept them moving.
struct Schedule {
  float peak = 1e-3f;
  Index warmup = 1000;
  Index steps = 0;     ///< of the whole training
  Index cooldown = 0;  ///< how many of them; 0 = none

  /// The rate of a step, counted from 1.
  float rate(Index step) const noexcept {
    const double at = static_cast<double>(std::max<Index>(step, 1));
    const double rise = static_cast<double>(std::max<Index>(warmup, 1));
    double rate = static_cast<double>(peak) * std::min(at / rise, std::sqrt(rise / at));
    const double left = static_cast<double>(std::max<Index>(steps + 1 - step, 0));
    if (cooldown > 0) rate *= std::min(1.0, left / static_cast<double>(cooldown));
    return static_cast<float>(rate);
  }
};

}  // namespace regard::training
