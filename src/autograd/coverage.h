// SPDX-License-Identifier: MIT
#pragma once

#include "attention/coverage.h"
#include "autograd/tape.h"

namespace regard::autograd {

/// The operands of coverage attention and what it learns; bias and initial may be null.
struct CoverageInputs {
  Variable queries;          ///< (B, L, D)
  Variable keys;             ///< (B, S, Dk)
  Variable values;           ///< (B, S, Dv)
  Variable query_weight;     ///< W (M, D)
  Variable key_weight;       ///< U (M, Dk)
  Variable coverage_weight;  ///< w_c (M)
  Variable vector;           ///< v (M)
  Variable bias{};           ///< b (M)
  Variable initial{};        ///< (B, S) coverage before the first query
};

/// As attention::CoverageAttention.
struct CoverageVariables {
  Variable output;    ///< (B, L, Dv)
  Variable weights;   ///< (B, L, S)
  Variable coverage;  ///< (B, L + 1, S)
  Variable loss;      ///< (B, L); the papers' coverage loss is the sum
};

/// attention::coverage_attention() with gradients for all inputs, from all that it returns.
///
/// options  `initial` is taken from the inputs
/// throws   what that one throws; ValueError if an input is null that may not be
CoverageVariables coverage_attention(Tape& tape, const CoverageInputs& inputs,
                                     const attention::CoverageOptions& options = {});

}  // namespace regard::autograd
