// SPDX-License-Identifier: MIT
#include "training/trainer_options.h"

#include "thrown.h"

namespace regard::training {
namespace {

TrainerOptions read(const char* text) {
  return read_trainer_options(io::Json::parse(io::bytes_of(text), "t.json"), "t.json");
}

TEST(TrainerOptions, ReadWhatIsThereAndKeepTheRest) {
  const auto options = read(R"({"batch_tokens": 512, "peak_rate": 0.002, "seed": 9})");
  EXPECT_EQ(options.batch_tokens, 512);
  EXPECT_FLOAT_EQ(options.schedule.peak, 0.002f);
  EXPECT_EQ(options.seed, 9u);
  EXPECT_FLOAT_EQ(options.dropout, TrainerOptions{}.dropout);
}

TEST(TrainerOptions, NameWhatIsOutOfRange) {
  EXPECT_EQ(thrown<FormatError>([] { read(R"({"dropout": 1.5})"); }),
            "t.json: dropout is 1.5, expected 0 to 1");
  EXPECT_EQ(thrown<FormatError>([] { read(R"({"batch_tokens": 0})"); }),
            "t.json: batch_tokens is 0, expected a whole number from 1 to 2147483648");
  EXPECT_EQ(thrown<FormatError>([] { read(R"({"seed": "x"})"); }),
            "t.json: seed is \"x\", expected a whole number");
}

}  // namespace
}  // namespace regard::training
