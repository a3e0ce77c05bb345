// SPDX-License-Identifier: MIT
#pragma once

#include "kernels/activation.h"
#include "tensor/shape.h"

namespace regard::kernels {

/// A matrix read through strides: element (i, j) lies at data[i * row + j * column].
/// A transposed matrix is the same data with the strides exchanged.
struct MatrixView {
  const float* data;
  Index row;
  Index column;

  MatrixView transposed() const noexcept { return {data, column, row}; }
};

/// The sizes of a product C (M, N) = A (M, K) B (K, N).
struct MatmulSizes {
  Index m;
  Index n;
  Index k;
};

/// How many floats pack() writes for a (K, N) matrix.
Index packed_size(Index k, Index n) noexcept;

/// Copies B (K, N) into panels of a few columns each, the order in which matmul reads it.
///
/// b       (K, N)               through any strides
/// packed  (packed_size(k, n))  aligned to 64 bytes
/// cost    O(K N) time
void pack(const MatrixView& b, Index k, Index n, float* packed) noexcept;

/// A part of a packed B, from a row and a column of it on.
struct PackedPart {
  Index k = 0;  ///< the sizes that pack() was told; 0 means those of the product
  Index n = 0;
  Index row = 0;
  Index column = 0;  ///< one of tile_start()
};

/// The last column, at most `column`, from which on a part of a packed matrix may be read.
Index tile_start(Index column) noexcept;

/// What the product is added to, read from, and becomes.
struct MatmulOptions {
  const float* bias = nullptr;  ///< (N), added to every row; not together with `accumulate`
  bool accumulate = false;      ///< C += A B instead of C = A B
  PackedPart part = {};         ///< what of B is read, if not all
  Activation activation = Activation::identity;  ///< of what is summed, row by row
};

/// C = activation(A B + bias), or C = activation(C + A B), with B packed.
///
/// The sum over K runs in one fixed order, whatever the number of threads and rows.
///
/// a         (M, K)  through any strides
/// packed_b          what pack() wrote for B (K, N)
/// c         (M, N)  rows `c_row` apart, columns next to each other; must not overlap a or b
/// cost      O(M N K) time, on all threads
void matmul(const MatrixView& a, const float* packed_b, const MatmulSizes& sizes, float* c,
            Index c_row, const MatmulOptions& options = {}) noexcept;

/// The same on the calling thread alone: for products inside of a parallel_for.
void matmul_serial(const MatrixView& a, const float* packed_b, const MatmulSizes& sizes, float* c,
                   Index c_row, const MatmulOptions& options = {}) noexcept;

}  // namespace regard::kernels
