// SPDX-License-Identifier: MIT
#include "kernels/additive.h"

#include "reference/scores.h"
#include "support/gradient.h"
#include "support/numbers.h"

namespace regard::kernels {
namespace {

using reference::Dual;
using reference::Matrix;
using reference::Vector;

// One query and one key, each of M numbers, and v.
template <class Number>
Number exact(Index M, const std::vector<Number>& query, const std::vector<Number>& key,
             const std::vector<Number>& vector) {
  const auto scores =
      reference::tanh_scores(Matrix<Number>(1, M, query), Matrix<Number>(1, M, key), vector);
  return scores(0, 0);
}

// M tanh within 4 roundings each, M products and M sums: each rounded once relative to a partial
// sum, and no partial sum is above the sum of |vector|.
TEST(AdditiveTest, EqualsItsFormula) {
  for (const Index M : testing::sizes()) {
    for (const Index misalignment : testing::misalignments) {
      const testing::Guarded query(testing::numbers(M, 1), misalignment);
      const testing::Guarded key(testing::numbers(M, 2), misalignment + 1);
      const testing::Guarded vector(testing::numbers(M, 3), misalignment);
      const double expected =
          exact(M, testing::widened(query.values()), testing::widened(key.values()),
                testing::widened(vector.values()));
      double size = 0;
      for (const float value : vector.values()) size += std::abs(value);
      const float actual =
          additive_score({query.values().data(), key.values().data(), vector.values().data()}, M);
      EXPECT_NEAR(actual, expected, (5 + static_cast<double>(M)) * testing::rounding * size) << M;
    }
  }
}

TEST(AdditiveTest, GradientsEqualThoseOfDualNumbersAndAreAdded) {
  const float dscore = -1.75f;
  for (const Index M : testing::sizes()) {
    const auto query = testing::numbers(M, 1), key = testing::numbers(M, 2),
               vector = testing::numbers(M, 3), before = testing::numbers(M, 4);
    std::vector<double> point;
    for (const auto& part : {query, key, vector})
      point.insert(point.end(), part.begin(), part.end());
    const auto expected = testing::gradient(point, [&](const Vector<Dual>& all) {
      const auto part = [&](Index i) {
        return Vector<Dual>(all.begin() + i * M, all.begin() + (i + 1) * M);
      };
      return exact(M, part(0), part(1), part(2)) * double{dscore};
    });

    testing::Guarded dquery(before, 1), dkey(before, 3), dvector(before, 0);
    additive_score_backward(dscore, {query.data(), key.data(), vector.data()},
                            {dquery.data(), dkey.data(), dvector.data()}, M);
    const testing::Guarded* const actual[] = {&dquery, &dkey, &dvector};
    for (Index i = 0; i < 3; ++i) {
      std::vector<double> sum;
      for (Index m = 0; m < M; ++m) {
        sum.push_back(expected[static_cast<size_t>(i * M + m)] + before[static_cast<size_t>(m)]);
      }
      testing::expect_gradient(actual[i]->values(), sum, "operand " + std::to_string(i));
    }
  }
}

TEST(AdditiveTest, OnePlaceForQueryAndKeyGetsTheirGradientOnce) {
  const Index M = 2 * simd::width + 1;
  const auto query = testing::numbers(M, 1), key = testing::numbers(M, 2),
             vector = testing::numbers(M, 3);
  const auto zeros = std::vector<float>(static_cast<size_t>(M));
  testing::Guarded dquery(zeros), dkey(zeros), both(zeros), dvector(zeros);
  additive_score_backward(1, {query.data(), key.data(), vector.data()},
                          {dquery.data(), dkey.data(), dvector.data()}, M);
  additive_score_backward(1, {query.data(), key.data(), vector.data()},
                          {both.data(), both.data(), dvector.data()}, M);
  testing::expect_same(dkey.values(), dquery.values());
  testing::expect_same(both.values(), dquery.values());
}

}  // namespace
}  // namespace regard::kernels
