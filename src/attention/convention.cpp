// SPDX-License-Identifier: MIT
#include "attention/convention.h"

#include <limits>

namespace regard::attention {

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float largest = std::numeric_limits<float>::max();

// In the order of ConventionName: name, true attends, origin, mask value, added, empty row, layout,
// axes of masks, short masks.
constexpr Convention table[] = {
    {"none", true, Origin::unstated, -infinity, false, EmptyRow::zeros, Layout::bhld,
     MaskAxes::stated, false},
    {"onnx-23", true, Origin::cache, -infinity, false, EmptyRow::zeros, Layout::bhld,
     MaskAxes::aligned, false},
    {"onnx-24", true, Origin::cache, -infinity, false, EmptyRow::zeros, Layout::bhld,
     MaskAxes::aligned, true},
    {"onnx-25", true, Origin::cache, -infinity, false, EmptyRow::zeros, Layout::bhld,
     MaskAxes::aligned, true},
    {"torch", true, Origin::top_left, -infinity, false, EmptyRow::zeros, Layout::bhld,
     MaskAxes::aligned, false},
    {"torch-mha", false, Origin::top_left, -infinity, false, EmptyRow::nan, Layout::bhld,
     MaskAxes::batch_heads, false},
    {"keras", true, Origin::top_left, -1e9f, true, EmptyRow::zeros, Layout::blhd, MaskAxes::batches,
     false},
    {"keras-attention", true, Origin::top_left, -1e9f, true, EmptyRow::softmax, Layout::bhld,
     MaskAxes::batches, false},
    {"jax", true, Origin::top_left, -0.7f * largest, false, EmptyRow::softmax, Layout::blhd,
     MaskAxes::aligned, false},
    {"d2l", true, Origin::unstated, -1e6f, false, EmptyRow::softmax, Layout::bhld, MaskAxes::stated,
     false},
};

}  // namespace

const Convention& convention(ConventionName name) noexcept {
  return table[static_cast<size_t>(name)];
}

}  // namespace regard::attention
