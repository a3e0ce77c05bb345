// SPDX-License-Identifier: MIT
#pragma once

#include "io/options.h"
#include "models/intervention.h"

namespace regard::bindings {

using io::Options;

/// The option `interventions`: a list of `{"where": "cross", "layer": 0, "stage": "context",
/// "head": 1, "row": 2, "values": 17}`, the last the number of a tensor; stage, head and row if
/// they are not the default. throws ValueError `translate: interventions[0]: where is "left",
/// expected …`
models::Interventions interventions_of(const Options& options);

}  // namespace regard::bindings
