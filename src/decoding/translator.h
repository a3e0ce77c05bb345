// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "decoding/influence.h"
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
  /// throws ValueError for an intervention outside of the encoder, and as check_interventions()
  SelfAttention self_attention(const std::string& text,
                               const models::Interventions& interventions = {}) const;

  /// Every step of every attention while the model predicts a target; see trace.h.
  Trace trace(const std::string& source, const Ids& target,
              const TraceOptions& options = {}) const {
    return decoding::trace(*model_, source, target, options);
  }
  /// What the target loses with each piece of its source, advanced by its caller.
  Influence influence(const std::string& source, const Ids& target) const {
    return Influence(model_, source, target);
  }

  const models::MarianModel& model() const noexcept { return *model_; }

 private:
  std::shared_ptr<const models::MarianModel> model_;
};

}  // namespace regard::decoding
