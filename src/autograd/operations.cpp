// SPDX-License-Identifier: MIT
#include "autograd/operations.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kernels/dropout.h"
#include "kernels/elementwise.h"
#include "kernels/embedding.h"
#include "kernels/layer_norm.h"
#include "kernels/matmul.h"
#include "kernels/softmax.h"

namespace regard::autograd {

namespace {

using kernels::MatrixView;

Index rows_of(const Tensor& x) { return x.shape().rows(); }

MatrixView rows_view(const Tensor& x) { return {x.data(), x.shape().back(), 1}; }

// C = A B or C += A B, packing B on the way.
void multiply(const MatrixView& a, const MatrixView& b, const kernels::MatmulSizes& sizes, float* c,
              const kernels::MatmulOptions& options) {
  Tensor packed = Tensor::empty({kernels::packed_size(sizes.k, sizes.n)});
  kernels::pack(b, sizes.k, sizes.n, packed.data());
  kernels::matmul(a, packed.data(), sizes, c, sizes.n, options);
}

// The shape of x with another innermost size.
Shape with_width(const Shape& shape, Index width) {
  if (shape.rank() == 0) throw ShapeError("linear: x is (), expected (..., K)");
  std::vector<Index> sizes(shape.begin(), shape.end());
  sizes.back() = width;
  return Shape(sizes);
}

void expect_ids(const char* operation, const Ids& ids, Index V, std::optional<Id> ignored = {}) {
  for (const Id id : ids) {
    if (id != ignored && (id < 0 || id >= V)) {
      throw ValueError(operation, ": id ", id, " is not in the vocabulary of ", V);
    }
  }
}

void expect_probability(const char* operation, float p) {
  if (!(p >= 0 && p < 1)) {
    throw ValueError(operation, ": p is ", p, ", expected 0 to below 1");
  }
}

}  // namespace

Variable add(Tape& tape, const Variable& x, const Variable& y) {
  expect_shape("add", "y", y->value.shape(), x->value.shape());
  Tensor sum = Tensor::empty(x->value.shape());
  kernels::add(x->value.data(), y->value.data(), sum.data(), sum.count());
  return tape.record(std::move(sum), {x, y}, [x, y](const Node& out) {
    for (const Variable& input : {x, y}) {
      if (input->needs_gradient) {
        kernels::add_in_place(out.gradient.data(), input->grad().data(), out.gradient.count());
      }
    }
  });
}

Variable activation(Tape& tape, const Variable& x, kernels::Activation kind) {
  Tensor y = Tensor::empty(x->value.shape());
  kernels::activate(kind, x->value.data(), y.data(), y.count());
  return tape.record(std::move(y), {x}, [x, kind](const Node& out) {
    kernels::activate_backward(kind, x->value.data(), out.gradient.data(), x->grad().data(),
                               out.gradient.count());
  });
}

Variable attention(Tape& tape, const Variable& q, const Variable& k, const Variable& v, Index H,
                   const attention::AttentionOptions& options, Tensor* weights) {
  if (q->value.shape().rank() != 3 || k->value.shape().rank() != 3 ||
      v->value.shape().rank() != 3 || H < 1 || q->value.size(2) % H != 0 ||
      v->value.size(2) % H != 0) {
    throw ShapeError("attention: queries are ", q->value.shape(), ", keys ", k->value.shape(),
                     ", values ", v->value.shape(),
                     ", expected (B, L, H D), (B, S, H D), (B, S, H Dv) for ", H, " heads");
  }
  const attention::AttentionSizes sizes{.B = q->value.size(0),
                                        .H = H,
                                        .L = q->value.size(1),
                                        .S = k->value.size(1),
                                        .D = q->value.size(2) / H,
                                        .Dv = v->value.size(2) / H};
  expect_shape("attention", "keys", k->value.shape(), {sizes.B, sizes.S, H * sizes.D});
  expect_shape("attention", "values", v->value.shape(), {sizes.B, sizes.S, H * sizes.Dv});

  Tensor output = Tensor::empty({sizes.B, sizes.L, H * sizes.Dv});
  Tensor kept = Tensor::empty({sizes.B, H, sizes.L, sizes.S});
  const auto split = [H](const Tensor& x) { return attention::split_heads(x, H); };
  attention::attend(split(q->value), split(k->value), split(v->value), sizes, options,
                    attention::split_heads(output, H), kept);
  if (weights) *weights = kept;

  return tape.record(std::move(output), {q, k, v},
                     [q, k, v, H, split, sizes, options, kept = std::move(kept)](const Node& out) {
                       attention::attend_backward(split(out.gradient), split(q->value),
                                                  split(k->value), split(v->value), kept, sizes,
                                                  options, attention::split_heads(q->grad(), H),
                                                  attention::split_heads(k->grad(), H),
                                                  attention::split_heads(v->grad(), H));
                     });
}

Variable cross_entropy(Tape& tape, const Variable& logits, const Ids& targets,
                       const kernels::CrossEntropyOptions& options) {
  const Index rows = rows_of(logits->value), V = logits->value.shape().back();
  expect_shape("cross_entropy", "targets", {static_cast<Index>(targets.size())}, {rows});
  expect_ids("cross_entropy", targets, V, options.ignore);
  if (options.masked != options.ignore &&
      std::find(targets.begin(), targets.end(), options.masked) != targets.end()) {
    throw ValueError("cross_entropy: a target is the masked id ", options.masked);
  }
  const Index counted = rows - std::count(targets.begin(), targets.end(), options.ignore);

  Tensor losses = Tensor::empty({rows}), log_sums = Tensor::empty({rows});
  kernels::cross_entropy(logits->value.data(), targets.data(), losses.data(), log_sums.data(), rows,
                         V, options);
  double total = 0;
  for (const float loss : losses.values()) total += loss;
  const float mean = counted ? static_cast<float>(total / static_cast<double>(counted)) : 0.0f;

  return tape.record(
      Tensor::full({1}, mean), {logits}, [=, log_sums = std::move(log_sums)](const Node& out) {
        const float scale = counted ? out.gradient.data()[0] / static_cast<float>(counted) : 0.0f;
        // Logits are the largest tensor of a step: unless others wait for their gradient as well,
        // it takes the place of their values.
        const bool in_place = !logits->gradient.defined();
        Tensor dlogits = in_place ? logits->value : Tensor::empty(logits->value.shape());
        kernels::cross_entropy_backward(logits->value.data(), targets.data(), log_sums.data(),
                                        scale, dlogits.data(), rows, V, options);
        if (in_place) {
          logits->gradient = dlogits;
        } else {
          kernels::add_in_place(dlogits.data(), logits->gradient.data(), dlogits.count());
        }
      });
}

Variable dropout(Tape& tape, const Variable& x, float p, uint64_t seed) {
  expect_probability("dropout", p);
  Tensor y = Tensor::empty(x->value.shape());
  kernels::dropout(x->value.data(), y.data(), y.count(), p, seed);
  return tape.record(std::move(y), {x}, [x, p, seed](const Node& out) {
    kernels::dropout_backward(out.gradient.data(), x->grad().data(), out.gradient.count(), p, seed);
  });
}

Variable dropout_add(Tape& tape, const Variable& x, const Variable& residual, float p,
                     uint64_t seed) {
  expect_probability("dropout_add", p);
  expect_shape("dropout_add", "residual", residual->value.shape(), x->value.shape());
  Tensor y = Tensor::empty(x->value.shape());
  kernels::dropout_add(x->value.data(), residual->value.data(), y.data(), y.count(), p, seed);
  return tape.record(std::move(y), {x, residual}, [x, residual, p, seed](const Node& out) {
    const Index n = out.gradient.count();
    if (x->needs_gradient) {
      kernels::dropout_backward(out.gradient.data(), x->grad().data(), n, p, seed);
    }
    if (residual->needs_gradient) {
      kernels::add_in_place(out.gradient.data(), residual->grad().data(), n);
    }
  });
}

Variable embedding(Tape& tape, const Ids& ids, Index B, const Variable& table, float scale,
                   const Tensor& positions) {
  const Index count = static_cast<Index>(ids.size()), M = table->value.shape().back();
  if (B < 1 || count % B != 0) {
    throw ShapeError("embedding: ", count, " ids, expected a multiple of B = ", B);
  }
  expect_ids("embedding", ids, table->value.size(0));
  const Index L = count / B;
  if (positions.defined()) expect_shape("embedding", "positions", positions.shape(), {L, M});

  Tensor rows = Tensor::empty({B, L, M});
  kernels::embed(ids.data(), count, table->value.data(), M, scale, rows.data());
  if (positions.defined()) {
    for (Index b = 0; b < B; ++b) {
      kernels::add_in_place(positions.data(), rows.data() + b * L * M, L * M);
    }
  }
  return tape.record(std::move(rows), {table}, [ids, table, scale, count, M](const Node& out) {
    kernels::embed_backward(ids.data(), count, out.gradient.data(), M, scale, table->grad().data());
  });
}

Variable layer_norm(Tape& tape, const Variable& x, const Variable& gamma, const Variable& beta,
                    float epsilon) {
  const Index rows = rows_of(x->value), n = x->value.shape().back();
  expect_shape("layer_norm", "gamma", gamma->value.shape(), {n});
  expect_shape("layer_norm", "beta", beta->value.shape(), {n});
  Tensor y = Tensor::empty(x->value.shape());
  Tensor mean = Tensor::empty({rows}), rstd = Tensor::empty({rows});
  kernels::layer_norm(x->value.data(), {gamma->value.data(), beta->value.data(), epsilon}, y.data(),
                      mean.data(), rstd.data(), rows, n);
  return tape.record(std::move(y), {x, gamma, beta}, [=](const Node& out) {
    kernels::layer_norm_backward(out.gradient.data(), x->value.data(), gamma->value.data(),
                                 mean.data(), rstd.data(), x->grad().data(), gamma->grad().data(),
                                 beta->grad().data(), rows, n);
  });
}

Variable linear(Tape& tape, const Variable& x, const Variable& weight, const Variable& bias,
                const Tensor& packed) {
  const Index N = weight->value.size(0), K = weight->value.size(1), rows = rows_of(x->value);
  expect_shape("linear", "x", x->value.shape(), with_width(x->value.shape(), K));
  if (bias) expect_shape("linear", "bias", bias->value.shape(), {N});

  Tensor y = Tensor::empty(with_width(x->value.shape(), N));
  const kernels::MatmulOptions options{.bias = bias ? bias->value.data() : nullptr};
  if (packed.defined()) {
    kernels::matmul(rows_view(x->value), packed.data(), {rows, N, K}, y.data(), N, options);
  } else {
    multiply(rows_view(x->value), rows_view(weight->value).transposed(), {rows, N, K}, y.data(),
             options);
  }

  return tape.record(std::move(y), {x, weight, bias}, [=](const Node& out) {
    // y = x Wᵀ + b, so dx += dy W, dW += dyᵀ x, db += the sum of dy's rows
    const MatrixView dy = rows_view(out.gradient);
    if (x->needs_gradient) {
      multiply(dy, rows_view(weight->value), {rows, K, N}, x->grad().data(), {.accumulate = true});
    }
    if (weight->needs_gradient) {
      multiply(dy.transposed(), rows_view(x->value), {N, K, rows}, weight->grad().data(),
               {.accumulate = true});
    }
    if (bias && bias->needs_gradient) {
      kernels::add_rows(out.gradient.data(), bias->grad().data(), rows, N);
    }
  });
}

Variable log_softmax(Tape& tape, const Variable& x) {
  const Index rows = rows_of(x->value), n = x->value.shape().back();
  Tensor y = Tensor::empty(x->value.shape());
  kernels::log_softmax(x->value.data(), y.data(), rows, n);
  return tape.record(y, {x}, [x, y, rows, n](const Node& out) {
    Tensor dx = Tensor::empty(y.shape());
    kernels::log_softmax_backward(y.data(), out.gradient.data(), dx.data(), rows, n);
    kernels::add_in_place(dx.data(), x->grad().data(), dx.count());
  });
}

Variable matmul(Tape& tape, const Variable& a, const Variable& b) {
  if (a->value.shape().rank() != 2 || b->value.shape().rank() != 2) {
    throw ShapeError("matmul: a is ", a->value.shape(), " and b is ", b->value.shape(),
                     ", expected (M, K) and (K, N)");
  }
  const Index M = a->value.size(0), K = a->value.size(1), N = b->value.size(1);
  expect_shape("matmul", "b", b->value.shape(), {K, N});
  Tensor c = Tensor::empty({M, N});
  multiply(rows_view(a->value), rows_view(b->value), {M, N, K}, c.data(), {});
  return tape.record(std::move(c), {a, b}, [=](const Node& out) {
    // C = A B, so dA += dC Bᵀ and dB += Aᵀ dC
    const MatrixView dc = rows_view(out.gradient);
    if (a->needs_gradient) {
      multiply(dc, rows_view(b->value).transposed(), {M, K, N}, a->grad().data(),
               {.accumulate = true});
    }
    if (b->needs_gradient) {
      multiply(rows_view(a->value).transposed(), dc, {K, N, M}, b->grad().data(),
               {.accumulate = true});
    }
  });
}

Variable softmax(Tape& tape, const Variable& x) {
  const Index rows = rows_of(x->value), n = x->value.shape().back();
  Tensor y = Tensor::empty(x->value.shape());
  kernels::softmax(x->value.data(), y.data(), rows, n);
  return tape.record(y, {x}, [x, y, rows, n](const Node& out) {
    Tensor dx = Tensor::empty(y.shape());
    kernels::softmax_backward(y.data(), out.gradient.data(), dx.data(), rows, n);
    kernels::add_in_place(dx.data(), x->grad().data(), dx.count());
  });
}

Variable weighted_total(Tape& tape, const Variable& x, const Tensor& weights) {
  expect_shape("weighted_total", "weights", weights.shape(), x->value.shape());
  double total = 0;
  for (Index i = 0; i < x->value.count(); ++i) {
    total += static_cast<double>(weights.data()[i]) * static_cast<double>(x->value.data()[i]);
  }
  return tape.record(
      Tensor::full({1}, static_cast<float>(total)), {x}, [x, weights](const Node& out) {
        kernels::axpy(out.gradient.data()[0], weights.data(), x->grad().data(), weights.count());
      });
}

}  // namespace regard::autograd
