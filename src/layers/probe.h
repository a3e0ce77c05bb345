// SPDX-License-Identifier: MIT
// Looking into the attentions of a forward pass, and changing them on the way.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "attention/cached.h"
#include "attention/edit.h"
#include "layers/parameters.h"

namespace regard::attention {
struct AttentionOptions;
}
namespace regard::autograd {
struct AttentionInputs;
struct AttentionVariables;
}  // namespace regard::autograd

namespace regard::layers {

/// Tensors by name, in the order in which they were made.
using Steps = std::vector<std::pair<std::string, Tensor>>;

/// What is looked at and changed in the attentions of a pass that carries it: `Pass::probe`.
///
/// An attention goes by its place in the model, as Within spells it: `encoder.0.self`,
/// `decoder.2.cross`. A pass without a probe costs one test of a pointer for each attention.
class Probe {
 public:
  /// What can be traced: the stages of attention::Stage, in their order and under their names, and
  /// last the `output` of the layer, (B, L, M). A set is a sum of bits 1 << place.
  static constexpr const char* stage_names[] = {"queries", "keys",    "values",  "raw",   "capped",
                                                "masked",  "weights", "context", "output"};
  static constexpr unsigned last = 8;
  static constexpr unsigned all_stages = (1u << (last + 1)) - 1;

  // --- what is asked ---

  /// Changes one attention. The caller sees to it that the edit fits; without a gradient.
  void change(std::string attention, attention::Edit edit);
  /// Keeps these stages of every attention.
  void trace(unsigned stages) noexcept { traced_ = stages; }
  /// What rows of (rows, M) are in a pass that runs one place at a time: place `row` of each of
  /// these batches. Empty: a pass over whole sequences.
  void step(std::vector<Index> batches, Index row);

  // --- what was found ---

  /// By names like `encoder.0.self.weights`; scores and weights are (B, H, L, S), queries, keys,
  /// values and context (B, H, rows, D). All as they are after changes.
  const Steps& steps() const noexcept { return steps_; }
  /// throws ValueError `probe: there is no attention 'encoder.9.self'` if a change found none.
  void expect_all_changed() const;

  // --- for the layers that carry it out ---

  /// Makes the options ask for what is to be traced, and carry the edits of the attention at hand.
  /// throws ValueError if there are edits and the tape records
  void ask(const Tape& tape, attention::AttentionOptions& options);
  /// Keeps what came of it; queries, keys and values are projected, (B, rows, heads D).
  void record(const autograd::AttentionInputs& inputs, const autograd::AttentionVariables& found,
              const attention::AttentionOptions& options, const Tensor& output);
  /// Changes projected keys or values, (B, S, H D) or a step's (rows, H D), in place.
  void edit_rows(attention::Stage stage, Tensor& x, Index H) const;
  /// The edits of a step for cached_attention().
  attention::CachedEdits cached_edits() const;

 private:
  friend class Within;

  bool traces(unsigned place) const noexcept { return traced_ >> place & 1; }
  std::vector<attention::Edit> edits() const;
  void keep(unsigned place, const Tensor& x);

  std::string here_;  // the attention at hand
  struct Change {
    std::string attention;
    attention::Edit edit;
    bool found = false;  // whether the attention has come
  };
  std::vector<Change> changes_;
  unsigned traced_ = 0;
  Steps steps_;
  std::vector<Index> batches_;
  Index row_ = 0;
};

/// Names what runs while it lives: within `decoder` 2 and within `cross`, an attention is
/// `decoder.2.cross`.
class Within {
 public:
  Within(const Pass& pass, const char* part);
  Within(const Pass& pass, const char* part, size_t number);
  Within(const Within&) = delete;
  Within& operator=(const Within&) = delete;
  ~Within();

 private:
  Probe* const probe_;
  size_t outside_ = 0;
};

}  // namespace regard::layers
