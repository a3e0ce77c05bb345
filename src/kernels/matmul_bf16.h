// SPDX-License-Identifier: MIT
// Products of matrices whose elements are rounded to bfloat16 on the way in: half the memory, and
// twice the speed where the processor has AVX512-BF16. Sums stay in fp32.
#pragma once

#include "kernels/matmul.h"

namespace regard::kernels {

/// Whether this build has these products; the modules for browsers are smaller without them.
#ifdef __EMSCRIPTEN__
inline constexpr bool has_bf16 = false;
#else
inline constexpr bool has_bf16 = true;
#endif

/// How many floats pack_bf16() writes over for a (K, N) matrix.
Index packed_size_bf16(Index k, Index n) noexcept;

/// Rounds B (K, N) to bfloat16, ties to even, in the order in which matmul_bf16 reads it.
///
/// b       (K, N)                    through any strides
/// packed  (packed_size_bf16(k, n))  aligned to 64 bytes; holds no floats afterwards
/// cost    O(K N) time, on all threads; least where one of b's strides is 1
void pack_bf16(const MatrixView& b, Index k, Index n, float* packed) noexcept;

/// C = R(A) R(B) + bias, or C += R(A) R(B), where R rounds to bfloat16 and B is packed.
///
/// Two elements along K at a time, the second before the first, are multiplied exactly and added to
/// an fp32 sum with a rounding each; a subnormal operand or sum may count as 0. Each element of
/// R(A) and R(B) is off by 2^-8 of its size at most, so that
///
///     |C - (A B + start)| <= (2^-7 + 2^-16) |A| |B| + (K + 1) 2^-24 (1 + 2^-6) (|A| |B| + |start|)
///
/// The order is fixed, whatever the number of threads and rows.
///
/// a         (M, K)  through any strides
/// packed_b          what pack_bf16() wrote for B (K, N)
/// c         (M, N)  rows `c_row` apart, columns next to each other; must not overlap a or b
/// cost      O(M N K) time, on all threads
void matmul_bf16(const MatrixView& a, const float* packed_b, const MatmulSizes& sizes, float* c,
                 Index c_row, const MatmulOptions& options = {}) noexcept;

}  // namespace regard::kernels
