// SPDX-License-Identifier: MIT
#include "cli/training_run.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

#include "cli/origin.h"
#include "io/file.h"
#include "models/weights.h"
#include "training/checkpoint.h"
#include "training/transfer.h"

namespace regard::cli {

namespace {

constexpr double seconds_between_reports = 10;
// So many steps in a row that moved nothing are no accident any more.
constexpr Index most_steps_without_move = 50;
// A full disk at the end of a night: how often to try again, a save's time apart.
constexpr int last_tries = 10;

// The weights that one ships, in the model for as long as this lives.
class Shipped {
 public:
  explicit Shipped(training::Trainer& trainer) : trainer_(trainer) { trainer_.exchange(); }
  Shipped(const Shipped&) = delete;
  Shipped& operator=(const Shipped&) = delete;
  ~Shipped() { trainer_.exchange(); }

 private:
  training::Trainer& trainer_;
};

// null where it is not finite, for which JSON has no number.
io::Json number(double value) { return std::isfinite(value) ? io::Json(value) : io::Json(); }

void make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw ValueError(path, ": ", error.message());
}

io::Json json_of(const models::Folder& files, const char* name) {
  return io::Json::parse(files.find(name)->second, name);
}

models::Transformer new_model(const models::Folder& files, uint64_t seed) {
  const auto config = models::read_transformer_config(json_of(files, "config.json"), "config.json");
  return models::Transformer(config, layers::Initializer(seed, config.init_std));
}

// Ids that the model takes for what they are not would be learned without a complaint.
void expect_the_same_ids(const models::TransformerConfig& config,
                         const text::MarianTokenizer& tokenizer, const models::Folder& files) {
  models::expect_room(config, tokenizer, files);
  if (config.pad != tokenizer.pad()) {
    throw FormatError("config.json: pad_token_id is ", config.pad, ", the vocabulary's is ",
                      tokenizer.pad());
  }
}

Index count_numbers(const models::Transformer& model) {
  Index count = 0;
  for (const auto& [name, parameter] : model.parameters()) count += parameter->value.count();
  return count;
}

// Indented lines after what they are about.
void say(const std::string& about, const std::string& lines) {
  if (lines.empty()) return;
  std::printf("%s: ", about.c_str());
  for (const char c : lines) {
    if (c == '\n') {
      std::printf("\n  ");
    } else {
      std::putchar(c);
    }
  }
  std::printf("\n");
}

}  // namespace

TrainingRun::TrainingRun(const Settings& settings, const std::string& settings_text,
                         TrainingFolders folders)
    : settings_(settings),
      folders_(std::move(folders)),
      files_(read_model_files(folders_.data)),
      tokenizer_(std::make_shared<text::MarianTokenizer>(models::read_marian_tokenizer(files_))),
      model_(new_model(files_, settings_.trainer.seed)) {
  const auto& config = model_.config();
  expect_the_same_ids(config, *tokenizer_, files_);
  const auto path = [&](const char* part, const std::string& language) {
    return folders_.data + "/" + part + "." + language;
  };
  CorpusOptions lines{.max_characters = settings_.max_characters,
                      .max_pieces = config.max_positions,
                      .skip_share = settings_.skip_share};
  Corpus train = read_corpus(*tokenizer_, path("train", settings_.source),
                             path("train", settings_.target), lines);
  lines.skip_share = 0;  // scores of other sentences could not be compared
  Corpus dev =
      read_corpus(*tokenizer_, path("dev", settings_.source), path("dev", settings_.target), lines);
  say(folders_.data, train.remarks);
  say(folders_.data, dev.remarks);
  std::printf("%zu pairs to train on, %zu to measure with, %td numbers to learn\n",
              train.pairs.size(), dev.pairs.size(), count_numbers(model_));

  const auto generation = models::read_generation_config(json_of(files_, "generation_config.json"),
                                                         json_of(files_, "config.json"), config);
  dev_ = std::make_unique<DevSet>(std::move(dev), *tokenizer_, generation, settings_.target);
  const auto text = io::Json::parse(io::bytes_of(settings_text), "settings");
  origin_ = origin_of(config, files_, train.pairs, text.to_string());

  const bool begins = !std::filesystem::exists(state());
  if (begins && !settings_.start_from.empty()) begin_with(settings_.start_from);
  const auto pairs = static_cast<int64_t>(train.pairs.size());
  trainer_ = make_trainer(std::move(train));
  make_folder(folders_.run);
  make_folder(folders_.out);
  log_ = std::make_unique<TrainingLog>(folders_.run + "/log.jsonl", begins ? 0 : resume());
  if (begins) {
    log_->add({{"step", 0},
               {"seconds", 0.0},
               {"pairs", pairs},
               {"numbers", int64_t{count_numbers(model_)}},
               {"settings", text}});
  }
  started_ = Clock::now();
  std::fflush(stdout);
}

std::unique_ptr<training::Trainer> TrainingRun::make_trainer(Corpus corpus) {
  const auto& options = settings_.trainer;
  std::optional<training::Variation> variation;
  if (options.sampling.any()) {
    variation.emplace(options.noise, options.sampling, tokenizer_, std::move(corpus.sources),
                      std::move(corpus.targets),
                      static_cast<size_t>(model_.config().max_positions));
  } else if (options.noise.any()) {
    variation.emplace(options.noise, tokenizer_->source_unknown(), tokenizer_->unknown());
  }
  return std::make_unique<training::Trainer>(model_, std::move(corpus.pairs), options,
                                             std::move(variation));
}

void TrainingRun::begin_with(const std::string& folder) {
  const auto files = read_model_files(folder);
  const io::Bytes weights = io::read_file(folder + "/model.safetensors");
  training::TransferParts parts{false, false, false};
  for (const std::string& part : settings_.start_parts) {
    (part == "encoder"   ? parts.encoder
     : part == "decoder" ? parts.decoder
                         : parts.embeddings) = true;
  }
  const auto done = training::transfer(
      model_, *tokenizer_, io::Safetensors::read(weights, folder + "/model.safetensors"),
      models::read_marian_tokenizer(files), parts);
  std::printf("beginning with %s: %td tensors, %td of %td tokens\n", folder.c_str(), done.tensors,
              done.tokens, model_.config().V);
  std::string fresh;
  for (const std::string& name : done.fresh) fresh += (fresh.empty() ? "" : ", ") + name;
  if (!fresh.empty()) std::printf("  not there, so at random: %s\n", fresh.c_str());
}

// The step that the training goes on after.
Index TrainingRun::resume() {
  const io::Bytes bytes = io::read_file(state());
  for (const std::string& change :
       changes(training::read_about_checkpoint(bytes, state()), origin_, state())) {
    std::printf("changed since %s: %s\n", state().c_str(), change.c_str());
  }
  training::read_checkpoint(bytes, state(), model_, *trainer_);
  std::printf("going on after step %td of %s\n", trainer_->steps(), state().c_str());
  return trainer_->steps();
}

bool TrainingRun::train(Index total, const std::function<bool()>& stopped) {
  const Index begun = trainer_->steps();
  interval_ = {};
  auto saved = Clock::now();
  const auto since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  while (trainer_->steps() < total && !stopped()) {
    const auto report = trainer_->step();
    watch(report);
    const bool last = report.step == total;
    const auto due = [&](Index every) { return every > 0 && report.step % every == 0; };
    if (last || since(interval_.since) > seconds_between_reports) show(report, total);
    if (!last && due(settings_.evaluate_every)) evaluate(settings_.evaluate_sentences, stopped);
    if (!last && (due(settings_.save_steps) || since(saved) > 60 * settings_.save_minutes)) {
      const auto began = Clock::now();
      save_or_say();
      saved = Clock::now();
      interval_.since += saved - began;
    }
  }
  const bool done = trainer_->steps() >= total;
  if (!done && trainer_->steps() == begun) return true;  // stopped before there was anything new
  // What is there already need not be measured again, but a model may still be missing.
  if (done && log_->evaluated() < trainer_->steps()) {
    evaluate(settings_.evaluate_sentences ? dev_->size() : 0, stopped);
  }
  return save_at_the_end(stopped);
}

// The weights stay finite, for no such step moves them; but going on is of no use.
void TrainingRun::watch(const training::StepReport& report) {
  interval_.loss += static_cast<double>(report.loss);
  ++interval_.steps;
  interval_.tokens += report.target_tokens;
  if (std::isfinite(report.gradient_norm)) {
    steps_without_move_ = 0;
  } else if (++steps_without_move_ == most_steps_without_move) {
    throw ValueError("the gradient was not finite at ", most_steps_without_move,
                     " steps in a row, the last of them step ", report.step,
                     ": lower peak_rate, or clip_norm; the last checkpoint is as it was");
  }
}

void TrainingRun::show(const training::StepReport& last, Index total) {
  const double passed = std::chrono::duration<double>(Clock::now() - interval_.since).count();
  const auto steps = static_cast<double>(interval_.steps);
  const double loss = interval_.loss / steps;
  const double speed = static_cast<double>(interval_.tokens) / passed;
  const double left = static_cast<double>(total - last.step) * passed / steps;
  std::printf(
      "step %td/%td  epoch %td  loss %.3f  rate %.2e  norm %.2f  %.0f tokens/s  %d min left\n",
      last.step, total, last.epoch, loss, static_cast<double>(last.rate), last.gradient_norm, speed,
      static_cast<int>(left / 60 + 0.5));
  std::fflush(stdout);
  const bool logged = log_->add({{"step", int64_t{last.step}},
                                 {"seconds", seconds()},
                                 {"epoch", int64_t{last.epoch}},
                                 {"loss", number(loss)},
                                 {"rate", static_cast<double>(last.rate)},
                                 {"norm", number(last.gradient_norm)},
                                 {"tokens_per_second", speed}});
  if (!logged && !std::exchange(log_complaint_, true)) {
    std::fprintf(stderr, "regard_train: %s/log.jsonl: cannot be written; the training goes on\n",
                 folders_.run.c_str());
  }
  interval_ = {};
}

void TrainingRun::evaluate(Index sentences, const std::function<bool()>& stopped) {
  const auto began = Clock::now();
  std::optional<DevScores> scores;
  {
    const Shipped shipped(*trainer_);
    scores = dev_->score(model_, sentences, stopped);
  }
  interval_.since += Clock::now() - began;
  if (!scores) return;

  io::Json::Object line{{"step", int64_t{trainer_->steps()}},
                        {"seconds", seconds()},
                        {"dev_loss", number(scores->loss)}};
  std::printf("step %td  dev loss %.4f nats a token", trainer_->steps(), scores->loss);
  if (scores->bleu) {
    std::printf("  BLEU %.2f  chrF %.2f (%td sentences, greedy)", *scores->bleu, *scores->chrf,
                scores->sentences);
    line.emplace_back("bleu", *scores->bleu);
    line.emplace_back("chrf", *scores->chrf);
    line.emplace_back("sentences", int64_t{scores->sentences});
  }
  std::printf("\n");
  std::fflush(stdout);
  log_->add(line);
}

// The state to go on from, and the model that one uses. throws e.g. if a disk is full.
void TrainingRun::save() {
  io::write_file(state(), training::write_checkpoint(model_, *trainer_, origin_));

  std::vector<std::pair<std::string, io::Bytes>> model(files_.begin(), files_.end());
  {
    const Shipped shipped(*trainer_);
    model.emplace_back("model.safetensors",
                       model_.config().marian ? models::write_marian_weights(model_, io::Dtype::F16)
                                              : models::write_weights(model_, io::Dtype::F16));
  }
  io::write_files(folders_.out, model);
  saved_ = trainer_->steps();
  std::printf("step %td  saved to %s\n", saved_, folders_.out.c_str());
  std::fflush(stdout);
}

bool TrainingRun::save_or_say() {
  try {
    if (saved_ != trainer_->steps()) save();
    return true;
  } catch (const std::exception& error) {  // memory may be short as well as the disk
    std::fprintf(stderr,
                 "regard_train: %s; step %td is not saved in full, nothing saved before is lost\n",
                 error.what(), trainer_->steps());
    return false;
  }
}

// A night's work is not thrown away because the disk is full: somebody may make room.
bool TrainingRun::save_at_the_end(const std::function<bool()>& stopped) {
  using Milliseconds = std::chrono::milliseconds;
  const auto pause = Milliseconds(static_cast<int64_t>(60'000 * settings_.save_minutes));
  for (int tries = 1; !save_or_say(); ++tries) {
    if (tries == last_tries || stopped()) return false;
    const auto until = Clock::now() + pause;
    while (Clock::now() < until && !stopped()) {
      std::this_thread::sleep_for(std::min(pause, Milliseconds(200)));
    }
  }
  return true;
}

// Of training, in this and all earlier parts.
double TrainingRun::seconds() const {
  return log_->seconds() + std::chrono::duration<double>(Clock::now() - started_).count();
}

}  // namespace regard::cli
