// SPDX-License-Identifier: MIT
// What masked scores become: a distribution over the keys, or a choice among them.
#pragma once

#include <cstdint>

#include "tensor/tensor.h"

namespace regard::attention {

enum class Alignment {
  softmax,       ///< e^score, normalized
  hard,          ///< all weight on the first of the largest scores; no gradient
  hard_sampled,  ///< all weight on one key drawn from the softmax, by seed; no gradient
  local_m,       ///< softmax over the keys within `radius` of the query's own place
                 ///< [Luong et al. 2015, section 3.2]
  local_p,       ///< the same around a predicted place, times a Gaussian, not normalized again
                 ///< [Luong et al. 2015, eq. 9 and 10]
};

struct AlignmentOptions {
  uint64_t seed = 0;         ///< of hard_sampled
  Index radius = 0;          ///< D of local_m and local_p; sigma is D / 2
  Tensor position_weight{};  ///< local_p: W_p (M, D)
  Tensor position_vector{};  ///< local_p: v_p (M)
};

}  // namespace regard::attention
