// SPDX-License-Identifier: MIT
#include "models/intervention.h"

#include <algorithm>
#include <limits>

namespace regard::models {

namespace {

using attention::Edit;
using attention::Stage;

bool is_of_keys(Stage stage) { return stage == Stage::keys || stage == Stage::values; }
bool is_score(Stage stage) { return stage >= Stage::raw && stage <= Stage::weights; }

bool is_of_source(Where where, Stage stage) {
  return where == Where::encoder || (where == Where::cross && is_of_keys(stage));
}

void expect_place(size_t which, const char* what, Index place, Index least, Index count) {
  if (place >= least && place < count) return;
  throw ValueError("intervention ", which, ": ", what, " is ", place, ", expected 0 to ",
                   count - 1);
}

// A row of the decoder's own scores as wide as the whole target: what it does not see stays hidden.
Edit widened(const Edit& edit, Index row, Index T) {
  const float hidden = edit.stage == Stage::masked ? -std::numeric_limits<float>::infinity() : 0.0f;
  Edit wide = edit;
  wide.row = row;
  wide.values = Tensor::full({T}, hidden);
  if (edit.values.count() == 1) {
    std::fill_n(wide.values.data(), row + 1, edit.values.data()[0]);
  } else {
    std::copy_n(edit.values.data(), row + 1, wide.values.data());
  }
  return wide;
}

}  // namespace

void check_interventions(const Interventions& interventions, const TransformerConfig& config,
                         Index S, std::optional<Index> T) {
  const Index steps = T.value_or(config.max_positions);
  for (size_t i = 0; i < interventions.size(); ++i) {
    const auto& [where, layer, edit] = interventions[i];
    const bool encoder = where == Where::encoder;
    const Index H = encoder ? config.encoder_heads : config.decoder_heads;
    expect_place(i, "layer", layer, 0, encoder ? config.encoder_layers : config.decoder_layers);
    expect_place(i, "head", edit.head, Edit::all, H);
    expect_place(i, "row", edit.row, Edit::all, is_of_source(where, edit.stage) ? S : steps);

    const Index count = edit.values.defined() ? edit.values.count() : 0;
    if (count == 1) continue;
    const bool grows = where == Where::decoder && is_score(edit.stage);
    if (grows && edit.row == Edit::all) {
      throw ValueError("intervention ", i,
                       ": row is missing; the decoder's rows are of different widths");
    }
    const Index width = !is_score(edit.stage) ? config.M / H : grows ? edit.row + 1 : S;
    if (count != width) {
      throw ShapeError("intervention ", i, ": values are (", count, "), expected (1) or (", width,
                       ")");
    }
  }
}

layers::Probe probe_for(const Interventions& interventions, std::optional<Index> T) {
  layers::Probe probe;
  for (const auto& [where, layer, edit] : interventions) {
    const std::string name = attention_name(where, layer);
    if (T && !is_of_source(where, edit.stage) && edit.row >= *T) continue;
    if (!T || where != Where::decoder || !is_score(edit.stage)) {
      probe.change(name, edit);
      continue;
    }
    const bool all = edit.row == Edit::all;
    for (Index row = all ? 0 : edit.row; row < (all ? *T : edit.row + 1); ++row) {
      probe.change(name, widened(edit, row, *T));
    }
  }
  return probe;
}

std::string attention_name(Where where, Index layer) {
  return (where == Where::encoder ? "encoder." : "decoder.") + std::to_string(layer) +
         (where == Where::cross ? ".cross" : ".self");
}

}  // namespace regard::models
