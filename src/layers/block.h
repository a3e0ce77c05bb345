// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "kernels/activation.h"
#include "layers/layer_norm.h"
#include "layers/linear.h"
#include "layers/multi_head_attention.h"

namespace regard::layers {

/// Where a block normalizes [Xiong et al. 2020, figure 1].
enum class NormOrder {
  post,  ///< norm(x + f(x)), as Vaswani et al. 2017 and Marian have it
  pre,   ///< x + f(norm(x)), with one more norm after the last layer
};

/// What the blocks of a Transformer have in common.
struct BlockOptions {
  Index M = 512;   ///< model width
  Index H = 8;     ///< heads
  Index F = 2048;  ///< feed-forward width
  kernels::Activation activation = kernels::Activation::relu;
  NormOrder norm = NormOrder::post;
  float epsilon = 1e-5f;  ///< of the norms
  bool bias = true;       ///< of projections and norms
  float dropout = 0;      ///< in a pass that trains: of weights, within the feed-forward and after
                          ///< each of both; PyTorch's
  Naming naming = Naming::marian;

  LayerNormOptions norms() const { return {.epsilon = epsilon, .bias = bias}; }
  MultiHeadOptions attention() const;
};

/// A residual connection around f, with its norm and dropout: norm(x + dropout(f(x))) or
/// x + dropout(f(norm(x))). The dropout is the pass's, or else the block's.
Variable residual(Pass& pass, const BlockOptions& options, const LayerNorm& norm, const Variable& x,
                  const std::function<Variable(const Variable&)>& f);

/// fc2(activation(fc1(x))) [Vaswani et al. 2017, eq. 2].
class FeedForward {
 public:
  FeedForward(const BlockOptions& options, Initializer& initializer);

  Variable forward(Pass& pass, const Variable& x) const;
  void collect(const std::string& prefix, Parameters& parameters) const;
  void prepack();

 private:
  BlockOptions options_;
  Linear inner_;
  Linear outer_;
};

}  // namespace regard::layers
