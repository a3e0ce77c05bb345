// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "reference/matrix.h"

namespace regard::reference {

/// Row i is scale times row ids[i] of the table (V, M).
template <class Number>
Matrix<Number> embedding(const std::vector<int32_t>& ids, const Matrix<Number>& table,
                         double scale) {
  Matrix<Number> rows(static_cast<Index>(ids.size()), table.columns());
  for (Index i = 0; i < rows.rows(); ++i) {
    for (Index j = 0; j < rows.columns(); ++j) {
      rows(i, j) = scale * table(ids[static_cast<size_t>(i)], j);
    }
  }
  return rows;
}

}  // namespace regard::reference
