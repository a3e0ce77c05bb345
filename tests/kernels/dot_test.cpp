// SPDX-License-Identifier: MIT
#include "kernels/dot.h"

#include "support/numbers.h"

namespace regard {
namespace {

using testing::Guarded;

TEST(DotTest, AgreesWithDouble) {
  for (const Index n : testing::sizes()) {
    for (const Index misalignment : testing::misalignments) {
      Guarded x(testing::numbers(n, 81), misalignment), y(testing::numbers(n, 82));
      double expected = 0.0, size = 0.0;
      for (size_t i = 0; i < x.values().size(); ++i) {
        const double term = static_cast<double>(x.values()[i]) * y.values()[i];
        expected += term;
        size += std::abs(term);
      }
      // n products and n additions at most, one rounding each
      EXPECT_NEAR(kernels::dot(x.data(), y.data(), n), expected,
                  static_cast<double>(n + 1) * testing::rounding * size);
    }
  }
}

}  // namespace
}  // namespace regard
