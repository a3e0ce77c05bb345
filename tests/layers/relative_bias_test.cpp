// SPDX-License-Identifier: MIT
#include "layers/relative_bias.h"

#include "layers/alibi.h"
#include "layers/positions_golden.h"
#include "thrown.h"

namespace regard::layers {
namespace {

// Every distance up to 300, at which a bucket may begin: rounding decides some of them.
TEST(RelativeBiasTest, BucketsAreT5s) {
  const PositionsGolden golden("buckets");
  const auto expect = [&](const std::string& name, const RelativeOptions& options) {
    const Tensor expected = golden.tensor(name);
    const auto rows = relative_indices(options, 1, 601, 300);
    for (size_t i = 0; i < 601; ++i) {
      ASSERT_EQ(static_cast<float>(rows.ids[i]), expected.values()[i])
          << name << " at distance " << static_cast<int>(i) - 300;
    }
  };
  expect("both", {});
  expect("past", {.bidirectional = false});
  expect("small_both", {.buckets = 8, .max_distance = 20});
  expect("small_past", {.buckets = 8, .max_distance = 20, .bidirectional = false});
}

void expect_model(const std::string& name, const std::string& parameter,
                  const RelativeOptions& options, Index L, Index S, Index first) {
  SCOPED_TRACE(name);
  const PositionsGolden golden(name);
  Initializer initializer(1);
  const RelativeBias layer(3, options, initializer);
  Parameters parameters;
  layer.collect("", parameters);
  golden.load(parameters, parameter);
  Tape tape;
  Pass pass{tape};
  golden.expect(tape, layer.forward(pass, L, S, first), {{"gradient", parameters[0].second}});
}

TEST(RelativeBiasTest, AgreesWithTheModels) {
  const std::string t5 = "relative_attention_bias.weight";
  expect_model("t5_encoder", t5, {.buckets = 8, .max_distance = 20}, 5, 30, 4);
  expect_model("t5_decoder", t5, {.buckets = 8, .max_distance = 20, .bidirectional = false}, 5, 30,
               4);
  expect_model("swin", "relative_position_bias_table",
               {.rows = RelativeRows::window, .height = 2, .width = 3}, 6, 6, 0);
}

TEST(RelativeBiasTest, KeysOfDistancesAgreeWithTheModel) {
  const PositionsGolden golden("relative_keys");
  Initializer initializer(1);
  const RelativeKeys layer(4, {.rows = RelativeRows::clipped, .radius = 3}, initializer);
  Parameters parameters;
  layer.collect("", parameters);
  golden.load(parameters, "distance_embedding.weight");
  const Variable queries = golden.variable("queries");
  Tape tape;
  Pass pass{tape};
  golden.expect(tape, layer.forward(pass, queries, 6),
                {{"gradient", parameters[0].second}, {"gradient_queries", queries}});
}

// A bias of clipped distances: far keys share a row.
TEST(RelativeBiasTest, ClippedRowsRepeatAtBothEnds) {
  const auto rows = relative_indices({.rows = RelativeRows::clipped, .radius = 2}, 1, 7, 3);
  EXPECT_EQ(rows.ids, (Ids{0, 0, 1, 2, 3, 4, 4}));
}

TEST(RelativeBiasTest, RefusesTablesThatCannotBe) {
  EXPECT_EQ(thrown<ValueError>([] { relative_rows({.buckets = 7}); }),
            "relative_bias: 7 buckets, expected an even number from 4 on");
  EXPECT_EQ(thrown<ValueError>([] { relative_rows({.buckets = 1, .bidirectional = false}); }),
            "relative_bias: 1 buckets, expected at least 2");
  EXPECT_EQ(
      thrown<ValueError>([] { relative_rows({.max_distance = 8}); }),
      "relative_bias: max_distance is 8, expected more than the 8 that have their own bucket");
  EXPECT_EQ(
      thrown<ValueError>([] { relative_rows({.rows = RelativeRows::clipped, .radius = -1}); }),
      "relative_bias: radius is -1, expected 0 to 16777216");
  EXPECT_EQ(thrown<ValueError>([] { relative_rows({.rows = RelativeRows::window, .height = 0}); }),
            "relative_bias: the window is 0 x 7, expected 1 x 1 to 4096 x 4096");
  EXPECT_EQ(thrown<ValueError>([] { relative_indices({.rows = RelativeRows::window}, 49, 50); }),
            "relative_bias: 49 queries and 50 keys from place 0 on, expected 49 of both from 0 on, "
            "a window's");
}

TEST(RelativeBiasTest, RefusesPlacesThatCannotBe) {
  EXPECT_EQ(thrown<ValueError>([] { relative_indices({}, -1, 3); }),
            "relative_bias: -1 queries and 3 keys from place 0 on, expected 0 to 16777216 of each");
  EXPECT_EQ(thrown<ValueError>([] { alibi_bias(2, 1, 3, -4); }),
            "alibi: 1 queries and 3 keys from place -4 on, expected 0 to 16777216 of each");
}

TEST(RelativeBiasTest, KeysOfDistancesWantHeads) {
  Initializer initializer(1);
  const RelativeKeys layer(4, {.rows = RelativeRows::clipped}, initializer);
  Tape tape;
  Pass pass{tape};
  EXPECT_EQ(thrown<ShapeError>(
                [&] { layer.forward(pass, autograd::constant(Tensor::zeros({2, 6, 4})), 6); }),
            "relative_keys: queries are (2, 6, 4), expected (B, H, L, 4)");
}

}  // namespace
}  // namespace regard::layers
