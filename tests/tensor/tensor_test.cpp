// SPDX-License-Identifier: MIT
#include "tensor/tensor.h"

#include <gtest/gtest.h>

#include "tensor/arena.h"

namespace regard {
namespace {

const std::vector<float> six = {1, 2, 3, 4, 5, 6};

std::vector<float> values_of(const Tensor& x) { return {x.values().begin(), x.values().end()}; }

TEST(TensorTest, HoldsWhatItWasMadeFrom) {
  const Tensor x = Tensor::from({2, 3}, six);
  EXPECT_EQ(x.shape(), (Shape{2, 3}));
  EXPECT_EQ(x.size(-1), 3);
  EXPECT_EQ(x.size(0), 2);
  EXPECT_EQ(values_of(x), six);
  EXPECT_EQ(values_of(Tensor::full({2}, 3.0f)), (std::vector<float>{3, 3}));
  EXPECT_EQ(values_of(Tensor::zeros({2})), (std::vector<float>{0, 0}));
  EXPECT_THROW(Tensor::from({2, 2}, six), ShapeError);
}

TEST(TensorTest, CopiesShareAndClonesDoNot) {
  Tensor x = Tensor::from({6}, six);
  Tensor shared = x, cloned = x.clone();
  x.data()[0] = 9;
  EXPECT_EQ(shared.data()[0], 9);
  EXPECT_EQ(cloned.data()[0], 1);
  EXPECT_FALSE(Tensor().clone().defined());
}

TEST(TensorTest, ReshapeSharesAndChecks) {
  Tensor x = Tensor::from({2, 3}, six);
  Tensor y = x.reshape({3, 2});
  y.data()[5] = 0;
  EXPECT_EQ(x.data()[5], 0);
  EXPECT_THROW(x.reshape({4}), ShapeError);
}

TEST(TensorTest, SlicesAreRows) {
  Tensor x = Tensor::from({3, 2}, six);
  EXPECT_EQ(values_of(x.slice(1, 3)), (std::vector<float>{3, 4, 5, 6}));
  EXPECT_EQ(x.slice(1, 3).shape(), (Shape{2, 2}));
  EXPECT_EQ(x.slice(2, 2).count(), 0);
  EXPECT_EQ(values_of(x.slice(1, 3).slice(1, 2)), (std::vector<float>{5, 6}));
  EXPECT_THROW(x.slice(-1, 1), ValueError);
  EXPECT_THROW(x.slice(2, 1), ValueError);
  EXPECT_THROW(x.slice(0, 4), ValueError);
  EXPECT_THROW(Tensor::zeros({}).slice(0, 1), ValueError);
}

TEST(TensorTest, AnEmptyTensorHasNoNumbers) {
  const Tensor x = Tensor::zeros({0, 3});
  EXPECT_TRUE(x.defined());
  EXPECT_EQ(x.count(), 0);
  EXPECT_EQ(x.clone().shape(), (Shape{0, 3}));
  EXPECT_EQ(x.slice(0, 0).count(), 0);
}

TEST(TensorTest, StorageLivesAsLongAsItsLastHandle) {
  const size_t before = Arena::shared().used();
  {
    Tensor part;
    {
      const Tensor x = Tensor::from({3, 2}, six);
      part = x.slice(1, 2);
    }
    EXPECT_GT(Arena::shared().used(), before);
    EXPECT_EQ(values_of(part), (std::vector<float>{3, 4}));
  }
  EXPECT_EQ(Arena::shared().used(), before);
}

}  // namespace
}  // namespace regard
