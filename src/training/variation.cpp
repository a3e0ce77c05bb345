// SPDX-License-Identifier: MIT
#include "training/variation.h"

#include <algorithm>
#include <utility>

namespace regard::training {

Variation::Variation(const NoiseOptions& noise, const SamplingOptions& sampling,
                     std::shared_ptr<const text::MarianTokenizer> tokenizer,
                     std::vector<std::string> sources, std::vector<std::string> targets,
                     size_t longest)
    : noise_(noise),
      sampling_(sampling),
      tokenizer_(std::move(tokenizer)),
      sources_(std::move(sources)),
      targets_(std::move(targets)),
      longest_(longest),
      source_unknown_(tokenizer_->source_unknown()),
      target_unknown_(tokenizer_->unknown()) {
  const auto expect_unigram = [](float alpha, bool unigram, const char* file) {
    if (alpha > 0 && !unigram) {
      throw ValueError("sampling: ", file, " is no unigram model, which alone can be sampled from");
    }
  };
  expect_unigram(sampling_.source, tokenizer_->source_model().is_unigram(), "source.spm");
  expect_unigram(sampling_.target, tokenizer_->target_model().is_unigram(), "target.spm");
}

// A cut is of no use if it is too long, or has pieces that the vocabulary lacks where the usual one
// has none.
bool Variation::is_usable(const Ids& ids, const Ids& usual, Id unknown) const {
  const auto lacking = [&](const Ids& all) { return std::count(all.begin(), all.end(), unknown); };
  return ids.size() <= longest_ && lacking(ids) <= lacking(usual);
}

Pair Variation::vary(const Pair& pair, size_t row, Random& random) const {
  Pair varied = pair;
  if (sampling_.any() && random.uniform() < static_cast<double>(sampling_.share)) {
    if (sampling_.source > 0) {
      Ids ids = tokenizer_->sample_source(sources_[row], sampling_.source, random);
      if (is_usable(ids, pair.source, source_unknown_)) varied.source = std::move(ids);
    }
    if (sampling_.target > 0) {
      Ids ids = tokenizer_->sample_target(targets_[row], sampling_.target, random);
      if (is_usable(ids, pair.target, target_unknown_)) varied.target = std::move(ids);
    }
  }
  if (noise_.any()) varied.source = with_noise(varied.source, noise_, source_unknown_, random);
  return varied;
}

}  // namespace regard::training
