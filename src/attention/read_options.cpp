// SPDX-License-Identifier: MIT
#include "attention/read_options.h"

#include <utility>
#include <vector>

namespace regard::attention {

using io::Json;

namespace {

ConventionName convention_of(const io::Options& options) {
  // 'onnx' is the newest opset
  const size_t index =
      options.choice("convention",
                     {"none", "onnx-23", "onnx-24", "onnx-25", "torch", "torch-mha", "keras",
                      "keras-attention", "jax", "d2l", "onnx"},
                     0);
  return index == 10 ? ConventionName::onnx_25 : static_cast<ConventionName>(index);
}

// An origin, or a number: an offset.
void read_origin(const io::Options& options, std::string_view name, AttentionOptions& core) {
  const Json* value = options.find(name);
  if (value->is_number()) {
    core.origin = Origin::offset;
    core.offset = options.whole(name);
    return;
  }
  core.origin = static_cast<Origin>(
      1 + options.choice(name, {"top-left", "bottom-right", "last-key", "cache"}));
}

// One for each batch entry or query.
std::vector<Index> lengths_of(const io::Options& options, std::string_view name) {
  std::vector<Index> lengths = options.wholes(name);
  const Json* value = options.find(name);
  if (value && lengths.empty()) options.refuse(name, *value, "a length for each batch entry");
  return lengths;
}

// A number for both sides, or one for each; nothing but "Infinity" and -1 are
// unlimited.
Window window_of(const io::Options& options) {
  const Json* value = options.find("window");
  if (!value) return {};
  const auto side = [&](const Json& number) -> Index {
    if (number.is_null() || (number.is_text() && number.text("window") == "Infinity")) {
      return Window::unlimited;
    }
    if (!number.is_whole() || !std::in_range<int32_t>(number.whole("window"))) {
      options.refuse("window", *value, "whole numbers of keys: how many, or [left, right]");
    }
    return static_cast<Index>(number.whole("window"));
  };
  if (!value->is_array()) return {side(*value), side(*value)};
  const Json::Array& sides = value->items("window");
  if (sides.size() != 2) options.refuse("window", *value, "[left, right]");
  return {side(sides[0]), side(sides[1])};
}

void read_returned(const io::Options& options, AttentionOptions& core) {
  for (const std::string& step : options.texts("return")) {
    if (step == "raw") {
      core.raw = true;
    } else if (step == "capped") {
      core.capped = true;
    } else if (step == "masked") {
      core.masked = true;
    } else if (step == "weights") {
      core.weights = true;
    } else {
      throw ValueError(options.operation(), ": return holds '", step,
                       "', expected 'raw', 'capped', 'masked' or 'weights'");
    }
  }
}

}  // namespace

void read_causal(const io::Options& options, std::string_view name, AttentionOptions& attention) {
  const Json* causal = options.find(name);
  if (!causal) return;
  if (causal->is_boolean()) {
    attention.causal = causal->boolean(name);
    return;
  }
  if (causal->is_text() && causal->text(name) == "none") return;
  if (attention.origin != Origin::unstated) {
    options.refuse(name, *causal, "true or false beside an origin");
  }
  attention.causal = true;
  read_origin(options, name, attention);
}

AttentionOptions read_options(const io::Options& options) {
  AttentionOptions core{.convention = convention_of(options)};

  if (options.has("layout")) {
    core.layout = static_cast<Layout>(options.choice("layout", {"bhld", "blhd"}));
  }
  core.heads = options.whole("heads", 0);
  core.kv_heads = options.whole("kvHeads", 0);

  core.score = static_cast<Score>(options.choice(
      "score", {"scaled-dot", "dot", "general", "concat", "additive", "cosine", "location"}, 0));
  core.scale = options.optional_number("scale");
  core.softcap = options.number("softcap", 0.0f);

  core.key_lengths = lengths_of(options, "keyLengths");
  core.query_lengths = lengths_of(options, "queryLengths");
  if (options.has("origin")) read_origin(options, "origin", core);
  read_causal(options, "causal", core);
  core.window = window_of(options);
  core.mask_value = options.optional_number("maskValue");
  if (options.has("emptyRow")) {
    core.empty_row = static_cast<EmptyRow>(options.choice("emptyRow", {"zeros", "nan", "softmax"}));
  }

  core.alignment = static_cast<Alignment>(
      options.choice("alignment", {"softmax", "hard", "hard-sampled", "local-m", "local-p"}, 0));
  if (const Json* object = options.find("alignmentOptions")) {
    if (!object->is_object()) options.refuse("alignmentOptions", *object, "{ seed, radius }");
    const io::Options alignment(message({options.operation(), ": alignmentOptions"}), *object);
    alignment.expect_only("seed radius");
    core.alignment_options.seed = alignment.seed("seed");
    core.alignment_options.radius = alignment.whole("radius", 0);
  }
  core.dropout = options.number("dropout", 0.0f);
  core.seed = options.seed("seed");

  core.form = static_cast<Form>(options.choice("form", {"automatic", "readable", "tiled"}, 0));
  read_returned(options, core);
  return core;
}

}  // namespace regard::attention
