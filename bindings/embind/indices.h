// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/indexing.h"
#include "operation.h"

namespace regard::bindings {

/// An input as whole numbers: JavaScript has floats only.
/// throws ValueError `indexSelect: indices hold 0.5, expected whole numbers`
autograd::Indices whole_numbers(const Call& call, size_t place, const char* operand);

}  // namespace regard::bindings
