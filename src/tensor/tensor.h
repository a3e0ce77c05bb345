// SPDX-License-Identifier: MIT
// Start reading here. A tensor is a block of fp32 numbers with a shape: row-major and contiguous,
// its storage shared by reference count. Ids are int32 vectors. Nothing in the engine is laid out
// in any other way; kernels that need other views (a head inside a projected row) take strides.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "tensor/error.h"
#include "tensor/shape.h"

namespace regard {

/// Token ids and other whole numbers.
using Id = int32_t;
using Ids = std::vector<Id>;

/// A handle to shared fp32 storage. Copying a Tensor copies the handle; `clone()` copies numbers.
class Tensor {
 public:
  /// No tensor at all; `defined()` is false.
  Tensor() = default;

  /// Storage with undefined contents. throws OutOfMemoryError.
  static Tensor empty(const Shape& shape);
  static Tensor zeros(const Shape& shape) { return full(shape, 0.0f); }
  static Tensor full(const Shape& shape, float value);
  /// throws ShapeError unless there are shape.count() values.
  static Tensor from(const Shape& shape, std::span<const float> values);

  bool defined() const noexcept { return storage_ != nullptr; }
  const Shape& shape() const noexcept { return shape_; }
  Index count() const noexcept { return shape_.count(); }
  /// One axis's size; negative counts from the innermost: size(-1) == shape().back().
  Index size(Index axis) const noexcept { return shape_[axis < 0 ? axis + shape_.rank() : axis]; }

  float* data() noexcept { return data_; }
  const float* data() const noexcept { return data_; }
  std::span<float> values() noexcept { return {data_, static_cast<size_t>(count())}; }
  std::span<const float> values() const noexcept { return {data_, static_cast<size_t>(count())}; }

  /// The same storage under another shape. throws ShapeError unless the counts agree.
  Tensor reshape(const Shape& shape) const;
  /// Rows begin … end-1 of the outermost axis, sharing storage.
  /// throws ValueError unless 0 <= begin <= end <= size(0).
  Tensor slice(Index begin, Index end) const;
  Tensor clone() const;
  void fill(float value) noexcept;

 private:
  struct Storage;
  std::shared_ptr<Storage> storage_;
  float* data_ = nullptr;
  Shape shape_;
};

}  // namespace regard
