// SPDX-License-Identifier: MIT
#include "attention/edit.h"

#include <utility>

#include "attention/attention.h"
#include "support/numbers.h"

namespace regard::attention {
namespace {

constexpr Index B = 2, H = 3, L = 4, S = 5, D = 6, Dv = 2;

Tensor random_tensor(const Shape& shape, uint64_t seed) {
  return Tensor::from(shape, testing::numbers(shape.count(), seed));
}

const Tensor q = random_tensor({B, H, L, D}, 1);
const Tensor k = random_tensor({B, H, S, D}, 2);
const Tensor v = random_tensor({B, H, S, Dv}, 3);

AttentionOptions all_steps() {
  return {.softcap = 3, .raw = true, .capped = true, .masked = true, .weights = true};
}

Attention with(std::vector<Edit> edits, AttentionOptions options = all_steps()) {
  options.edits = std::move(edits);
  return attention(q, k, v, options);
}

// Row (b, h, i) of (B, H, rows, width).
std::span<const float> row(const Tensor& x, Index b, Index h, Index i) {
  const Index width = x.size(3);
  return x.values().subspan(static_cast<size_t>(((b * H + h) * x.size(2) + i) * width),
                            static_cast<size_t>(width));
}

// Rows of x but (b, h, i) are as in y.
void expect_same_elsewhere(const Tensor& x, const Tensor& y, Index b, Index h, Index i) {
  for (Index at = 0; at < B * H * x.size(2); ++at) {
    const Index here = at % x.size(2), head = at / x.size(2) % H, batch = at / x.size(2) / H;
    if (batch == b && head == h && here == i) continue;
    testing::expect_same(row(x, batch, head, here), row(y, batch, head, here));
  }
}

TEST(EditTest, NoneGivesTheSameBits) {
  const Attention plain = attention(q, k, v, all_steps());
  const Attention edited = with({});
  testing::expect_same(edited.output.values(), plain.output.values());
  testing::expect_same(edited.weights.values(), plain.weights.values());
}

TEST(EditTest, AHeadIsSwitchedOff) {
  const Attention plain = with({});
  const Attention off = with({{.stage = Stage::context, .head = 1, .values = Tensor::zeros({1})}});
  testing::expect_same(off.weights.values(), plain.weights.values());
  for (Index b = 0; b < B; ++b) {
    for (Index l = 0; l < L; ++l) {
      for (const float number : row(off.output, b, 1, l)) EXPECT_EQ(number, 0);
      testing::expect_same(row(off.output, b, 0, l), row(plain.output, b, 0, l));
      testing::expect_same(row(off.output, b, 2, l), row(plain.output, b, 2, l));
    }
  }
}

TEST(EditTest, ARowOfWeightsIsReplaced) {
  const float onto_key_3[] = {0, 0, 0, 1, 0};
  const Attention edited = with({{.stage = Stage::weights,
                                  .batch = 1,
                                  .head = 2,
                                  .row = 0,
                                  .values = Tensor::from({S}, onto_key_3)}});
  testing::expect_same(row(edited.weights, 1, 2, 0), onto_key_3);
  testing::expect_same(row(edited.output, 1, 2, 0), row(v, 1, 2, 3));
  expect_same_elsewhere(edited.output, with({}).output, 1, 2, 0);
}

// What follows is computed from what was set, what came before is left alone.
TEST(EditTest, EachStepRunsOnFromTheOneBefore) {
  const Attention plain = with({});
  const auto edit = [](Stage stage) {
    return Edit{.stage = stage, .batch = 0, .head = 1, .row = 2, .values = Tensor::full({1}, 0.5f)};
  };
  const Attention raw = with({edit(Stage::raw)});
  for (const float number : row(raw.raw, 0, 1, 2)) EXPECT_EQ(number, 0.5f);
  for (const float number : row(raw.weights, 0, 1, 2)) EXPECT_FLOAT_EQ(number, 0.2f);

  const Attention capped = with({edit(Stage::capped)});
  testing::expect_same(capped.raw.values(), plain.raw.values());
  for (const float number : row(capped.masked, 0, 1, 2)) EXPECT_EQ(number, 0.5f);

  const Attention masked = with({edit(Stage::masked)});
  testing::expect_same(masked.capped.values(), plain.capped.values());
  for (const float number : row(masked.weights, 0, 1, 2)) EXPECT_FLOAT_EQ(number, 0.2f);
  expect_same_elsewhere(masked.weights, plain.weights, 0, 1, 2);
}

// An edit of an operand is the same as another operand.
TEST(EditTest, OperandsAreEditedAsIfTheyWereOthers) {
  const Tensor numbers = random_tensor({D}, 4), two = random_tensor({Dv}, 5);
  const auto replaced = [](const Tensor& x, Index rows, const Tensor& by) {
    Tensor y = x.clone();
    for (Index b = 0; b < B; ++b) {  // head 1, row 2 of every batch
      std::copy_n(by.data(), by.count(), y.data() + ((b * H + 1) * rows + 2) * by.count());
    }
    return y;
  };
  const auto edited = [&](Stage stage, const Tensor& values) {
    return with({{.stage = stage, .head = 1, .row = 2, .values = values}}).output;
  };
  const AttentionOptions options = all_steps();
  testing::expect_same(edited(Stage::queries, numbers).values(),
                       attention(replaced(q, L, numbers), k, v, options).output.values());
  testing::expect_same(edited(Stage::keys, numbers).values(),
                       attention(q, replaced(k, S, numbers), v, options).output.values());
  testing::expect_same(edited(Stage::values, two).values(),
                       attention(q, k, replaced(v, S, two), options).output.values());
}

TEST(EditTest, LaterEditsComeLast) {
  const Attention edited =
      with({{.stage = Stage::context, .values = Tensor::full({1}, 1)},
            {.stage = Stage::context, .head = 0, .values = Tensor::full({1}, 2)}});
  for (const float number : row(edited.output, 1, 0, 0)) EXPECT_EQ(number, 2);
  for (const float number : row(edited.output, 1, 1, 0)) EXPECT_EQ(number, 1);
}

}  // namespace
}  // namespace regard::attention
