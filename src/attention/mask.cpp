// SPDX-License-Identifier: MIT
#include "attention/mask.h"

#include <vector>

namespace regard::attention {

namespace {

// One of the weights' axes B, H, L, S, which an axis of a mask stands for.
struct MaskAxis {
  Index size;
  Index MaskView::* stride;
};
using MaskAxisList = std::vector<MaskAxis>;

[[noreturn]] void refuse(const char* name, const Tensor& mask, const Phrase& expected,
                         const Phrase& more = "") {
  throw ShapeError("attention: ", name, " is ", mask.shape(), ", expected ", expected, more);
}

Shape shape_of(const MaskAxisList& axes) {
  std::vector<Index> sizes;
  for (const MaskAxis& axis : axes) sizes.push_back(axis.size);
  return Shape(sizes);
}

// The strides of a mask whose last axis stands for the last of `axes`, and so on; 0 for axes of
// size 1. returns false if a size is neither 1 nor the axis's.
bool fits(const Tensor& mask, const MaskAxisList& axes, bool pads, MaskView& view) {
  view = {.data = mask.data()};
  const Index rank = mask.shape().rank();
  if (rank > static_cast<Index>(axes.size())) return false;
  Index stride = 1;
  for (Index i = 0; i < rank; ++i) {
    const MaskAxis& axis = axes[axes.size() - 1 - static_cast<size_t>(i)];
    const Index size = mask.size(rank - 1 - i);
    const bool shorter = pads && i == 0 && size < axis.size;
    if (size != axis.size && size != 1 && !shorter) return false;
    view.*axis.stride = size == 1 && !shorter ? 0 : stride;
    if (i == 0) view.keys = shorter ? size : axis.size;
    stride *= size;
  }
  return true;
}

}  // namespace

MaskView mask_view(const char* name, const Tensor& mask, const Convention& rules,
                   const Operands& operands) {
  MaskView view;
  if (!mask.defined()) return view;
  const AttentionSizes& sizes = operands.sizes;
  const MaskAxis batch{sizes.B, &MaskView::batch}, head{sizes.H, &MaskView::head},
      row{sizes.L, &MaskView::row}, column{sizes.S, &MaskView::column};
  MaskAxisList all;
  if (operands.axes.batch) all.push_back(batch);
  if (operands.axes.heads) all.push_back(head);
  all.insert(all.end(), {row, column});
  const MaskAxisList pair{row, column};
  const Index rank = mask.shape().rank();
  const bool whole = rank == operands.axes.rank();

  switch (rules.mask_axes) {
    case MaskAxes::stated:
      if ((rank == 2 || whole) && fits(mask, rank == 2 ? pair : all, false, view)) return view;
      if (whole && rank > 2) {
        refuse(name, mask, shape_of(all), ", where an axis may be 1");
      }
      if (rank == 3) {
        throw ShapeError("attention: ", name, " is ", mask.shape(),
                         ", where three axes could begin with batches or heads: expected ",
                         shape_of(all), ", where an axis may be 1");
      }
      refuse(name, mask, shape_of(pair));
    case MaskAxes::aligned:
      if (rank > 0 && fits(mask, all, rules.pads_masks, view)) return view;
      refuse(name, mask, "what can be repeated to ", shape_of(all));
    case MaskAxes::batch_heads: {
      const Shape each{sizes.B * sizes.H, sizes.L, sizes.S};
      if (mask.shape() == each) {
        return {mask.data(), sizes.H * sizes.L * sizes.S, sizes.L * sizes.S, sizes.S, 1, sizes.S};
      }
      if ((rank == 2 || rank == 4) && fits(mask, rank == 2 ? pair : all, false, view)) return view;
      refuse(name, mask, shape_of(pair), " or one for each batch and head");
    }
    case MaskAxes::batches:
      if (rank == 3 && fits(mask, {batch, row, column}, false, view)) return view;
      if ((rank == 2 || whole) && fits(mask, all, false, view)) return view;
      refuse(name, mask, Shape{sizes.B, sizes.L, sizes.S});
  }
  return view;
}

MaskView key_mask_view(const Tensor& mask, const Operands& operands) {
  if (!mask.defined()) return {};
  const AttentionSizes& sizes = operands.sizes;
  const Shape expected = operands.axes.batch ? Shape{sizes.B, sizes.S} : Shape{sizes.S};
  if (mask.shape() != expected) refuse("the key mask", mask, expected);
  return {.data = mask.data(), .batch = sizes.S, .column = 1, .keys = sizes.S};
}

}  // namespace regard::attention
