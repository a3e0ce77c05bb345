// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decoding/batches.h"
#include "decoding/search.h"
#include "decoding/translation.h"
#include "models/marian.h"

namespace regard::decoding {

/// What may be asked of a translation; what is not given is as the model's generation_config.json
/// has it.
struct TranslateOptions {
  std::optional<Index> beams{};  ///< 1 to 64; 1 is greedy search
  Index n_best = 1;              ///< how many hypotheses to return, 1 to beams
  std::optional<float> length_penalty{};
  std::optional<EarlyStopping> early_stopping{};
  std::optional<Index> max_length{};  ///< tokens, the start token included
  std::string prefix{};               ///< every translation begins with this text
  /// Do not search: find the score and the attention of this translation.
  std::optional<std::string> target{};
  bool attention = false;
  /// Changes in the model's attentions, of all texts and beams; see intervention.h.
  models::Interventions interventions{};
};

/// The translation of some texts, advanced by its caller one step at a time: running the encoder on
/// a batch is a step, and so is each token of its search.
///
/// Texts of like lengths make a batch, few enough that memory stays bounded. A text of no pieces is
/// not translated: its translation is empty and says so. One that is longer than the model's
/// positions is cut, keeping `</s>`, and says so.
class TranslationSearch {
 public:
  /// throws  ValueError if an option is out of its range, or the prefix or target too long; what
  ///         check_interventions() throws for one of the texts
  TranslationSearch(std::shared_ptr<const models::MarianModel> model,
                    const std::vector<std::string>& texts, const TranslateOptions& options);

  /// Whether there is more to do after this step. throws ValueError as Search::step() does.
  bool step();

  Index texts() const noexcept { return static_cast<Index>(translations_.size()); }
  /// The best hypothesis of a text so far; empty before its turn.
  /// throws ValueError if there is no such text.
  text::Sentence partial(Index text) const;
  /// throws ValueError before the text is done, or if there is no such text.
  const Translation& result(Index text) const;

 private:
  void read(size_t place, const std::string& text);
  void start_batch();
  void collect_batch();
  TranslationAttention gather_attention(Index sentence, Index source_pieces) const;
  size_t checked(Index text) const;

  const std::shared_ptr<const models::MarianModel> model_;
  SearchOptions options_;
  const models::Interventions interventions_;
  Ids target_;  // instead of a search, if not empty
  std::vector<Translation> translations_;
  std::vector<bool> done_;
  std::vector<Batch> batches_;
  size_t batch_ = 0;  // the one that is under way

  std::unique_ptr<Search> search_;
  std::vector<Tensor> encoder_attention_;  // a (B, H, S, S) for each layer
};

}  // namespace regard::decoding
