// SPDX-License-Identifier: MIT
#include "layers/alibi.h"

#include <bit>
#include <cmath>
#include <cstdlib>

#include "layers/relative_bias.h"

namespace regard::layers {

std::vector<float> alibi_slopes(Index H) {
  if (H < 1) throw ValueError("alibi: ", H, " heads, expected at least one");
  const Index n = static_cast<Index>(std::bit_floor(static_cast<size_t>(H)));
  std::vector<float> slopes;
  for (Index h = 0; h < H; ++h) {
    const double exponent =
        h < n ? 8.0 * static_cast<double>(h + 1) : 4.0 * static_cast<double>(2 * (h - n) + 1);
    slopes.push_back(static_cast<float>(std::exp2(-exponent / static_cast<double>(n))));
  }
  return slopes;
}

Tensor alibi_bias(Index H, Index L, Index S, Index first) {
  const std::vector<float> slopes = alibi_slopes(H);
  expect_places("alibi", L, S, first);
  Tensor bias = Tensor::empty({1, H, L, S});
  float* to = bias.data();
  for (const float slope : slopes) {
    for (Index i = 0; i < L; ++i) {
      for (Index j = 0; j < S; ++j) {
        *to++ = -slope * static_cast<float>(std::abs(first + i - j));
      }
    }
  }
  return bias;
}

}  // namespace regard::layers
