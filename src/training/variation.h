// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "text/marian_tokenizer.h"
#include "training/noise.h"

namespace regard::training {

/// How often and how freely texts are cut into other pieces than usual: subword regularization
/// [Kudo 2018]. `source` and `target` are the exponents of text::SamplingOptions, 0 = as usual.
struct SamplingOptions {
  float source = 0, target = 0;
  float share = 1;  ///< of the sentences, each time they come by

  bool any() const noexcept { return share > 0 && (source > 0 || target > 0); }
};

/// What pairs look like each time they come by: cut into other pieces, with noise. What becomes of
/// a pair is a pure function of the pair and the random numbers.
class Variation {
 public:
  /// Noise alone.
  /// source_unknown, target_unknown   the ids of what the vocabularies of the two sides lack
  Variation(const NoiseOptions& noise, Id source_unknown, Id target_unknown)
      : noise_(noise), source_unknown_(source_unknown), target_unknown_(target_unknown) {}
  /// Both. The texts are those of the trainer's pairs, in the same order; a cut of more than
  /// `longest` ids, or one with pieces that the vocabulary lacks, is not taken.
  /// throws ValueError if a side that is to be sampled is not cut by a unigram model
  Variation(const NoiseOptions& noise, const SamplingOptions& sampling,
            std::shared_ptr<const text::MarianTokenizer> tokenizer,
            std::vector<std::string> sources, std::vector<std::string> targets, size_t longest);

  /// Pair `row`, which usually is `pair`, at one time.
  Pair vary(const Pair& pair, size_t row, Random& random) const;
  /// Noise in what the decoder is given.
  void vary_input(Batch& batch, Id pad, Random& random) const {
    mask_input(batch, noise_, target_unknown_, pad, random);
  }

 private:
  bool is_usable(const Ids& ids, const Ids& usual, Id unknown) const;

  NoiseOptions noise_;
  SamplingOptions sampling_{};
  std::shared_ptr<const text::MarianTokenizer> tokenizer_;
  std::vector<std::string> sources_, targets_;
  size_t longest_ = 0;
  Id source_unknown_, target_unknown_;
};

}  // namespace regard::training
