// SPDX-License-Identifier: MIT
// Which layer and head of the cross-attention ties words best.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "decoding/translator.h"
#include "evaluation/alignment_error.h"
#include "evaluation/gold_pairs.h"
#include "evaluation/name_ties.h"
#include "io/json.h"

namespace regard::evaluation {

/// A head of the decoder's cross-attention, or the mean over a layer's heads.
struct Head {
  Index layer;
  std::optional<Index> head;  ///< none: the mean

  auto operator<=>(const Head&) const = default;
};

/// A head as JSON has it: `{"layer": 2, "head": null}`, both counted from 0.
io::Json to_json(const Head& head);

/// Every head of a model, and each layer's mean after its heads.
std::vector<Head> heads_of(const models::TransformerConfig& config);

/// The cross-attention of a model that is made to write a given translation.
class ForcedAttention {
 public:
  /// throws as Translator::trace()
  ForcedAttention(const decoding::Translator& translator, const std::string& source,
                  const std::string& target);

  /// (T, S): row i is of the step that predicts target piece i; `</s>` last on both sides.
  Tensor weights(const Head& head) const;
  const std::vector<text::TextPiece>& source() const noexcept { return source_; }
  const std::vector<text::TextPiece>& target() const noexcept { return target_; }

 private:
  std::vector<text::TextPiece> source_, target_;  // without `</s>`
  std::vector<Tensor> layers_;                    // (H, T, S) each
};

/// How links are read off: the strongest of each target word, of the weights as they are or of
/// balanced ones.
enum class Rule { balanced, plain };

/// Links between words, by one head.
Links head_links(const ForcedAttention& attention, const Head& head, Rule rule,
                 const std::vector<text::TextSpan>& source_words,
                 const std::vector<text::TextSpan>& target_words);

/// What a head's links are worth.
struct HeadReport {
  Head head;
  AlignmentError choosing{}, reporting{};  ///< over the first, third, … pair, and over the others
  AlignmentError plain{};                  ///< over all pairs, by Rule::plain
  Index names = 0, plain_names = 0;  ///< in how many named pairs the name is tied, by each rule

  AlignmentError all() const noexcept { return AlignmentError(choosing) += reporting; }
};

/// Two sentences that have the same name in them.
struct NamedPair {
  std::string source, target;
  NamedText source_words, target_words;
};

/// Every head, and each layer's mean, against pairs aligned by hand and pairs with a name.
/// throws as Translator::trace()
std::vector<HeadReport> compare_heads(const decoding::Translator& translator,
                                      const std::vector<GoldPair>& gold,
                                      const std::vector<NamedPair>& named);

/// The one with the lowest error over the choosing pairs, the first of equals.
const HeadReport& best_head(const std::vector<HeadReport>& reports);

}  // namespace regard::evaluation
