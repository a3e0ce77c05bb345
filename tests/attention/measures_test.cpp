// SPDX-License-Identifier: MIT
#include "attention/measures.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "io/file.h"
#include "io/safetensors.h"
#include "support/numbers.h"
#include "thrown.h"

namespace regard::attention {
namespace {

// What scipy and numpy measured in double, stored in fp32.
class Golden {
 public:
  Tensor tensor(const std::string& name) const { return file_.tensor(name); }

 private:
  io::Bytes bytes_ = io::read_file(REGARD_GOLDEN_DIR "/measures/measures.safetensors");
  io::Safetensors file_ = io::Safetensors::read(bytes_, "measures.safetensors");
};

// Sums in double are rounded once; the golden file is rounded once more.
constexpr double two_roundings = 2;
// The mean of heads takes six roundings, and so does each product of a layer.
constexpr double product_roundings = 3 * 8;

TEST(MeasuresTest, EntropyIsScipys) {
  const Golden golden;
  const Tensor weights = golden.tensor("weights");
  testing::expect_close(entropy(weights).values(),
                        testing::widened(golden.tensor("entropy").values()), two_roundings);
  testing::expect_close(mean_entropy(weights).values(),
                        testing::widened(golden.tensor("mean_entropy").values()), two_roundings);
  EXPECT_EQ(entropy(weights).shape(), (Shape{3, 2, 5}));
  EXPECT_EQ(mean_entropy(weights).shape(), (Shape{3, 2}));
}

TEST(MeasuresTest, EntropyGoesFromNoneToTheLogarithmOfTheKeys) {
  const std::vector<float> rows = {0,    0,    1,    0,     // one key
                                   0.25, 0.25, 0.25, 0.25,  // all alike
                                   2,    2,    0,    0,     // not of sum 1
                                   0,    0,    0,    0};    // none
  const Tensor found = entropy(Tensor::from({4, 4}, rows));
  EXPECT_EQ(found.data()[0], 0.0f);
  EXPECT_EQ(found.data()[1], std::log(4.0f));
  EXPECT_EQ(found.data()[2], std::log(2.0f));
  EXPECT_TRUE(std::isnan(found.data()[3]));
  EXPECT_FLOAT_EQ(mean_entropy(Tensor::from({1, 4, 4}, rows)).data()[0], std::log(2.0f));
  EXPECT_TRUE(std::isnan(mean_entropy(Tensor::zeros({1, 2, 3})).data()[0]));
}

TEST(MeasuresTest, RolloutIsAbnarAndZuidemas) {
  const Golden golden;
  const Tensor found = rollout(golden.tensor("weights"));
  ASSERT_EQ(found.shape(), (Shape{3, 5, 5}));
  testing::expect_close(found.values(), testing::widened(golden.tensor("rollout").values()),
                        product_roundings);
  EXPECT_EQ(rollout(Tensor::zeros({0, 2, 3, 3})).shape(), (Shape{0, 3, 3}));
}

TEST(MeasuresTest, ReceivedIsTheMeanOfAllRows) {
  const Golden golden;
  testing::expect_close(received(golden.tensor("weights")).values(),
                        testing::widened(golden.tensor("received").values()), two_roundings);
}

TEST(MeasuresTest, KendallsTauIsScipys) {
  const Golden golden;
  for (const std::string name : {"plain", "tied", "same", "opposite"}) {
    const Tensor x = golden.tensor(name + ".x"), y = golden.tensor(name + ".y");
    EXPECT_FLOAT_EQ(static_cast<float>(kendall_tau(x.values(), y.values())),
                    golden.tensor(name + ".tau").data()[0])
        << name;
  }
  const std::vector<float> same = {3, 3, 3}, rising = {1, 2, 3};
  const std::vector<float> broken = {1, std::numeric_limits<float>::quiet_NaN(), 3};
  EXPECT_TRUE(std::isnan(kendall_tau(same, rising)));
  EXPECT_TRUE(std::isnan(kendall_tau(rising, broken)));
}

TEST(MeasuresTest, WhatDoesNotFitIsRefused) {
  EXPECT_EQ(thrown<ShapeError>([] { entropy(Tensor::zeros({})); }),
            "entropy: weights are (), expected at least 1 axis");
  EXPECT_EQ(thrown<ShapeError>([] { mean_entropy(Tensor::zeros({3})); }),
            "entropy: weights are (3), expected at least 2 axes");
  EXPECT_EQ(thrown<ValueError>([] { entropy(Tensor::full({2}, -0.5f)); }),
            "entropy: a weight is -0.5, expected 0 or more");
  EXPECT_EQ(thrown<ShapeError>([] { rollout(Tensor::zeros({1, 2, 3, 4})); }),
            "rollout: weights are (1, 2, 3, 4), expected (layers, H, L, L)");
  EXPECT_EQ(thrown<ShapeError>([] { rollout(Tensor::zeros({1, 0, 3, 3})); }),
            "rollout: weights are (1, 0, 3, 3), expected (layers, H, L, L)");
  EXPECT_EQ(thrown<ShapeError>([] { received(Tensor::zeros({0, 3})); }),
            "received: weights are (0, 3), without a row");
  const std::vector<float> two = {1, 2}, three = {1, 2, 3};
  EXPECT_EQ(thrown<ShapeError>([&] { kendall_tau(two, three); }),
            "kendall_tau: 2 and 3 values, expected as many");
}

}  // namespace
}  // namespace regard::attention
