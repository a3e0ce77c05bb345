// SPDX-License-Identifier: MIT
// Every layer by its name, with one way to make, call and read all of them: what a language that
// knows no C++ types holds on to.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "attention/options.h"
#include "io/options.h"
#include "layers/key_value_cache.h"
#include "layers/parameters.h"

namespace regard::layers {

/// Variables by name: what a layer is given, and what it gives.
using NamedVariables = std::vector<std::pair<std::string, Variable>>;

struct LayerKind;

/// One way to call layers of a kind, read once for any number of calls.
struct LayerCall {
  const LayerKind* kind;
  std::vector<std::string> inputs;        ///< their names, in the order in which they come
  io::Options options;                    ///< what is no tensor
  attention::AttentionOptions attention;  ///< of it what attentions are told
};

/// A layer behind its name.
class Layer {
 public:
  virtual ~Layer() = default;

  virtual const LayerKind& kind() const noexcept = 0;

  /// Reads a call.
  ///
  /// inputs   names that the kind has; what may be absent is left out
  /// call     a JSON object with what is no tensor, as `{"causal": true}`; null = nothing
  /// throws   ValueError `Linear: input 'x' is missing`, `Linear: there is no input 'y'`,
  ///          `Linear: unknown option 'z'`
  LayerCall read(std::vector<std::string> inputs, const io::Json& call) const;

  /// Runs the layer on a pass's tape.
  ///
  /// call     that read() has read, of this layer or another of its kind
  /// inputs   beside the names of the call. Masks are tensors of 0 and 1, ids whole numbers
  /// returns  the outputs that the kind has, of optional ones those that were asked for
  /// throws   what the layer itself throws
  virtual NamedVariables forward(Pass& pass, const LayerCall& call,
                                 std::span<const Variable> inputs) const = 0;
  /// Both at once.
  NamedVariables forward(Pass& pass, const NamedVariables& inputs, const io::Json& call) const;

  /// A cache for step(), of B rows, with room for `capacity` places at first.
  /// throws ValueError `Linear: there is no step with a cache`: only MultiHeadAttention has one
  virtual std::unique_ptr<KeyValueCache> cache(Index B, Index capacity) const = 0;
  /// The next places of a sequence, see MultiHeadAttention::step().
  virtual Variable step(Pass& pass, const Variable& x, KeyValueCache& cache) const = 0;

  /// Appends the parameters by the names that checkpoints of this kind of layer have, PyTorch's
  /// where it has the layer.
  virtual void collect(const std::string& prefix, Parameters& parameters) const = 0;

  /// Packs the weights for inference: to be called again whenever they have changed.
  virtual void prepack() {}
};

/// A kind of layer, in words.
struct LayerKind {
  std::string_view name;     ///< `MultiHeadAttention`
  std::string_view options;  ///< as `embedDim numHeads bias=true`: what has a default has it here
  std::string_view inputs;   ///< as `queries keys values mask?`: what may be absent has a ?
  std::string_view call;     ///< options of one call, as `options`
  std::string_view outputs;  ///< as `output weights?`
};

/// All kinds that make_layer() knows, in the order of the reading list.
///
/// Inputs and outputs of attentions are those of attention::AttentionOptions: `mask` (by the
/// convention of the call: 1 sees, under torch-mha it hides), `keyMask` (B, S), `bias` added to the
/// scores, `keyBias` (B, S). Sequences are (B, L, M) or (L, M); with batchFirst false (L, B, M).
/// Names are those of torch.nn's arguments where it has the layer, and so are most defaults;
/// batchFirst is true.
std::span<const LayerKind> layer_kinds() noexcept;

/// A new layer.
///
/// kind     a LayerKind's name
/// options  a JSON object with the kind's options
/// throws   ValueError `layer: there is no kind 'Lstm'`, `Linear: inFeatures is missing`, `Linear:
///          unknown option 'width'`, `Linear: bias is "no", expected true or false`; what the layer
///          itself throws
std::unique_ptr<Layer> make_layer(std::string_view kind, const io::Json& options,
                                  Initializer& initializer);

}  // namespace regard::layers
