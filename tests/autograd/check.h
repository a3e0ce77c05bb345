// SPDX-License-Identifier: MIT
// An operation against the same function in dual numbers: its value, and the gradients of all its
// inputs. And the checks themselves, one for each operation of the registry, in the files of their
// headers' names.
#pragma once

#include <functional>

#include "autograd/operations.h"
#include "reference/matrix.h"
#include "support/gradient.h"
#include "support/numbers.h"

namespace regard::autograd {

using reference::Dual;
using Duals = reference::Vector<Dual>;
using reference::Matrix;

/// An operation under test on some variables, and the same function in dual numbers: the flat
/// values of its inputs to the flat values of its output.
using Operation = std::function<Variable(Tape&, const std::vector<Variable>&)>;
using Exact = std::function<Duals(const std::vector<Duals>&)>;

/// Normal numbers.
inline Tensor random_tensor(const Shape& shape, uint64_t seed) {
  return Tensor::from(shape, testing::numbers(shape.count(), seed));
}

inline Matrix<Dual> matrix(Index rows, const Duals& values) {
  return Matrix<Dual>(rows, static_cast<Index>(values.size()) / rows, values);
}

/// Compares value and gradients at given inputs.
void check_at(const std::vector<Tensor>& values, const Operation& operation, const Exact& exact);

/// Compares value and gradients at random inputs of the given shapes.
void check(const std::vector<Shape>& shapes, const Operation& operation, const Exact& exact);

/// What two shapes that meet broadcast to.
Shape broadcast(const Shape& a, const Shape& b);

/// The places of a shape in row-major order, each as its indices.
std::vector<std::vector<Index>> places(const Shape& shape);

/// The number at a place of a tensor that broadcasts to the place's shape.
template <class Number>
const Number& at(const std::vector<Number>& values, const Shape& shape,
                 const std::vector<Index>& place) {
  Index flat = 0;
  for (Index axis = 0; axis < shape.rank(); ++axis) {
    const auto own = static_cast<size_t>(axis + static_cast<Index>(place.size()) - shape.rank());
    flat = flat * shape[axis] + (shape[axis] == 1 ? 0 : place[own]);
  }
  return values[static_cast<size_t>(flat)];
}

// arithmetic_test.cpp
void check_add();
void check_subtract();
void check_multiply();
void check_divide();
void check_maximum();
void check_minimum();
// arrangement_test.cpp
void check_reshape();
void check_permute();
void check_transpose();
void check_broadcast_to();
void check_slice();
void check_diagonal();
void check_concatenate();
void check_stack();
// coverage_test.cpp
void check_coverage_attention();
// functions_test.cpp
void check_activation();
void check_apply();
void check_power();
// indexing_test.cpp
void check_index_select();
void check_take_along_axis();
void check_embedding();
// normalization_test.cpp
void check_softmax();
void check_log_softmax();
void check_layer_norm();
// product_test.cpp
void check_matmul();
void check_linear();
void check_einsum();
// reduction_test.cpp
void check_sum();
void check_mean();
void check_variance();
void check_max();
void check_min();
void check_cumulative_sum();
void check_weighted_total();
// selection_test.cpp
void check_where();
void check_masked_fill();
void check_triangle();

}  // namespace regard::autograd
