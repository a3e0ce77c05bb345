// SPDX-License-Identifier: MIT
// Sinusoids that tell positions apart [Vaswani et al. 2017, section 3.5], in the two orders that
// are in use. Pair j turns by 10000^(-2 j / M) a position; with an odd M the last sine has no
// cosine.
#pragma once

#include <cmath>

#include "reference/matrix.h"

namespace regard::reference {

inline double position_angle(Index position, Index pair, Index M) {
  const double exponent = -2.0 * static_cast<double>(pair) / static_cast<double>(M);
  return static_cast<double>(position) * std::pow(10000.0, exponent);
}

/// (L, M): columns 2 j and 2 j + 1 are the sine and the cosine of pair j, as in the paper.
inline Matrix<double> interleaved_positions(Index L, Index M) {
  Matrix<double> table(L, M);
  for (Index i = 0; i < L; ++i) {
    for (Index c = 0; c < M; ++c) {
      const double angle = position_angle(i, c / 2, M);
      table(i, c) = c % 2 == 0 ? std::sin(angle) : std::cos(angle);
    }
  }
  return table;
}

/// (L, M): all sines, then all cosines, as in Marian.
inline Matrix<double> halved_positions(Index L, Index M) {
  const Index sines = (M + 1) / 2;
  Matrix<double> table(L, M);
  for (Index i = 0; i < L; ++i) {
    for (Index c = 0; c < M; ++c) {
      table(i, c) =
          c < sines ? std::sin(position_angle(i, c, M)) : std::cos(position_angle(i, c - sines, M));
    }
  }
  return table;
}

}  // namespace regard::reference
