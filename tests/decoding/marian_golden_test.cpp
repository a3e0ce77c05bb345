// SPDX-License-Identifier: MIT
// Searches with Marian models against Hugging Face's: tests/golden/README.md describes the files.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "decoding/greedy_search.h"
#include "decoding/source.h"
#include "io/file.h"
#include "models/weights.h"

namespace regard::decoding {
namespace {

// Where two candidates were closer than this, fp32 sums in another order may choose the other.
constexpr float least_margin = 1e-4f;
// Sums of up to 40 log-probabilities, from logits of some tens that differ by some 1e-6 between two
// ways of summing in fp32.
constexpr float score_tolerance = 5e-5f;
// Weights are at most 1 and have gone through up to three layers that differ so.
constexpr float weight_tolerance = 2e-5f;

const std::string folder = REGARD_GOLDEN_DIR "/marian/";

io::Json read_json(const std::string& name) {
  return io::Json::parse(io::read_file(folder + name), name);
}

struct Model {
  models::Transformer transformer;
  SearchOptions options;
};

Model read_model(const std::string& name) {
  const io::Json json = read_json(name + "/config.json");
  const auto config = models::read_transformer_config(json, "config.json");
  const auto generation =
      models::read_generation_config(read_json(name + "/generation_config.json"), json, config);
  const io::Bytes bytes = io::read_file(folder + name + "/model.safetensors");
  const auto weights = io::Safetensors::read(bytes, "model.safetensors");
  return {models::read_transformer(config, weights, "model.safetensors"),
          usual_options(generation)};
}

// One of the files of numbers.
class Golden {
 public:
  explicit Golden(const std::string& name)
      : bytes_(io::read_file(folder + name)), file_(io::Safetensors::read(bytes_, name)) {}

  Tensor tensor(const std::string& name) const { return file_.tensor(name); }
  Ids ids(const std::string& name) const { return file_.ids(name); }
  /// Lists of ids of different lengths.
  std::vector<Ids> lists(const std::string& name) const {
    const Ids ids = file_.ids(name + ".ids"), offsets = file_.ids(name + ".offsets");
    std::vector<Ids> lists;
    for (size_t i = 0; i + 1 < offsets.size(); ++i) {
      lists.emplace_back(ids.begin() + offsets[i], ids.begin() + offsets[i + 1]);
    }
    return lists;
  }

 private:
  io::Bytes bytes_;
  io::Safetensors file_;
};

// Some sentences at a time, as a batch of their own lengths.
std::vector<std::vector<Hypothesis>> search_all(const Model& model, const SearchOptions& options,
                                                const std::vector<Ids>& sources) {
  constexpr size_t together = 32;
  std::vector<std::vector<Hypothesis>> found;
  for (size_t begin = 0; begin < sources.size(); begin += together) {
    const size_t end = std::min(begin + together, sources.size());
    const std::vector<Ids> batch(sources.begin() + static_cast<Index>(begin),
                                 sources.begin() + static_cast<Index>(end));
    const auto search =
        make_search(model.transformer.start(model.transformer.encode(batch)), options);
    while (search->step()) {
    }
    for (Index i = 0; i < search->sentences(); ++i) found.push_back(search->results(i));
  }
  return found;
}

// Every hypothesis of a search against the file's, and how many sentences were certain enough.
void expect_same(const Model& model, const SearchOptions& options, const Golden& golden,
                 const std::string& name) {
  SCOPED_TRACE(name);
  const std::vector<Ids> expected = golden.lists(name);
  const Tensor scores = golden.tensor(name + ".score"), margins = golden.tensor(name + ".margin");
  auto sources = golden.lists("source");
  sources.resize(static_cast<size_t>(margins.count()));
  const auto found = search_all(model, options, sources);

  const auto n_best = static_cast<size_t>(options.n_best);
  ASSERT_EQ(expected.size(), sources.size() * n_best);
  size_t certain = 0;
  for (size_t sentence = 0; sentence < sources.size(); ++sentence) {
    if (margins.data()[sentence] <= least_margin) continue;
    ++certain;
    ASSERT_EQ(found[sentence].size(), n_best);
    for (size_t rank = 0; rank < n_best; ++rank) {
      const size_t row = sentence * n_best + rank;
      EXPECT_EQ(found[sentence][rank].ids, expected[row]) << "sentence " << sentence;
      EXPECT_NEAR(found[sentence][rank].score, scores.data()[row], score_tolerance);
    }
  }
  EXPECT_GE(certain * 10, sources.size() * 7);
}

TEST(MarianGolden, SearchesFindWhatHuggingFaceFinds) {
  const Model model = read_model("swish");
  const Golden golden("swish_search.safetensors");
  SearchOptions options = model.options;
  options.beams = 1;
  expect_same(model, options, golden, "beams1");
  for (Index beams : {2, 4, 6}) {
    for (const auto& [penalty, penalty_name] : {std::pair{1.0f, "1.0"}, {0.6f, "0.6"}}) {
      for (const auto& [early, early_name] : {std::pair{EarlyStopping::no, "false"},
                                              {EarlyStopping::yes, "true"},
                                              {EarlyStopping::never, "never"}}) {
        options.beams = beams;
        options.length_penalty = penalty;
        options.early_stopping = early;
        expect_same(model, options, golden,
                    "beams" + std::to_string(beams) + ".penalty" + penalty_name + "." + early_name);
      }
    }
  }
}

TEST(MarianGolden, SearchesEndWhereTheLengthRunsOut) {
  const Model model = read_model("swish");
  const Golden golden("swish_search.safetensors");
  SearchOptions options = model.options;
  options.max_length = 12;
  expect_same(model, options, golden, "beams4.max12");
  options.beams = 1;
  expect_same(model, options, golden, "beams1.max12");
}

TEST(MarianGolden, AllHypothesesAreThoseOfHuggingFace) {
  const Model model = read_model("swish");
  const Golden golden("swish_search.safetensors");
  SearchOptions options = model.options;
  options.beams = options.n_best = 4;
  expect_same(model, options, golden, "nbest4");
  options.beams = options.n_best = 6;
  options.length_penalty = 0.6f;
  options.early_stopping = EarlyStopping::never;
  expect_same(model, options, golden, "nbest6.penalty0.6.never");
}

TEST(MarianGolden, HalfPrecisionWithRenormalizedLogits) {
  const Model model = read_model("relu");
  EXPECT_TRUE(model.options.renormalize_logits);
  const Golden golden("relu_search.safetensors");
  SearchOptions options = model.options;
  options.beams = 1;
  expect_same(model, options, golden, "beams1");
  options.beams = 4;
  expect_same(model, options, golden, "beams4");
  options.beams = 3;
  options.length_penalty = 1.5f;
  options.early_stopping = EarlyStopping::yes;
  expect_same(model, options, golden, "beams3.penalty1.5.true");
}

// (layers, 1, H, T, keys) of the file against (layers, H, T, keys).
void expect_near(const Tensor& found, const Tensor& expected) {
  ASSERT_EQ(found.count(), expected.count());
  ASSERT_EQ(found.size(-1), expected.size(-1));
  ASSERT_EQ(found.size(-2), expected.size(-2));
  for (Index i = 0; i < found.count(); ++i) {
    ASSERT_NEAR(found.data()[i], expected.data()[i], weight_tolerance) << i;
  }
}

TEST(MarianGolden, AttentionAlongTheBestHypothesisIsThatOfTheDecoderGivenIt) {
  const Model model = read_model("swish");
  const Golden golden("swish_forced.safetensors");
  SearchOptions options = model.options;
  options.attention = true;

  std::vector<Ids> sources, targets;
  for (const std::string sentence : {"0.", "1.", "2.", "3.", "4."}) {
    sources.push_back(golden.ids(sentence + "source"));
    const Ids decoder = golden.ids(sentence + "decoder");  // the start token, no `</s>`
    targets.emplace_back(decoder.begin() + 1, decoder.end());
    targets.back().push_back(options.eos);
  }
  const auto stepper = [&] { return model.transformer.start(model.transformer.encode(sources)); };
  const auto searching = make_search(stepper(), options);
  GreedySearch following(stepper(), options, targets);
  for (Search* search : {searching.get(), static_cast<Search*>(&following)}) {
    while (search->step()) {
    }
    for (Index i = 0; i < 5; ++i) {
      const std::string sentence = std::to_string(i) + ".";
      const auto place = static_cast<size_t>(i);
      ASSERT_EQ(search->results(i)[0].ids, targets[place]);
      const HypothesisAttention attention = search->attention(i);
      const auto length = static_cast<Index>(sources[place].size());
      expect_near(unpadded(attention.cross, length), golden.tensor(sentence + "cross_attention"));
      expect_near(attention.decoder, golden.tensor(sentence + "decoder_attention"));
    }
  }
  for (Index i = 0; i < 5; ++i) {
    EXPECT_NEAR(searching->results(i)[0].score, following.results(i)[0].score, score_tolerance);
  }
}

}  // namespace
}  // namespace regard::decoding
