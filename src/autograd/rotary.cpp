// SPDX-License-Identifier: MIT
#include "autograd/rotary.h"

#include <cmath>
#include <utility>

#include "kernels/elementwise.h"

namespace regard::autograd {

namespace {

kernels::RotarySizes sizes_of(const Shape& x, const RotaryOptions& options) {
  const Index heads = options.heads == 0 ? 1 : options.heads;
  if (x.rank() < 2 || heads < 1 || x.back() % heads != 0) {
    throw ShapeError("rotary: x is ", x, ", expected (..., L, ",
                     (options.heads == 0 ? "D)" : std::to_string(heads) + " D)"));
  }
  const Index D = x.back() / heads, width = options.width == 0 ? D : options.width;
  if (width < 0 || width > D || width % 2 != 0) {
    throw ValueError("rotary: width is ", width, ", expected an even number up to ", D);
  }
  if (!(options.base > 0)) {
    throw ValueError("rotary: base is ", options.base, ", expected a number above 0");
  }
  return {.rows = x.rows() * heads, .repeat = heads, .L = x[x.rank() - 2], .D = D, .width = width};
}

}  // namespace

Variable rotary(Tape& tape, const Variable& x, const RotaryOptions& options) {
  const kernels::RotarySizes sizes = sizes_of(x->value.shape(), options);
  const Index half = sizes.width / 2;
  Tensor cosine = Tensor::empty({sizes.L, half}), sine = Tensor::empty({sizes.L, half});
  for (Index i = 0; i < sizes.L; ++i) {
    for (Index j = 0; j < half; ++j) {
      const double angle =
          (static_cast<double>(options.first) + static_cast<double>(i)) /
          std::pow(options.base, static_cast<double>(j) / static_cast<double>(half));
      cosine.data()[i * half + j] = static_cast<float>(std::cos(angle));
      sine.data()[i * half + j] = static_cast<float>(std::sin(angle));
    }
  }

  Tensor y = Tensor::empty(x->value.shape());
  kernels::rotate(x->value.data(), sizes, options.pairs, cosine.data(), sine.data(), 1.0f,
                  y.data());
  return tape.record(std::move(y), {x},
                     [x, sizes, pairs = options.pairs, cosine, sine](const Node& out) {
                       // a rotation's transpose turns back
                       Tensor dx = Tensor::empty(x->value.shape());
                       kernels::rotate(out.gradient.data(), sizes, pairs, cosine.data(),
                                       sine.data(), -1.0f, dx.data());
                       kernels::add_in_place(dx.data(), x->grad().data(), dx.count());
                     });
}

}  // namespace regard::autograd
