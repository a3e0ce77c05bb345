// SPDX-License-Identifier: MIT
#include "layers/positions.h"

#include "reference/positions.h"
#include "support/numbers.h"

namespace regard::layers {
namespace {

TEST(PositionsTest, BothOrdersAgreeWithTheReference) {
  for (const Index M : {1, 2, 7, 8, 64}) {
    for (const Index L : {0, 1, 5, 600}) {
      // computed in double, so one rounding to float, and a last bit of the angle
      testing::expect_close(sinusoids(0, L, M, SinusoidOrder::halves).values(),
                            reference::halved_positions(L, M).values(), 1.0, "halves");
      testing::expect_close(sinusoids(0, L, M, SinusoidOrder::interleaved).values(),
                            reference::interleaved_positions(L, M).values(), 1.0, "interleaved");
    }
  }
}

// A cached step asks for one row where training asks for all.
TEST(PositionsTest, LaterRowsAreTheSameAlone) {
  for (const auto order : {SinusoidOrder::halves, SinusoidOrder::interleaved}) {
    const Tensor all = sinusoids(0, 9, 10, order);
    for (Index i = 0; i < 9; ++i) {
      testing::expect_same(sinusoids(i, 1, 10, order).values(), all.slice(i, i + 1).values());
    }
  }
}

}  // namespace
}  // namespace regard::layers
