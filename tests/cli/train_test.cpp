// SPDX-License-Identifier: MIT
// The trainer itself, started as a user starts it, and killed as nobody should.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <thread>
#include <tuple>

#include "cli/tiny_training.h"
#include "io/json.h"
#include "tensor/random.h"

namespace regard::cli {
namespace {

using Milliseconds = std::chrono::milliseconds;

constexpr int steps = 40;

// A trainer that runs in its own process; both its streams go to a file.
class Process {
 public:
  // file_limit   the most bytes of a file that it may write, 0 = any
  Process(const TinyTraining& folder, const std::string& run, size_t file_limit = 0,
          const std::string& config = "t.json")
      : output_(folder.path(run + ".out")) {
    std::vector<std::string> words = {REGARD_TRAIN,
                                      "--config",
                                      folder.path(config),
                                      "--data",
                                      folder.path(),
                                      "--run",
                                      folder.path(run),
                                      "--out",
                                      folder.path(run + "/model"),
                                      "--threads",
                                      "1"};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::filesystem::remove(output_);
    process_ = ::fork();
    if (process_ != 0) return;

    const int file = ::open(output_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ::dup2(file, 1);
    ::dup2(file, 2);
    if (file_limit > 0) {
      const rlimit limit{file_limit, file_limit};
      ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }

  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  // A test that fails leaves none behind.
  ~Process() {
    if (!ended_) send(SIGKILL);
    wait();
  }

  void send(int signal) const { ::kill(process_, signal); }
  // Whether it has ended by itself by now.
  bool ended() {
    if (!ended_) ended_ = ::waitpid(process_, &status_, WNOHANG) == process_;
    return ended_;
  }
  // Its exit code, or minus the signal that ended it.
  int wait() {
    if (!ended_) ::waitpid(process_, &status_, 0);
    ended_ = true;
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : -WTERMSIG(status_);
  }
  std::string output() const {
    if (!std::filesystem::exists(output_)) return "";
    const io::Bytes bytes = io::read_file(output_);
    return std::string(bytes.begin(), bytes.end());
  }

 private:
  std::string output_;
  pid_t process_;
  int status_ = 0;
  bool ended_ = false;
};

class TrainTest : public ::testing::Test {
 protected:
  void SetUp() override { write_settings(""); }
  // Saves come as often as steps, so that many a kill falls into one; all that carries state from
  // step to step is on.
  void write_settings(const std::string& more, const std::string& name = "t.json") {
    folder.write(name, R"({"source": "en", "target": "zh", "steps": )" + std::to_string(steps) +
                           R"(, "batch_tokens": 64, "warmup": 5, "cooldown": 10, "save_steps": 1,
        "save_minutes": 0.0005, "evaluate_every": 10, "evaluate_sentences": 2, "average_last": 3,
        "average_every": 4, "sample_source": 0.2, "noise_drop": 0.1)" +
                           more + "}");
  }
  // Trains without a break and returns how long it took.
  Milliseconds train_whole() {
    const auto start = std::chrono::steady_clock::now();
    Process process(folder, "whole");
    EXPECT_EQ(process.wait(), 0) << process.output();
    return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - start);
  }
  // What the tests compare with; the same for all, so that one training is enough.
  void bring_whole() {
    static std::string state, model;
    if (state.empty()) {
      train_whole();
      state = folder.read("whole/state.safetensors");
      model = folder.read("whole/model/model.safetensors");
    }
    std::filesystem::create_directories(folder.path("whole/model"));
    folder.write("whole/state.safetensors", state);
    folder.write("whole/model/model.safetensors", model);
  }
  void expect_as_whole(const std::string& run) {
    for (const char* file : {"/state.safetensors", "/model/model.safetensors"}) {
      EXPECT_TRUE(folder.read(run + file) == folder.read("whole" + std::string(file))) << file;
    }
  }
  // Waits until something is so, at most ten seconds.
  static bool wait_for(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
    }
    return true;
  }

  TinyTraining folder;
};

TEST_F(TrainTest, KilledAtAnyMomentItComesToTheSameWeights) {
  const Milliseconds whole = train_whole();
  Random random(11);
  int killed = 0, while_saving = 0;
  for (int attempt = 0; attempt < 60 && (killed < 8 || while_saving < 3); ++attempt) {
    Process process(folder, "killed");
    if (attempt % 2 == 0) {
      const auto most = static_cast<uint64_t>(whole.count() / 2);
      std::this_thread::sleep_for(Milliseconds(random.below(most)));
    } else {
      // in the middle of a save: of the state, or of the model
      const char* file =
          random.below(2) ? "killed/state.safetensors.new" : "killed/model/model.safetensors.new";
      for (uint64_t saves = random.below(6) + 1; saves > 0; --saves) {
        wait_for([&] { return !folder.has(file) || process.ended(); });
        wait_for([&] { return folder.has(file) || process.ended(); });
      }
      std::this_thread::sleep_for(std::chrono::microseconds(random.below(4000)));
    }
    process.send(SIGKILL);
    const int code = process.wait();
    if (code == 0) {  // it was faster; once more from the beginning
      expect_as_whole("killed");
      std::filesystem::remove_all(folder.path("killed"));
      continue;
    }
    ASSERT_EQ(code, -SIGKILL) << process.output();
    ++killed;
    while_saving += folder.has("killed/state.safetensors.new") ||
                    folder.has("killed/model/model.safetensors.new");
  }
  EXPECT_GE(killed, 8);
  EXPECT_GE(while_saving, 3);

  Process last(folder, "killed");
  ASSERT_EQ(last.wait(), 0) << last.output();
  expect_as_whole("killed");
  EXPECT_FALSE(folder.has("killed/state.safetensors.new"));
  EXPECT_FALSE(folder.has("killed/model/model.safetensors.new"));

  // the log tells of every evaluation once, with the same scores
  const auto evaluations = [&](const std::string& run) {
    std::string found;
    const std::string text = folder.read(run + "/log.jsonl");
    for (size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos;
         begin = end + 1) {
      const auto line = io::Json::parse(io::bytes_of(text.substr(begin, end - begin)), "log");
      if (!line.find("dev_loss")) continue;
      for (const char* key : {"step", "dev_loss", "bleu", "chrf"}) {
        found += line.find(key)->to_string() + " ";
      }
    }
    return found;
  };
  EXPECT_EQ(evaluations("killed"), evaluations("whole"));
  EXPECT_TRUE(evaluations("whole").starts_with("10 ")) << evaluations("whole");
}

TEST_F(TrainTest, StoppedItSavesAndGoesOn) {
  bring_whole();
  for (const int signal : {SIGINT, SIGTERM}) {
    Process process(folder, "stopped");
    ASSERT_TRUE(wait_for(
        [&] { return process.output().find("saved to") != std::string::npos || process.ended(); }));
    process.send(signal);
    ASSERT_EQ(process.wait(), 130) << process.output();
    EXPECT_NE(process.output().find("stopped; the same command goes on"), std::string::npos);
    EXPECT_TRUE(folder.has("stopped/state.safetensors"));
  }
  EXPECT_EQ(Process(folder, "stopped").wait(), 0);
  expect_as_whole("stopped");
}

TEST_F(TrainTest, AFullDiskLeavesTheLastCheckpoint) {
  bring_whole();
  {
    Process process(folder, "full");
    ASSERT_TRUE(wait_for([&] { return folder.has("full/state.safetensors") || process.ended(); }));
    process.send(SIGINT);
    ASSERT_EQ(process.wait(), 130) << process.output();
  }
  const std::string state = folder.read("full/state.safetensors");
  const std::string model = folder.read("full/model/model.safetensors");
  // a limit on the size of files is what any user can set, and write() fails as on a full disk
  {
    Process process(folder, "full", 100'000);
    EXPECT_EQ(process.wait(), 1);
    const std::string output = process.output();
    EXPECT_NE(output.find("regard_train: write_file: " + folder.path("full/state.safetensors") +
                          ": File too large; step "),
              std::string::npos)
        << output;
    EXPECT_NE(output.find("step " + std::to_string(steps) + " is not saved"), std::string::npos);
  }
  EXPECT_TRUE(folder.read("full/state.safetensors") == state);
  EXPECT_TRUE(folder.read("full/model/model.safetensors") == model);
  EXPECT_FALSE(folder.has("full/state.safetensors.new"));
  Process process(folder, "full");
  EXPECT_EQ(process.wait(), 0) << process.output();
  expect_as_whole("full");
}

TEST_F(TrainTest, GoesOnOnlyWithWhatTheCheckpointIsOf) {
  train_whole();
  const auto output = [&](const std::string& config = "t.json") {
    Process process(folder, "whole", 0, config);
    process.wait();
    return process.output();
  };
  const std::string state = folder.path("whole/state.safetensors");

  write_settings(R"(, "peak_rate": 0.002)", "other.json");
  EXPECT_NE(
      output("other.json").find("changed since " + state + ": peak_rate is 0.002, was nothing\n"),
      std::string::npos);

  folder.write_config(32);
  EXPECT_NE(output().find("regard_train: " + state + ": is of another model (vocabulary 4777 and"),
            std::string::npos);
  folder.write_config(16);

  std::string vocabulary = folder.read("vocab.json");
  folder.write("vocab.json", vocabulary + " ");
  EXPECT_NE(output().find("regard_train: " + state + ": is of another vocabulary than source.spm"),
            std::string::npos);
  folder.write("vocab.json", vocabulary);

  folder.write("whole/state.safetensors", "");
  EXPECT_NE(output().find("regard_train: " + state + ": "), std::string::npos);
}

TEST_F(TrainTest, BeginsWithAnotherModel) {
  train_whole();
  write_settings(R"(, "start_from": ")" + folder.path("whole/model") +
                     R"(", "start_parts": ["encoder", "embeddings"])",
                 "from.json");
  Process process(folder, "from", 0, "from.json");
  EXPECT_EQ(process.wait(), 0) << process.output();
  // an encoder layer has 16 tensors; the table and the bias of the logits
  EXPECT_NE(process.output().find("beginning with " + folder.path("whole/model") +
                                  ": 18 tensors, 4777 of 4777 tokens\n"),
            std::string::npos)
      << process.output();
  const auto first_loss = [&](const std::string& run) {
    const std::string text = folder.read(run + "/log.jsonl");
    const size_t at = text.find("\"dev_loss\":");
    return std::stod(text.substr(at + 11));
  };
  EXPECT_LT(first_loss("from"), first_loss("whole"));
}

TEST_F(TrainTest, SaysWhatIsWrongBeforeItWritesAnything) {
  folder.write("dev.zh", "我\n");
  Process process(folder, "bad");
  EXPECT_EQ(process.wait(), 1);
  EXPECT_NE(process.output().find("regard_train: " + folder.path("dev.en") + ": 8 lines, " +
                                  folder.path("dev.zh") + " has 1\n"),
            std::string::npos)
      << process.output();
  EXPECT_FALSE(folder.has("bad"));
}

TEST_F(TrainTest, SaysAtOnceWhichFolderItCannotMake) {
  folder.write("taken", "");
  Process process(folder, "taken");
  EXPECT_EQ(process.wait(), 1);
  EXPECT_NE(process.output().find("regard_train: " + folder.path("taken") + ": "),
            std::string::npos)
      << process.output();
  std::filesystem::create_directories(folder.path("out"));
  folder.write("out/model", "");
  Process other(folder, "out");
  EXPECT_EQ(other.wait(), 1);
  EXPECT_NE(other.output().find("regard_train: " + folder.path("out/model") + ": Not a directory"),
            std::string::npos)
      << other.output();
  EXPECT_FALSE(folder.has("out/log.jsonl"));
}

TEST_F(TrainTest, RefusesAVocabularyThatTheModelIsNotOf) {
  std::string config = folder.read("config.json");
  for (const auto& [from, to, complaint] :
       {std::tuple("\"vocab_size\": 4777", "\"vocab_size\": 4776",
                   "config.json: pad_token_id is 4776"),
        std::tuple("\"pad_token_id\": 4776", "\"pad_token_id\": 3",
                   "config.json: pad_token_id is 3, the vocabulary's is 4776")}) {
    std::string changed = config;
    changed.replace(changed.find(from), std::string(from).size(), to);
    folder.write("config.json", changed);
    Process process(folder, "bad");
    EXPECT_EQ(process.wait(), 1);
    EXPECT_NE(process.output().find(complaint), std::string::npos) << process.output();
  }
}

}  // namespace
}  // namespace regard::cli
