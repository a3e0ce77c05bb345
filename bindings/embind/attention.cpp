// SPDX-License-Identifier: MIT
// Attention as a pure function, its options read from JavaScript's.
#include "autograd/attention.h"

#include "operation.h"

namespace regard::bindings {
namespace {

using namespace attention;

// The tensors of a call, in order; those of the edits follow.
enum Place {
  queries,
  keys,
  values,
  bias,
  past_key,
  past_value,
  score_query,
  score_key,
  score_vector,
  position_weight,
  position_vector,
  mask,
  key_mask,
  edits
};

constexpr const char *option_names =
    "convention layout heads kvHeads score scale softcap keyLengths "
    "queryLengths causal origin "
    "window maskValue emptyRow alignment alignmentOptions dropout seed return "
    "edits";

ConventionName convention_of(const Options &options) {
  // 'onnx' is the newest opset
  const size_t index =
      options.choice("convention",
                     {"none", "onnx-23", "onnx-24", "onnx-25", "torch", "torch-mha", "keras",
                      "keras-attention", "jax", "d2l", "onnx"},
                     0);
  return index == 10 ? ConventionName::onnx_25 : static_cast<ConventionName>(index);
}

// An origin, or a number: an offset.
void read_origin(const Options &options, std::string_view name, AttentionOptions &core) {
  const io::Json *value = options.find(name);
  if (value->is_number()) {
    core.origin = Origin::offset;
    core.offset = options.whole(name);
    return;
  }
  core.origin = static_cast<Origin>(
      1 + options.choice(name, {"top-left", "bottom-right", "last-key", "cache"}));
}

void read_causal(const Options &options, AttentionOptions &core) {
  if (options.has("origin")) read_origin(options, "origin", core);
  const io::Json *causal = options.find("causal");
  if (!causal) return;
  if (causal->is_boolean()) {
    core.causal = causal->boolean("causal");
    return;
  }
  if (causal->is_text() && causal->text("causal") == "none") return;
  if (options.has("origin")) {
    options.refuse("causal", *causal, "true or false beside an origin");
  }
  core.causal = true;
  read_origin(options, "causal", core);
}

// One for each batch entry or query.
std::vector<Index> lengths_of(const Options &options, std::string_view name) {
  std::vector<Index> lengths = options.wholes(name);
  const io::Json *value = options.find(name);
  if (value && lengths.empty()) options.refuse(name, *value, "a length for each batch entry");
  return lengths;
}

// A number for both sides, or one for each; nothing but "Infinity" and -1 are
// unlimited.
Window window_of(const Options &options) {
  const io::Json *value = options.find("window");
  if (!value) return {};
  const auto side = [&](const io::Json &number) -> Index {
    if (number.is_null() || (number.is_text() && number.text("window") == "Infinity")) {
      return Window::unlimited;
    }
    if (!number.is_whole() || !std::in_range<int32_t>(number.whole("window"))) {
      options.refuse("window", *value, "whole numbers of keys: how many, or [left, right]");
    }
    return static_cast<Index>(number.whole("window"));
  };
  if (!value->is_array()) return {side(*value), side(*value)};
  const io::Json::Array &sides = value->items("window");
  if (sides.size() != 2) options.refuse("window", *value, "[left, right]");
  return {side(sides[0]), side(sides[1])};
}

void read_returned(const Options &options, AttentionOptions &core) {
  for (const std::string &step : options.texts("return")) {
    if (step == "raw") {
      core.raw = true;
    } else if (step == "capped") {
      core.capped = true;
    } else if (step == "masked") {
      core.masked = true;
    } else if (step == "weights") {
      core.weights = true;
    } else {
      throw ValueError("attention: return holds '", step,
                       "', expected 'raw', 'capped', 'masked' or 'weights'");
    }
  }
}

void read_edits(const Call &call, AttentionOptions &core) {
  const io::Json *list = call.options.find("edits");
  if (!list) return;
  if (!list->is_array()) call.options.refuse("edits", *list, "a list");
  for (const io::Json &item : list->items("edits")) {
    if (!item.is_object())
      call.options.refuse("edits", item, "{ stage, batch, head, row, values }");
    const Options edit("attention: edit", item);
    edit.expect_only("stage batch head row");
    core.edits.push_back({.stage = static_cast<Stage>(
                              edit.choice("stage", {"queries", "keys", "values", "raw", "capped",
                                                    "masked", "weights", "context"})),
                          .batch = edit.whole("batch", Edit::all),
                          .head = edit.whole("head", Edit::all),
                          .row = edit.whole("row", Edit::all),
                          .values = call.value(Place::edits + core.edits.size())});
  }
}

AttentionOptions options_of(const Call &call) {
  const Options &options = call.options;
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

  core.mask = call.value(mask);
  core.key_mask = call.value(key_mask);
  core.key_lengths = lengths_of(options, "keyLengths");
  core.query_lengths = lengths_of(options, "queryLengths");
  read_causal(options, core);
  core.window = window_of(options);
  core.mask_value = options.optional_number("maskValue");
  if (options.has("emptyRow")) {
    core.empty_row = static_cast<EmptyRow>(options.choice("emptyRow", {"zeros", "nan", "softmax"}));
  }

  core.alignment = static_cast<Alignment>(
      options.choice("alignment", {"softmax", "hard", "hard-sampled", "local-m", "local-p"}, 0));
  if (const io::Json *object = options.find("alignmentOptions")) {
    if (!object->is_object()) options.refuse("alignmentOptions", *object, "{ seed, radius }");
    const Options alignment("attention: alignmentOptions", *object);
    alignment.expect_only("seed radius");
    core.alignment_options.seed = alignment.seed("seed");
    core.alignment_options.radius = alignment.whole("radius", 0);
  }
  core.dropout = options.number("dropout", 0.0f);
  core.seed = options.seed("seed");

  read_returned(options, core);
  read_edits(call, core);
  return core;
}

void attend(Call &call, int) {
  const auto given = [&](Place place) { return call.input(place); };
  const autograd::AttentionVariables result =
      autograd::attention(call.tape,
                          {.queries = given(queries),
                           .keys = given(keys),
                           .values = given(values),
                           .bias = given(bias),
                           .past_key = given(past_key),
                           .past_value = given(past_value),
                           .score_query = given(score_query),
                           .score_key = given(score_key),
                           .score_vector = given(score_vector),
                           .position_weight = given(position_weight),
                           .position_vector = given(position_vector)},
                          options_of(call));
  for (const Variable &output : {result.output, result.raw, result.capped, result.masked,
                                 result.weights, result.present_key, result.present_value}) {
    call.give(output);
  }
}

constexpr Operation table[] = {{"attention", option_names, attend}};

}  // namespace

Operations attention_operations() noexcept { return table; }

}  // namespace regard::bindings
