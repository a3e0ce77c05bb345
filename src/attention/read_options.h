// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "attention/options.h"
#include "io/options.h"

namespace regard::attention {

/// Attention's options as JSON has them, all that are neither tensors nor edits, by their names in
/// camel case; those that are absent keep their defaults.
///
/// `causal` is true, an origin's name or an offset; `window` a number for both sides, or [left,
/// right]; `return` a list of 'raw', 'capped', 'masked' and 'weights'.
/// throws ValueError `attention: scale is "wide", expected a number`
AttentionOptions read_options(const io::Options& options);

/// What an option of another name says about causality.
void read_causal(const io::Options& options, std::string_view name, AttentionOptions& attention);

}  // namespace regard::attention
