// SPDX-License-Identifier: MIT
#include "layers/embedding.h"

#include "autograd/reduction.h"
#include "layers/learned_positions.h"
#include "support/numbers.h"
#include "thrown.h"

namespace regard::layers {
namespace {

Parameters parameters_of(const auto& layer) {
  Parameters parameters;
  layer.collect("", parameters);
  return parameters;
}

TEST(EmbeddingTest, GivesRowsAndLeavesThePaddingAlone) {
  Initializer initializer(1);
  const Embedding layer(4, 3, initializer, 2);
  const Variable table = parameters_of(layer)[0].second;
  Tape tape;
  Pass pass{tape};
  const Variable rows = layer.forward(pass, {{1, 2, 1}, {1, 3}});
  ASSERT_EQ(rows->value.shape(), (Shape{1, 3, 3}));
  testing::expect_same(rows->value.values().subspan(0, 3), table->value.slice(1, 2).values());
  for (const float value : rows->value.values().subspan(3, 3)) EXPECT_EQ(value, 0);

  tape.backward(autograd::sum(tape, rows));
  const float expected[] = {0, 2, 0, 0};  // how often each row was asked for, but for the padding
  for (Index row = 0; row < 4; ++row) {
    for (const float value : table->gradient.slice(row, row + 1).values()) {
      EXPECT_EQ(value, expected[row]) << row;
    }
  }
}

TEST(EmbeddingTest, RefusesIdsOutsideTheVocabulary) {
  Initializer initializer(1);
  EXPECT_EQ(thrown<ValueError>([&] { Embedding(4, 3, initializer, 4); }),
            "embedding: padding is 4, expected 0 to 3");
}

TEST(LearnedPositionsTest, AddsARowToEachPlace) {
  Initializer initializer(1);
  const LearnedPositions layer(5, 3, initializer);
  const Variable table = parameters_of(layer)[0].second;
  Tape tape;
  Pass pass{tape};
  const Variable x = autograd::variable(Tensor::from({2, 2, 3}, testing::numbers(12, 1)));
  const Variable y = layer.forward(pass, x, 3);
  for (Index b = 0; b < 2; ++b) {
    for (Index i = 0; i < 6; ++i) {
      EXPECT_EQ(y->value.data()[b * 6 + i],
                x->value.data()[b * 6 + i] + table->value.data()[9 + i]);
    }
  }
  tape.backward(autograd::sum(tape, y));
  for (Index i = 0; i < 15; ++i) EXPECT_EQ(table->gradient.data()[i], i < 9 ? 0 : 2) << i;
}

TEST(LearnedPositionsTest, RefusesPlacesThatItHasNot) {
  Initializer initializer(1);
  const LearnedPositions layer(5, 3, initializer);
  Tape tape;
  Pass pass{tape};
  const auto run = [&](const Shape& shape, Index first) {
    layer.forward(pass, autograd::constant(Tensor::zeros(shape)), first);
  };
  EXPECT_EQ(thrown<ValueError>([&] { run({1, 4, 3}, 2); }),
            "learned_positions: 4 rows stand from place 2 on, there are 5");
  EXPECT_EQ(thrown<ShapeError>([&] { run({1, 4, 2}, 0); }),
            "learned_positions: x is (1, 4, 2), expected (..., L, 3)");
}

}  // namespace
}  // namespace regard::layers
