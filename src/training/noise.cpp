// SPDX-License-Identifier: MIT
#include "training/noise.h"

#include <utility>

namespace regard::training {

namespace {

bool happens(float rate, Random& random) {
  return rate > 0 && random.uniform() < static_cast<double>(rate);
}

}  // namespace

Ids with_noise(const Ids& source, const NoiseOptions& options, Id unknown, Random& random) {
  Ids noisy;
  for (size_t i = 0; i + 1 < source.size(); ++i) {
    if (happens(options.drop, random)) continue;
    noisy.push_back(happens(options.mask, random) ? unknown : source[i]);
  }
  if (noisy.empty()) noisy.assign(source.begin(), source.end() - 1);

  // a piece that was moved stays where it is now
  for (size_t i = 0; i + 1 < noisy.size(); ++i) {
    if (happens(options.swap, random)) {
      std::swap(noisy[i], noisy[i + 1]);
      ++i;
    }
  }
  noisy.push_back(source.back());
  return noisy;
}

void mask_input(Batch& batch, const NoiseOptions& options, Id unknown, Id pad, Random& random) {
  if (!(options.target_mask > 0) || batch.B == 0) return;
  const size_t L = batch.target_input.size() / static_cast<size_t>(batch.B);
  for (size_t i = 0; i < batch.target_input.size(); ++i) {
    const bool begins = i % L == 0, padding = batch.target_input[i] == pad;
    if (!begins && !padding && happens(options.target_mask, random)) {
      batch.target_input[i] = unknown;
    }
  }
}

}  // namespace regard::training
