// SPDX-License-Identifier: MIT
#include "cli/training_log.h"

#include <filesystem>

#include "io/file.h"
#include "thrown.h"

namespace regard::cli {
namespace {

class TrainingLogTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove(path);
    std::filesystem::remove(path + ".before");
    std::filesystem::remove(path + ".before.2");
  }
  void TearDown() override { SetUp(); }
  std::string text(const std::string& file) {
    const io::Bytes bytes = io::read_file(file);
    return std::string(bytes.begin(), bytes.end());
  }
  void add(Index first, Index last, Index resumed) {
    TrainingLog log(path, resumed);
    for (Index step = first; step <= last; ++step) {
      EXPECT_TRUE(log.add({{"step", int64_t{step}}, {"seconds", static_cast<double>(step) / 2}}));
    }
  }

  const std::string path = testing::TempDir() + "regard_training_log_test.jsonl";
};

TEST_F(TrainingLogTest, ForgetsWhatHappensAgain) {
  add(1, 6, 0);
  const std::string whole = text(path);
  add(5, 6, 4);
  EXPECT_EQ(text(path), whole);
  const TrainingLog log(path, 5);
  EXPECT_EQ(log.seconds(), 2.5);
  EXPECT_EQ(log.evaluated(), 0);
}

TEST_F(TrainingLogTest, CutsALineOffThatIsNotWhole) {
  add(1, 3, 0);
  const std::string whole = text(path);
  io::write_file(path, io::bytes_of(whole + "{\"step\":4,\"sec"));
  add(4, 4, 4);
  EXPECT_EQ(text(path), whole + "{\"step\":4,\"seconds\":2.0}\n");
  io::write_file(path, io::bytes_of("{\"step\":1}\n{\"st\n{\"step\":3}\n"));
  add(2, 2, 9);
  EXPECT_EQ(text(path), "{\"step\":1}\n{\"step\":2,\"seconds\":1.0}\n");
}

TEST_F(TrainingLogTest, KeepsTheLogsOfEarlierTrainings) {
  add(1, 3, 0);
  const std::string first = text(path);
  add(1, 2, 0);
  const std::string second = text(path);
  add(1, 1, 0);
  EXPECT_EQ(text(path + ".before"), first);
  EXPECT_EQ(text(path + ".before.2"), second);
  EXPECT_EQ(text(path), "{\"step\":1,\"seconds\":0.5}\n");
}

TEST_F(TrainingLogTest, KnowsTheLastEvaluation) {
  io::write_file(path, io::bytes_of("{\"step\":5,\"dev_loss\":2}\n{\"step\":7,\"loss\":2}\n"));
  EXPECT_EQ(TrainingLog(path, 7).evaluated(), 5);
}

TEST_F(TrainingLogTest, BelongsToOneTraining) {
  const TrainingLog log(path, 0);
  EXPECT_EQ(thrown<ValueError>([&] { TrainingLog(path, 0); }),
            "log: " + path + ": another training is writing it");
}

}  // namespace
}  // namespace regard::cli
