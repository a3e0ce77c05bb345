// SPDX-License-Identifier: MIT
#include "attention/scores.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "attention/projection.h"
#include "kernels/additive.h"
#include "kernels/elementwise.h"
#include "kernels/matmul.h"
#include "kernels/rows.h"

namespace regard::attention {

namespace {

using kernels::MatrixView;

// --- Products ---

// The heads of queries that share a head of keys lie next to each other, so each of the B kv_heads
// heads of keys meets one block of rows.
struct Blocks {
  Blocks(const Shape& q, const Shape& k)
      : count(k[0] * k[1]), rows(q[1] / k[1] * q[2]), S(k[2]), D(q[3]), Dk(k[3]) {}

  Index all_rows() const noexcept { return count * rows; }
  Index all_keys() const noexcept { return count * S; }

  Index count, rows, S, D, Dk;
};

// C (M, N) = G X, of gradients G (M, K) and rows X (K, N): where a gradient is 0, its row of X has
// no part in the sum, whatever it holds.
void multiply_gradients(const MatrixView& g, const float* x, const kernels::MatmulSizes& sizes,
                        float* c) {
  const auto [M, N, K] = sizes;
  if (all_finite(x, K * N)) return multiply(g, rows_view(x, N), sizes, c);
  std::fill_n(c, M * N, 0.0f);
  for (Index i = 0; i < M; ++i) {
    for (Index j = 0; j < K; ++j) {
      const float gradient = g.data[i * g.row + j * g.column];
      if (gradient != 0) kernels::axpy(gradient, x + j * N, c + i * N, N);
    }
  }
}

// W (D, Dk) as what turns queries: q W = q (Wᵀ)ᵀ.
Projection transposed(const Tensor& weight) {
  return {rows_view(weight.data(), weight.size(1)).transposed(), weight.size(1)};
}

void multiply_all(float factor, Tensor& x) noexcept {
  if (factor != 1) kernels::scale(factor, x.data(), x.data(), x.count());
}

// --- Dot: scores = Q Kᵀ ---

void dot(const Blocks& blocks, const float* q, const float* k, Index D, Tensor& scores) {
  for (Index i = 0; i < blocks.count; ++i) {
    multiply(rows_view(q + i * blocks.rows * D, D), {k + i * blocks.S * D, 1, D},
             {blocks.rows, blocks.S, D}, scores.data() + i * blocks.rows * blocks.S);
  }
}

// dQ = dS K and dK = dSᵀ Q.
void dot_backward(const Blocks& blocks, const Tensor& ds, const float* q, const float* k, Index D,
                  float* dq, float* dk) {
  const auto rows = blocks.rows, S = blocks.S;
  for (Index i = 0; i < blocks.count; ++i) {
    const float* block = ds.data() + i * rows * S;
    multiply_gradients({block, S, 1}, k + i * S * D, {rows, D, S}, dq + i * rows * D);
    multiply_gradients({block, 1, S}, q + i * rows * D, {S, D, rows}, dk + i * S * D);
  }
}

// --- Cosine: dot of rows of length 1, or 0 ---

// In double, in which the square of every float is one.
double length_of(const float* x, Index D) noexcept {
  double squares = 0;
  for (Index i = 0; i < D; ++i) squares += double{x[i]} * x[i];
  return std::sqrt(squares);
}

Tensor unit_rows(const Tensor& x) {
  Tensor result = Tensor::empty(x.shape());
  const Index D = x.size(-1);
  for (Index row = 0; row < x.shape().rows(); ++row) {
    const float* from = x.data() + row * D;
    const double length = length_of(from, D);
    for (Index i = 0; i < D; ++i) {
      const double unit = length == 0 ? 0.0 : from[i] / length;
      result.data()[row * D + i] = static_cast<float>(unit);
    }
  }
  return result;
}

// unit = x / |x|, so dx = (dunit - unit (unit·dunit)) / |x|; in place of dunit.
void unit_rows_backward(const Tensor& x, const Tensor& units, Tensor& gradient) {
  const Index D = x.size(-1);
  for (Index row = 0; row < x.shape().rows(); ++row) {
    const float* unit = units.data() + row * D;
    float* dx = gradient.data() + row * D;
    if (all_zero(dx, D)) continue;
    const double length = length_of(x.data() + row * D, D);
    double along = 0;
    for (Index i = 0; i < D; ++i) along += double{unit[i]} * dx[i];
    for (Index i = 0; i < D; ++i) {
      dx[i] = length == 0 ? 0.0f : static_cast<float>((dx[i] - unit[i] * along) / length);
    }
  }
}

// --- Additive, and concat as additive: scores = vᵀ tanh(W q + U k) ---

struct Additive {
  Projection query, key;  // W (M, D) and U (M, Dk)
};

Additive additive_of(Score score, const ScoreParameters& parameters, const Blocks& blocks) {
  const Index D = blocks.D, Dk = blocks.Dk, M = parameters.vector.count();
  if (score == Score::concat) {
    const float* both = parameters.query.data();
    return {{rows_view(both, D + Dk), M}, {rows_view(both + D, D + Dk), M}};
  }
  return {projection_of(parameters.query, M), projection_of(parameters.key, M)};
}

void additive(const Blocks& blocks, const Tensor& queries, const Tensor& keys, const Tensor& vector,
              Tensor& scores) {
  const Index M = vector.count(), S = blocks.S, rows = blocks.rows;
  float* const out = scores.data();
  kernels::for_rows(blocks.all_rows(), 10 * S * M, [&](Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
      const float* first_key = keys.data() + row / rows * S * M;
      for (Index s = 0; s < S; ++s) {
        out[row * S + s] = kernels::additive_score(
            {queries.data() + row * M, first_key + s * M, vector.data()}, M);
      }
    }
  });
}

struct AdditiveGradient {
  Tensor queries, keys, vector;
};

AdditiveGradient additive_backward(const Blocks& blocks, const Tensor& ds, const Tensor& queries,
                                   const Tensor& keys, const Tensor& vector) {
  const Index M = vector.count(), S = blocks.S, rows = blocks.rows;
  AdditiveGradient result{Tensor::zeros(queries.shape()), Tensor::zeros(keys.shape()),
                          Tensor::zeros(vector.shape())};
  Tensor vectors =
      Tensor::zeros({blocks.count, M});  // one for each block, so that blocks can share
  float* const dqueries = result.queries.data();
  float* const dkeys = result.keys.data();
  float* const dvectors = vectors.data();
  kernels::for_rows(blocks.count, 16 * rows * S * M, [&](Index begin, Index end) {
    for (Index row = begin * rows; row < end * rows; ++row) {
      for (Index s = 0; s < S; ++s) {
        const float dscore = ds.data()[row * S + s];
        const Index key = row / rows * S + s;
        if (dscore == 0) continue;
        kernels::additive_score_backward(
            dscore, {queries.data() + row * M, keys.data() + key * M, vector.data()},
            {dqueries + row * M, dkeys + key * M, dvectors + row / rows * M}, M);
      }
    }
  });
  kernels::add_rows(vectors.data(), result.vector.data(), blocks.count, M);
  return result;
}

// [A B], row by row.
Tensor side_by_side(const Tensor& a, const Tensor& b) {
  const Index rows = a.size(0), D = a.size(1), Dk = b.size(1);
  Tensor result = Tensor::empty({rows, D + Dk});
  for (Index row = 0; row < rows; ++row) {
    float* to = result.data() + row * (D + Dk);
    std::copy_n(b.data() + row * Dk, Dk, std::copy_n(a.data() + row * D, D, to));
  }
  return result;
}

}  // namespace

Tensor scores(const Tensor& q, const Tensor& k, Score score, const ScoreParameters& parameters,
              float scale) {
  expect_score(score, parameters, q.shape(), k.shape());
  const Blocks blocks(q.shape(), k.shape());
  const Index D = blocks.D, Dk = blocks.Dk, S = blocks.S;
  Tensor result = Tensor::empty({q.size(0), q.size(1), q.size(2), S});
  switch (score) {
    case Score::scaled_dot:
    case Score::dot:
      dot(blocks, q.data(), k.data(), D, result);
      break;
    case Score::general: {
      const Tensor turned = project(q, transposed(parameters.query));
      dot(blocks, turned.data(), k.data(), Dk, result);
      break;
    }
    case Score::cosine:
      dot(blocks, unit_rows(q).data(), unit_rows(k).data(), D, result);
      break;
    case Score::concat:
    case Score::additive: {
      const auto [query, key] = additive_of(score, parameters, blocks);
      additive(blocks, project(q, query), project(k, key), parameters.vector, result);
      break;
    }
    case Score::location:
      multiply(rows_view(q.data(), D), {parameters.query.data(), 1, D}, {blocks.all_rows(), S, D},
               result.data());
      break;
  }
  multiply_all(scale, result);
  return result;
}

ScoreGradients scores_backward(const Tensor& dscores, const Tensor& q, const Tensor& k, Score score,
                               const ScoreParameters& parameters, float scale) {
  expect_score(score, parameters, q.shape(), k.shape());
  const Blocks blocks(q.shape(), k.shape());
  const Index D = blocks.D, Dk = blocks.Dk, S = blocks.S;
  expect_shape("attention", "gradient of the scores", dscores.shape(),
               {q.size(0), q.size(1), q.size(2), S});
  Tensor ds = scale == 1 ? dscores : dscores.clone();
  multiply_all(scale, ds);

  ScoreGradients result{Tensor::empty(q.shape()), Tensor::empty(k.shape()), {}};
  switch (score) {
    case Score::scaled_dot:
    case Score::dot:
      dot_backward(blocks, ds, q.data(), k.data(), D, result.q.data(), result.k.data());
      break;
    case Score::general: {
      // turned = Q W, scores = turned Kᵀ
      const Projection turn = transposed(parameters.query);
      const Tensor turned = project(q, turn);
      Tensor dturned = Tensor::empty(turned.shape());
      dot_backward(blocks, ds, turned.data(), k.data(), Dk, dturned.data(), result.k.data());
      result.q = project_backward(dturned, turn, q.shape());
      // Wᵀ turns, so what W got lies in the columns of what that got
      const Tensor columns = projection_gradient(dturned, q);
      result.parameters.query = Tensor::empty({D, Dk});
      for (Index i = 0; i < D * Dk; ++i) {
        result.parameters.query.data()[i] = columns.data()[i % Dk * D + i / Dk];
      }
      break;
    }
    case Score::cosine: {
      const Tensor queries = unit_rows(q), keys = unit_rows(k);
      dot_backward(blocks, ds, queries.data(), keys.data(), D, result.q.data(), result.k.data());
      unit_rows_backward(q, queries, result.q);
      unit_rows_backward(k, keys, result.k);
      break;
    }
    case Score::concat:
    case Score::additive: {
      const auto [query, key] = additive_of(score, parameters, blocks);
      const AdditiveGradient inner =
          additive_backward(blocks, ds, project(q, query), project(k, key), parameters.vector);
      result.q = project_backward(inner.queries, query, q.shape());
      result.k = project_backward(inner.keys, key, k.shape());
      result.parameters.vector = inner.vector;
      if (query.weight.data) result.parameters.query = projection_gradient(inner.queries, q);
      if (key.weight.data) result.parameters.key = projection_gradient(inner.keys, k);
      if (score == Score::concat) {
        auto& [both, second, vector] = result.parameters;
        both = side_by_side(both, std::exchange(second, {}));
      }
      break;
    }
    case Score::location: {
      multiply(rows_view(ds.data(), S), rows_view(parameters.query.data(), D),
               {blocks.all_rows(), D, S}, result.q.data());
      result.k.fill(0.0f);
      // places that no key stands at got nothing
      result.parameters.query = Tensor::zeros(parameters.query.shape());
      const Tensor used = projection_gradient(ds, q);
      std::copy_n(used.data(), used.count(), result.parameters.query.data());
      break;
    }
  }
  return result;
}

}  // namespace regard::attention
