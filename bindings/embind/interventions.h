// SPDX-License-Identifier: MIT
#pragma once

#include "io/options.h"
#include "models/intervention.h"

namespace regard::bindings {

using io::Options;

/// The options stage, batch, head and row of one change; its values are the caller's matter.
attention::Edit edit_of(const Options& options);

/// The option `name`: a list of stages to trace as layers::Probe has them, or all if absent.
/// throws ValueError `trace: there is no stage 'left'`
unsigned stages_of(const Options& options, std::string_view name);

/// The option `interventions`: a list of `{"where": "cross", "layer": 0, "stage": "context",
/// "head": 1, "row": 2, "values": 17}`, the last the number of a tensor; stage, head and row if
/// they are not the default. throws ValueError `translate: interventions[0]: where is "left",
/// expected …`
models::Interventions interventions_of(const Options& options);

}  // namespace regard::bindings
