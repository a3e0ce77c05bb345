// SPDX-License-Identifier: MIT
// The differentiable operations, all of them: one thin wrapper for each forward and backward pair
// of src/kernels and src/attention, and what is put together from these. Their inputs are
// variables; what is not one (masks, indices, options, seeds) has no gradient. All throw ShapeError
// when their operands do not fit.
#pragma once

#include <array>
#include <string_view>

#include "autograd/arithmetic.h"
#include "autograd/arrangement.h"
#include "autograd/attention.h"
#include "autograd/coverage.h"
#include "autograd/dropout.h"
#include "autograd/functions.h"
#include "autograd/indexing.h"
#include "autograd/loss.h"
#include "autograd/normalization.h"
#include "autograd/product.h"
#include "autograd/reduction.h"
#include "autograd/rotary.h"
#include "autograd/selection.h"

namespace regard::autograd {

/// The registry: every operation of these headers, by name. A test holds a gradient check for each.
constexpr std::array<std::string_view, 42> operations = {
    // arithmetic
    "add", "subtract", "multiply", "divide", "maximum", "minimum",
    // arrangement
    "reshape", "permute", "transpose", "broadcast_to", "slice", "diagonal", "concatenate", "stack",
    // attention
    "attention",
    // coverage
    "coverage_attention",
    // dropout
    "dropout", "dropout_add",
    // functions
    "activation", "apply", "power",
    // indexing
    "index_select", "take_along_axis", "embedding",
    // loss
    "cross_entropy",
    // normalization
    "softmax", "log_softmax", "layer_norm",
    // product
    "matmul", "linear", "einsum",
    // reduction
    "sum", "mean", "variance", "max", "min", "cumulative_sum", "weighted_total",
    // rotary
    "rotary",
    // selection
    "where", "masked_fill", "triangle"};

}  // namespace regard::autograd
