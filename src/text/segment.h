// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "tensor/tensor.h"

namespace regard::text {

/// A piece of a normalized text: bytes begin … end - 1, and the id in the lexicon. Segments of a
/// text follow each other without a gap.
struct Segment {
  Index begin, end;
  Id id;
};

using Segments = std::vector<Segment>;

}  // namespace regard::text
