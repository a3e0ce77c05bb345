// SPDX-License-Identifier: MIT
// This file is long because it is one list: a short adapter for each kind of layer, and their
// table.
#include "layers/registry.h"

#include <algorithm>
#include <utility>

#include "attention/read_options.h"
#include "autograd/arithmetic.h"
#include "autograd/arrangement.h"
#include "io/options.h"
#include "layers/additive_attention.h"
#include "layers/alibi.h"
#include "layers/embedding.h"
#include "layers/learned_positions.h"
#include "layers/luong_attention.h"
#include "layers/multi_head_extras.h"
#include "layers/positions.h"
#include "layers/relative_bias.h"
#include "layers/shared_projection_attention.h"
#include "layers/transformer.h"

namespace regard::layers {

namespace {

using attention::AttentionOptions;
using io::Options;

// --- What a call hands over ---

// The words of a kind's list without what tells them apart: `mask? bias=true` are mask and bias.
template <class Function>
void for_words(std::string_view list, const Function& f) {
  for (size_t begin = 0; begin < list.size();) {
    const size_t end = std::min(list.find(' ', begin), list.size());
    const std::string_view word = list.substr(begin, end - begin);
    const size_t mark = word.find_first_of("?=");
    f(word.substr(0, mark), mark != word.npos);
    begin = end + 1;
  }
}

std::string names_of(std::string_view list) {
  std::string names;
  for_words(list, [&](std::string_view name, bool) { names.append(name).append(" "); });
  return names;
}

// The options in a JSON object, or none; refuses what is not in the list.
Options options_of(const LayerKind& kind, const io::Json& json, std::string_view list) {
  Options options(kind.name, json.is_null() ? io::Json(io::Json::Object{}) : json);
  options.expect_only(names_of(list));
  return options;
}

// One forward pass of one layer.
struct Run {
  Pass& pass;
  const LayerCall& told;
  std::span<const Variable> inputs;
  const Options& call = told.options;
  NamedVariables outputs{};

  Variable input(std::string_view name) const {
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (told.inputs[i] == name) return inputs[i];
    }
    return nullptr;
  }
  Tensor value(std::string_view name) const {
    const Variable found = input(name);
    return found ? found->value : Tensor();
  }
  void give(const char* name, const Variable& output) {
    if (output) outputs.emplace_back(name, output);
  }
  void give(const std::string& name, const Tensor& output) {
    outputs.emplace_back(name, autograd::constant(output));
  }
};

void expect_inputs(const LayerKind& kind, const std::vector<std::string>& inputs) {
  for_words(kind.inputs, [&](std::string_view name, bool optional) {
    if (optional || std::find(inputs.begin(), inputs.end(), name) != inputs.end()) return;
    throw ValueError(kind.name, ": input '", name, "' is missing");
  });
  for (const std::string& given : inputs) {
    bool known = false;
    for_words(kind.inputs, [&](std::string_view name, bool) { known |= name == given; });
    if (!known) throw ValueError(kind.name, ": there is no input '", given, "'");
  }
}

// `mask` of no part, `srcMask` of part `src`.
std::string part_name(std::string_view part, std::string_view name) {
  std::string whole(part);
  whole += name;
  if (!part.empty()) whole[part.size()] = static_cast<char>(whole[part.size()] - 'a' + 'A');
  return whole;
}

// What one of a layer's attentions of H heads is told; of a Transformer `part` says which.
MultiHeadCall told(const Run& run, Index H, std::string_view part = "") {
  MultiHeadCall call{.attention = run.told.attention};
  if (!part.empty()) attention::read_causal(run.call, part_name(part, "causal"), call.attention);
  const auto input = [&](const char* name) {
    return part.empty() ? run.input(name) : run.input(part_name(part, name));
  };
  const auto value = [&](const char* name) {
    const Variable found = input(name);
    return found ? found->value : Tensor();
  };
  call.attention.mask = value("mask");
  call.attention.key_mask = value("keyMask");
  call.bias = input("bias");
  const Variable key_bias = input("keyBias");
  if (key_bias) call.bias = with_key_bias(run.pass, call.bias, key_bias, H);
  return call;
}

// The same with what is to be returned.
MultiHeadCall asked(const Run& run, Index H = 1) {
  MultiHeadCall call = told(run, H);
  call.attention.weights |= run.call.flag("weights");
  return call;
}

void give_attention(Run& run, const autograd::AttentionVariables& found) {
  run.give("output", found.output);
  run.give("raw", found.raw);
  run.give("capped", found.capped);
  run.give("masked", found.masked);
  const bool averages = run.call.flag("averageWeights") && found.weights;
  run.give("weights", averages ? average_heads(run.pass, found.weights) : found.weights);
}

// Sequences as the layers have them, (B, L, M), from (L, B, M) where that is the caller's way.
// The way back is the same.
Variable turned(const Pass& pass, bool batch_first, const Variable& x) {
  if (batch_first || !x || x->value.shape().rank() != 3) return x;
  return autograd::permute(pass.tape, x, {1, 0, 2});
}
Variable turned(const Run& run, bool batch_first, const Variable& x) {
  return turned(run.pass, batch_first, x);
}

// --- The adapters: how each layer is made from options, and what it does with a call ---

struct LinearAdapter {
  LinearAdapter(const Options& options, Initializer& initializer)
      : layer(options.whole("inFeatures"), options.whole("outFeatures"), initializer,
              options.flag("bias", true)) {}
  void run(Run& run) const { run.give("output", layer.forward(run.pass, run.input("x"))); }

  Linear layer;
};

struct LayerNormAdapter {
  LayerNormAdapter(const Options& options, Initializer& initializer)
      : layer(options.whole("normalizedShape"), initializer,
              {.epsilon = options.number("eps", 1e-5f), .bias = options.flag("bias", true)}) {}
  void run(Run& run) const { run.give("output", layer.forward(run.pass, run.input("x"))); }

  LayerNorm layer;
};

struct EmbeddingAdapter {
  EmbeddingAdapter(const Options& options, Initializer& initializer)
      : layer(options.whole("numEmbeddings"), options.whole("embeddingDim"), initializer,
              options.has("paddingIdx")
                  ? std::optional(static_cast<Id>(options.whole("paddingIdx")))
                  : std::nullopt) {}
  void run(Run& run) const {
    const Tensor numbers = run.value("ids");
    Ids ids;
    for (const float number : numbers.values()) {
      const Id id = static_cast<Id>(std::clamp(number, -1e9f, 1e9f));
      if (static_cast<float>(id) != number) {
        throw ValueError("Embedding: an id is ", number, ", expected a whole number");
      }
      ids.push_back(id);
    }
    run.give("output", layer.forward(run.pass, {std::move(ids), numbers.shape()}));
  }

  Embedding layer;
};

struct SinusoidsAdapter {
  SinusoidsAdapter(const Options& options, Initializer&)
      : order(options.choice("order", {"interleaved", "halves"}, 0) == 0
                  ? SinusoidOrder::interleaved
                  : SinusoidOrder::halves) {}
  void run(Run& run) const {
    const Variable x = run.input("x");
    if (x->value.shape().rank() < 2) {
      throw ShapeError("SinusoidalPositions: x is ", x->value.shape(), ", expected (..., L, M)");
    }
    const Tensor rows =
        sinusoids(run.call.whole("first", 0), x->value.size(-2), x->value.size(-1), order);
    run.give("output", autograd::add(run.pass.tape, x, autograd::constant(rows)));
  }

  SinusoidOrder order;
};

struct LearnedPositionsAdapter {
  LearnedPositionsAdapter(const Options& options, Initializer& initializer)
      : layer(options.whole("places"), options.whole("width"), initializer) {}
  void run(Run& run) const {
    run.give("output", layer.forward(run.pass, run.input("x"), run.call.whole("first", 0)));
  }

  LearnedPositions layer;
};

autograd::RotaryOptions rotary_options(const Options& options) {
  return {.pairs = options.choice("pairs", {"halves", "interleaved"}, 0) == 0
                       ? kernels::RotaryPairs::halves
                       : kernels::RotaryPairs::interleaved,
          .base = static_cast<double>(options.number("base", 10000.0f)),
          .width = options.whole("width", 0)};
}

struct RotaryAdapter {
  RotaryAdapter(const Options& options, Initializer&) : rotary(rotary_options(options)) {
    rotary.heads = options.whole("heads", 0);
  }
  void run(Run& run) const {
    autograd::RotaryOptions options = rotary;
    options.first = run.call.whole("first", 0);
    run.give("output", autograd::rotary(run.pass.tape, run.input("x"), options));
  }

  autograd::RotaryOptions rotary;
};

struct AlibiAdapter {
  AlibiAdapter(const Options& options, Initializer&) : H(options.whole("heads")) {
    alibi_slopes(H);
  }
  void run(Run& run) const {
    run.give("bias", alibi_bias(H, run.call.whole("queries"), run.call.whole("keys"),
                                run.call.whole("first", 0)));
  }

  Index H;
};

RelativeOptions relative_options(const Options& options, size_t rows) {
  return {.rows = static_cast<RelativeRows>(
              options.choice("rows", {"buckets", "clipped", "window"}, rows)),
          .buckets = options.whole("buckets", 32),
          .max_distance = options.whole("maxDistance", 128),
          .bidirectional = options.flag("bidirectional", true),
          .radius = options.whole("radius", 16),
          .height = options.whole("height", 7),
          .width = options.whole("width", 7)};
}

struct RelativeBiasAdapter {
  RelativeBiasAdapter(const Options& options, Initializer& initializer)
      : layer(options.whole("heads"), relative_options(options, 0), initializer) {}
  void run(Run& run) const {
    run.give("bias", layer.forward(run.pass, run.call.whole("queries"), run.call.whole("keys"),
                                   run.call.whole("first", 0)));
  }

  RelativeBias layer;
};

struct RelativeKeysAdapter {
  RelativeKeysAdapter(const Options& options, Initializer& initializer)
      : layer(options.whole("headDim"), relative_options(options, 1), initializer) {}
  void run(Run& run) const {
    run.give("bias", layer.forward(run.pass, run.input("queries"), run.call.whole("keys"),
                                   run.call.whole("first", 0)));
  }

  RelativeKeys layer;
};

MultiHeadOptions multi_head_options(const Options& options) {
  constexpr Naming namings[] = {Naming::torch, Naming::d2l, Naming::marian};
  return {.M = options.whole("embedDim"),
          .H = options.whole("numHeads"),
          .query_width = options.whole("qdim", 0),
          .key_width = options.whole("kdim", 0),
          .value_width = options.whole("vdim", 0),
          .bias = options.flag("bias", true),
          .dropout = options.number("dropout", 0.0f),
          .naming = namings[options.choice("names", {"torch", "d2l", "marian"}, 0)]};
}

MultiHeadExtras multi_head_extras(const Options& options) {
  MultiHeadExtras all{.bias_kv = options.flag("addBiasKv"), .zero_kv = options.flag("addZeroAttn")};
  if (const io::Json* rotary = options.find("rotary")) {
    const Options inner(options.operation() + ": rotary", *rotary);
    inner.expect_only("pairs base width");
    all.rotary = rotary_options(inner);
  }
  if (const io::Json* relative = options.find("relativeKeys")) {
    const Options inner(options.operation() + ": relativeKeys", *relative);
    inner.expect_only("rows buckets maxDistance bidirectional radius");
    all.relative_keys = relative_options(inner, 1);
  }
  return all;
}

struct MultiHeadAdapter {
  MultiHeadAdapter(const Options& options, Initializer& initializer)
      : batch_first(options.flag("batchFirst", true)),
        H(options.whole("numHeads")),
        layer(multi_head_options(options), initializer,
              with(multi_head_options(options), multi_head_extras(options), initializer)) {}
  void run(Run& run) const {
    const auto in = [&](const char* name) { return turned(run, batch_first, run.input(name)); };
    autograd::AttentionVariables found =
        layer.forward(run.pass, {in("queries"), in("keys"), in("values")}, asked(run, H));
    found.output = turned(run, batch_first, found.output);
    give_attention(run, found);
  }

  std::unique_ptr<KeyValueCache> cache(Index B, Index capacity) const {
    return std::make_unique<KeyValueCache>(layer.cache(B, capacity));
  }
  Variable step(Pass& pass, const Variable& x, KeyValueCache& cache) const {
    return turned(pass, batch_first, layer.step(pass, turned(pass, batch_first, x), cache));
  }

  bool batch_first;
  Index H;
  MultiHeadAttention layer;
};

struct SharedProjectionAdapter {
  SharedProjectionAdapter(const Options& options, Initializer& initializer)
      : layer(options.whole("embedSize"), options.whole("heads"), initializer) {}
  void run(Run& run) const {
    const auto found = layer.forward(run.pass, run.input("values"), run.input("keys"),
                                     run.input("query"), run.value("mask"));
    run.give("output", found.output);
    run.give("weights", found.weights);
  }

  SharedProjectionAttention layer;
};

struct AdditiveAdapter {
  AdditiveAdapter(const Options& options, Initializer& initializer)
      : layer({.query_width = options.whole("queryWidth"),
               .key_width = options.whole("keyWidth"),
               .M = options.whole("hiddenWidth"),
               .dropout = options.number("dropout", 0.0f)},
              initializer) {}
  void run(Run& run) const {
    give_attention(run, layer.forward(run.pass, run.input("queries"), run.input("keys"),
                                      run.input("values"), asked(run).attention));
  }

  AdditiveAttention layer;
};

struct LuongAdapter {
  LuongAdapter(const Options& options, Initializer& initializer)
      : layer(read(options), initializer) {}
  static LuongOptions read(const Options& options) {
    using attention::Alignment;
    using attention::Score;
    constexpr Score scores[] = {Score::dot, Score::general, Score::concat, Score::location};
    constexpr Alignment alignments[] = {Alignment::softmax, Alignment::local_m, Alignment::local_p};
    return {
        .D = options.whole("width"),
        .key_width = options.whole("keyWidth", 0),
        .score = scores[options.choice("score", {"dot", "general", "concat", "location"}, 1)],
        .M = options.whole("hiddenWidth", 0),
        .places = options.whole("places", 0),
        .alignment = alignments[options.choice("alignment", {"softmax", "local-m", "local-p"}, 0)],
        .radius = options.whole("radius", 0)};
  }
  void run(Run& run) const {
    give_attention(
        run, layer.forward(run.pass, run.input("h"), run.input("states"), asked(run).attention));
  }

  LuongAttention layer;
};

BlockOptions block_options(const Options& options) {
  constexpr kernels::Activation activations[] = {
      kernels::Activation::relu, kernels::Activation::gelu, kernels::Activation::gelu_tanh,
      kernels::Activation::silu};
  return {.M = options.whole("dModel", 512),
          .H = options.whole("nhead", 8),
          .F = options.whole("dimFeedforward", 2048),
          .activation =
              activations[options.choice("activation", {"relu", "gelu", "gelu-tanh", "silu"}, 0)],
          .norm = options.flag("normFirst") ? NormOrder::pre : NormOrder::post,
          .epsilon = options.number("layerNormEps", 1e-5f),
          .bias = options.flag("bias", true),
          .dropout = options.number("dropout", 0.1f),
          .naming = Naming::torch};
}

Index layer_count(const Options& options, const char* name, std::optional<Index> fallback = {}) {
  const Index layers = options.whole(name, fallback);
  if (layers < 0) options.refuse(name, *options.find(name), "0 or more");
  return layers;
}

StackOptions stack_options(const Options& options) {
  return {.block = block_options(options),
          .layers = layer_count(options, "numLayers"),
          .norm = options.flag("norm")};
}

// The weights of every layer, by its number.
void give_each(Run& run, const char* name, const std::vector<Tensor>& weights) {
  for (size_t i = 0; i < weights.size(); ++i) run.give(name + std::to_string(i), weights[i]);
}

void give_each(Run& run, const std::vector<DecoderLayer::Weights>& weights) {
  for (size_t i = 0; i < weights.size(); ++i) {
    run.give("selfWeights." + std::to_string(i), weights[i].self);
    run.give("crossWeights." + std::to_string(i), weights[i].cross);
  }
}

struct EncoderLayerAdapter {
  EncoderLayerAdapter(const Options& options, Initializer& initializer)
      : batch_first(options.flag("batchFirst", true)),
        H(options.whole("nhead", 8)),
        layer(block_options(options), initializer) {}
  void run(Run& run) const {
    Tensor weights;
    const bool asked = run.call.flag("weights");
    const Variable x = layer.forward(run.pass, turned(run, batch_first, run.input("src")),
                                     told(run, H), asked ? &weights : nullptr);
    run.give("output", turned(run, batch_first, x));
    if (asked) run.give("weights", weights);
  }

  bool batch_first;
  Index H;
  EncoderLayer layer;
};

DecoderLayer::Calls decoder_calls(const Run& run, Index H) {
  return {.self = told(run, H, "tgt"), .cross = told(run, H, "memory")};
}

struct DecoderLayerAdapter {
  DecoderLayerAdapter(const Options& options, Initializer& initializer)
      : batch_first(options.flag("batchFirst", true)),
        H(options.whole("nhead", 8)),
        layer(block_options(options), initializer) {}
  void run(Run& run) const {
    DecoderLayer::Weights weights;
    const bool asked = run.call.flag("weights");
    const Variable x = layer.forward(run.pass, turned(run, batch_first, run.input("tgt")),
                                     turned(run, batch_first, run.input("memory")),
                                     decoder_calls(run, H), asked ? &weights : nullptr);
    run.give("output", turned(run, batch_first, x));
    if (!asked) return;
    run.give("selfWeights", weights.self);
    run.give("crossWeights", weights.cross);
  }

  bool batch_first;
  Index H;
  DecoderLayer layer;
};

struct EncoderAdapter {
  EncoderAdapter(const Options& options, Initializer& initializer)
      : batch_first(options.flag("batchFirst", true)),
        H(options.whole("nhead", 8)),
        layer(stack_options(options), initializer) {}
  void run(Run& run) const {
    std::vector<Tensor> weights;
    const bool asked = run.call.flag("weights");
    const Variable x = layer.forward(run.pass, turned(run, batch_first, run.input("src")),
                                     told(run, H), asked ? &weights : nullptr);
    run.give("output", turned(run, batch_first, x));
    give_each(run, "weights.", weights);
  }

  bool batch_first;
  Index H;
  Encoder layer;
};

struct DecoderAdapter {
  DecoderAdapter(const Options& options, Initializer& initializer)
      : batch_first(options.flag("batchFirst", true)),
        H(options.whole("nhead", 8)),
        layer(stack_options(options), initializer) {}
  void run(Run& run) const {
    std::vector<DecoderLayer::Weights> weights;
    const Variable x =
        layer.forward(run.pass, turned(run, batch_first, run.input("tgt")),
                      turned(run, batch_first, run.input("memory")), decoder_calls(run, H),
                      run.call.flag("weights") ? &weights : nullptr);
    run.give("output", turned(run, batch_first, x));
    give_each(run, weights);
  }

  bool batch_first;
  Index H;
  Decoder layer;
};

struct TransformerAdapter {
  TransformerAdapter(const Options& options, Initializer& initializer)
      : batch_first(options.flag("batchFirst", true)),
        H(options.whole("nhead", 8)),
        layer({.block = block_options(options),
               .encoder_layers = layer_count(options, "numEncoderLayers", 6),
               .decoder_layers = layer_count(options, "numDecoderLayers", 6)},
              initializer) {}
  void run(Run& run) const {
    Transformer::Weights weights;
    const Variable x = layer.forward(run.pass, turned(run, batch_first, run.input("src")),
                                     turned(run, batch_first, run.input("tgt")),
                                     {.encoder = told(run, H, "src"),
                                      .decoder = told(run, H, "tgt"),
                                      .memory = told(run, H, "memory")},
                                     run.call.flag("weights") ? &weights : nullptr);
    run.give("output", turned(run, batch_first, x));
    give_each(run, "encoderWeights.", weights.encoder);
    give_each(run, weights.decoder);
  }

  bool batch_first;
  Index H;
  Transformer layer;
};

// --- One layer for all adapters ---

// What does not depend on the kind of layer is here, and so in the module once.
class Checked : public Layer {
 public:
  explicit Checked(const LayerKind& kind) : kind_(kind) {}

  const LayerKind& kind() const noexcept final { return kind_; }

  NamedVariables forward(Pass& pass, const LayerCall& call,
                         std::span<const Variable> inputs) const final {
    Run run{pass, call, inputs};
    carry_out(run);
    return std::move(run.outputs);
  }

 protected:
  virtual void carry_out(Run& run) const = 0;
  [[noreturn]] void refuse_step() const {
    throw ValueError(kind_.name, ": there is no step with a cache");
  }

 private:
  const LayerKind& kind_;
};

template <class Adapter>
class Adapted final : public Checked {
 public:
  Adapted(const LayerKind& kind, const Options& options, Initializer& initializer)
      : Checked(kind), adapter_(options, initializer) {}

  void collect(const std::string& prefix, Parameters& parameters) const override {
    if constexpr (requires { adapter_.layer; }) adapter_.layer.collect(prefix, parameters);
  }

  void prepack() override {
    if constexpr (requires { adapter_.layer.prepack(); }) adapter_.layer.prepack();
  }

  std::unique_ptr<KeyValueCache> cache(Index B, Index capacity) const override {
    if constexpr (has_step) return adapter_.cache(B, capacity);
    this->refuse_step();
  }

  Variable step(Pass& pass, const Variable& x, KeyValueCache& cache) const override {
    if constexpr (has_step) return adapter_.step(pass, x, cache);
    this->refuse_step();
  }

 private:
  static constexpr bool has_step = std::is_same_v<Adapter, MultiHeadAdapter>;

  void carry_out(Run& run) const override { adapter_.run(run); }

  Adapter adapter_;
};

using Make = std::unique_ptr<Layer> (*)(const LayerKind&, const Options&, Initializer&);

template <class Adapter>
std::unique_ptr<Layer> made(const LayerKind& kind, const Options& options,
                            Initializer& initializer) {
  return std::make_unique<Adapted<Adapter>>(kind, options, initializer);
}

constexpr std::string_view single_call =
    "convention=none causal=false origin=unstated keyLengths=all queryLengths=all window=all "
    "maskValue=convention emptyRow=convention softcap=0 return=none weights=false";
constexpr std::string_view single_call_of_heads =
    "convention=none causal=false origin=unstated keyLengths=all queryLengths=all window=all "
    "maskValue=convention emptyRow=convention softcap=0 return=none weights=false "
    "averageWeights=false";

constexpr LayerKind kinds[] = {
    {"Linear", "inFeatures outFeatures bias=true", "x", "", "output"},
    {"LayerNorm", "normalizedShape eps=1e-5 bias=true", "x", "", "output"},
    {"Embedding", "numEmbeddings embeddingDim paddingIdx=none", "ids", "", "output"},
    {"SinusoidalPositions", "order=interleaved", "x", "first=0", "output"},
    {"LearnedPositions", "places width", "x", "first=0", "output"},
    {"RotaryPositions", "pairs=halves base=10000 width=all heads=0", "x", "first=0", "output"},
    {"AlibiBias", "heads", "", "queries keys first=0", "bias"},
    {"RelativePositionBias",
     "heads rows=buckets buckets=32 maxDistance=128 bidirectional=true radius=16 height=7 width=7",
     "", "queries keys first=0", "bias"},
    {"RelativeKeys",
     "headDim rows=clipped buckets=32 maxDistance=128 bidirectional=true radius=16 height=7 "
     "width=7",
     "queries", "keys first=0", "bias"},
    {"MultiHeadAttention",
     "embedDim numHeads dropout=0 bias=true addBiasKv=false addZeroAttn=false kdim=embedDim "
     "vdim=embedDim batchFirst=true qdim=embedDim names=torch rotary=none relativeKeys=none",
     "queries keys values mask? keyMask? bias? keyBias?", single_call_of_heads,
     "output raw? capped? masked? weights?"},
    {"SharedProjectionAttention", "embedSize heads", "values keys query mask?", "",
     "output weights"},
    {"AdditiveAttention", "queryWidth keyWidth hiddenWidth dropout=0",
     "queries keys values mask? keyMask?", single_call, "output raw? capped? masked? weights?"},
    {"LuongAttention",
     "width keyWidth=width score=general hiddenWidth=width places=0 alignment=softmax radius=0",
     "h states mask? keyMask?", single_call, "output raw? capped? masked? weights?"},
    {"TransformerEncoderLayer",
     "dModel=512 nhead=8 dimFeedforward=2048 dropout=0.1 activation=relu layerNormEps=1e-5 "
     "batchFirst=true normFirst=false bias=true",
     "src mask? keyMask? bias? keyBias?",
     "convention=none causal=false origin=unstated keyLengths=all window=all maskValue=convention "
     "emptyRow=convention softcap=0 weights=false",
     "output weights?"},
    {"TransformerDecoderLayer",
     "dModel=512 nhead=8 dimFeedforward=2048 dropout=0.1 activation=relu layerNormEps=1e-5 "
     "batchFirst=true normFirst=false bias=true",
     "tgt memory tgtMask? tgtKeyMask? tgtBias? tgtKeyBias? memoryMask? memoryKeyMask? memoryBias? "
     "memoryKeyBias?",
     "convention=none tgtCausal=false memoryCausal=false maskValue=convention emptyRow=convention "
     "weights=false",
     "output selfWeights? crossWeights?"},
    {"TransformerEncoder",
     "numLayers norm=false dModel=512 nhead=8 dimFeedforward=2048 dropout=0.1 activation=relu "
     "layerNormEps=1e-5 batchFirst=true normFirst=false bias=true",
     "src mask? keyMask? bias? keyBias?",
     "convention=none causal=false origin=unstated keyLengths=all window=all maskValue=convention "
     "emptyRow=convention softcap=0 weights=false",
     "output weights.0?"},
    {"TransformerDecoder",
     "numLayers norm=false dModel=512 nhead=8 dimFeedforward=2048 dropout=0.1 activation=relu "
     "layerNormEps=1e-5 batchFirst=true normFirst=false bias=true",
     "tgt memory tgtMask? tgtKeyMask? tgtBias? tgtKeyBias? memoryMask? memoryKeyMask? memoryBias? "
     "memoryKeyBias?",
     "convention=none tgtCausal=false memoryCausal=false maskValue=convention emptyRow=convention "
     "weights=false",
     "output selfWeights.0? crossWeights.0?"},
    {"Transformer",
     "dModel=512 nhead=8 numEncoderLayers=6 numDecoderLayers=6 dimFeedforward=2048 dropout=0.1 "
     "activation=relu layerNormEps=1e-5 batchFirst=true normFirst=false bias=true",
     "src tgt srcMask? srcKeyMask? srcBias? srcKeyBias? tgtMask? tgtKeyMask? tgtBias? tgtKeyBias? "
     "memoryMask? memoryKeyMask? memoryBias? memoryKeyBias?",
     "convention=none srcCausal=false tgtCausal=false memoryCausal=false maskValue=convention "
     "emptyRow=convention weights=false",
     "output encoderWeights.0? selfWeights.0? crossWeights.0?"},
};

// Beside `kinds`, in the same order.
constexpr Make makers[] = {
    made<LinearAdapter>,    made<LayerNormAdapter>,        made<EmbeddingAdapter>,
    made<SinusoidsAdapter>, made<LearnedPositionsAdapter>, made<RotaryAdapter>,
    made<AlibiAdapter>,     made<RelativeBiasAdapter>,     made<RelativeKeysAdapter>,
    made<MultiHeadAdapter>, made<SharedProjectionAdapter>, made<AdditiveAdapter>,
    made<LuongAdapter>,     made<EncoderLayerAdapter>,     made<DecoderLayerAdapter>,
    made<EncoderAdapter>,   made<DecoderAdapter>,          made<TransformerAdapter>,
};
static_assert(std::size(kinds) == std::size(makers));

}  // namespace

std::span<const LayerKind> layer_kinds() noexcept { return kinds; }

LayerCall Layer::read(std::vector<std::string> inputs, const io::Json& call) const {
  const LayerKind& of = kind();
  Options options = options_of(of, call, of.call);
  expect_inputs(of, inputs);
  attention::AttentionOptions attention = attention::read_options(options);
  return {&of, std::move(inputs), std::move(options), std::move(attention)};
}

NamedVariables Layer::forward(Pass& pass, const NamedVariables& inputs,
                              const io::Json& call) const {
  std::vector<std::string> names;
  std::vector<Variable> variables;
  for (const auto& [name, variable] : inputs) {
    names.push_back(name);
    variables.push_back(variable);
  }
  return forward(pass, read(std::move(names), call), variables);
}

std::unique_ptr<Layer> make_layer(std::string_view kind, const io::Json& options,
                                  Initializer& initializer) {
  for (size_t i = 0; i < std::size(kinds); ++i) {
    if (kinds[i].name != kind) continue;
    return makers[i](kinds[i], options_of(kinds[i], options, kinds[i].options), initializer);
  }
  throw ValueError("layer: there is no kind '", kind, "'");
}

}  // namespace regard::layers
