// SPDX-License-Identifier: MIT
// Rows of a table, by id.
#pragma once

#include <cstdint>

#include "tensor/shape.h"

namespace regard::kernels {

/// out[i] = scale table[ids[i]], the factor sqrt(M) of Vaswani et al. 2017, section 3.4, or 1.
///
/// ids    (count)     each a row of the table: the caller has checked
/// table  (V, M)
/// out    (count, M)
void embed(const int32_t* ids, Index count, const float* table, Index M, float scale,
           float* out) noexcept;

/// dtable[ids[i]] += scale dout[i], in the order of i, so that an id that occurs twice adds up the
/// same way for every number of threads.
///
/// dout    (count, M)
/// dtable  (V, M)
void embed_backward(const int32_t* ids, Index count, const float* dout, Index M, float scale,
                    float* dtable) noexcept;

}  // namespace regard::kernels
