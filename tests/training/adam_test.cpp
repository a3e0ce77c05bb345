// SPDX-License-Identifier: MIT
#include "training/adam.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "io/file.h"
#include "io/safetensors.h"

namespace regard::training {
namespace {

layers::Parameters one_parameter(std::initializer_list<float> values) {
  const std::vector<float> numbers(values);
  return {{"x", autograd::variable(Tensor::from({static_cast<Index>(numbers.size())}, numbers))}};
}

void set_gradient(const layers::Parameters& parameters, std::initializer_list<float> values) {
  const std::vector<float> numbers(values);
  parameters[0].second->gradient = Tensor::from(parameters[0].second->value.shape(), numbers);
}

// The first step of Adam moves every parameter by the rate, whatever the gradient's size:
// m / (1 - beta1) = g and sqrt(v / (1 - beta2)) = |g|.
TEST(Adam, MovesByTheRateFirst) {
  const auto parameters = one_parameter({1.0f, -2.0f, 0.5f});
  Adam adam(parameters, {.clip_norm = 0});
  set_gradient(parameters, {0.001f, -30.0f, 2.0f});
  const double norm = adam.step(0.1f);
  EXPECT_NEAR(norm, std::sqrt(1e-6 + 900 + 4), 1e-5);
  // Each is rounded a few times near 2: a few times 2^-23.
  EXPECT_NEAR(parameters[0].second->value.data()[0], 0.9f, 1e-6f);
  EXPECT_NEAR(parameters[0].second->value.data()[1], -1.9f, 1e-6f);
  EXPECT_NEAR(parameters[0].second->value.data()[2], 0.4f, 1e-6f);
  EXPECT_FALSE(parameters[0].second->gradient.defined());
}

// Clipping scales all gradients alike: two runs whose gradients differ by a factor, both clipped,
// agree.
TEST(Adam, ClipsByTheNormOfAllGradients) {
  const auto a = one_parameter({1.0f, 1.0f}), b = one_parameter({1.0f, 1.0f});
  const AdamOptions options{.epsilon = 1e-1f, .clip_norm = 1};
  Adam first(a, options), second(b, options);
  set_gradient(a, {3.0f, 4.0f});
  set_gradient(b, {30.0f, 40.0f});
  EXPECT_NEAR(first.step(0.1f), 5, 1e-6);
  EXPECT_NEAR(second.step(0.1f), 50, 1e-5);
  for (Index i = 0; i < 2; ++i) {
    const float g = i == 0 ? 0.6f : 0.8f;
    EXPECT_NEAR(a[0].second->value.data()[i], 1 - 0.1f * g / (g + 0.1f), 1e-6f);
    EXPECT_FLOAT_EQ(a[0].second->value.data()[i], b[0].second->value.data()[i]);
  }
}

TEST(Adam, DoesNotMoveOnAGradientThatIsNotFinite) {
  const auto parameters = one_parameter({1.0f, 2.0f});
  Adam adam(parameters, {});
  set_gradient(parameters, {std::numeric_limits<float>::quiet_NaN(), 1.0f});
  EXPECT_FALSE(std::isfinite(adam.step(0.1f)));
  EXPECT_EQ(adam.steps(), 0);
  EXPECT_EQ(parameters[0].second->value.data()[1], 2.0f);
}

// Against torch.optim, gradients clipped by torch.nn.utils.clip_grad_norm_.
class AgainstTorch : public ::testing::TestWithParam<const char*> {};

TEST_P(AgainstTorch, TakesTheSameSteps) {
  const std::string path = REGARD_GOLDEN_DIR "/torch/adam.safetensors";
  const io::Bytes bytes = io::read_file(path);
  const auto golden = io::Safetensors::read(bytes, path);
  const std::string kind = GetParam();
  layers::Parameters parameters;
  for (const char* name : {"a", "b"}) {
    parameters.emplace_back(name, autograd::variable(golden.tensor(std::string("start.") + name)));
  }
  Adam adam(parameters, {.beta1 = 0.9f,
                         .beta2 = 0.98f,
                         .epsilon = 1e-9f,
                         .weight_decay = kind == "adamw" ? 0.1f : 0.0f,
                         .clip_norm = 1});
  const Tensor norms = golden.tensor("norm");
  for (Index step = 1; step <= norms.count(); ++step) {
    const std::string at = "." + std::to_string(step) + ".";
    for (const auto& [name, parameter] : parameters) {
      parameter->gradient = golden.tensor("gradient" + at + name);
    }
    EXPECT_NEAR(adam.step(0.01f), norms.data()[step - 1], 1e-6 * norms.data()[step - 1]);
    for (const auto& [name, parameter] : parameters) {
      const Tensor expected = golden.tensor(kind + at + name);
      for (Index i = 0; i < expected.count(); ++i) {
        // Parameters are of size 1 and rounded once a step.
        ASSERT_NEAR(parameter->value.data()[i], expected.data()[i], 1e-6) << name << at << i;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Adam, AgainstTorch, ::testing::Values("adam", "adamw"));

}  // namespace
}  // namespace regard::training
