// SPDX-License-Identifier: MIT
#include "kernels/strided.h"

#include <algorithm>

#include "kernels/rows.h"
#include "kernels/simd.h"

namespace regard::kernels {

namespace {

// How many elements of operands that the body cannot read in place are copied at a time.
constexpr Index staged = 256;
static_assert(staged % simd::width == 0);

}  // namespace

Strides contiguous(const Shape& shape) noexcept {
  Strides strides{};
  Index stride = 1;
  for (Index axis = shape.rank() - 1; axis >= 0; --axis) {
    strides[static_cast<size_t>(axis)] = stride;
    stride *= shape[axis];
  }
  return strides;
}

Loop make_loop(const Shape& shape, std::span<const Strides> strides) noexcept {
  Loop loop;
  loop.count = shape.count();
  for (size_t axis = 0; axis < static_cast<size_t>(shape.rank()); ++axis) {
    const Index size = shape[static_cast<Index>(axis)];
    if (size == 1) continue;
    const auto last = static_cast<size_t>(loop.rank - 1);

    // the axis goes on where the one before it has made a step
    bool merges = loop.rank > 0;
    for (size_t k = 0; k < strides.size(); ++k) {
      merges = merges && loop.strides[k][last] == size * strides[k][axis];
    }
    const size_t place = merges ? last : static_cast<size_t>(loop.rank++);
    loop.sizes[place] = (merges ? loop.sizes[place] : 1) * size;
    for (size_t k = 0; k < strides.size(); ++k) loop.strides[k][place] = strides[k][axis];
  }
  if (loop.rank == 0) {
    loop.rank = 1;
    loop.sizes[0] = 1;
    for (size_t k = 0; k < strides.size(); ++k) loop.strides[k][0] = 1;
  }
  return loop;
}

std::array<Index, Loop::max_operands> offsets_at(const Loop& loop, Index place) noexcept {
  std::array<Index, Loop::max_operands> offsets{};
  for (Index axis = loop.rank - 1; axis >= 0 && place > 0; --axis) {
    const auto at = static_cast<size_t>(axis);
    const Index index = place % loop.sizes[at];
    place /= loop.sizes[at];
    for (size_t k = 0; k < offsets.size(); ++k) offsets[k] += index * loop.strides[k][at];
  }
  return offsets;
}

void run(const Loop& loop, std::span<const float* const> in, float* out, float parameter,
         void (*body)(const Stretch&) noexcept) noexcept {
  const auto inner = static_cast<size_t>(loop.rank - 1);
  const Index row = loop.sizes[inner];
  const size_t inputs = in.size();
  const Index out_step = loop.strides[inputs][inner];
  bool in_place = out_step == 1;
  for (size_t k = 0; k < inputs; ++k) {
    const Index step = loop.strides[k][inner];
    in_place = in_place && (step == 0 || step == 1);
  }

  for_rows(loop.count, 2, [&](Index begin, Index end) {
    float copies[Loop::max_operands][staged] = {};
    Stretch stretch{};
    stretch.parameter = parameter;
    while (begin < end) {
      const auto offsets = offsets_at(loop, begin);
      Index n = std::min(row - begin % row, end - begin);
      const bool direct = in_place && n >= simd::width;
      n = direct ? n / simd::width * simd::width : std::min(n, staged);
      begin += n;

      for (size_t k = 0; k < inputs; ++k) {
        const Index step = loop.strides[k][inner];
        stretch.in[k] = in[k] + offsets[k];
        stretch.step[k] = step;
        if (direct || step == 0) continue;
        for (Index i = 0; i < n; ++i) copies[k][i] = stretch.in[k][i * step];
        stretch.in[k] = copies[k];
        stretch.step[k] = 1;
      }

      float* const target = out + offsets[inputs];
      stretch.out = direct ? target : copies[inputs];
      stretch.n = (n + simd::width - 1) / simd::width * simd::width;
      body(stretch);
      if (direct) continue;
      for (Index i = 0; i < n; ++i) target[i * out_step] = stretch.out[i];
    }
  });
}

void copy(const Loop& loop, const float* x, float* y) noexcept {
  run(loop, {{x}}, y, 0.0f, [](const Stretch& s) noexcept {
    if (s.step[0]) {
      std::copy_n(s.in[0], s.n, s.out);
    } else {
      std::fill_n(s.out, s.n, *s.in[0]);
    }
  });
}

}  // namespace regard::kernels
