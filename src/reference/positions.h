// SPDX-License-Identifier: MIT
// Sinusoids that tell positions apart [Vaswani et al. 2017, section 3.5], in the two orders that
// are in use. Pair j of M / 2 turns by 10000^(-2 j / M) a position.
#pragma once

#include <cmath>

#include "reference/matrix.h"

namespace regard::reference {

inline double position_angle(Index position, Index pair, Index M) {
  const double exponent = -2.0 * static_cast<double>(pair) / static_cast<double>(M);
  return static_cast<double>(position) * std::pow(10000.0, exponent);
}

/// (L, M), M even: columns 2 j and 2 j + 1 are the sine and cosine of pair j, as in the paper.
inline Matrix<double> interleaved_positions(Index L, Index M) {
  Matrix<double> table(L, M);
  for (Index i = 0; i < L; ++i) {
    for (Index j = 0; j < M / 2; ++j) {
      table(i, 2 * j) = std::sin(position_angle(i, j, M));
      table(i, 2 * j + 1) = std::cos(position_angle(i, j, M));
    }
  }
  return table;
}

/// (L, M), M even: all sines, then all cosines, as in Marian.
inline Matrix<double> halved_positions(Index L, Index M) {
  Matrix<double> table(L, M);
  for (Index i = 0; i < L; ++i) {
    for (Index j = 0; j < M / 2; ++j) {
      table(i, j) = std::sin(position_angle(i, j, M));
      table(i, M / 2 + j) = std::cos(position_angle(i, j, M));
    }
  }
  return table;
}

}  // namespace regard::reference
