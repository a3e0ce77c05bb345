// SPDX-License-Identifier: MIT
#include "attention/edit.h"

#include <algorithm>

namespace regard::attention {

void apply(const std::vector<Edit>& edits, Stage stage, Index b, Index h, Index row, Index width,
           float* numbers) noexcept {
  for (const Edit& edit : edits) {
    if (!edit.concerns(stage, b, h, row)) continue;
    if (edit.values.count() == 1) {
      std::fill_n(numbers, width, edit.values.data()[0]);
    } else {
      std::copy_n(edit.values.data(), width, numbers);
    }
  }
}

}  // namespace regard::attention
