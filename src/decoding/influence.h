// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "decoding/trace.h"

namespace regard::decoding {

/// What a translation loses with each piece of its source, beside how much attention the piece got.
///
///     influence[s] = log p(target | source) - log p(target | source without piece s)
///     attention[s] = the mean weight of s in all cross-attention
///     agreement    = Kendall's tau of the two
///
/// Leave-one-out against attention, after Jain and Wallace 2019, section 4.1, who find that the two
/// agree weakly at best; Wiegreffe and Pinter 2019 answer what that does and does not show. So
/// neither column explains the model by itself. A piece that is removed moves those after it by
/// one place, which is part of what is measured.
class Influence {
 public:
  /// throws ValueError if the source is empty, or for the target as trace() does
  Influence(std::shared_ptr<const models::MarianModel> model, const std::string& source,
            const Ids& target);

  /// Leaves the next piece out. Whether there is more to do.
  bool step();

  const Source& source() const noexcept { return trace_.source; }
  const text::Sentence& target() const noexcept { return trace_.target; }
  /// log p(target | source), in nats.
  double log_probability() const noexcept { return whole_; }
  /// (S) in nats, positive where a piece helps; those of the steps to come are 0.
  const Tensor& influence() const noexcept { return influence_; }
  const Tensor& attention() const noexcept { return attention_; }  ///< (S), sums to 1
  /// -1 to 1; NaN if one side has nothing but ties. throws ValueError before the last step.
  double agreement() const;

 private:
  const std::shared_ptr<const models::MarianModel> model_;
  const Ids target_ids_;
  Trace trace_;
  double whole_ = 0;
  Tensor influence_;
  Tensor attention_;
  Index next_ = 0;
};

}  // namespace regard::decoding
