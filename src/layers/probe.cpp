// SPDX-License-Identifier: MIT
#include "layers/probe.h"

#include <algorithm>
#include <utility>

#include "autograd/attention.h"

namespace regard::layers {

using attention::Stage;

namespace {

// The heads side by side in the rows of (B, L, H D) or (L, H D), as (B, H, L, D).
Tensor heads_of_rows(const Tensor& x, Index H) {
  const Index L = x.size(-2), M = x.size(-1), D = M / H, B = x.shape().rank() == 3 ? x.size(0) : 1;
  Tensor heads = Tensor::empty({B, H, L, D});
  float* out = heads.data();
  for (Index b = 0; b < B; ++b) {
    for (Index h = 0; h < H; ++h) {
      const float* row = x.data() + b * L * M + h * D;
      for (Index l = 0; l < L; ++l, row += M) out = std::copy_n(row, D, out);
    }
  }
  return heads;
}

void edit_heads(const std::vector<attention::Edit>& edits, Stage stage, Tensor& x) {
  if (edits.empty()) return;
  const Index B = x.size(0), H = x.size(1), L = x.size(2), D = x.size(3);
  for (Index place = 0; place < B * H * L; ++place) {
    attention::apply(edits, stage, place / (H * L), place / L % H, place % L, D,
                     x.data() + place * D);
  }
}

}  // namespace

void Probe::change(std::string attention, attention::Edit edit) {
  changes_.push_back({std::move(attention), std::move(edit)});
}

void Probe::step(std::vector<Index> batches, Index row) {
  batches_ = std::move(batches);
  row_ = row;
}

std::vector<attention::Edit> Probe::edits() const {
  std::vector<attention::Edit> found;
  for (const Change& change : changes_) {
    if (change.attention == here_) found.push_back(change.edit);
  }
  return found;
}

void Probe::keep(unsigned place, const Tensor& x) {
  steps_.emplace_back(here_.empty() ? stage_names[place] : here_ + "." + stage_names[place], x);
}

void Probe::expect_all_changed() const {
  for (const Change& change : changes_) {
    if (!change.found) throw ValueError("probe: there is no attention '", change.attention, "'");
  }
}

void Probe::ask(const Tape& tape, attention::AttentionOptions& options) {
  for (Change& change : changes_) change.found |= change.attention == here_;
  options.edits = edits();
  if (tape.recording() && !options.edits.empty()) {
    throw ValueError("attention: edits have no gradient, and the tape records");
  }
  const auto wants = [this](Stage stage) { return traces(static_cast<unsigned>(stage)); };
  options.raw |= wants(Stage::raw);
  options.capped |= wants(Stage::capped);
  options.masked |= wants(Stage::masked);
  options.weights |= wants(Stage::weights);
}

void Probe::record(const autograd::AttentionInputs& inputs,
                   const autograd::AttentionVariables& found,
                   const attention::AttentionOptions& options, const Tensor& output) {
  const Index H = std::max<Index>(options.heads, 1);
  const Index kv_heads = options.kv_heads ? options.kv_heads : H;
  const auto keep_rows = [&](Stage stage, const Variable& x, Index heads) {
    if (!traces(static_cast<unsigned>(stage))) return;
    Tensor rows = heads_of_rows(x->value, heads);
    // the context is past its edits
    if (stage != Stage::context) edit_heads(options.edits, stage, rows);
    keep(static_cast<unsigned>(stage), rows);
  };
  const auto keep_scores = [&](Stage stage, const Variable& x) {
    if (traces(static_cast<unsigned>(stage))) keep(static_cast<unsigned>(stage), x->value);
  };
  keep_rows(Stage::queries, inputs.queries, H);
  keep_rows(Stage::keys, inputs.keys, kv_heads);
  keep_rows(Stage::values, inputs.values, kv_heads);
  keep_scores(Stage::raw, found.raw);
  keep_scores(Stage::capped, found.capped);
  keep_scores(Stage::masked, found.masked);
  keep_scores(Stage::weights, found.weights);
  keep_rows(Stage::context, found.output, H);
  if (traces(last)) keep(last, output);
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
