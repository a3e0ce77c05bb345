// SPDX-License-Identifier: MIT
#include "kernels/cross_entropy.h"

#include <algorithm>
#include <cmath>

#include "kernels/rows.h"
#include "kernels/simd.h"

namespace regard::kernels {

namespace {

using simd::batch;
using simd::load;

// What one exponential costs in element operations, for sharing rows among threads.
constexpr Index exp_cost = 8;

// Calls body(i, lanes) for the batches of a row, around the masked class.
template <class Body>
void sweep_classes(Index V, Index masked, const Body& body) noexcept {
  const bool parts = masked >= 0;
  for (int part = 0; part <= int{parts}; ++part) {
    const Index begin = part ? masked + 1 : 0, end = parts && part == 0 ? masked : V;
    simd::sweep_once(end - begin, [&](Index i, auto lanes) { body(begin + i, lanes); });
  }
}

Index class_count(Index V, const CrossEntropyOptions& options) noexcept {
  return options.masked < 0 ? V : V - 1;
}

}  // namespace

void cross_entropy(const float* logits, const int32_t* targets, float* losses, float* log_sum,
                   Index rows, Index V, const CrossEntropyOptions& options) noexcept {
  const float smoothing = options.smoothing;
  const float classes = static_cast<float>(class_count(V, options));

  const auto row_loss = [&](Index row) {
    const float* x = logits + row * V;
    batch largest(-simd::infinity);
    sweep_classes(V, options.masked, [&](Index i, auto lanes) {
      largest = simd::max(largest, load(x + i, lanes, -simd::infinity));
    });
    const float shift = simd::reduce_max(largest);

    // lanes beyond the row: no distance from the largest, and one exponential too many otherwise
    batch exp_sum(0.0f);
    batch distance_sum(0.0f);
    sweep_classes(V, options.masked, [&](Index i, auto lanes) {
      exp_sum += simd::exp(load(x + i, lanes, -simd::infinity) - batch(shift));
      distance_sum += load(x + i, lanes, shift) - batch(shift);
    });

    // both terms from the largest logit on, where nothing cancels
    const float log_of_sum = std::log(simd::reduce_add(exp_sum));
    const float hit = log_of_sum - (x[targets[row]] - shift);
    const float average = log_of_sum - simd::reduce_add(distance_sum) / classes;
    losses[row] = (1.0f - smoothing) * hit + (smoothing == 0.0f ? 0.0f : smoothing * average);
    log_sum[row] = shift + log_of_sum;
  };

  for_rows(rows, exp_cost * V, [&](Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
      if (targets[row] == options.ignore) {
        losses[row] = log_sum[row] = 0.0f;
      } else {
        row_loss(row);
      }
    }
  });
}

void cross_entropy_backward(const float* logits, const int32_t* targets, const float* log_sum,
                            float scale, float* dlogits, Index rows, Index V,
                            const CrossEntropyOptions& options) noexcept {
  const batch everywhere(options.smoothing / static_cast<float>(class_count(V, options)));
  const batch factor(scale);

  for_rows(rows, exp_cost * V, [&](Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
      const float* x = logits + row * V;
      float* dx = dlogits + row * V;
      if (targets[row] == options.ignore) {
        std::fill(dx, dx + V, 0.0f);
        continue;
      }

      sweep_classes(V, options.masked, [&](Index i, auto lanes) {
        const batch probability = simd::exp(load(x + i, lanes) - batch(log_sum[row]));
        simd::store(dx + i, factor * (probability - everywhere), lanes);
      });
      dx[targets[row]] -= scale * (1.0f - options.smoothing);
      if (options.masked >= 0) dx[options.masked] = 0.0f;
    }
  });
}

}  // namespace regard::kernels
