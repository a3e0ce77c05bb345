// SPDX-License-Identifier: MIT
// How well a query fits a key: the scores that the literature names.
#pragma once

#include <optional>

#include "tensor/tensor.h"

namespace regard::attention {

enum class Score {
  scaled_dot,  ///< q·k / sqrt(D)                        [Vaswani et al. 2017, eq. 1]
  dot,         ///< q·k                                  [Luong et al. 2015, eq. 8]
  general,     ///< qᵀ W k                               [Luong et al. 2015, eq. 8]
  concat,      ///< vᵀ tanh(W [q; k])                    [Luong et al. 2015, eq. 8]
  additive,    ///< vᵀ tanh(W q + U k)                   [Bahdanau et al. 2014, appendix A.1.2]
  cosine,      ///< q·k / (|q| |k|)                      [Graves et al. 2014, eq. 6]
  location,    ///< W q, a number for each place of key  [Luong et al. 2015, section 3.1]
};

/// What a score learns. A score uses the ones that are named for it and refuses others.
struct ScoreParameters {
  Tensor query{};   ///< general (D, Dk); additive W (M, D); concat W (M, D + Dk); location (S or
                    ///< more, D)
  Tensor key{};     ///< additive U (M, Dk)
  Tensor vector{};  ///< additive and concat v (M)
};

}  // namespace regard::attention
