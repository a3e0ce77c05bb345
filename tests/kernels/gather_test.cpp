// SPDX-License-Identifier: MIT
#include "kernels/gather.h"

#include "support/numbers.h"

namespace regard {
namespace {

using kernels::GatherSizes;
using testing::Guarded;

constexpr Index outer = 2, n = 4, count = 5;

TEST(GatherTest, TakesSlabsAndGivesThemBack) {
  const std::vector<int32_t> places = {3, 0, 3, 1, 3};
  for (const Index inner : testing::sizes()) {
    const GatherSizes sizes{outer, n, count, inner};
    const auto before = testing::numbers(outer * n * inner, 31);
    Guarded x(before, 1), y(outer * count * inner, 3), dx(before);
    Guarded dy(testing::numbers(outer * count * inner, 32));
    kernels::gather(x.data(), places.data(), sizes, y.data());
    kernels::gather_backward(dy.data(), places.data(), sizes, dx.data());
    std::vector<double> taken, given = testing::widened(before);
    for (Index o = 0; o < outer; ++o) {
      for (Index i = 0; i < count; ++i) {
        for (Index j = 0; j < inner; ++j) {
          const Index from = (o * n + places[static_cast<size_t>(i)]) * inner + j;
          taken.push_back(static_cast<double>(x.data()[from]));
          given[static_cast<size_t>(from)] +=
              static_cast<double>(dy.data()[(o * count + i) * inner + j]);
        }
      }
    }
    testing::expect_close(y.values(), taken, 0, "gather");
    testing::expect_close(dx.values(), given, 4, "gather_backward");  // four terms at most
  }
}

TEST(GatherTest, TakesNumbersAndGivesThemBack) {
  for (const Index inner : {0, 1, 3}) {
    const GatherSizes sizes{outer, n, count, inner};
    std::vector<int32_t> places;
    for (int32_t i = 0; i < outer * count * inner; ++i) places.push_back(i * i % n);
    const auto before = testing::numbers(outer * n * inner, 33);
    Guarded x(before, 1), y(outer * count * inner, 3), dx(before);
    Guarded dy(testing::numbers(outer * count * inner, 34));
    kernels::take_along(x.data(), places.data(), sizes, y.data());
    kernels::take_along_backward(dy.data(), places.data(), sizes, dx.data());
    std::vector<double> taken, given = testing::widened(before);
    for (Index at = 0; at < outer * count * inner; ++at) {
      const Index o = at / (count * inner), j = at % inner;
      const Index from = (o * n + places[static_cast<size_t>(at)]) * inner + j;
      taken.push_back(static_cast<double>(x.data()[from]));
      given[static_cast<size_t>(from)] += static_cast<double>(dy.data()[at]);
    }
    testing::expect_close(y.values(), taken, 0, "take_along");
    testing::expect_close(dx.values(), given, 6, "take_along_backward");  // six terms at most
  }
}

}  // namespace
}  // namespace regard
