// SPDX-License-Identifier: MIT
// The differentiable operations: one thin wrapper for each forward and backward pair of
// src/kernels and src/attention. Their inputs are variables; what is not one (ids, options, seeds)
// has no gradient. All throw ShapeError when their operands do not fit.
#pragma once

#include <array>
#include <string_view>

#include "attention/scaled_dot_product.h"
#include "autograd/tape.h"
#include "kernels/activation.h"
#include "kernels/cross_entropy.h"

namespace regard::autograd {

/// The registry: every operation below, by name. A test holds a gradient check for each.
constexpr std::array<std::string_view, 13> operations = {
    "add",         "activation", "attention",     "cross_entropy", "dropout",
    "dropout_add", "embedding",  "layer_norm",    "linear",        "log_softmax",
    "matmul",      "softmax",    "weighted_total"};

/// x + y, of equal shapes.
Variable add(Tape& tape, const Variable& x, const Variable& y);

/// kind(x), element by element.
Variable activation(Tape& tape, const Variable& x, kernels::Activation kind);

/// Attention over H heads that lie side by side in projected rows [Vaswani et al. 2017, eq. 1].
///
/// q        (B, L, H D)
/// k, v     (B, S, H D), (B, S, H Dv)
/// weights  receives (B, H, L, S) if not null
/// returns  (B, L, H Dv)
Variable attention(Tape& tape, const Variable& q, const Variable& k, const Variable& v, Index H,
                   const attention::AttentionOptions& options = {}, Tensor* weights = nullptr);

/// The mean over the rows that count of -log softmax(logits)[target], smoothed.
///
/// logits   (rows, V)  their storage is reused for their gradient: not to be read after backward,
///                     so not the output of softmax or log_softmax, which read theirs
/// targets  (rows)     each 0 … V-1 and not `options.masked`, or `options.ignore`
/// returns  (1)        0 if no row counts
Variable cross_entropy(Tape& tape, const Variable& logits, const Ids& targets,
                       const kernels::CrossEntropyOptions& options = {});

/// x with each element set to 0 with probability p and divided by 1 - p otherwise
/// [Srivastava et al. 2014]; which ones is a pure function of seed and place.
/// throws ValueError unless 0 <= p < 1
Variable dropout(Tape& tape, const Variable& x, float p, uint64_t seed);

/// residual + dropout(x).
Variable dropout_add(Tape& tape, const Variable& x, const Variable& residual, float p,
                     uint64_t seed);

/// scale * table[ids] + positions, the rows of a vocabulary's table.
///
/// ids        (B L)   row-major, each 0 … V-1
/// table      (V, M)
/// positions  (L, M)  a constant added to each of the B sequences; may be undefined
/// returns    (B, L, M)
Variable embedding(Tape& tape, const Ids& ids, Index B, const Variable& table, float scale,
                   const Tensor& positions = {});

/// gamma (x - mean) / sqrt(variance + epsilon) + beta over the rows of x [Ba et al. 2016, eq. 4].
Variable layer_norm(Tape& tape, const Variable& x, const Variable& gamma, const Variable& beta,
                    float epsilon);

/// x Wᵀ + b.
///
/// x         (..., K)
/// weight    (N, K)   as PyTorch keeps it
/// bias      (N)      may be null
/// packed    what kernels::pack wrote for weightᵀ, or undefined: then it is packed here
/// returns   (..., N)
Variable linear(Tape& tape, const Variable& x, const Variable& weight, const Variable& bias,
                const Tensor& packed = {});

/// log softmax over the rows of x.
Variable log_softmax(Tape& tape, const Variable& x);

/// a b for matrices (M, K) and (K, N).
Variable matmul(Tape& tape, const Variable& a, const Variable& b);

/// softmax over the rows of x.
Variable softmax(Tape& tape, const Variable& x);

/// The sum of weights * x, element by element: one number, (1).
Variable weighted_total(Tape& tape, const Variable& x, const Tensor& weights);

}  // namespace regard::autograd
