// SPDX-License-Identifier: MIT
#include "autograd/indexing.h"

#include <numeric>
#include <utility>

#include "autograd/operands.h"
#include "kernels/elementwise.h"
#include "kernels/embedding.h"
#include "kernels/gather.h"

namespace regard::autograd {

namespace {

void expect_places(const char* operation, const Indices& indices, Index n) {
  for (const Id place : indices.ids) {
    if (place < 0 || place >= n) {
      throw ValueError(operation, ": place ", place, " is not on an axis of ", n);
    }
  }
}

// A shape with one of its axes replaced by those of another.
Shape replaced(const Shape& shape, Index axis, const Shape& by) {
  std::vector<Index> sizes(shape.begin(), shape.begin() + axis);
  sizes.insert(sizes.end(), by.begin(), by.end());
  sizes.insert(sizes.end(), shape.begin() + axis + 1, shape.end());
  return Shape(sizes);
}

}  // namespace

Indices::Indices(Ids numbers, const Shape& sizes) : ids(std::move(numbers)), shape(sizes) {
  if (static_cast<Index>(ids.size()) != shape.count()) {
    throw ShapeError("indices: ", ids.size(), " numbers, expected ", shape.count(),
                     " for the shape ", shape);
  }
}

Variable index_select(Tape& tape, const Variable& x, const Indices& indices, Index axis) {
  const Shape& shape = x->value.shape();
  axis = axis_of("index_select", shape, axis);
  expect_places("index_select", indices, shape[axis]);
  const auto [outer, n, inner] = around(shape, axis);
  const kernels::GatherSizes sizes{outer, n, indices.shape.count(), inner};
  Tensor y = Tensor::empty(replaced(shape, axis, indices.shape));
  kernels::gather(x->value.data(), indices.ids.data(), sizes, y.data());
  return tape.record(std::move(y), {x}, [x, sizes, ids = indices.ids](const Node& out) {
    kernels::gather_backward(out.gradient.data(), ids.data(), sizes, x->grad().data());
  });
}

Variable take_along_axis(Tape& tape, const Variable& x, const Indices& indices, Index axis) {
  const Shape& shape = x->value.shape();
  axis = axis_of("take_along_axis", shape, axis);
  const Index count = indices.shape.rank() == shape.rank() ? indices.shape[axis] : shape[axis];
  expect_shape("take_along_axis", "indices", indices.shape, with_size(shape, axis, count));
  expect_places("take_along_axis", indices, shape[axis]);
  const auto [outer, n, inner] = around(shape, axis);
  const kernels::GatherSizes sizes{outer, n, count, inner};
  Tensor y = Tensor::empty(indices.shape);
  kernels::take_along(x->value.data(), indices.ids.data(), sizes, y.data());
  return tape.record(std::move(y), {x}, [x, sizes, ids = indices.ids](const Node& out) {
    kernels::take_along_backward(out.gradient.data(), ids.data(), sizes, x->grad().data());
  });
}

Variable embedding(Tape& tape, const Ids& ids, Index B, const Variable& table, float scale,
                   const Tensor& positions) {
  const bool quantized = table->quantized != nullptr;
  if (quantized) expect_no_gradient("embedding", tape.recording());
  const Index count = static_cast<Index>(ids.size());
  const Index V = quantized ? table->quantized->rows() : table->value.size(0);
  const Index M = quantized ? table->quantized->columns() : table->value.size(1);
  if (B < 1 || count % B != 0) {
    throw ShapeError("embedding: ", count, " ids, expected a multiple of B = ", B);
  }
  expect_ids("embedding", ids, V);
  const Index L = count / B;
  if (positions.defined()) expect_shape("embedding", "positions", positions.shape(), {L, M});

  Tensor rows = Tensor::empty({B, L, M});
  if (quantized) {
    const Tensor found = table->quantized->select(ids);
    Ids order(ids.size());
    std::iota(order.begin(), order.end(), 0);
    kernels::embed(order.data(), count, found.data(), M, scale, rows.data());
  } else {
    kernels::embed(ids.data(), count, table->value.data(), M, scale, rows.data());
  }
  if (positions.defined()) {
    for (Index b = 0; b < B; ++b) {
      kernels::add_in_place(positions.data(), rows.data() + b * L * M, L * M);
    }
  }
  return tape.record(std::move(rows), {table}, [ids, table, scale, count, M](const Node& out) {
    kernels::embed_backward(ids.data(), count, out.gradient.data(), M, scale, table->grad().data());
  });
}

Indices argmax(const Tensor& x, Index axis, bool keep) {
  axis = axis_of("argmax", x.shape(), axis);
  if (x.size(axis) == 0) {
    throw ShapeError("argmax: x is ", x.shape(), ", whose axis ", axis, " has no largest element");
  }
  const Shape kept = with_size(x.shape(), axis, 1);
  Ids places(static_cast<size_t>(kept.count()));
  kernels::argmax(x.data(), around(x.shape(), axis), places.data());
  return {std::move(places), keep ? kept : replaced(x.shape(), axis, {})};
}

Tensor one_hot(const Indices& indices, Index classes) {
  expect_places("one_hot", indices, classes);
  std::vector<Index> sizes(indices.shape.begin(), indices.shape.end());
  sizes.push_back(classes);
  Tensor y = Tensor::zeros(Shape(sizes));
  for (size_t i = 0; i < indices.ids.size(); ++i) {
    y.data()[static_cast<Index>(i) * classes + indices.ids[i]] = 1.0f;
  }
  return y;
}

}  // namespace regard::autograd
