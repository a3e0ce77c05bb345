// SPDX-License-Identifier: MIT
#include "models/intervention.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "models/transformer.h"
#include "support/numbers.h"
#include "thrown.h"

namespace regard::models {
namespace {

using attention::Edit;
using attention::Stage;

constexpr Index V = 30, S = 7, T = 9;
constexpr Index all = Edit::all;

TransformerConfig small_config() {
  TransformerConfig config;
  config.V = config.target_V = V;
  config.M = 24;
  config.encoder_layers = 2;
  config.decoder_layers = 3;
  config.encoder_heads = 4;
  config.decoder_heads = 3;
  config.encoder_F = 40;
  config.decoder_F = 32;
  config.max_positions = 20;
  config.pad = config.decoder_start = V - 1;
  return config;
}

// With projections large enough that attention is far from uniform.
const Transformer& model() {
  static const Transformer shared = [] {
    TransformerConfig config = small_config();
    config.init_std = 0.3;
    return Transformer(config, layers::Initializer(3, config.init_std));
  }();
  return shared;
}

Ids random_ids(Index count, uint64_t seed) {
  Random random(seed);
  Ids ids;
  for (Index i = 0; i < count; ++i) ids.push_back(static_cast<Id>(random.below(V - 1)));
  return ids;
}

const Ids source = random_ids(S, 1), target = random_ids(T, 2);

Tensor numbers(std::initializer_list<float> values) {
  return Tensor::from({std::ssize(values)}, std::vector<float>(values));
}
Tensor numbers(Index count, uint64_t seed) {
  return Tensor::from({count}, testing::numbers(count, seed));
}

// The logits after each target token: (T, V).
Tensor whole(const Transformer& transformer, layers::Probe* probe) {
  layers::Tape tape(layers::Tape::Mode::forget);
  layers::Pass pass{.tape = tape, .probe = probe};
  const auto memory = transformer.encode(pass, source, {S});
  return transformer.logits(pass, transformer.decode(pass, target, memory, {S}))->value;
}
Tensor whole(const Interventions& interventions) {
  layers::Probe probe = probe_for(interventions, T);
  return whole(model(), &probe);
}

// The same, one token at a time, two beams that run alike: (T, V) of the second.
Tensor stepped(const Interventions& interventions) {
  const auto stepper = model().start(model().encode({source}, false, interventions), interventions);
  Tensor logits = Tensor::empty({T, V});
  for (Index t = 0; t < T; ++t) {
    const Id id = target[static_cast<size_t>(t)];
    const Tensor row =
        t == 0 ? stepper->step({id}, {0}) : stepper->step({id, id}, {0, t == 1 ? 0 : Index{1}});
    std::copy_n(row.data() + (t == 0 ? 0 : V), V, logits.data() + t * V);
  }
  return logits;
}

float largest_difference(const Tensor& a, const Tensor& b) {
  float largest = 0;
  for (Index i = 0; i < a.count(); ++i) {
    largest = std::max(largest, std::abs(a.data()[i] - b.data()[i]));
  }
  return largest;
}

// Logits up to 10 after sums of some hundred terms that run in another order.
constexpr float order_tolerance = 5e-5f;
// What is called a change: far above what another order can do.
constexpr float least_change = 1e-3f;

Index width(Where where, Stage stage, Index row) {
  if (stage < Stage::raw || stage == Stage::context) return where == Where::encoder ? 6 : 8;
  return where == Where::decoder ? row + 1 : S;
}

TEST(Interventions, DoTheSameAtOnceAndStepByStep) {
  const Tensor plain = whole({});
  EXPECT_LT(largest_difference(plain, stepped({})), order_tolerance);
  uint64_t seed = 0;
  for (const Where where : {Where::encoder, Where::decoder, Where::cross}) {
    for (const Stage stage : {Stage::queries, Stage::keys, Stage::values, Stage::raw, Stage::capped,
                              Stage::masked, Stage::weights, Stage::context}) {
      for (const Index row : {Index{0}, Index{3}, all}) {
        const bool one = row == all;
        const Interventions interventions = {
            {where,
             1,
             {.stage = stage,
              .head = ++seed % 3 == 0 ? all : Index{2},
              .row = row,
              .values = one ? numbers({0.3f}) : numbers(width(where, stage, row), seed)}}};
        const Tensor changed = whole(interventions);
        const std::string what = attention_name(where, 1) + " stage " +
                                 std::to_string(static_cast<int>(stage)) + " row " +
                                 std::to_string(row);
        EXPECT_LT(largest_difference(changed, stepped(interventions)), order_tolerance) << what;
        // the decoder's first step sees one key: its weight is 1 whatever the score
        const bool before_weights =
            stage != Stage::keys && stage != Stage::values && stage < Stage::weights;
        if (!(before_weights && where == Where::decoder && row == 0)) {
          EXPECT_GT(largest_difference(changed, plain), least_change) << what;
        }
      }
    }
  }
}

TEST(Interventions, LetAStepSeeNothing) {
  constexpr float hidden = -std::numeric_limits<float>::infinity();
  for (const Where where : {Where::decoder, Where::cross}) {
    const Interventions off = {
        {where, 0, {.stage = Stage::context, .head = 1, .row = 4, .values = numbers({0})}}};
    for (const Stage stage : {Stage::raw, Stage::capped, Stage::masked}) {
      const Interventions interventions = {
          {where, 0, {.stage = stage, .head = 1, .row = 4, .values = numbers({hidden})}}};
      EXPECT_LT(largest_difference(whole(interventions), stepped(interventions)), order_tolerance);
      EXPECT_LT(largest_difference(whole(interventions), whole(off)), order_tolerance);
    }
  }
}

// The output projection of a head that gives zeros may as well be zero.
TEST(Interventions, AHeadThatIsOffIsOneWithoutAnOutputProjection) {
  for (const auto& [where, name] : {std::pair(Where::encoder, "encoder.layers.1.self_attn"),
                                    std::pair(Where::decoder, "decoder.layers.1.self_attn"),
                                    std::pair(Where::cross, "decoder.layers.1.encoder_attn")}) {
    const Index D = where == Where::encoder ? 6 : 8, head = 1;
    const Transformer other(small_config(), layers::Initializer(3, 0.3));
    for (const auto& [parameter, value] : other.parameters()) {
      if (parameter != "model." + std::string(name) + ".out_proj.weight") continue;
      for (Index row = 0; row < 24; ++row) {
        std::fill_n(value->value.data() + row * 24 + head * D, D, 0.0f);
      }
    }
    const Tensor off =
        whole({{where, 1, {.stage = Stage::context, .head = head, .values = numbers({0})}}});
    EXPECT_LT(largest_difference(off, whole(other, nullptr)), order_tolerance) << name;
    EXPECT_GT(largest_difference(off, whole({})), least_change) << name;
  }
}

TEST(Interventions, ChangeNothingBeforeTheirRow) {
  const Tensor plain = whole({});
  for (const Where where : {Where::decoder, Where::cross}) {
    const Tensor changed =
        whole({{where, 0, {.stage = Stage::context, .row = 5, .values = numbers({2})}}});
    EXPECT_LT(
        largest_difference(changed.reshape({T, V}).slice(0, 5), plain.reshape({T, V}).slice(0, 5)),
        order_tolerance);
    EXPECT_GT(
        largest_difference(changed.reshape({T, V}).slice(5, 6), plain.reshape({T, V}).slice(5, 6)),
        least_change);
  }
}

TEST(Interventions, ThatNeverComeLeaveEveryBitAsItWas) {
  const Interventions never = {
      {Where::decoder, 0, {.stage = Stage::weights, .row = 19, .values = numbers({1})}},
      {Where::cross, 2, {.stage = Stage::context, .row = 18, .values = numbers({1})}}};
  testing::expect_same(stepped(never).values(), stepped({}).values());
  layers::Probe idle;
  testing::expect_same(whole(model(), &idle).values(), whole(model(), nullptr).values());
}

TEST(Interventions, OfOneSentenceLeaveTheOthersAlone) {
  const std::vector<Ids> sources = {source, random_ids(S, 5)};
  const auto run = [&](const Interventions& interventions) {
    const auto stepper =
        model().start(model().encode(sources, false, interventions), interventions);
    stepper->step({3, 3}, {0, 1});
    return stepper->step({4, 4, 4}, {0, 1, 1});
  };
  const Tensor plain = run({});
  for (const Where where : {Where::encoder, Where::decoder, Where::cross}) {
    const Tensor changed =
        run({{where, 0, {.stage = Stage::context, .batch = 1, .values = numbers({1})}}});
    EXPECT_LT(largest_difference(changed.slice(0, 1), plain.slice(0, 1)), order_tolerance);
    EXPECT_GT(largest_difference(changed.slice(1, 2), plain.slice(1, 2)), least_change);
    // the kernels sum rows in the middle of a product and at its end in different orders
    EXPECT_LT(largest_difference(changed.slice(1, 2), changed.slice(2, 3)), order_tolerance);
  }
}

TEST(Interventions, ThatDoNotFitAreRefused) {
  const auto refusal = [](const Intervention& intervention, std::optional<Index> length = {}) {
    try {
      check_interventions({intervention}, small_config(), S, length);
    } catch (const Error& error) {
      return std::string(error.name()) + ": " + error.what();
    }
    return std::string("none");
  };
  const Tensor one = numbers({1});
  EXPECT_EQ(refusal({Where::encoder, 2, {.values = one}}),
            "ValueError: intervention 0: layer is 2, expected 0 to 1");
  EXPECT_EQ(refusal({Where::cross, -1, {.values = one}}),
            "ValueError: intervention 0: layer is -1, expected 0 to 2");
  EXPECT_EQ(refusal({Where::encoder, 1, {.head = 4, .values = one}}),
            "ValueError: intervention 0: head is 4, expected 0 to 3");
  EXPECT_EQ(refusal({Where::decoder, 2, {.head = 3, .values = one}}),
            "ValueError: intervention 0: head is 3, expected 0 to 2");
  EXPECT_EQ(refusal({Where::encoder, 1, {.row = S, .values = one}}),
            "ValueError: intervention 0: row is 7, expected 0 to 6");
  EXPECT_EQ(refusal({Where::cross, 1, {.stage = Stage::keys, .row = S, .values = one}}, T),
            "ValueError: intervention 0: row is 7, expected 0 to 6");
  EXPECT_EQ(refusal({Where::cross, 1, {.row = T, .values = one}}, T),
            "ValueError: intervention 0: row is 9, expected 0 to 8");
  EXPECT_EQ(refusal({Where::cross, 1, {.row = T, .values = one}}), "none");
  EXPECT_EQ(refusal({Where::decoder, 1, {.row = 20, .values = one}}),
            "ValueError: intervention 0: row is 20, expected 0 to 19");
  EXPECT_EQ(refusal({Where::encoder, 0, {.stage = Stage::weights, .values = numbers({1, 2})}}),
            "ShapeError: intervention 0: values are (2), expected (1) or (7)");
  EXPECT_EQ(refusal({Where::cross, 0, {.stage = Stage::context, .values = numbers({1, 2})}}),
            "ShapeError: intervention 0: values are (2), expected (1) or (8)");
  EXPECT_EQ(refusal({Where::cross, 0, {}}),
            "ShapeError: intervention 0: values are (0), expected (1) or (8)");
  EXPECT_EQ(
      refusal({Where::decoder, 0, {.stage = Stage::raw, .row = 4, .values = numbers({1, 2})}}),
      "ShapeError: intervention 0: values are (2), expected (1) or (5)");
  EXPECT_EQ(refusal({Where::decoder, 0, {.stage = Stage::weights, .values = numbers({1, 2})}}),
            "ValueError: intervention 0: row is missing; the decoder's rows are of different "
            "widths");
  EXPECT_THROW(model().start(model().encode({source}), {{Where::decoder, 3, {.values = one}}}),
               ValueError);
  EXPECT_THROW(model().encode({source}, false, {{Where::encoder, 3, {.values = one}}}), ValueError);
}

TEST(Interventions, HaveNoGradient) {
  layers::Probe probe =
      probe_for({{Where::encoder, 0, {.stage = Stage::context, .values = numbers({0})}}}, T);
  layers::Tape tape;
  layers::Pass pass{.tape = tape, .probe = &probe};
  EXPECT_EQ(thrown<ValueError>([&] { model().encode(pass, source, {S}); }),
            "attention: edits have no gradient, and the tape records");
}

TEST(Interventions, GoByTheNamesOfATrace) {
  EXPECT_EQ(attention_name(Where::encoder, 3), "encoder.3.self");
  EXPECT_EQ(attention_name(Where::decoder, 0), "decoder.0.self");
  EXPECT_EQ(attention_name(Where::cross, 12), "decoder.12.cross");
  layers::Probe probe;
  probe.trace(layers::Probe::all_stages);
  whole(model(), &probe);
  ASSERT_EQ(probe.steps().size(), 9u * (2 + 3 + 3));
  EXPECT_EQ(probe.steps()[0].first, "encoder.0.self.queries");
  EXPECT_EQ(probe.steps()[9 * 3 + 6].first, "decoder.0.cross.weights");
  EXPECT_EQ(probe.steps()[9 * 3 + 6].second.shape(), (Shape{1, 3, T, S}));
  EXPECT_EQ(probe.steps().back().first, "decoder.2.cross.output");
}

}  // namespace
}  // namespace regard::models
