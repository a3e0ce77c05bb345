// SPDX-License-Identifier: MIT
#include "layers/probe.h"

namespace regard::layers {

using attention::Stage;

void Probe::change(std::string attention, attention::Edit edit) {
  changes_.emplace_back(std::move(attention), std::move(edit));
}

void Probe::step(std::vector<Index> batches, Index row) {
  batches_ = std::move(batches);
  row_ = row;
}

std::vector<attention::Edit> Probe::edits() const {
  std::vector<attention::Edit> found;
  for (const auto& [attention, edit] : changes_) {
    if (attention == here_) found.push_back(edit);
  }
  return found;
}

void Probe::keep(unsigned place, const Tensor& x) {
  steps_.emplace_back(here_.empty() ? stage_names[place] : here_ + "." + stage_names[place], x);
}

void Probe::record_output(const Tensor& output) {
  constexpr unsigned place = 8;
  if (traces(place)) keep(place, output);
}

void Probe::edit_rows(Stage stage, Tensor& x, Index H) const {
  const std::vector<attention::Edit> found = edits();
  if (found.empty()) return;
  const Index M = x.size(-1), D = M / H, rows = x.count() / M;
  const bool whole = x.shape().rank() == 3;
  for (Index r = 0; r < rows; ++r) {
    const Index batch = whole ? r / x.size(1) : batches_[static_cast<size_t>(r)];
    const Index row = whole ? r % x.size(1) : row_;
    for (Index h = 0; h < H; ++h) {
      attention::apply(found, stage, batch, h, row, D, x.data() + r * M + h * D);
    }
  }
}

attention::CachedEdits Probe::cached_edits() const { return {edits(), batches_, row_}; }

Within::Within(const Pass& pass, const char* part) : probe_(pass.probe) {
  if (!probe_) return;
  std::string& here = probe_->here_;
  outside_ = here.size();
  if (!here.empty()) here += '.';
  here += part;
}

Within::Within(const Pass& pass, const char* part, size_t number) : Within(pass, part) {
  if (probe_) probe_->here_ += '.' + std::to_string(number);
}

Within::~Within() {
  if (probe_) probe_->here_.resize(outside_);
}

}  // namespace regard::layers
