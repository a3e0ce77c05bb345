// SPDX-License-Identifier: MIT
#include "decoding/history.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tensor/arena.h"

namespace regard::decoding {
namespace {

TEST(History, SharesBeginningsAndForgetsEndsThatNobodyHolds) {
  History history;
  const Index start = history.add(9, 0, 0, History::none);
  const Index a = history.add(1, -1.0f, 0, start);
  history.release(start);
  const Index b = history.add(2, -2.0f, 1, a);
  const Index c = history.add(3, -3.0f, 2, a);
  history.release(a);
  EXPECT_EQ(history.size(), 4);
  EXPECT_EQ(history.ids(b), (Ids{1, 2}));
  EXPECT_EQ(history.ids(c), (Ids{1, 3}));

  history.release(b);
  EXPECT_EQ(history.size(), 3);
  const Index d = history.add(4, -4.0f, 3, c);  // in b's place
  history.release(c);
  EXPECT_EQ(history.size(), 4);
  const Hypothesis hypothesis = history.hypothesis(d, -0.5f);
  EXPECT_EQ(hypothesis.ids, (Ids{1, 3, 4}));
  EXPECT_EQ(hypothesis.score, -0.5f);
  EXPECT_EQ(hypothesis.log_probabilities, (std::vector<float>{-1, -3, -4}));
  EXPECT_EQ(hypothesis.beams, (std::vector<Index>{0, 2, 3}));

  history.release(d);
  EXPECT_EQ(history.size(), 0);
}

TEST(History, KeepsTheAttentionOfItsTokensOnly) {
  const auto step = [](Index rows, Index keys, float first) {
    models::StepAttention attention;
    for (Index layer = 0; layer < 2; ++layer) {
      Tensor cross = Tensor::empty({rows, 1, 2}), self = Tensor::empty({rows, 1, keys});
      for (float& value : cross.values()) value = first++;
      for (float& value : self.values()) value = first++;
      attention.cross.push_back(cross);
      attention.decoder_self.push_back(self);
    }
    return attention;
  };
  const size_t before = Arena::shared().used();
  {
    History history;
    const Index start = history.add(9, 0, 0, History::none);
    history.record({start}, step(1, 1, 0));  // layer 0: cross 0 1, self 2; layer 1: 3 4, 5
    const Index a = history.add(1, 0, 0, start), b = history.add(2, 0, 0, start);
    history.record({a, b}, step(2, 2, 10));  // layer 0: cross 10…13, self 14…17; layer 1: from 18
    const Index last = history.add(0, 0, 1, b);

    const HypothesisAttention found = history.attention(last);
    EXPECT_EQ(found.cross.shape(), (Shape{2, 1, 2, 2}));
    EXPECT_TRUE(
        std::ranges::equal(found.cross.values(), std::vector<float>{0, 1, 12, 13, 3, 4, 20, 21}));
    EXPECT_TRUE(
        std::ranges::equal(found.decoder.values(), std::vector<float>{2, 0, 16, 17, 5, 0, 24, 25}));

    const size_t held = Arena::shared().used();
    history.release(a);
    EXPECT_LT(Arena::shared().used(), held);
    history.release(start);
    history.release(b);
    EXPECT_EQ(history.ids(last), (Ids{2, 0}));
    history.release(last);
    EXPECT_EQ(history.size(), 0);
  }
  EXPECT_EQ(Arena::shared().used(), before);
}

}  // namespace
}  // namespace regard::decoding
