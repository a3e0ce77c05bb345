// SPDX-License-Identifier: MIT
#include "layers/embedding.h"

#include <algorithm>

#include "kernels/elementwise.h"

namespace regard::layers {

namespace {

// The same table; what arrives at one row of it goes no further.
Variable hold_row(Tape& tape, const Variable& table, Id row) {
  return tape.record(table->value, {table}, [table, row](const autograd::Node& out) {
    Tensor held = out.gradient;  // the last to read it: it may be written
    held.slice(row, row + 1).fill(0.0f);
    kernels::add_in_place(held.data(), table->grad().data(), held.count());
  });
}

}  // namespace

Embedding::Embedding(Index V, Index M, Initializer& initializer, std::optional<Id> padding)
    : table_(initializer.normal({V, M}, 1.0)), padding_(padding) {
  if (!padding) return;
  if (*padding < 0 || *padding >= V) {
    throw ValueError("embedding: padding is ", *padding, ", expected 0 to ", V - 1);
  }
  table_->value.slice(*padding, *padding + 1).fill(0.0f);
}

Variable Embedding::forward(Pass& pass, const autograd::Indices& ids) const {
  const Variable table = padding_ ? hold_row(pass.tape, table_, *padding_) : table_;
  return autograd::index_select(pass.tape, table, ids, 0);
}

void Embedding::collect(const std::string& prefix, Parameters& parameters) const {
  parameters.emplace_back(under(prefix, "weight"), table_);
}

}  // namespace regard::layers
