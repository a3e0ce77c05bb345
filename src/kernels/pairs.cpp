// SPDX-License-Identifier: MIT
#include "kernels/pairs.h"

#include "kernels/simd.h"

namespace regard::kernels {

namespace {

using simd::batch;

// An operand of a stretch; a number that is repeated is read from a batch of it, so that one body
// serves both.
class Operand {
 public:
  Operand(const Stretch& stretch, size_t k) noexcept
      : data_(stretch.in[k]), step_(stretch.step[k]) {
    if (step_) return;
    simd::store(repeated_, batch(*data_));
    data_ = repeated_;
  }
  Operand(const Operand&) = delete;
  Operand& operator=(const Operand&) = delete;

  batch at(Index i) const noexcept { return simd::load(data_ + i * step_); }

 private:
  const float* data_;
  Index step_;
  float repeated_[simd::width];
};

using Body = void (*)(const Stretch&) noexcept;

// The body that stores function(a, b).
template <class Function>
Body body_of(Function) noexcept {
  return [](const Stretch& s) noexcept {
    const Operand a(s, 0), b(s, 1);
    for (Index i = 0; i < s.n; i += simd::width) {
      simd::store(s.out + i, Function()(a.at(i), b.at(i)));
    }
  };
}

batch one_if(simd::mask condition) noexcept {
  return simd::select(condition, batch(1.0f), batch(0.0f));
}

// Comparisons with a NaN fail: asked this way round, both an a and a b that is NaN get through.
batch larger(batch a, batch b) noexcept {
  return simd::select(b <= a, a, simd::select(b == b, simd::select(a == a, b, a), b));
}
batch smaller(batch a, batch b) noexcept {
  return simd::select(b >= a, a, simd::select(b == b, simd::select(a == a, b, a), b));
}

Body body_of(Pair kind) noexcept {
  switch (kind) {
    case Pair::add:
      return body_of([](batch a, batch b) { return a + b; });
    case Pair::subtract:
      return body_of([](batch a, batch b) { return a - b; });
    case Pair::multiply:
      return body_of([](batch a, batch b) { return a * b; });
    case Pair::divide:
      return body_of([](batch a, batch b) { return a / b; });
    case Pair::maximum:
      return body_of([](batch a, batch b) { return larger(a, b); });
    case Pair::minimum:
      break;
  }
  return body_of([](batch a, batch b) { return smaller(a, b); });
}

Body body_of(Comparison kind) noexcept {
  switch (kind) {
    case Comparison::equal:
      return body_of([](batch a, batch b) { return one_if(a == b); });
    case Comparison::not_equal:
      return body_of([](batch a, batch b) { return one_if(a != b); });
    case Comparison::less:
      return body_of([](batch a, batch b) { return one_if(a < b); });
    case Comparison::less_equal:
      return body_of([](batch a, batch b) { return one_if(a <= b); });
    case Comparison::greater:
      return body_of([](batch a, batch b) { return one_if(a > b); });
    case Comparison::greater_equal:
      break;
  }
  return body_of([](batch a, batch b) { return one_if(a >= b); });
}

}  // namespace

void pairs(Pair kind, const Loop& loop, const float* a, const float* b, float* y) noexcept {
  run(loop, {{a, b}}, y, 0.0f, body_of(kind));
}

void compare(Comparison kind, const Loop& loop, const float* a, const float* b, float* y) noexcept {
  run(loop, {{a, b}}, y, 0.0f, body_of(kind));
}

void add_scaled(float factor, const Loop& loop, const float* a, const float* b, float* y) noexcept {
  run(loop, {{a, b}}, y, factor, [](const Stretch& s) noexcept {
    const Operand a_operand(s, 0), b_operand(s, 1);
    const batch scale(s.parameter);
    for (Index i = 0; i < s.n; i += simd::width) {
      const batch sum = simd::multiply_add(scale, b_operand.at(i), a_operand.at(i));
      simd::store(s.out + i, sum);
    }
  });
}

void select(const Loop& loop, const float* condition, const float* a, const float* b,
            float* y) noexcept {
  run(loop, {{condition, a, b}}, y, 0.0f, [](const Stretch& s) noexcept {
    const Operand chosen(s, 0), yes(s, 1), no(s, 2);
    for (Index i = 0; i < s.n; i += simd::width) {
      const simd::mask is_yes = chosen.at(i) != batch(0.0f);
      simd::store(s.out + i, simd::select(is_yes, yes.at(i), no.at(i)));
    }
  });
}

}  // namespace regard::kernels
