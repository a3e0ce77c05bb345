// SPDX-License-Identifier: MIT
#include "attention/product.h"

#include <algorithm>
#include <cmath>

#include "kernels/elementwise.h"

namespace regard::attention {

RightOperand right_operand(const kernels::MatrixView& b, Index k, Index n, float* packed) noexcept {
  kernels::pack(b, k, n, packed);
  const bool finite = kernels::all_finite(packed, kernels::packed_size(k, n));
  return {b, finite ? packed : nullptr, packed};
}

void product(const kernels::MatrixView& a, const RightOperand& b, const kernels::MatmulSizes& sizes,
             float* c, Index c_row, const kernels::MatmulOptions& options) noexcept {
  if (b.packed) {
    kernels::matmul_serial(a, b.packed, sizes, c, c_row, options);
    return;
  }
  for (Index i = 0; i < sizes.m; ++i) {
    float* row = c + i * c_row;
    if (!options.accumulate) std::fill_n(row, sizes.n, 0.0f);
    for (Index s = 0; s < sizes.k; ++s) {
      const float factor = a.data[i * a.row + s * a.column];
      if (factor == 0) continue;
      kernels::axpy(factor, b.plain.data + (options.part.row + s) * b.plain.row, row, sizes.n);
    }
  }
}

}  // namespace regard::attention
