// SPDX-License-Identifier: MIT
#include "attention/coverage.h"

#include <algorithm>
#include <limits>

#include "attention/alignment.h"
#include "attention/projection.h"
#include "kernels/additive.h"
#include "kernels/dot.h"
#include "kernels/elementwise.h"
#include "kernels/softmax.h"
#include "tensor/parallel.h"

namespace regard::attention {

namespace {

constexpr const char* operation = "coverage_attention";

struct Sizes {
  Index B, L, S, D, Dk, Dv, M;
};

void expect_parameter(const char* operand, const Tensor& parameter, const Shape& expected) {
  if (!parameter.defined()) throw ValueError(operation, ": ", operand, " is missing");
  expect_shape(operation, operand, parameter.shape(), expected);
}

void expect_mask(const Tensor& mask, const Sizes& sizes) {
  if (!mask.defined()) return;
  expect_shape(
      operation, "mask", mask.shape(),
      mask.shape().rank() == 2 ? Shape{sizes.B, sizes.S} : Shape{sizes.B, sizes.L, sizes.S});
  for (const float value : mask.values()) {
    if (value == 0 || value == 1) continue;
    throw ValueError(operation, ": mask holds ", value, ", expected 0 and 1");
  }
}

void expect_lengths(const std::vector<Index>& lengths, const Sizes& sizes) {
  if (lengths.empty()) return;
  if (static_cast<Index>(lengths.size()) != sizes.B) {
    throw ValueError(operation, ": key_lengths has ", lengths.size(),
                     " entries, expected one for each of the ", sizes.B, " batches");
  }
  for (const Index length : lengths) {
    if (length < 0 || length > sizes.S) {
      throw ValueError(operation, ": a key length is ", length, ", expected 0 to ", sizes.S);
    }
  }
}

// Refuses, before any work, what does not fit.
Sizes sizes_of(const Tensor& q, const Tensor& k, const Tensor& v,
               const CoverageParameters& parameters, const CoverageOptions& options) {
  if (q.shape().rank() != 3 || k.shape().rank() != 3 || v.shape().rank() != 3) {
    throw ShapeError(operation, ": queries are ", q.shape(), ", keys ", k.shape(), ", values ",
                     v.shape(), ", expected (B, L, D), (B, S, Dk) and (B, S, Dv)");
  }
  const Sizes sizes{q.size(0),
                    q.size(1),
                    k.size(1),
                    q.size(2),
                    k.size(2),
                    v.size(2),
                    parameters.vector.defined() ? parameters.vector.count() : 0};
  const auto [B, L, S, D, Dk, Dv, M] = sizes;
  const auto expect = [](const char* operand, const Shape& given, const Shape& expected) {
    if (given == expected) return;
    throw ShapeError(operation, ": ", operand, " are ", given, ", expected ", expected);
  };
  expect("keys", k.shape(), {B, S, Dk});
  expect("values", v.shape(), {B, S, Dv});
  expect_parameter("parameters.vector", parameters.vector, {M});
  expect_parameter("parameters.query", parameters.query, {M, D});
  expect_parameter("parameters.key", parameters.key, {M, Dk});
  expect_parameter("parameters.coverage", parameters.coverage, {M});
  if (parameters.bias.defined()) expect_parameter("parameters.bias", parameters.bias, {M});
  if (options.initial.defined()) {
    expect_shape(operation, "initial coverage", options.initial.shape(), {B, S});
  }
  expect_mask(options.mask, sizes);
  expect_lengths(options.key_lengths, sizes);
  return sizes;
}

// What steps read, forward and backward.
struct Steps {
  Steps(const Tensor& q, const Tensor& k, const Tensor& v, const CoverageParameters& learned,
        const CoverageOptions& told)
      : sizes(sizes_of(q, k, v, learned, told)),
        parameters(learned),
        options(told),
        values(v),
        queries(project(q, projection_of(learned.query, sizes.M))),
        keys(project(k, projection_of(learned.key, sizes.M))) {
    if (!learned.bias.defined()) return;
    for (Index row = 0; row < sizes.B * sizes.L; ++row) {
      kernels::add_in_place(learned.bias.data(), queries.data() + row * sizes.M, sizes.M);
    }
  }

  // Whether query t of batch b may look at key s.
  bool sees(Index b, Index t, Index s) const noexcept {
    const auto& lengths = options.key_lengths;
    if (!lengths.empty() && s >= lengths[static_cast<size_t>(b)]) return false;
    if (!options.mask.defined()) return true;
    const Index row = options.mask.shape().rank() == 2 ? b : b * sizes.L + t;
    return options.mask.data()[row * sizes.S + s] != 0;
  }

  // W q + b, and in `room` U k + w_c c.
  kernels::AdditiveOperands operands(Index b, Index t, Index s, float coverage,
                                     float* room) const noexcept {
    const Index M = sizes.M;
    std::copy_n(keys.data() + (b * sizes.S + s) * M, M, room);
    kernels::axpy(coverage, parameters.coverage.data(), room, M);
    return {queries.data() + (b * sizes.L + t) * M, room, parameters.vector.data()};
  }

  void run(Index b, Index t, CoverageAttention& result, float* room) const noexcept;

  const Sizes sizes;
  const CoverageParameters& parameters;
  const CoverageOptions& options;
  const Tensor& values;
  Tensor queries;  // (B, L, M) W q + b
  Tensor keys;     // (B, S, M) U k
};

void Steps::run(Index b, Index t, CoverageAttention& result, float* room) const noexcept {
  const Index S = sizes.S, Dv = sizes.Dv, row = b * sizes.L + t;
  float* const weights = result.weights.data() + row * S;
  float* const coverage = result.coverage.data() + (row + b) * S;

  // a = softmax(vᵀ tanh(W q + b + U k + w_c c))
  for (Index s = 0; s < S; ++s) {
    weights[s] = sees(b, t, s)
                     ? kernels::additive_score(operands(b, t, s, coverage[s], room), sizes.M)
                     : -std::numeric_limits<float>::infinity();
  }
  kernels::softmax_row(weights, weights, S);

  // output = a V, loss = sum min(a, c), and the next c = c + a
  for (Index s = 0; s < S; ++s) {
    coverage[S + s] = coverage[s] + weights[s];
    if (weights[s] == 0) continue;
    result.loss.data()[row] += std::min(weights[s], coverage[s]);
    kernels::axpy(weights[s], values.data() + (b * S + s) * Dv, result.output.data() + row * Dv,
                  Dv);
  }
}

// What arrives at the members of a CoverageAttention, and what becomes of it on the way back.
struct Backward {
  Backward(const Steps& forward_steps, const CoverageAttention& forward_result,
           const CoverageAttention& gradients)
      : steps(forward_steps), forward(forward_result) {
    const auto [B, L, S, D, Dk, Dv, M] = steps.sizes;
    const auto or_zeros = [](const char* operand, const Tensor& gradient, const Tensor& member) {
      if (!gradient.defined()) return Tensor::zeros(member.shape());
      expect_shape(operation, operand, gradient.shape(), member.shape());
      return gradient;
    };
    doutput = or_zeros("gradient of the output", gradients.output, forward.output);
    dweights = or_zeros("gradient of the weights", gradients.weights, forward.weights);
    dcoverage = or_zeros("gradient of the coverage", gradients.coverage, forward.coverage);
    dloss = or_zeros("gradient of the loss", gradients.loss, forward.loss);
    dqueries = Tensor::zeros({B, L, M});
    dkeys = Tensor::zeros({B, S, M});
    dvalues = Tensor::zeros({B, S, Dv});
    dvectors = Tensor::zeros({B, M});
    dcoverage_weights = Tensor::zeros({B, M});
    later = Tensor::empty({B, S});
    for (Index b = 0; b < B; ++b) {
      std::copy_n(dcoverage.data() + (b * (L + 1) + L) * S, S, later.data() + b * S);
    }
  }

  // dscores (S) and room (2 M) are overwritten.
  void run(Index b, Index t, float* dscores, float* room) noexcept {
    undo_sums(b, t, dscores);
    undo_scores(b, t, dscores, room);
  }

  const Steps& steps;
  const CoverageAttention& forward;
  Tensor doutput, dweights, dcoverage, dloss;  // given
  Tensor dqueries, dkeys, dvalues;             // of W q + b, U k and V
  Tensor dvectors, dcoverage_weights;          // (B, M), of v and w_c
  Tensor later;                                // (B, S), of the coverage that step t leaves

 private:
  void undo_sums(Index b, Index t, float* dscores) noexcept;
  void undo_scores(Index b, Index t, const float* dscores, float* room) noexcept;
};

// a = softmax(e), output = a V, loss = sum min(a, c), the next c = c + a
void Backward::undo_sums(Index b, Index t, float* dscores) noexcept {
  const Index S = steps.sizes.S, Dv = steps.sizes.Dv, row = b * steps.sizes.L + t;
  const float* const weights = forward.weights.data() + row * S;
  const float* const coverage = forward.coverage.data() + (row + b) * S;
  const float* const dout = doutput.data() + row * Dv;
  const float dmin = dloss.data()[row];
  float* const dc = later.data() + b * S;
  for (Index s = 0; s < S; ++s) {
    const float dnext = dc[s];
    dscores[s] = 0;
    dc[s] += dcoverage.data()[(row + b) * S + s];
    if (weights[s] == 0) continue;
    const bool follows_weight = weights[s] < coverage[s];
    const float dmin_weight = follows_weight ? dmin : 0.0f;
    const Index key = b * S + s;
    dscores[s] = kernels::dot(dout, steps.values.data() + key * Dv, Dv) +
                 dweights.data()[row * S + s] + dmin_weight + dnext;
    dc[s] += dmin - dmin_weight;
    kernels::axpy(weights[s], dout, dvalues.data() + key * Dv, Dv);
  }
  align_row_backward(Alignment::softmax, {}, {b, 0, t, 0}, weights, dscores, dscores, S);
}

// e = vᵀ tanh(W q + b + U k + w_c c)
void Backward::undo_scores(Index b, Index t, const float* dscores, float* room) noexcept {
  const Index S = steps.sizes.S, M = steps.sizes.M, row = b * steps.sizes.L + t;
  const float* const coverage = forward.coverage.data() + (row + b) * S;
  const float* const coverage_weight = steps.parameters.coverage.data();
  float* const inner = room + M;
  for (Index s = 0; s < S; ++s) {
    if (dscores[s] == 0) continue;
    std::fill_n(inner, M, 0.0f);
    kernels::additive_score_backward(dscores[s], steps.operands(b, t, s, coverage[s], room),
                                     {inner, inner, dvectors.data() + b * M}, M);
    kernels::add_in_place(inner, dqueries.data() + row * M, M);
    kernels::add_in_place(inner, dkeys.data() + (b * S + s) * M, M);
    kernels::axpy(coverage[s], inner, dcoverage_weights.data() + b * M, M);
    later.data()[b * S + s] += kernels::dot(inner, coverage_weight, M);
  }
}

Tensor sum_of_rows(const Tensor& x) {
  Tensor sum = Tensor::zeros({x.size(-1)});
  kernels::add_rows(x.data(), sum.data(), x.shape().rows(), x.size(-1));
  return sum;
}

}  // namespace

CoverageAttention coverage_attention(const Tensor& q, const Tensor& k, const Tensor& v,
                                     const CoverageParameters& parameters,
                                     const CoverageOptions& options) {
  const Steps steps(q, k, v, parameters, options);
  const Index B = steps.sizes.B, L = steps.sizes.L, S = steps.sizes.S, M = steps.sizes.M;
  CoverageAttention result{Tensor::zeros({B, L, steps.sizes.Dv}), Tensor::empty({B, L, S}),
                           Tensor::zeros({B, L + 1, S}), Tensor::zeros({B, L})};
  if (options.initial.defined()) {
    for (Index b = 0; b < B; ++b) {
      std::copy_n(options.initial.data() + b * S, S, result.coverage.data() + b * (L + 1) * S);
    }
  }
  Tensor workspace = Tensor::empty({B, M});
  float* const room = workspace.data();
  parallel_for(B, 1, [&](Index begin, Index end) {
    for (Index b = begin; b < end; ++b) {
      for (Index t = 0; t < L; ++t) steps.run(b, t, result, room + b * M);
    }
  });
  return result;
}

CoverageGradients coverage_attention_backward(const Tensor& q, const Tensor& k, const Tensor& v,
                                              const CoverageParameters& parameters,
                                              const CoverageOptions& options,
                                              const CoverageAttention& forward,
                                              const CoverageAttention& gradients) {
  const Steps steps(q, k, v, parameters, options);
  const Index B = steps.sizes.B, L = steps.sizes.L, S = steps.sizes.S, M = steps.sizes.M;
  Backward backward(steps, forward, gradients);
  Tensor workspace = Tensor::empty({B, 2 * M}), scores = Tensor::empty({B, S});
  float* const room = workspace.data();
  float* const dscores = scores.data();
  parallel_for(B, 1, [&](Index begin, Index end) {
    for (Index b = begin; b < end; ++b) {
      for (Index t = L - 1; t >= 0; --t) backward.run(b, t, dscores + b * S, room + 2 * b * M);
    }
  });

  CoverageGradients result;
  result.q = project_backward(backward.dqueries, projection_of(parameters.query, M), q.shape());
  result.k = project_backward(backward.dkeys, projection_of(parameters.key, M), k.shape());
  result.v = backward.dvalues;
  result.parameters = {.query = projection_gradient(backward.dqueries, q),
                       .key = projection_gradient(backward.dkeys, k),
                       .coverage = sum_of_rows(backward.dcoverage_weights),
                       .vector = sum_of_rows(backward.dvectors)};
  if (parameters.bias.defined()) result.parameters.bias = sum_of_rows(backward.dqueries);
  if (options.initial.defined()) result.initial = backward.later;
  return result;
}

}  // namespace regard::attention
