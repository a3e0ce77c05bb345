// SPDX-License-Identifier: MIT
#include "layers/probe.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "layers/multi_head_attention.h"
#include "support/numbers.h"
#include "thrown.h"

namespace regard::layers {
namespace {

constexpr Index B = 2, L = 5, S = 6, M = 12, H = 3, D = M / H;

MultiHeadAttention layer() {
  Initializer initializer(7, 0.4);
  return MultiHeadAttention({.M = M, .H = H}, initializer);
}

Variable input(Index rows, uint64_t seed) {
  return autograd::constant(Tensor::from({B, rows, M}, testing::numbers(B * rows * M, seed)));
}

// The layer's output for L queries and S keys.
Variable run(Pass& pass, const attention::AttentionOptions& options = {}) {
  const Variable memory = input(S, 2);
  return layer().forward(pass, {input(L, 1), memory, memory}, {.attention = options}).output;
}

std::map<std::string, Tensor> by_name(const Probe& probe) {
  return {probe.steps().begin(), probe.steps().end()};
}

// Row r of matrix m of a (B, H, rows, width) tensor.
const float* row(const Tensor& x, Index m, Index r) {
  return x.data() + (m * x.size(2) + r) * x.size(3);
}

// Sums of at most 12 products of numbers below 10.
constexpr double tolerance = 2e-5;

TEST(ProbeTest, EveryStepFollowsFromTheOneBefore) {
  Tape tape(Tape::Mode::forget);
  Probe probe;
  probe.trace(Probe::all_stages);
  Pass pass{.tape = tape, .probe = &probe};
  const Variable output = run(pass, {.key_lengths = {S, 4}});
  const auto steps = by_name(probe);
  ASSERT_EQ(steps.size(), 9u);
  const Tensor &q = steps.at("queries"), &k = steps.at("keys"), &v = steps.at("values");
  const Tensor &raw = steps.at("raw"), &masked = steps.at("masked"), &w = steps.at("weights");
  ASSERT_EQ(q.shape(), (Shape{B, H, L, D}));
  ASSERT_EQ(k.shape(), (Shape{B, H, S, D}));
  ASSERT_EQ(v.shape(), (Shape{B, H, S, D}));
  for (const Tensor& scores : {raw, steps.at("capped"), masked, w}) {
    ASSERT_EQ(scores.shape(), (Shape{B, H, L, S}));
  }
  ASSERT_EQ(steps.at("context").shape(), (Shape{B, H, L, D}));
  testing::expect_same(steps.at("output").values(), output->value.values());

  for (Index m = 0; m < B * H; ++m) {
    const Index keys = m < H ? S : 4;
    for (Index l = 0; l < L; ++l) {
      double sum = 0;
      for (Index s = 0; s < S; ++s) {
        double dot = 0;
        for (Index d = 0; d < D; ++d) dot += double{row(q, m, l)[d]} * row(k, m, s)[d];
        if (s < keys) {
          EXPECT_NEAR(row(raw, m, l)[s], dot / 2, tolerance);
          EXPECT_EQ(row(steps.at("capped"), m, l)[s], row(raw, m, l)[s]);
          EXPECT_EQ(row(masked, m, l)[s], row(raw, m, l)[s]);
          sum += std::exp(double{row(masked, m, l)[s]});
        } else {
          EXPECT_EQ(row(masked, m, l)[s], -std::numeric_limits<float>::infinity());
          EXPECT_EQ(row(w, m, l)[s], 0.0f);
        }
      }
      for (Index s = 0; s < keys; ++s) {
        EXPECT_NEAR(row(w, m, l)[s], std::exp(double{row(masked, m, l)[s]}) / sum, tolerance);
      }
      for (Index d = 0; d < D; ++d) {
        double mean = 0;
        for (Index s = 0; s < keys; ++s) mean += double{row(w, m, l)[s]} * row(v, m, s)[d];
        EXPECT_NEAR(row(steps.at("context"), m, l)[d], mean, tolerance);
      }
    }
  }
}

TEST(ProbeTest, KeepsWhatItIsAskedForUnderItsPlace) {
  Tape tape;
  Probe probe;
  probe.trace(1u << static_cast<unsigned>(attention::Stage::weights));
  Pass pass{.tape = tape, .probe = &probe};
  {
    const Within block(pass, "blocks", 3);
    {
      const Within self(pass, "self");
      run(pass);
    }
    const Within cross(pass, "cross");
    run(pass);
  }
  run(pass);
  ASSERT_EQ(probe.steps().size(), 3u);
  EXPECT_EQ(probe.steps()[0].first, "blocks.3.self.weights");
  EXPECT_EQ(probe.steps()[1].first, "blocks.3.cross.weights");
  EXPECT_EQ(probe.steps()[2].first, "weights");
}

TEST(ProbeTest, ShowsStepsAsTheyAreAfterTheirEdits) {
  using attention::Stage;
  for (const Stage stage : {Stage::queries, Stage::keys, Stage::values, Stage::raw, Stage::capped,
                            Stage::masked, Stage::weights, Stage::context}) {
    Tape tape(Tape::Mode::forget);
    Probe probe;
    probe.trace(Probe::all_stages);
    const attention::Edit edit{
        .stage = stage, .batch = 1, .head = 2, .row = 3, .values = Tensor::full({1}, 0.25f)};
    probe.change("self", edit);
    probe.change("other", {.stage = stage, .values = Tensor::full({1}, 9.0f)});
    Pass pass{.tape = tape, .probe = &probe};
    const Within self(pass, "self");
    run(pass);
    const std::string name = Probe::stage_names[static_cast<size_t>(stage)];
    const Tensor step = by_name(probe).at("self." + name);
    for (Index m = 0; m < B * H; ++m) {
      for (Index r = 0; r < step.size(2); ++r) {
        for (Index i = 0; i < step.size(3); ++i) {
          EXPECT_EQ(row(step, m, r)[i] == 0.25f, m == 5 && r == 3) << name;
        }
      }
    }
  }
}

TEST(ProbeTest, DoesNotChangeWhatItOnlyLooksAt) {
  Tape tape(Tape::Mode::forget);
  Pass pass{.tape = tape};
  const Tensor plain = run(pass)->value;
  Probe probe;
  pass.probe = &probe;
  testing::expect_same(run(pass)->value.values(), plain.values());
  // with the weights kept the sums run in another order
  probe.trace(Probe::all_stages);
  testing::expect_close(run(pass)->value.values(), testing::widened(plain.values()), 50);
}

}  // namespace
}  // namespace regard::layers
