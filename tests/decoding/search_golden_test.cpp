// SPDX-License-Identifier: MIT
// The rules of the search against Hugging Face's own, on a model that both compute alike.
#include <gtest/gtest.h>

#include "decoding/search.h"
#include "io/file.h"
#include "io/json.h"
#include "table_stepper.h"

namespace regard::decoding {
namespace {

Ids ids_of(const io::Json& json) {
  Ids ids;
  for (const io::Json& id : json.items("ids")) ids.push_back(static_cast<Id>(id.whole("id")));
  return ids;
}

SearchOptions options_of(const io::Json& golden, const io::Json& record) {
  const io::Fields all(golden, "search.json"), fields(record, "case");
  SearchOptions options;
  options.eos = static_cast<Id>(all.whole("eos"));
  options.decoder_start = static_cast<Id>(all.whole("start"));
  options.beams = options.n_best = fields.whole("beams");
  options.length_penalty = static_cast<float>(fields.number("length_penalty"));
  options.max_length = fields.whole("max_length");
  options.renormalize_logits = fields.boolean("renormalize_logits", false);
  if (fields.boolean("forced_eos")) options.forced_eos = options.eos;
  for (const io::Json& word : fields.value("bad_words").items("bad_words")) {
    options.bad_words.push_back(ids_of(word));
  }
  if (fields.has("prefix")) options.prefix = ids_of(fields.value("prefix"));

  const io::Json& stopping = fields.value("early_stopping");
  if (stopping.is_text()) options.early_stopping = EarlyStopping::never;
  if (stopping.is_boolean() && stopping.boolean("")) options.early_stopping = EarlyStopping::yes;
  return options;
}

void expect_same(const Hypothesis& found, const io::Json& expected, Index prefix) {
  const io::Fields fields(expected, "hypothesis");
  EXPECT_EQ(found.ids, ids_of(fields.value("ids")));
  if (!fields.has("score")) return;  // Hugging Face's greedy search gives none
  // a dozen additions of fp32 numbers below 32, each within half an ulp of 2^-19, on both sides
  EXPECT_NEAR(found.score, fields.number("score"), 12 * 0x1p-19);
  const std::vector<Index> searched(found.beams.begin() + prefix, found.beams.end());
  std::vector<Index> beams;
  for (const io::Json& beam : fields.value("beams").items("beams")) {
    beams.push_back(beam.whole("beam"));
  }
  EXPECT_EQ(searched, beams);
}

TEST(SearchGolden, FindsWhatHuggingFaceFinds) {
  const std::string path = REGARD_GOLDEN_DIR "/search/search.json";
  const io::Json golden = io::Json::parse(io::read_file(path), "search.json");
  const io::Fields fields(golden, "search.json");
  const Index vocabulary = fields.whole("vocabulary"), sentences = fields.whole("sentences");
  std::vector<Index> numbers;
  for (Index number = 0; number < sentences; ++number) numbers.push_back(number);

  Index compared = 0;
  for (const io::Json& record : fields.value("cases").items("cases")) {
    const SearchOptions options = options_of(golden, record);
    const auto search = make_search(
        std::make_unique<TableStepper>(hashed_table(vocabulary), vocabulary, numbers), options);
    while (search->step()) {
    }
    const auto& expected = record.find("results")->items("results");
    for (Index sentence = 0; sentence < sentences; ++sentence) {
      SCOPED_TRACE(testing::Message() << "case " << compared << ", sentence " << sentence);
      const auto found = search->results(sentence);
      size_t rank = 0;
      for (const io::Json& hypothesis : expected[static_cast<size_t>(sentence)].items("n-best")) {
        // Hugging Face fills the list with hypotheses of -1e9 where there are too few
        const io::Json* score = hypothesis.find("score");
        if (score && score->number("score") < -1e6) break;
        ASSERT_LT(rank, found.size());
        expect_same(found[rank++], hypothesis, static_cast<Index>(options.prefix.size()));
      }
      EXPECT_EQ(rank, found.size());
    }
    ++compared;
  }
  EXPECT_GE(compared, 90);
}

}  // namespace
}  // namespace regard::decoding
