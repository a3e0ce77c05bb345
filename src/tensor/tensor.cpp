// SPDX-License-Identifier: MIT
#include "tensor/tensor.h"

#include <algorithm>
#include <string>

#include "tensor/arena_allocator.h"

namespace regard {

struct Tensor::Storage {
  explicit Storage(Index size) : data(Arena::shared().take(size)), count(size) {}
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;
  ~Storage() { Arena::shared().give_back(data, count); }

  float* data;
  Index count;
};

Tensor Tensor::empty(const Shape& shape) {
  Tensor tensor;
  tensor.storage_ = std::allocate_shared<Storage>(ArenaAllocator<Storage>(), shape.count());
  tensor.data_ = tensor.storage_->data;
  tensor.shape_ = shape;
  return tensor;
}

Tensor Tensor::full(const Shape& shape, float value) {
  Tensor tensor = empty(shape);
  tensor.fill(value);
  return tensor;
}

Tensor Tensor::from(const Shape& shape, std::span<const float> values) {
  if (static_cast<Index>(values.size()) != shape.count()) {
    throw ShapeError("tensor: ", values.size(), " values, expected ", shape.count(),
                     " for the shape ", shape);
  }
  Tensor tensor = empty(shape);
  std::copy(values.begin(), values.end(), tensor.data());
  return tensor;
}

Tensor Tensor::reshape(const Shape& shape) const {
  if (shape.count() != count()) {
    throw ShapeError("reshape: tensor is ", shape_, ", its ", count(), " elements do not fill ",
                     shape);
  }
  Tensor result = *this;
  result.shape_ = shape;
  return result;
}

Tensor Tensor::slice(Index begin, Index end) const {
  if (shape_.rank() == 0 || begin < 0 || end < begin || end > shape_[0]) {
    throw ValueError("slice: rows ", begin, " to ", end, " do not lie within ", shape_);
  }
  std::vector<Index> sizes(shape_.begin(), shape_.end());
  const Index row = sizes[0] ? count() / sizes[0] : 0;
  sizes[0] = end - begin;
  Tensor result = *this;
  result.shape_ = Shape(sizes);
  result.data_ = data_ + begin * row;
  return result;
}

Tensor Tensor::clone() const { return defined() ? from(shape_, values()) : Tensor(); }

void Tensor::fill(float value) noexcept { std::fill_n(data_, count(), value); }

}  // namespace regard
