// SPDX-License-Identifier: MIT
// Products inside of attention, in which a weight of 0 keeps out whatever it is multiplied with:
// infinities and NaN in hidden keys and values too.
#pragma once

#include "kernels/matmul.h"

namespace regard::attention {

/// A right operand B (K, N), packed, or where it lies if it holds anything but finite numbers.
struct RightOperand {
  kernels::MatrixView plain;
  const float* packed;     ///< null if not all of B is finite
  const float* as_packed;  ///< whatever it holds, for products that may take all of it
};

/// Packs B into `packed`, of kernels::packed_size(k, n) floats.
RightOperand right_operand(const kernels::MatrixView& b, Index k, Index n, float* packed) noexcept;

/// C = A B or C += A B, with rows options.part.row … of B; an element of A that is 0 adds nothing,
/// whatever stands in B. The others add in the same order and with the same roundings whether B is
/// finite or not. Needs rows of B whose numbers lie next to each other.
void product(const kernels::MatrixView& a, const RightOperand& b, const kernels::MatmulSizes& sizes,
             float* c, Index c_row, const kernels::MatmulOptions& options = {}) noexcept;

}  // namespace regard::attention
