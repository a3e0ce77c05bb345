// SPDX-License-Identifier: MIT
// Attention as a pure function of three tensors.
#include "attention/scaled_dot_product.h"

#include <emscripten/bind.h>

#include <cmath>

#include "guard.h"

namespace regard::bindings {
namespace {

using attention::Attention;
using attention::AttentionOptions;

struct Options {
  attention::Causal causal;
  float scale;  // not a number: the default
};

Attention attend(const Tensor& q, const Tensor& k, const Tensor& v, const Options& options,
                 const Ids& key_lengths) {
  AttentionOptions core{.causal = options.causal};
  if (!std::isnan(options.scale)) core.scale = options.scale;
  core.key_lengths.assign(key_lengths.begin(), key_lengths.end());
  return attention::scaled_dot_product_attention(q, k, v, core);
}

Tensor output(const Attention& attention) { return attention.output; }
Tensor weights(const Attention& attention) { return attention.weights; }

}  // namespace

EMSCRIPTEN_BINDINGS(attention) {
  using namespace emscripten;

  enum_<attention::Causal>("Causal")
      .value("none", attention::Causal::none)
      .value("top-left", attention::Causal::top_left)
      .value("bottom-right", attention::Causal::bottom_right);
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
