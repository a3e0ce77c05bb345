// SPDX-License-Identifier: MIT
// Attention step by step, as the equations have it, with every score kept: what can be looked at
// and changed on the way. tiled.h does without the scores.
#pragma once

#include "attention/attention.h"
#include "attention/plan.h"

namespace regard::attention {

/// attention() of a plan. Beside what was asked for it keeps the weights, for backward.
Attention readable_attention(const Plan& plan);

/// attention_backward() of a plan.
AttentionGradients readable_backward(const Plan& plan, const Attention& forward,
                                     const Attention& gradients);

}  // namespace regard::attention
