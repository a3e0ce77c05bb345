// SPDX-License-Identifier: MIT
// Attention as a pure function of three tensors.
#include "attention/attention.h"

#include <emscripten/bind.h>

#include <cmath>

#include "guard.h"

namespace regard::bindings {
namespace {

using attention::Attention;
using attention::AttentionOptions;

enum class Causal { none, top_left, bottom_right };

struct Options {
  Causal causal;
  float scale;  // not a number: the default
};

Attention attend(const Tensor& q, const Tensor& k, const Tensor& v, const Options& options,
                 const Ids& key_lengths) {
  AttentionOptions core{.causal = options.causal != Causal::none,
                        .origin = options.causal == Causal::bottom_right
                                      ? attention::Origin::bottom_right
                                      : attention::Origin::top_left,
                        .weights = true};
  if (!std::isnan(options.scale)) core.scale = options.scale;
  core.key_lengths.assign(key_lengths.begin(), key_lengths.end());
  return attention::attention(q, k, v, core);
}

Tensor output(const Attention& attention) { return attention.output; }
Tensor weights(const Attention& attention) { return attention.weights; }

}  // namespace

EMSCRIPTEN_BINDINGS(attention) {
  using namespace emscripten;

  enum_<Causal>("Causal")
      .value("none", Causal::none)
      .value("top-left", Causal::top_left)
      .value("bottom-right", Causal::bottom_right);
  value_object<Options>("AttentionOptions")
      .field("causal", &Options::causal)
      .field("scale", &Options::scale);
  class_<Attention>("Attention")
      .function("output", &guarded<&output>::call)
      .function("weights", &guarded<&weights>::call);
  register_optional<Attention>();
  function("attention", &guarded<&attend>::call);
}

}  // namespace regard::bindings
