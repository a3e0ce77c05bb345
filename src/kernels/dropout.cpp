// SPDX-License-Identifier: MIT
// What was tried (Node 20 without relaxed SIMD / AVX-512, ns an element, one run):
//   2026-11  a 32-bit word for each element, in lanes: 0.68 / 0.11, against 1.02 / 0.29 of a 64-bit
//            word, as random.h mixes them, for each four elements
#include "kernels/dropout.h"

#include "kernels/rows.h"
#include "kernels/simd.h"
#include "tensor/random.h"

namespace regard::kernels {

namespace {

using simd::batch;
using simd::load;
using simd::uint_batch;

// Decides which elements stay. A 32-bit word for each element, from multiplications that every SIMD
// instruction set has; 64-bit ones, as random.h uses, are emulated on most.
class Keeper {
 public:
  Keeper(float p, uint64_t seed) noexcept
      : first_key_(static_cast<uint32_t>(mix(seed))),
        second_key_(static_cast<uint32_t>(mix(seed) >> 32)),
        p_(p),
        scale_(1.0f / (1.0f - p)) {}

  // x / (1 - p) where the elements from i on stay, else 0.
  batch keep(Index i, batch x) const noexcept {
    // the rounds of lowbias32 [Wellons 2018], with half of the seed before and half between them:
    // under two seeds the words are not one sequence in two orders
    uint_batch word = simd::count_from(static_cast<uint32_t>(i)) ^ first_key_;
    word = simd::multiply(word ^ (word >> 16), uint_batch(0x7feb352du)) + second_key_;
    word = simd::multiply(word ^ (word >> 15), uint_batch(0x846ca68bu));
    word = word ^ (word >> 16);
    return simd::select(simd::unit_interval(word) >= p_, x * scale_, batch(0.0f));
  }

 private:
  uint_batch first_key_;
  uint_batch second_key_;
  batch p_;
  batch scale_;
};

// What one element costs, for sharing among threads.
constexpr Index cost = 4;

}  // namespace

void dropout(const float* x, float* y, Index n, float p, uint64_t seed, Index first) noexcept {
  const Keeper keeper(p, seed);
  for_rows(n, cost, [&](Index begin, Index end) {
    simd::sweep_once(end - begin, [&](Index i, auto lanes) {
      const Index at = begin + i;
      simd::store(y + at, keeper.keep(first + at, load(x + at, lanes)), lanes);
    });
  });
}

void dropout_backward(const float* dy, float* dx, Index n, float p, uint64_t seed) noexcept {
  dropout_add(dy, dx, dx, n, p, seed);
}

void dropout_add(const float* x, const float* residual, float* y, Index n, float p,
                 uint64_t seed) noexcept {
  const Keeper keeper(p, seed);
  for_rows(n, cost, [&](Index begin, Index end) {
    simd::sweep_once(end - begin, [&](Index i, auto lanes) {
      const Index at = begin + i;
      const batch kept = keeper.keep(at, load(x + at, lanes));
      simd::store(y + at, load(residual + at, lanes) + kept, lanes);
    });
  });
}

}  // namespace regard::kernels
