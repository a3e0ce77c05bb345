// SPDX-License-Identifier: MIT
#include "layers/alibi.h"

#include "layers/positions_golden.h"
#include "thrown.h"

namespace regard::layers {
namespace {

TEST(AlibiTest, SlopesAgreeWithBloomAndMpt) {
  const PositionsGolden golden("slopes");
  for (const Index H : {1, 2, 3, 4, 6, 7, 8, 12, 16, 20}) {
    const std::vector<float> slopes = alibi_slopes(H);
    const Tensor expected = golden.tensor(std::to_string(H));
    ASSERT_EQ(static_cast<Index>(slopes.size()), expected.count());
    for (size_t h = 0; h < slopes.size(); ++h) {
      // theirs are powers in fp32 of a rounded base, up to the 15th
      EXPECT_NEAR(slopes[h], expected.data()[h], 1e-6 * slopes[h]) << H << " heads, " << h;
    }
  }
}

TEST(AlibiTest, BiasFallsWithTheDistance) {
  const Tensor bias = alibi_bias(2, 2, 4, 1);
  EXPECT_EQ(bias.shape(), (Shape{1, 2, 2, 4}));
  // slopes of two heads: 1/16 and 1/256; the queries stand at keys 1 and 2
  const float distances[] = {1, 0, 1, 2, 2, 1, 0, 1};
  for (size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(bias.values()[i], -distances[i] / 16);
    EXPECT_EQ(bias.values()[8 + i], -distances[i] / 256);
  }
}

TEST(AlibiTest, WantsAHead) {
  EXPECT_EQ(thrown<ValueError>([] { alibi_slopes(0); }), "alibi: 0 heads, expected at least one");
}

}  // namespace
}  // namespace regard::layers
