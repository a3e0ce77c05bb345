// SPDX-License-Identifier: MIT
#include "tensor/order.h"

#include <algorithm>
#include <numeric>

namespace regard {

std::vector<size_t> ordered(size_t count, const Before& before) {
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t{0});
  const auto less = [&before](size_t a, size_t b) {
    return before(a, b) || (a < b && !before(b, a));
  };
  // a heap, because it takes a quarter of the code of std::sort
  std::make_heap(order.begin(), order.end(), less);
  std::sort_heap(order.begin(), order.end(), less);
  return order;
}

}  // namespace regard
