// SPDX-License-Identifier: MIT
#include "kernels/cross_entropy.h"

#include "reference/cross_entropy.h"
#include "support/gradient.h"
#include "support/numbers.h"

namespace regard {
namespace {

using kernels::CrossEntropyOptions;
using reference::Dual;
using reference::Vector;
using testing::Guarded;

constexpr Index rows = 4;
constexpr int32_t ignore = -100;

struct Case {
  Index V;
  int32_t masked;
  float smoothing;
};

// Every V from 2 on, with nothing masked, and the first, a middle and the last class.
std::vector<Case> cases() {
  std::vector<Case> result;
  for (const Index V : testing::sizes()) {
    if (V < 2) continue;
    const int32_t last = static_cast<int32_t>(V) - 1;
    for (const float smoothing : {0.0f, 0.1f}) {
      for (const int32_t masked : {-1, 0, last / 2, last}) result.push_back({V, masked, smoothing});
    }
  }
  return result;
}

// Targets that avoid the masked class; row 1 is ignored.
std::vector<int32_t> targets_of(const Case& c) {
  std::vector<int32_t> targets;
  for (Index row = 0; row < rows; ++row) {
    int32_t target = static_cast<int32_t>((row * 7) % c.V);
    if (target == c.masked) target = static_cast<int32_t>((target + 1) % c.V);
    targets.push_back(row == 1 ? ignore : target);
  }
  return targets;
}

template <class Number>
Vector<Number> exact_losses(const Vector<Number>& logits, const std::vector<int32_t>& targets,
                            const Case& c) {
  Vector<Number> losses;
  for (Index row = 0; row < rows; ++row) {
    const int32_t target = targets[static_cast<size_t>(row)];
    const auto begin = logits.begin() + row * c.V;
    losses.push_back(target == ignore
                         ? Number(0.0)
                         : reference::cross_entropy(Vector<Number>(begin, begin + c.V), target,
                                                    static_cast<double>(c.smoothing), c.masked));
  }
  return losses;
}

TEST(CrossEntropyTest, AgreesWithTheReference) {
  for (const Case& c : cases()) {
    const Index misalignment = c.V % 4;
    const CrossEntropyOptions options{ignore, c.masked, c.smoothing};
    const auto targets = targets_of(c);
    Guarded logits(testing::numbers(rows * c.V, 41, 3.0f), misalignment);
    Guarded losses(rows), log_sum(rows);
    kernels::cross_entropy(logits.data(), targets.data(), losses.data(), log_sum.data(), rows, c.V,
                           options);
    // the logarithm of the sum, off by the sum's relative error of about V / width + 20 roundings
    const double roundings = 20.0 + static_cast<double>(c.V / simd::width);
    testing::expect_within(
        losses.values(), exact_losses(testing::widened(logits.values()), targets, c),
        [&](size_t i) { return roundings * testing::rounding * (1.0 + losses.values()[i]); });
  }
}

TEST(CrossEntropyTest, BackwardIsTheGradient) {
  for (const Case& c : cases()) {
    if (c.V > 40) continue;
    const Index misalignment = c.V % 4;
    const CrossEntropyOptions options{ignore, c.masked, c.smoothing};
    const auto targets = targets_of(c);
    Guarded logits(testing::numbers(rows * c.V, 42, 3.0f), misalignment), losses(rows);
    Guarded log_sum(rows), dlogits(rows * c.V, misalignment);
    kernels::cross_entropy(logits.data(), targets.data(), losses.data(), log_sum.data(), rows, c.V,
                           options);
    kernels::cross_entropy_backward(logits.data(), targets.data(), log_sum.data(), 0.25f,
                                    dlogits.data(), rows, c.V, options);
    const auto expected =
        testing::gradient(testing::widened(logits.values()), [&](const Vector<Dual>& point) {
          return testing::weighted_sum(exact_losses(point, targets, c),
                                       std::vector<double>(rows, 0.25));
        });
    testing::expect_gradient(dlogits.values(), expected);

    kernels::cross_entropy_backward(logits.data(), targets.data(), log_sum.data(), 0.25f,
                                    logits.data(), rows, c.V, options);
    testing::expect_same(logits.values(), dlogits.values(), "in place");
  }
}

// A logit that is masked may be anything: the result does not see it.
TEST(CrossEntropyTest, TheMaskedLogitDoesNotMatter) {
  constexpr Index V = 9;
  const CrossEntropyOptions options{ignore, 8, 0.1f};
  const int32_t target = 3;
  auto values = testing::numbers(V, 43);
  float loss[2], log_sum[2];
  for (const int i : {0, 1}) {
    values[8] = i == 0 ? -7.0f : 1e6f;
    kernels::cross_entropy(values.data(), &target, loss + i, log_sum + i, 1, V, options);
  }
  EXPECT_EQ(loss[0], loss[1]);
  EXPECT_EQ(log_sum[0], log_sum[1]);
}

// Both losses and gradients stay finite where an exponential of a logit would not.
TEST(CrossEntropyTest, LargeLogitsDoNotOverflow) {
  const float logits[] = {1000.0f, 0.0f, -1000.0f};
  const int32_t target = 2;
  float loss, log_sum, dlogits[3];
  kernels::cross_entropy(logits, &target, &loss, &log_sum, 1, 3);
  kernels::cross_entropy_backward(logits, &target, &log_sum, 1.0f, dlogits, 1, 3);
  EXPECT_EQ(loss, 2000.0f);
  testing::expect_same(dlogits, std::vector<float>{1.0f, 0.0f, -1.0f});
}

}  // namespace
}  // namespace regard
