// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/corpus.h"
#include "evaluation/tokenization.h"

namespace regard::cli {

/// What a model is worth on sentences that it was not trained on.
struct DevScores {
  double loss = 0;                   ///< nats a target token
  std::optional<double> bleu, chrf;  ///< of greedy translations; not if none were made
  Index sentences = 0;               ///< that were translated
};

/// The sentences to measure a training with.
class DevSet {
 public:
  /// language    of the target, which says how BLEU cuts it into words
  DevSet(Corpus corpus, text::MarianTokenizer tokenizer, models::GenerationConfig generation,
         const std::string& language);

  /// model       is translated with as it is now; what is packed of it does not count
  /// sentences   how many to translate, from the first on
  /// stopped     asked now and then; if it says yes there is no answer
  std::optional<DevScores> score(const models::Transformer& model, Index sentences,
                                 const std::function<bool()>& stopped) const;

  Index size() const noexcept { return static_cast<Index>(corpus_.pairs.size()); }

 private:
  Corpus corpus_;
  text::MarianTokenizer tokenizer_;
  models::GenerationConfig generation_;
  evaluation::Tokenization tokenization_;
};

}  // namespace regard::cli
