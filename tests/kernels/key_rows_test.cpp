// SPDX-License-Identifier: MIT
#include "kernels/key_rows.h"

#include "support/numbers.h"

namespace regard {
namespace {

using testing::Guarded;

// Rows that lie in another order than they are listed, some numbers apart.
struct ScatteredRows {
  ScatteredRows(Index count, Index length, uint64_t seed, Index misalignment = 0)
      : storage(testing::numbers(count * (length + 3), seed), misalignment) {
    for (Index s = 0; s < count; ++s) {
      rows.push_back(storage.data() + (count - 1 - s) * (length + 3));
    }
  }
  Guarded storage;
  std::vector<const float*> rows;
};

constexpr Index H = 3;
// Fewer rows than are taken at once, as many, and more.
constexpr Index counts[] = {0, 1, 3, 4, 5, 16, 37};
// One rounding for each product and each addition, and those of the scale.
double tolerance(Index terms, double size) {
  return static_cast<double>(terms + 2) * testing::rounding * size;
}

TEST(KeyProductsTest, AgreesWithDouble) {
  constexpr float scale = 0.3f;
  for (const Index D : testing::sizes()) {
    for (const Index count : counts) {
      const ScatteredRows keys(count, H * D, 91, D % 4);
      Guarded query(testing::numbers(H * D, 92), D % 3), products(H * count);
      kernels::key_products(query.data(), {keys.rows.data(), count, H, D}, scale, products.data(),
                            count);
      for (Index h = 0; h < H; ++h) {
        for (Index s = 0; s < count; ++s) {
          double expected = 0, size = 0;
          for (Index d = h * D; d < (h + 1) * D; ++d) {
            const double term =
                double{scale} * query.data()[d] * keys.rows[static_cast<size_t>(s)][d];
            expected += term;
            size += std::abs(term);
          }
          EXPECT_NEAR(products.data()[h * count + s], expected, tolerance(D, size));
        }
      }
    }
  }
}

TEST(KeyProductsTest, AKeyGivesTheSameAmongOthersAndAlone) {
  for (const Index D : testing::sizes()) {
    const ScatteredRows keys(7, H * D, 93);
    Guarded query(testing::numbers(H * D, 94)), among(H * 7), alone(H);
    kernels::key_products(query.data(), {keys.rows.data(), 7, H, D}, 1.0f, among.data(), 7);
    for (Index s = 0; s < 7; ++s) {
      kernels::key_products(query.data(), {keys.rows.data() + s, 1, H, D}, 1.0f, alone.data(), 1);
      for (Index h = 0; h < H; ++h) EXPECT_EQ(among.data()[h * 7 + s], alone.data()[h]);
    }
  }
}

TEST(ValueSumsTest, AgreesWithDouble) {
  for (const Index D : testing::sizes()) {
    for (const Index count : counts) {
      const ScatteredRows values(count, H * D, 95, D % 4);
      Guarded weights(testing::numbers(H * count, 96)), out(testing::numbers(H * D, 97), D % 3);
      kernels::value_sums(weights.data(), count, {values.rows.data(), count, H, D}, out.data());
      for (Index d = 0; d < H * D; ++d) {
        double expected = 0, size = 0;
        for (Index s = 0; s < count; ++s) {
          const double term = static_cast<double>(weights.data()[d / D * count + s]) *
                              values.rows[static_cast<size_t>(s)][d];
          expected += term;
          size += std::abs(term);
        }
        EXPECT_NEAR(out.data()[d], expected, tolerance(count, size));
      }
    }
  }
}

}  // namespace
}  // namespace regard
