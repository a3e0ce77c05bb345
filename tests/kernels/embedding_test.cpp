// SPDX-License-Identifier: MIT
#include "kernels/embedding.h"

#include "reference/embedding.h"
#include "support/gradient.h"
#include "support/numbers.h"

namespace regard {
namespace {

using reference::Dual;
using reference::Matrix;
using testing::Guarded;

constexpr Index V = 5;
// twice the same id, the first and the last row; id 2 never
const std::vector<int32_t> ids = {4, 0, 4, 1, 3, 0};
const Index count = static_cast<Index>(ids.size());

TEST(EmbeddingTest, AgreesWithTheReference) {
  for (const Index M : testing::sizes()) {
    for (const Index misalignment : testing::misalignments) {
      Guarded table(testing::numbers(V * M, 1), misalignment), out(count * M, misalignment);
      kernels::embed(ids.data(), count, table.data(), M, 1.5f, out.data());
      const Matrix<double> exact(V, M, testing::widened(table.values()));
      // one rounding, of the product
      testing::expect_close(out.values(), reference::embedding(ids, exact, 1.5).values(), 1.0);
    }
  }
}

TEST(EmbeddingTest, NoIdsTouchNothing) {
  Guarded table(testing::numbers(V * 8, 1)), dtable(V * 8);
  kernels::embed(nullptr, 0, table.data(), 8, 1.0f, nullptr);
  kernels::embed_backward(nullptr, 0, nullptr, 8, 1.0f, dtable.data());
  testing::expect_same(dtable.values(), std::vector<float>(V * 8));
}

TEST(EmbeddingTest, BackwardAddsTheGradient) {
  for (const Index M : testing::sizes()) {
    const Index misalignment = M % 4;
    const auto before = testing::numbers(V * M, 2);
    Guarded table(testing::numbers(V * M, 1), misalignment), dtable(before, misalignment);
    Guarded dout(testing::numbers(count * M, 3), misalignment);
    kernels::embed_backward(ids.data(), count, dout.data(), M, 1.5f, dtable.data());

    const auto weights = testing::widened(dout.values());
    auto expected =
        testing::gradient(testing::widened(table.values()), [&](const std::vector<Dual>& point) {
          const auto rows = reference::embedding(ids, Matrix<Dual>(V, M, point), 1.5);
          return testing::weighted_sum(rows.values(), weights);
        });
    for (size_t i = 0; i < before.size(); ++i) expected[i] += static_cast<double>(before[i]);
    testing::expect_gradient(dtable.values(), expected);
  }
}

}  // namespace
}  // namespace regard
