// SPDX-License-Identifier: MIT
#include "cli/origin.h"

#include "thrown.h"

namespace regard::cli {
namespace {

class OriginTest : public ::testing::Test {
 protected:
  io::Metadata now() const { return origin_of(config, files, pairs, settings); }
  std::vector<std::string> since(const io::Metadata& then) const {
    return changes(then, now(), "state");
  }

  models::TransformerConfig config;
  models::Folder files{{"source.spm", {1, 2}}, {"target.spm", {3}}, {"vocab.json", {4}}};
  std::vector<training::Pair> pairs = {{{5, 0}, {6, 0}}};
  std::string settings = R"({"steps":100,"seed":1})";
};

TEST_F(OriginTest, IsTheSameForTheSame) { EXPECT_TRUE(since(now()).empty()); }

TEST_F(OriginTest, ToldByWhatMayChange) {
  const io::Metadata then = now();
  settings = R"({"steps":200,"dropout":0.5})";
  EXPECT_EQ(since(then),
            (std::vector<std::string>{"steps is 200, was 100", "seed is nothing, was 1",
                                      "dropout is 0.5, was nothing"}));
  pairs.push_back(pairs.front());
  EXPECT_EQ(since(then)[0], "the pairs to train on are others than before");
}

TEST_F(OriginTest, RefusesWhatMayNot) {
  const io::Metadata then = now();
  files["vocab.json"] = {5};
  EXPECT_TRUE(thrown<ValueError>([&] {
                since(then);
              }).starts_with("state: is of another vocabulary than source.spm, target.spm"));
  config.M = 512;
  const std::string complaint = thrown<ValueError>([&] { since(then); });
  EXPECT_TRUE(complaint.starts_with("state: is of another model (")) << complaint;
  EXPECT_NE(complaint.find("width 256"), std::string::npos);
  EXPECT_NE(complaint.find("width 512"), std::string::npos);
}

}  // namespace
}  // namespace regard::cli
