// SPDX-License-Identifier: MIT
#include "autograd/tape.h"

namespace regard::autograd {

const bool differentiates = true;

}  // namespace regard::autograd
