// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "decoding/translation_search.h"

namespace regard::decoding {

/// What the encoder looked at in a sentence.
struct SelfAttention {
  text::Sentence source;
  Tensor attention;  ///< (layers, H, S, S)
};

/// A translation model with its text, ready for use.
///
///     Translator translator(models::read_marian(folder));
///     TranslationSearch search = translator.start({"Tom is running."});
///     while (search.step()) {}
///     search.result(0).hypotheses[0].target.text;
class Translator {
 public:
  explicit Translator(models::MarianModel model)
      : model_(std::make_shared<const models::MarianModel>(std::move(model))) {}

  /// The search for translations of some texts; it keeps the model alive.
  /// throws ValueError if an option is out of its range
  TranslationSearch start(const std::vector<std::string>& texts,
                          const TranslateOptions& options = {}) const {
    return TranslationSearch(model_, texts, options);
  }

  /// The encoder's attention alone, faster than a translation. A text that is too long is cut as a
  /// translation's source is.
  SelfAttention self_attention(const std::string& text) const;

  const models::MarianModel& model() const noexcept { return *model_; }

 private:
  std::shared_ptr<const models::MarianModel> model_;
};

}  // namespace regard::decoding
