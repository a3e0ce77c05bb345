// SPDX-License-Identifier: MIT
#include "tensor/order.h"

#include <numeric>

namespace regard {

std::vector<size_t> ordered(size_t count, const Before& before) {
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t{0});
  merge_sort(order, before);
  return order;
}

}  // namespace regard
