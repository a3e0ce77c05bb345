// SPDX-License-Identifier: MIT
#include "attention/measures.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/matmul.h"

namespace regard::attention {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

void expect_rank(const char* operation, const Tensor& weights, Index rank) {
  if (weights.shape().rank() >= rank) return;
  throw ShapeError(std::string(operation) + ": weights are " + weights.shape().to_string() +
                   ", expected at least " + std::to_string(rank) + (rank == 1 ? " axis" : " axes"));
}

// The shape without its last axes.
Shape outer(const Shape& shape, Index axes) {
  return Shape(std::span(shape.begin(), static_cast<size_t>(shape.rank() - axes)));
}

double entropy_of(const float* row, Index n) {
  double sum = 0, weighted = 0;
  for (Index i = 0; i < n; ++i) {
    if (row[i] < 0) {
      throw ValueError("entropy: a weight is ", row[i], ", expected 0 or more");
    }
    const double weight = row[i];
    sum += weight;
    if (weight > 0) weighted += weight * std::log(weight);
  }
  // H = -sum (w / sum) log (w / sum); rounding must not make it negative
  if (sum == 0) return nan;
  const double found = std::log(sum) - weighted / sum;
  return found < 0 ? 0.0 : found;
}

// The mean of layer `layer`'s heads, half of it, and half of the identity; rows that sum to 1.
void mix_heads(const Tensor& weights, Index layer, float* mixed) {
  const Index H = weights.size(1), L = weights.size(2);
  for (Index i = 0; i < L; ++i) {
    float* row = mixed + i * L;
    std::fill_n(row, L, 0.0f);
    for (Index h = 0; h < H; ++h) {
      const float* head = weights.data() + ((layer * H + h) * L + i) * L;
      for (Index j = 0; j < L; ++j) row[j] += 0.5f * head[j] / static_cast<float>(H);
    }
    row[i] += 0.5f;
    double sum = 0;
    for (Index j = 0; j < L; ++j) sum += row[j];
    for (Index j = 0; j < L; ++j) row[j] = static_cast<float>(row[j] / sum);
  }
}

}  // namespace

Tensor entropy(const Tensor& weights) {
  expect_rank("entropy", weights, 1);
  Tensor result = Tensor::empty(outer(weights.shape(), 1));
  const Index S = weights.size(-1);
  for (Index row = 0; row < result.count(); ++row) {
    result.data()[row] = static_cast<float>(entropy_of(weights.data() + row * S, S));
  }
  return result;
}

Tensor mean_entropy(const Tensor& weights) {
  expect_rank("entropy", weights, 2);
  Tensor result = Tensor::empty(outer(weights.shape(), 2));
  const Index L = weights.size(-2), S = weights.size(-1);
  for (Index head = 0; head < result.count(); ++head) {
    double sum = 0;
    Index rows = 0;
    for (Index l = 0; l < L; ++l) {
      const double found = entropy_of(weights.data() + (head * L + l) * S, S);
      if (std::isnan(found)) continue;
      sum += found;
      ++rows;
    }
    result.data()[head] = static_cast<float>(rows ? sum / static_cast<double>(rows) : nan);
  }
  return result;
}

Tensor rollout(const Tensor& weights) {
  const Shape& shape = weights.shape();
  if (shape.rank() != 4 || shape[1] == 0 || shape[2] != shape[3]) {
    throw ShapeError("rollout: weights are ", shape, ", expected (layers, H, L, L)");
  }
  const Index layers = shape[0], L = shape[2];
  Tensor result = Tensor::empty({layers, L, L});
  if (result.count() == 0) return result;
  Tensor mixed = Tensor::empty({L, L}), packed = Tensor::empty({kernels::packed_size(L, L)});
  mix_heads(weights, 0, result.data());
  for (Index layer = 1; layer < layers; ++layer) {
    mix_heads(weights, layer, mixed.data());
    kernels::pack({result.data() + (layer - 1) * L * L, L, 1}, L, L, packed.data());
    kernels::matmul({mixed.data(), L, 1}, packed.data(), {L, L, L}, result.data() + layer * L * L,
                    L);
  }
  return result;
}

Tensor received(const Tensor& weights) {
  expect_rank("received", weights, 1);
  const Index S = weights.size(-1), rows = weights.shape().rows();
  if (rows == 0) {
    throw ShapeError("received: weights are ", weights.shape(), ", without a row");
  }
  std::vector<double> sums(static_cast<size_t>(S));
  for (Index row = 0; row < rows; ++row) {
    for (Index s = 0; s < S; ++s) sums[static_cast<size_t>(s)] += weights.data()[row * S + s];
  }
  Tensor result = Tensor::empty({S});
  for (Index s = 0; s < S; ++s) {
    result.data()[s] = static_cast<float>(sums[static_cast<size_t>(s)] / static_cast<double>(rows));
  }
  return result;
}

double kendall_tau(std::span<const float> x, std::span<const float> y) {
  if (x.size() != y.size()) {
    throw ShapeError("kendall_tau: ", x.size(), " and ", y.size(), " values, expected as many");
  }
  const auto sign = [](float a, float b) { return (a > b) - (a < b); };
  double difference = 0, untied_x = 0, untied_y = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(x[i]) || std::isnan(y[i])) return nan;
    for (size_t j = 0; j < i; ++j) {
      const int a = sign(x[i], x[j]), b = sign(y[i], y[j]);
      difference += a * b;
      untied_x += a * a;
      untied_y += b * b;
    }
  }
  return difference / std::sqrt(untied_x * untied_y);
}

}  // namespace regard::attention
