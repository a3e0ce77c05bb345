// SPDX-License-Identifier: MIT
// Products of matrices, and sums of products in general.
#pragma once

#include <string_view>
#include <vector>

#include "autograd/tape.h"
#include "kernels/activation.h"

namespace regard::autograd {

/// a b, as numpy.matmul: over the matrices in the two innermost axes, the others broadcast.
///
/// a        (batch…, M, K) or (K)
/// b        (batch…, K, N) or (K)
/// returns  (batch…, M, N), without the axis of an operand that is a vector: () for two
/// throws   ShapeError if the K differ, the batches do not broadcast, or an operand is ()
Variable matmul(Tape& tape, const Variable& a, const Variable& b);

/// x Wᵀ + b.
///
/// x         (..., K)
/// weight    (N, K)   as PyTorch keeps it; in int8 also, where the tape does not record
/// bias      (N)      may be null
/// packed    what kernels::pack wrote for weightᵀ, or undefined: then it is packed here
/// returns   (..., N)
/// throws    ShapeError; ValueError `linear: a parameter is int8, which has no gradient` if it is
///           and the tape records
Variable linear(Tape& tape, const Variable& x, const Variable& weight, const Variable& bias,
                const Tensor& packed = {});

/// activation(x Wᵀ + b) of numbers alone, for where nothing is recorded.
///
/// x         (..., K)
/// packed    what kernels::pack wrote for a (K, N) matrix
/// bias      (N)      may be null
/// throws    ShapeError
Tensor packed_linear(const Tensor& x, const Tensor& packed, Index K, Index N, const float* bias,
                     kernels::Activation activation = kernels::Activation::identity);

/// Einstein's summation, in NumPy's notation: each operand's axes get a letter, and the products of
/// elements with the same letters are summed over the letters that the result does not have.
///
/// equation  `nqhd,nkhd->nhqk`; spaces do not count; a letter twice in an operand is its diagonal;
///           without `->` the result has, in alphabetical order, the letters that occur once; `...`
///           are axes without a letter, broadcast by NumPy's rule and, without `->`, the first ones
/// operands  as many as the equation has terms, one at least
/// throws    ValueError for an equation that cannot be read;
///           ShapeError if an operand's rank is not that of its term, or a letter has two sizes
///           (a size of 1 is not repeated)
/// cost      from left to right, two operands at a time, each a permutation and a batched matmul
Variable einsum(Tape& tape, std::string_view equation, const std::vector<Variable>& operands);

}  // namespace regard::autograd
