// SPDX-License-Identifier: MIT
#include "autograd/product.h"

#include <algorithm>
#include <utility>

#include "autograd/operands.h"
#include "kernels/elementwise.h"
#include "kernels/matmul.h"
#include "kernels/matmul_bf16.h"
#include "tensor/parallel.h"
#include "tensor/stopwatch.h"

namespace regard::autograd {

namespace {

using kernels::MatmulOptions;
using kernels::MatmulSizes;
using kernels::MatrixView;
using kernels::Strides;

MatrixView rows_view(const Tensor& x) { return {x.data(), x.shape().back(), 1}; }

// C = A B or C += A B, packing B on the way.
void multiply(const MatrixView& a, const MatrixView& b, const MatmulSizes& sizes, float* c,
              const MatmulOptions& options, Precision precision = Precision::fp32) {
  const Timed timed(Work::products);
  if constexpr (kernels::has_bf16) {
    if (precision == Precision::bf16) {
      Tensor packed = Tensor::empty({kernels::packed_size_bf16(sizes.k, sizes.n)});
      kernels::pack_bf16(b, sizes.k, sizes.n, packed.data());
      kernels::matmul_bf16(a, packed.data(), sizes, c, sizes.n, options);
      return;
    }
  }
  Tensor packed = Tensor::empty({kernels::packed_size(sizes.k, sizes.n)});
  kernels::pack(b, sizes.k, sizes.n, packed.data());
  kernels::matmul(a, packed.data(), sizes, c, sizes.n, options);
}

// The same for every matrix of a batch: `batch` goes over operands a, b and c.
void multiply(const kernels::Loop& batch, const MatrixView& a, const MatrixView& b,
              const MatmulSizes& sizes, float* c, const MatmulOptions& options) {
  // so many at a time, in order to hold no more than their packed matrices
  constexpr Index most = 32;
  const Index room = kernels::packed_size(sizes.k, sizes.n);
  Tensor workspace = Tensor::empty({std::min(most, batch.count), room});
  float* const packed_all = workspace.data();
  for (Index first = 0; first < batch.count; first += most) {
    parallel_for(std::min(most, batch.count - first), 1, [&](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) {
        const auto at = kernels::offsets_at(batch, first + i);
        float* packed = packed_all + i * room;
        kernels::pack({b.data + at[1], b.row, b.column}, sizes.k, sizes.n, packed);
        kernels::matmul_serial({a.data + at[0], a.row, a.column}, packed, sizes, c + at[2], sizes.n,
                               options);
      }
    });
  }
}

// The shape of x with another innermost size.
Shape with_width(const Shape& shape, Index width) {
  if (shape.rank() == 0) throw ShapeError("linear: x is (), expected (..., K)");
  return with_size(shape, shape.rank() - 1, width);
}

// How two operands of matmul are multiplied.
struct Product {
  Shape batch;
  Index M = 1, N = 1, K = 0;
  Shape a_batch, b_batch;
  bool a_vector = false, b_vector = false;

  // One matrix on the right: all rows on the left are one matrix as well.
  bool is_one() const { return b_batch.count() == 1 && a_batch.count() == batch.count(); }

  // The batch, and behind it the axes of a matrix that are no 1 added to a vector.
  Shape with(Index rows, bool has_rows, Index columns, bool has_columns) const {
    std::vector<Index> sizes(batch.begin(), batch.end());
    if (has_rows) sizes.push_back(rows);
    if (has_columns) sizes.push_back(columns);
    return Shape(sizes);
  }
  Shape a() const { return with(M, !a_vector, K, true); }
  Shape b() const { return with(K, true, N, !b_vector); }
  Shape c() const { return with(M, !a_vector, N, !b_vector); }

  // A loop over the batch; `x` and `y` are the batches of its operands, their matrices and those of
  // the third, for which every matrix is there, of the given sizes.
  kernels::Loop loop(const Shape& x, Index x_size, const Shape& y, Index y_size,
                     Index z_size) const {
    std::array<Strides, 3> strides = {broadcast_strides(x, batch), broadcast_strides(y, batch),
                                      kernels::contiguous(batch)};
    const Index sizes[] = {x_size, y_size, z_size};
    for (size_t k = 0; k < 3; ++k) {
      for (Index& stride : strides[k]) stride *= sizes[k];
    }
    return kernels::make_loop(batch, strides);
  }
};

// All but the innermost two sizes.
Shape batch_of(const Shape& shape) {
  return Shape(std::span(shape.begin(), static_cast<size_t>(std::max<Index>(shape.rank() - 2, 0))));
}

Product product_of(const Shape& a, const Shape& b) {
  Product p;
  p.a_vector = a.rank() == 1;
  p.b_vector = b.rank() == 1;
  if (a.rank() > 0 && b.rank() > 0) {
    p.M = p.a_vector ? 1 : a[a.rank() - 2];
    p.N = p.b_vector ? 1 : b.back();
    p.K = a.back();
  }
  if (a.rank() == 0 || b.rank() == 0 || p.K != b[p.b_vector ? 0 : b.rank() - 2]) {
    throw ShapeError("matmul: a is ", a, " and b is ", b, ", expected (..., M, K) and (..., K, N)");
  }
  p.a_batch = batch_of(a);
  p.b_batch = batch_of(b);
  p.batch = broadcast_shape("matmul", "the batch of b", p.b_batch, p.a_batch);
  return p;
}

// Adds the gradient of an operand, which `compute` adds to a buffer: that of the operand itself,
// or, if its matrices are repeated, one of the shape that it has when it is broadcast.
template <class Compute>
void add_product(const Variable& input, const Shape& broadcast, const Compute& compute) {
  if (!input->needs_gradient) return;
  if (input->value.count() == broadcast.count()) return compute(input->grad().data());
  Tensor all = Tensor::zeros(broadcast);
  compute(all.data());
  add_gradient(input, all);
}

Variable quantized_linear(Tape& tape, const Variable& x, const QuantizedMatrix& weight,
                          const Variable& bias) {
  expect_no_gradient("linear", tape.recording());
  expect_shape("linear", "x", x->value.shape(), with_width(x->value.shape(), weight.columns()));
  if (bias) expect_shape("linear", "bias", bias->value.shape(), {weight.rows()});
  return constant(weight.product(x->value, bias ? bias->value.data() : nullptr));
}

}  // namespace

Variable matmul(Tape& tape, const Variable& a, const Variable& b) {
  const Product p = product_of(a->value.shape(), b->value.shape());
  const auto [M, N, K] = std::array{p.M, p.N, p.K};
  const MatrixView a_view{a->value.data(), K, 1}, b_view{b->value.data(), N, 1};
  Tensor c = Tensor::empty(p.c());
  if (p.is_one()) {
    multiply(a_view, b_view, {p.batch.count() * M, N, K}, c.data(), {});
  } else {
    multiply(p.loop(p.a_batch, M * K, p.b_batch, K * N, M * N), a_view, b_view, {M, N, K}, c.data(),
             {});
  }

  return tape.record(std::move(c), {a, b}, [=](const Node& out) {
    // C = A B, so dA += dC Bᵀ and dB += Aᵀ dC
    const MatrixView dc{out.gradient.data(), N, 1};
    constexpr MatmulOptions adding{.accumulate = true};
    if (p.is_one()) {
      const Index rows = p.batch.count() * M;
      if (a->needs_gradient) {
        multiply(dc, b_view.transposed(), {rows, K, N}, a->grad().data(), adding);
      }
      if (b->needs_gradient) {
        multiply(a_view.transposed(), dc, {K, N, rows}, b->grad().data(), adding);
      }
      return;
    }
    add_product(a, p.a(), [&](float* da) {
      multiply(p.loop(p.batch, M * N, p.b_batch, K * N, M * K), dc, b_view.transposed(), {M, K, N},
               da, adding);
    });
    add_product(b, p.b(), [&](float* db) {
      multiply(p.loop(p.a_batch, M * K, p.batch, M * N, K * N), a_view.transposed(), dc, {K, N, M},
               db, adding);
    });
  });
}

Tensor packed_linear(const Tensor& x, const Tensor& packed, Index K, Index N, const float* bias,
                     kernels::Activation activation) {
  expect_shape("linear", "x", x.shape(), with_width(x.shape(), K));
  Tensor y = Tensor::empty(with_width(x.shape(), N));
  const Timed timed(Work::products);
  kernels::matmul(rows_view(x), packed.data(), {x.shape().rows(), N, K}, y.data(), N,
                  {.bias = bias, .activation = activation});
  return y;
}

Variable linear(Tape& tape, const Variable& x, const Variable& weight, const Variable& bias,
                const Tensor& packed) {
  if (weight->quantized) return quantized_linear(tape, x, *weight->quantized, bias);
  const Index N = weight->value.size(0), K = weight->value.size(1), rows = x->value.shape().rows();
  expect_shape("linear", "x", x->value.shape(), with_width(x->value.shape(), K));
  if (bias) expect_shape("linear", "bias", bias->value.shape(), {N});

  const float* const biases = bias ? bias->value.data() : nullptr;
  Tensor y;
  if (packed.defined()) {
    y = packed_linear(x->value, packed, K, N, biases);
  } else {
    y = Tensor::empty(with_width(x->value.shape(), N));
    multiply(rows_view(x->value), rows_view(weight->value).transposed(), {rows, N, K}, y.data(),
             {.bias = biases}, tape.precision());
  }

  return tape.record(
      std::move(y), {x, weight, bias}, [=, precision = tape.precision()](const Node& out) {
        // y = x Wᵀ + b, so dx += dy W, dW += dyᵀ x, db += the sum of dy's rows
        const MatrixView dy = rows_view(out.gradient);
        const auto add = [&](const Variable& input, const MatrixView& left, const MatrixView& right,
                             const MatmulSizes& sizes) {
          if (!input->needs_gradient) return;
          const bool first = input->starts_gradient();
          multiply(left, right, sizes, input->gradient.data(), {.accumulate = !first}, precision);
        };
        add(x, dy, rows_view(weight->value), {rows, K, N});
        add(weight, dy.transposed(), rows_view(x->value), {N, K, rows});
        if (bias && bias->needs_gradient) {
          kernels::add_rows(out.gradient.data(), bias->grad().data(), rows, N);
        }
      });
}

}  // namespace regard::autograd
