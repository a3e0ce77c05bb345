// SPDX-License-Identifier: MIT
// One configuration of the sweep with numbers: what the engine is called with, and what of it the
// reference wants to know, found without the engine's help.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "attention/attention.h"
#include "attention/sweep_configuration.h"
#include "reference/visibility.h"

namespace regard::attention::sweep {

/// A whole number of low … high.
inline Index between(Random& random, Index low, Index high) {
  return low + static_cast<Index>(random.below(static_cast<uint64_t>(high - low + 1)));
}

/// What may have a gradient, in this order everywhere.
enum Operand {
  queries,
  keys,
  values,
  bias_operand,
  past_keys,
  past_values,
  score_query,
  score_key,
  score_vector,
  position_weight,
  position_vector,
  operand_count
};

/// What a convention means, by reference/visibility.h's rules, written down a second time.
struct Rules {
  bool true_attends;
  OriginKind origin;  ///< of `unstated`
  double mask_value;
  bool adds_mask_value;
  EmptyRowKind empty_row;
  bool blhd;
  enum Axes { stated, aligned, batch_heads, batches } axes;
  bool pads;
};
const Rules& rules_of(ConventionName name);

struct Sizes {
  Index B = 1, H = 1, key_heads = 1;
  Index L = 1;
  Index P = 0;  ///< past keys
  Index S = 1;  ///< new keys
  Index D = 1, Dk = 1, Dv = 1;
  Index M = 1;  ///< of what scores and places learn

  Index T() const { return P + S; }  ///< all keys
};

/// A mask or bias of some of the weights' four axes.
struct Spread {
  Shape shape{};
  std::array<Index, 4> strides{};  ///< of B, H, L, T; 0 where it is repeated
  Index keys = 0;                  ///< how many it tells something about

  Index at(Index b, Index h, Index l, Index s) const {
    return b * strides[0] + h * strides[1] + l * strides[2] + s * strides[3];
  }
};

class Problem {
 public:
  /// few  the largest of sizes that the configuration wants small
  Problem(const Configuration& configuration, uint64_t seed, Index few = 9);

  const Configuration& configuration() const { return configuration_; }
  const Sizes& sizes() const { return sizes_; }
  const Rules& rules() const { return rules_; }
  const AttentionOptions& options() const { return options_; }

  /// Options with nothing or everything asked for.
  AttentionOptions asking_for_nothing() const;
  AttentionOptions asking_for_everything() const;
  /// The engine's answer, of these operands.
  Attention attention_of(const std::array<Tensor, operand_count>& operands,
                         AttentionOptions asking) const;

  const std::array<Tensor, operand_count>& operands() const { return operands_; }
  /// The same where keys and values that no query uses hold what the configuration says, and with
  /// `partly` also one key of each head that only some queries use.
  std::array<Tensor, operand_count> poisoned(bool partly) const;

  /// Whether poisoned() holds NaN or infinities.
  bool poisons() const;

  /// Where number (b, h, row, d) of queries, keys or values lies, h counted as they have heads.
  Index place(Operand operand, Index b, Index h, Index row, Index d) const;
  /// The same of the output.
  Index output_place(Index b, Index h, Index l, Index d) const;

  bool sees(Index b, Index h, Index l, Index s) const;
  bool is_padding(Index b, Index l) const;  ///< by query lengths
  bool is_empty(Index b, Index h, Index l) const;
  /// Whether key s has an influence on what query l gets.
  bool uses(Index b, Index h, Index l, Index s) const;
  /// Whether it has one on any query of head h, or of those that share its keys.
  bool used_by_any(Index b, Index h, Index s) const;
  /// Whether poisoned(true) changes a key that the query uses.
  bool meets_poison(Index b, Index h, Index l) const;

  Index origin_of(Index b) const { return origins_[static_cast<size_t>(b)]; }
  /// How many keys local-p counts.
  Index length_of(Index b, Index l) const;
  double score_of_hidden() const;
  bool adds_to_hidden() const;
  EmptyRowKind row_of_nothing(bool weights_asked = true) const;
  const Spread& bias_spread() const { return bias_; }
  double scale_factor() const;
  std::string to_string() const;

 private:
  Tensor numbers(const Shape& shape, double deviation);
  void draw_sizes(Index most);
  void draw_operands();
  void draw_score();
  void draw_visibility();
  Spread spread(int kind);
  Tensor draw_mask(const Spread& spread);
  Tensor draw_bias(const Spread& spread, int kind);
  Shape shape_of(Index heads_of, Index rows, Index width) const;
  Index place(Index heads_of, Index rows, Index width, Index b, Index h, Index row, Index d) const;
  bool find_sees(Index b, Index h, Index l, Index s) const;
  size_t row_of(Index b, Index h, Index l) const;

  Configuration configuration_;
  Random random_;
  const Rules& rules_;
  Sizes sizes_;
  bool has_batch_ = false, has_heads_ = false;
  AttentionOptions options_;
  std::array<Tensor, operand_count> operands_;
  Spread mask_, bias_;
  std::vector<Index> origins_;
  std::vector<bool> sees_;           // (B, H, L, T)
  std::vector<Index> seen_;          // (B, H, L): how many
  std::vector<Index> poisoned_key_;  // (B, key heads): used by some queries only, or -1
};

}  // namespace regard::attention::sweep
