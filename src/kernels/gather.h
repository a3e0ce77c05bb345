// SPDX-License-Identifier: MIT
// Elements by their place along an axis.
#pragma once

#include <cstdint>

#include "tensor/shape.h"

namespace regard::kernels {

/// The sizes of x (outer, n, inner) and y (outer, count, inner).
struct GatherSizes {
  Index outer;
  Index n;
  Index count;
  Index inner;
};

/// y[:, i, :] = x[:, places[i], :].
///
/// places  (count)  each 0 … n-1: the caller has checked
void gather(const float* x, const int32_t* places, const GatherSizes& sizes, float* y) noexcept;

/// dx[:, places[i], :] += dy[:, i, :], in the order of i.
void gather_backward(const float* dy, const int32_t* places, const GatherSizes& sizes,
                     float* dx) noexcept;

/// y[o, i, j] = x[o, places[o, i, j], j].
///
/// places  (outer, count, inner)  each 0 … n-1: the caller has checked
void take_along(const float* x, const int32_t* places, const GatherSizes& sizes, float* y) noexcept;

/// dx[o, places[o, i, j], j] += dy[o, i, j], in the order of i.
void take_along_backward(const float* dy, const int32_t* places, const GatherSizes& sizes,
                         float* dx) noexcept;

}  // namespace regard::kernels
