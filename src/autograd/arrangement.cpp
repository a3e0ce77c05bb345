// SPDX-License-Identifier: MIT
#include "autograd/arrangement.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "autograd/operands.h"
#include "kernels/elementwise.h"

namespace regard::autograd {

using kernels::contiguous;
using kernels::make_loop;
using kernels::Strides;

namespace {

// Elements of a tensor, each at most once, in some order.
struct View {
  Index offset = 0;
  Shape shape;
  Strides strides{};
};

// view += x
void add_to_view(const View& view, const Strides& x_strides, const float* x, float* data) {
  float* const begin = data + view.offset;
  kernels::pairs(kernels::Pair::add,
                 make_loop(view.shape, {{view.strides, x_strides, view.strides}}), begin, x, begin);
}

// A copy of what a view shows of x.
Variable copy_of(Tape& tape, const Variable& x, const View& view) {
  Tensor y = Tensor::empty(view.shape);
  kernels::copy(make_loop(view.shape, {{view.strides, contiguous(view.shape)}}),
                x->value.data() + view.offset, y.data());
  return tape.record(std::move(y), {x}, [x, view](const Node& out) {
    add_to_view(view, contiguous(view.shape), out.gradient.data(), x->grad().data());
  });
}

}  // namespace

Variable reshape(Tape& tape, const Variable& x, const Shape& shape) {
  return tape.record(x->value.reshape(shape), {x}, [x](const Node& out) {
    kernels::add_in_place(out.gradient.data(), x->grad().data(), out.gradient.count());
  });
}

Variable permute(Tape& tape, const Variable& x, const std::vector<Index>& order) {
  const Shape& shape = x->value.shape();
  const Strides strides = contiguous(shape);
  View view;
  std::vector<Index> sizes;
  std::vector<bool> named(static_cast<size_t>(shape.rank()));
  for (const Index axis : order) {
    const auto from = static_cast<size_t>(axis_of("permute", shape, axis));
    if (named[from]) {
      throw ValueError("permute: the order names axis ", from, " twice");
    }
    named[from] = true;
    view.strides[sizes.size()] = strides[from];
    sizes.push_back(shape[static_cast<Index>(from)]);
  }
  if (sizes.size() != named.size()) {
    throw ValueError("permute: the order names ", sizes.size(), " axes, expected all of ", shape);
  }
  view.shape = Shape(sizes);
  return copy_of(tape, x, view);
}

Variable transpose(Tape& tape, const Variable& x, Index first, Index second) {
  const Shape& shape = x->value.shape();
  std::vector<Index> order(static_cast<size_t>(shape.rank()));
  std::iota(order.begin(), order.end(), Index{0});
  const auto a = static_cast<size_t>(axis_of("transpose", shape, first));
  std::swap(order[a], order[static_cast<size_t>(axis_of("transpose", shape, second))]);
  return permute(tape, x, order);
}

Variable broadcast_to(Tape& tape, const Variable& x, const Shape& shape) {
  if (broadcast_shape("broadcast_to", "x", x->value.shape(), shape) != shape) {
    throw ShapeError("broadcast_to: x is ", x->value.shape(), ", which does not broadcast to ",
                     shape);
  }
  Tensor y = Tensor::empty(shape);
  kernels::copy(broadcast_loop(shape, {x->value.shape()}), x->value.data(), y.data());
  return tape.record(std::move(y), {x}, [x](const Node& out) { add_gradient(x, out.gradient); });
}

Variable slice(Tape& tape, const Variable& x, Index axis, Index start, Index stop) {
  const Shape& shape = x->value.shape();
  axis = axis_of("slice", shape, axis);
  if (start < 0 || stop < start || stop > shape[axis]) {
    throw ValueError("slice: places ", start, " to ", stop, " do not lie within axis ", axis,
                     " of ", shape);
  }
  const Strides strides = contiguous(shape);
  return copy_of(tape, x,
                 {.offset = start * strides[static_cast<size_t>(axis)],
                  .shape = with_size(shape, axis, stop - start),
                  .strides = strides});
}

Variable diagonal(Tape& tape, const Variable& x, Index first, Index second) {
  const Shape& shape = x->value.shape();
  first = axis_of("diagonal", shape, first);
  second = axis_of("diagonal", shape, second);
  if (first == second) {
    throw ValueError("diagonal: both axes are ", first);
  }
  if (shape[first] != shape[second]) {
    throw ShapeError("diagonal: x is ", shape, ", expected axes ", first, " and ", second,
                     " of one size");
  }
  const Strides strides = contiguous(shape);
  View view;
  std::vector<Index> sizes;
  for (Index axis = 0; axis < shape.rank(); ++axis) {
    if (axis == first || axis == second) continue;
    view.strides[sizes.size()] = strides[static_cast<size_t>(axis)];
    sizes.push_back(shape[axis]);
  }
  view.strides[sizes.size()] =
      strides[static_cast<size_t>(first)] + strides[static_cast<size_t>(second)];
  sizes.push_back(shape[first]);
  view.shape = Shape(sizes);
  return copy_of(tape, x, view);
}

Variable concatenate(Tape& tape, const std::vector<Variable>& parts, Index axis) {
  if (parts.empty()) throw ValueError("concatenate: there are no parts");
  const Shape& first = parts[0]->value.shape();
  axis = axis_of("concatenate", first, axis);
  Index total = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    const Shape& shape = parts[i]->value.shape();
    const Index size = shape.rank() == first.rank() ? shape[axis] : first[axis];
    expect_shape("concatenate", ("part " + std::to_string(i)).c_str(), shape,
                 with_size(first, axis, size));
    total += size;
  }

  Tensor y = Tensor::empty(with_size(first, axis, total));
  const Strides strides = contiguous(y.shape());
  // where in the whole each part lies
  std::vector<View> views;
  Index begin = 0;
  for (const Variable& part : parts) {
    const Shape& shape = part->value.shape();
    views.push_back(
        {.offset = begin * strides[static_cast<size_t>(axis)], .shape = shape, .strides = strides});
    kernels::copy(make_loop(shape, {{contiguous(shape), strides}}), part->value.data(),
                  y.data() + views.back().offset);
    begin += shape[axis];
  }
  return tape.record(std::move(y), parts, [parts, views = std::move(views)](const Node& out) {
    for (size_t i = 0; i < parts.size(); ++i) {
      if (!parts[i]->needs_gradient) continue;
      const View whole{.shape = views[i].shape, .strides = contiguous(views[i].shape)};
      add_to_view(whole, views[i].strides, out.gradient.data() + views[i].offset,
                  parts[i]->grad().data());
    }
  });
}

Variable stack(Tape& tape, const std::vector<Variable>& parts, Index axis) {
  if (parts.empty()) throw ValueError("stack: there are no parts");
  const Shape& first = parts[0]->value.shape();
  // the shape of a part with the new axis
  std::vector<Index> sizes(first.begin(), first.end());
  sizes.push_back(1);
  axis = axis_of("stack", Shape(sizes), axis);
  std::rotate(sizes.begin() + axis, sizes.end() - 1, sizes.end());

  std::vector<Variable> widened;
  for (size_t i = 0; i < parts.size(); ++i) {
    expect_shape("stack", ("part " + std::to_string(i)).c_str(), parts[i]->value.shape(), first);
    widened.push_back(reshape(tape, parts[i], Shape(sizes)));
  }
  return concatenate(tape, widened, axis);
}

}  // namespace regard::autograd
