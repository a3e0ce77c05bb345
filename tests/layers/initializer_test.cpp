// SPDX-License-Identifier: MIT
#include "layers/initializer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "layers/multi_head_extras.h"
#include "layers/transformer.h"

namespace regard::layers {
namespace {

struct Moments {
  double mean, deviation, largest;
};

Moments moments(const Tensor& x) {
  double sum = 0, squares = 0, largest = 0;
  for (const float number : x.values()) {
    const double value = number;
    sum += value;
    squares += value * value;
    largest = std::max(largest, std::abs(value));
  }
  const double n = static_cast<double>(x.count()), mean = sum / n;
  return {mean, std::sqrt(squares / n - mean * mean), largest};
}

// Of n numbers the mean is off by about deviation / sqrt(n), the deviation by about as much; four
// times that happens to one seed in ten thousand, and the seeds are fixed.
void expect_uniform(const Tensor& x, double bound, const std::string& what) {
  const Moments found = moments(x);
  const double deviation = bound / std::sqrt(3.0);
  const double error = 4 * deviation / std::sqrt(static_cast<double>(x.count()));
  EXPECT_NEAR(found.mean, 0, error) << what;
  EXPECT_NEAR(found.deviation, deviation, error) << what;
  EXPECT_LE(found.largest, bound * (1 + 1e-6)) << what;
  EXPECT_GT(found.largest, 0.9 * bound) << what;
}

const Tensor& named(const Parameters& parameters, const std::string& name) {
  for (const auto& [known, parameter] : parameters) {
    if (known == name) return parameter->value;
  }
  ADD_FAILURE() << "there is no " << name;
  return parameters.front().second->value;
}

bool all_zero(const Tensor& x) {
  return std::all_of(x.values().begin(), x.values().end(), [](float value) { return value == 0; });
}

TEST(InitializerTest, OursIsNormalWithBiasesOfZero) {
  Initializer initializer(3, 0.05);
  const Moments weight = moments(initializer.projection(64, 48)->value);
  EXPECT_NEAR(weight.deviation, 0.05, 4 * 0.05 / std::sqrt(64.0 * 48));
  EXPECT_TRUE(all_zero(initializer.bias(64, 48)->value));
}

TEST(InitializerTest, TorchBeginsAsItsLayersDo) {
  Initializer initializer(3, InitialWeights::torch);
  const Linear linear(100, 60, initializer);
  Parameters parameters;
  linear.collect("linear", parameters);
  expect_uniform(named(parameters, "linear.weight"), 0.1, "weight");
  expect_uniform(named(parameters, "linear.bias"), 0.1, "bias");

  // in_proj_weight is one matrix for its fan, (3 M, M); a learned key is normal
  const MultiHeadOptions options{.M = 64, .H = 4, .naming = Naming::torch};
  const MultiHeadAttention attention(options, initializer,
                                     with(options, {.bias_kv = true}, initializer));
  attention.collect("", parameters);
  expect_uniform(named(parameters, "in_proj_weight"), std::sqrt(6.0 / 256), "in_proj_weight");
  expect_uniform(named(parameters, "out_proj.weight"), 1.0 / 8, "out_proj.weight");
  EXPECT_TRUE(all_zero(named(parameters, "in_proj_bias")));
  EXPECT_TRUE(all_zero(named(parameters, "out_proj.bias")));
  EXPECT_NEAR(moments(named(parameters, "bias_k")).deviation, 0.125, 4 * 0.125 / 8);
}

// torch.nn.Transformer draws all matrices anew, and leaves the biases.
TEST(InitializerTest, XavierBeginsAsTheTransformerDoes) {
  Initializer initializer(3, InitialWeights::xavier);
  const Transformer layer({.block = {.M = 32, .H = 4, .F = 96, .naming = Naming::torch},
                           .encoder_layers = 1,
                           .decoder_layers = 1},
                          initializer);
  Parameters parameters;
  layer.collect("", parameters);
  const std::string first = "encoder.layers.0.";
  expect_uniform(named(parameters, first + "self_attn.in_proj_weight"), std::sqrt(6.0 / 128), "in");
  expect_uniform(named(parameters, first + "self_attn.out_proj.weight"), std::sqrt(6.0 / 64),
                 "out");
  expect_uniform(named(parameters, first + "linear1.weight"), std::sqrt(6.0 / 128), "linear1");
  expect_uniform(named(parameters, first + "linear1.bias"), 1.0 / std::sqrt(32.0), "bias");
  EXPECT_EQ(moments(named(parameters, first + "norm1.weight")).deviation, 0);
  EXPECT_TRUE(all_zero(named(parameters, "decoder.norm.bias")));
}

}  // namespace
}  // namespace regard::layers
