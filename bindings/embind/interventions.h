// SPDX-License-Identifier: MIT
#pragma once

#include "models/intervention.h"
#include "options.h"

namespace regard::bindings {

/// The option `interventions`: a list of `{"where": "cross", "layer": 0, "stage": "context",
/// "head": 1, "row": 2, "values": 17}`, the last the number of a tensor; stage, head and row if
/// they are not the default. throws ValueError `translate: interventions[0]: where is "left",
/// expected …`
models::Interventions interventions_of(const Options& options);

}  // namespace regard::bindings
