// SPDX-License-Identifier: MIT
#include "attention/projection.h"

#include <algorithm>
#include <cmath>

#include "kernels/elementwise.h"

namespace regard::attention {

Projection projection_of(const Tensor& weight, Index N) {
  if (!weight.defined()) return {{nullptr, 0, 0}, N};
  return {rows_view(weight.data(), weight.size(-1)), N};
}

Tensor project(const Tensor& x, const Projection& projection) {
  if (!projection.weight.data) return x;
  const Index K = x.size(-1), N = projection.N;
  std::vector<Index> sizes(x.shape().begin(), x.shape().end());
  sizes.back() = N;
  Tensor y = Tensor::empty(Shape(sizes));
  multiply(rows_view(x.data(), K), projection.weight.transposed(), {x.shape().rows(), N, K},
           y.data());
  return y;
}

Tensor project_backward(const Tensor& dy, const Projection& projection, const Shape& x) {
  if (!projection.weight.data) return dy;
  const Index K = x.back(), N = projection.N;
  Tensor dx = Tensor::empty(x);
  multiply(rows_view(dy.data(), N), projection.weight, {x.rows(), K, N}, dx.data());
  return dx;
}

Tensor projection_gradient(const Tensor& dy, const Tensor& x) {
  const Index rows = x.shape().rows(), N = dy.size(-1), K = x.size(-1);
  Tensor used = x;
  if (!all_finite(x.data(), x.count())) {
    used = x.clone();
    for (Index row = 0; row < rows; ++row) {
      if (all_zero(dy.data() + row * N, N)) std::fill_n(used.data() + row * K, K, 0.0f);
    }
  }
  Tensor gradient = Tensor::empty({N, K});
  multiply({dy.data(), 1, N}, rows_view(used.data(), K), {N, K, rows}, gradient.data());
  return gradient;
}

bool all_finite(const float* x, Index n) noexcept {
  return std::isfinite(kernels::sum_of_squares(x, n));
}

bool all_zero(const float* x, Index n) noexcept {
  return std::all_of(x, x + n, [](float value) { return value == 0; });
}

void multiply(const kernels::MatrixView& a, const kernels::MatrixView& b,
              const kernels::MatmulSizes& sizes, float* c) {
  Tensor packed = Tensor::empty({kernels::packed_size(sizes.k, sizes.n)});
  kernels::pack(b, sizes.k, sizes.n, packed.data());
  kernels::matmul(a, packed.data(), sizes, c, sizes.n);
}

}  // namespace regard::attention
