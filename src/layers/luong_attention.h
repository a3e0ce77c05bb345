// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/attention.h"
#include "layers/linear.h"

namespace regard::layers {

struct LuongOptions {
  Index D = 0;          ///< width of the decoder's states h, and of what comes out
  Index key_width = 0;  ///< width of the encoder's states; 0 = D
  attention::Score score = attention::Score::general;  ///< dot, general, concat or location
  Index M = 0;       ///< width of the hidden layer of concat, and of local_p's; 0 = D
  Index places = 0;  ///< of location: how many places of the source it knows
  attention::Alignment alignment = attention::Alignment::softmax;  ///< or local_m, local_p
  Index radius = 0;  ///< of local alignments: how many states to each side of the place
};

/// Attention between a recurrent decoder's state and its output [Luong et al. 2015, section 3].
///
///     c = the mean of the encoder's states, weighted by how they fit h     h̃ = tanh(W_c [c; h])
///
/// The query is the decoder's present state h. What comes out, h̃, predicts the next word; with
/// input feeding (section 3.3) it also goes into the decoder's next step, behind that step's
/// embedding: feed().
class LuongAttention {
 public:
  /// throws ValueError for another score or alignment, a dot of unlike widths, or widths below 1
  LuongAttention(const LuongOptions& options, Initializer& initializer);

  /// h        (B, L, D)
  /// states   (B, S, key_width)  keys and values
  /// options  which states are seen; what is returned
  /// returns  h̃ (B, L, D) as the output, and what was asked for
  /// throws   as attention::attention()
  autograd::AttentionVariables forward(Pass& pass, const Variable& h, const Variable& states,
                                       const attention::AttentionOptions& options = {}) const;

  /// The input of the decoder's next step: its embedding, then h̃ of the last step.
  static Variable feed(Pass& pass, const Variable& embedding, const Variable& attentional);

  /// W_a and v_a of the score, W_p and v_p of local_p, W_c: what of them there is.
  void collect(const std::string& prefix, Parameters& parameters) const;

 private:
  LuongOptions options_;
  Variable score_, vector_;                     // W_a and v_a, or null
  Variable position_weight_, position_vector_;  // W_p and v_p, or null
  Linear combine_;                              // W_c (D, key_width + D)
};

}  // namespace regard::layers
