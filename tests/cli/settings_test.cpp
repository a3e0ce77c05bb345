// SPDX-License-Identifier: MIT
#include "cli/settings.h"

#include "io/file.h"
#include "thrown.h"

namespace regard::cli {
namespace {

// Settings of which one line is the test's own: line 3.
std::string with(const std::string& line) {
  return "{\n \"source\": \"en\", \"target\": \"zh\", \"steps\": 1000, \"warmup\": 100,\n " + line +
         "\n}\n";
}

Settings read(const std::string& text) { return read_settings(io::bytes_of(text), "t.json"); }

std::string complaint(const std::string& text) {
  return thrown<FormatError>([&] { read(text); });
}

TEST(Settings, ReadWhatIsThereAndKeepTheRest) {
  const Settings settings = read(with(R"("save_minutes": 0.5, "average_last": 4, "dropout": 0.2)"));
  EXPECT_EQ(settings.source, "en");
  EXPECT_EQ(settings.steps, 1000);
  EXPECT_EQ(settings.save_minutes, 0.5);
  EXPECT_EQ(settings.trainer.average_last.count, 4);
  EXPECT_EQ(settings.trainer.average_last.steps, 1000);
  EXPECT_FLOAT_EQ(settings.trainer.dropout, 0.2f);
  EXPECT_EQ(settings.evaluate_every, Settings{}.evaluate_every);
  EXPECT_EQ(settings.start_parts, (std::vector<std::string>{"encoder", "decoder", "embeddings"}));
}

TEST(Settings, NameAnUnknownKeyAndItsNeighbour) {
  EXPECT_EQ(complaint(with(R"("warm_up": 7)")),
            "t.json:3: there is no key \"warm_up\"; did you mean \"warmup\"?");
  EXPECT_EQ(complaint(with(R"("Dropout": 0.1)")),
            "t.json:3: there is no key \"Dropout\"; did you mean \"dropout\"?");
  EXPECT_EQ(complaint(with(R"("flux": 0.1)")), "t.json:3: there is no key \"flux\"");
  // the same word as a value or deeper inside is no such key
  EXPECT_EQ(complaint("{\"source\": \"steps\", \"target\": \"zh\", \"start_parts\": [\"seed\"],\n"
                      "\"steps\": 1000, \"seed\": 0}"),
            "t.json:2: seed is 0, expected a whole number from 1 to 2147483648");
}

TEST(Settings, NameTheLineOfWhatIsWrong) {
  EXPECT_EQ(complaint(with(R"("dropout": 1.5)")), "t.json:3: dropout is 1.5, expected 0 to 1");
  EXPECT_EQ(complaint(with(R"("save_minutes": "often")")),
            "t.json:3: save_minutes is \"often\", expected a number");
  EXPECT_EQ(complaint(with(R"("dropout": 0.1,)")),
            "t.json:4: missing a name for object member, at byte 82");
  EXPECT_EQ(complaint(with(R"("seed": 1, "seed": 2)")),
            "t.json:4: the key \"seed\" is there twice, at byte 87");
  EXPECT_EQ(complaint("{\"source\": \"en\", \"target\": \"zh\"}"), "t.json: steps is missing");
  EXPECT_EQ(complaint("[1]"), "t.json is an array, expected an object");
}

TEST(Settings, RefuseWhatContradicts) {
  EXPECT_EQ(complaint(with(R"("cooldown": 2000)")),
            "t.json:3: cooldown is 2000, but there are only 1000 steps");
  EXPECT_EQ(complaint(with(R"("cooldown": 950)")),
            "t.json:3: cooldown is 950 and warmup 100, together more than the 1000 steps");
  EXPECT_EQ(complaint(with(R"("average_last": 5, "average_every": 300)")),
            "t.json:3: average_last is 5 and average_every 300, which takes more than the 1000 "
            "steps");
  EXPECT_EQ(complaint(with(R"("start_parts": ["encoder"])")),
            "t.json:3: start_parts is given, but start_from is not");
  EXPECT_EQ(complaint(with(R"("average_every": 50)")),
            "t.json:3: average_every is given, but average_last is not");
  EXPECT_EQ(complaint(with(R"("sample_share": 0.5)")),
            "t.json:3: sample_share is given, but neither sample_source nor sample_target is");
  EXPECT_EQ(read(with(R"("sample_share": 0.5, "sample_target": 0.1)")).trainer.sampling.share,
            0.5f);
  EXPECT_EQ(complaint(with(R"("start_from": "x", "start_parts": ["head"])")),
            "t.json:3: start_parts has \"head\", expected encoder, decoder, embeddings");
  EXPECT_EQ(complaint("{\"source\": \"en\",\n\"target\": \"en\", \"steps\": 1000}"),
            "t.json:2: target is \"en\", as source is");
  EXPECT_EQ(complaint("{\"source\": \"en\", \"target\": \"zh\",\n\"steps\": 10,\n\"warmup\": 20}"),
            "t.json:3: warmup is 20, but there are only 10 steps");
}

}  // namespace
}  // namespace regard::cli
