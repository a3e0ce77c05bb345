// SPDX-License-Identifier: MIT
// Tensors and lists of ids as handles. JavaScript reads and writes their numbers through the
// module's heap views, which it takes afresh for each copy: growth of the memory detaches old ones.
#include <emscripten/bind.h>
#include <malloc.h>

#include <array>

#include "guard.h"
#include "tensor/arena.h"
#include "tensor/tensor.h"

namespace regard::bindings {
namespace {

using Sizes = std::array<int, Shape::max_rank>;

Tensor make_tensor(const Sizes& sizes, int rank) {
  const std::array<Index, Shape::max_rank> indices = {sizes[0], sizes[1], sizes[2],
                                                      sizes[3], sizes[4], sizes[5]};
  return Tensor::empty(Shape(std::span(indices.data(), static_cast<size_t>(rank))));
}

unsigned tensor_address(const Tensor& tensor) {
  return static_cast<unsigned>(reinterpret_cast<uintptr_t>(tensor.data()));
}

int tensor_rank(const Tensor& tensor) { return static_cast<int>(tensor.shape().rank()); }

Sizes tensor_sizes(const Tensor& tensor) {
  Sizes sizes{};
  for (Index axis = 0; axis < tensor.shape().rank(); ++axis) {
    sizes[static_cast<size_t>(axis)] = static_cast<int>(tensor.size(axis));
  }
  return sizes;
}

Ids make_ids(int count) { return Ids(static_cast<size_t>(count)); }

unsigned ids_address(const Ids& ids) {
  return static_cast<unsigned>(reinterpret_cast<uintptr_t>(ids.data()));
}

int ids_count(const Ids& ids) { return static_cast<int>(ids.size()); }

struct MemoryUse {
  double used;
  double idle;
};

MemoryUse memory_use() {
  const auto idle = static_cast<double>(Arena::shared().idle());
  return {static_cast<double>(mallinfo().uordblks) - idle, idle};
}

Report take_report() { return last_error; }

}  // namespace

EMSCRIPTEN_BINDINGS(tensor) {
  using namespace emscripten;

  value_object<Report>("Report")
      .field("name", &Report::name)
      .field("message", &Report::message);
  function("lastError", &take_report);

  value_object<MemoryUse>("MemoryUse")
      .field("used", &MemoryUse::used)
      .field("idle", &MemoryUse::idle);
  function("memoryUse", &memory_use);

  value_array<Sizes>("Sizes")
      .element(emscripten::index<0>())
      .element(emscripten::index<1>())
      .element(emscripten::index<2>())
      .element(emscripten::index<3>())
      .element(emscripten::index<4>())
      .element(emscripten::index<5>());
  class_<Tensor>("Tensor")
      .function("address", &tensor_address)
      .function("rank", &tensor_rank)
      .function("sizes", &tensor_sizes);
  register_optional<Tensor>();
  function("tensor", &guarded<&make_tensor>::call);

  class_<Ids>("Ids").function("address", &ids_address).function("count", &ids_count);
  register_optional<Ids>();
  function("ids", &guarded<&make_ids>::call);

  register_optional<bool>();
}

}  // namespace regard::bindings
