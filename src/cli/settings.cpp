// SPDX-License-Identifier: MIT
#include "cli/settings.h"

#include <algorithm>
#include <numeric>
#include <string_view>

namespace regard::cli {

namespace {

constexpr std::string_view own_keys[] = {"source",
                                         "target",
                                         "steps",
                                         "save_minutes",
                                         "save_steps",
                                         "evaluate_every",
                                         "evaluate_sentences",
                                         "max_characters",
                                         "skip_share",
                                         "start_from",
                                         "start_parts"};

std::vector<std::string_view> known_keys() {
  std::vector<std::string_view> keys(std::begin(own_keys), std::end(own_keys));
  for (const std::string_view key : training::trainer_option_keys()) keys.push_back(key);
  return keys;
}

// How many letters must be put in, taken out or changed to make one word of another [Levenshtein].
size_t distance(std::string_view from, std::string_view to) {
  std::vector<size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < from.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < to.size(); ++j) {
      const size_t changed = diagonal + (from[i] != to[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

// The text, to tell where in it something stands.
class Lines {
 public:
  Lines(io::ByteSpan bytes, const std::string& path)
      : text_(reinterpret_cast<const char*>(bytes.data()), bytes.size()), path_(path) {}

  std::string at(size_t byte) const {
    const std::string_view before = text_.substr(0, std::min(byte, text_.size()));
    return path_ + ":" + std::to_string(1 + std::count(before.begin(), before.end(), '\n')) + ": ";
  }

  // Where a key of the outermost object stands; the file alone if there is no such key. The text
  // is valid JSON.
  std::string of(std::string_view key) const {
    int depth = 0;
    for (size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      if (c != '"') continue;
      const size_t begin = i + 1;
      for (++i; text_[i] != '"'; ++i) i += text_[i] == '\\';
      const size_t next = std::min(text_.find_first_not_of(" \t\r\n", i + 1), text_.size() - 1);
      if (depth == 1 && text_[next] == ':' && text_.substr(begin, i - begin) == key) {
        return at(begin);
      }
    }
    return path_ + ": ";
  }

  // A complaint that begins with the file's name, with the line of the key or byte that it names.
  std::string locate(const std::string& complaint) const {
    const std::string rest = complaint.substr(std::min(path_.size() + 2, complaint.size()));
    const std::string_view byte = "at byte ";
    if (const size_t found = rest.rfind(byte); found != std::string::npos) {
      return at(std::stoul(rest.substr(found + byte.size()))) + rest;
    }
    return of(rest.substr(0, rest.find(' '))) + rest;
  }

 private:
  std::string_view text_;
  const std::string& path_;
};

void expect_known_keys(const io::Json& json, const std::string& path, const Lines& lines) {
  const auto keys = known_keys();
  for (const auto& [key, value] : json.members(path)) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    const auto nearest = std::min_element(keys.begin(), keys.end(), [&](auto one, auto other) {
      return distance(key, one) < distance(key, other);
    });
    // a third of the letters wrong is no slip any more
    const bool alike = 3 * distance(key, *nearest) <= nearest->size();
    throw FormatError(lines.of(key), "there is no key \"", key, "\"",
                      alike ? "; did you mean \"" + std::string(*nearest) + "\"?" : "");
  }
}

std::vector<std::string> parts(const io::Fields& fields, const std::string& path) {
  const std::vector<std::string> all = {"encoder", "decoder", "embeddings"};
  if (!fields.has("start_parts")) return all;
  std::vector<std::string> parts;
  for (const io::Json& item : fields.value("start_parts").items(path + ": start_parts")) {
    const std::string& part = item.text(path + ": start_parts");
    if (std::find(all.begin(), all.end(), part) == all.end()) {
      throw FormatError(path, ": start_parts has \"", part,
                        "\", expected encoder, decoder, embeddings");
    }
    parts.push_back(part);
  }
  return parts;
}

Settings read(const io::Json& json, const std::string& path) {
  const io::Fields fields(json, path);
  const auto whole = [&](const char* key, Index fallback, Index least) {
    const int64_t value = fields.whole(key, fallback);
    if (value >= least && value <= int64_t{1} << 31) return static_cast<Index>(value);
    throw FormatError(path, ": ", key, " is ", value, ", expected a whole number from ", least,
                      " to 2147483648");
  };
  const auto number = [&](const char* key, double fallback, double least, double most) {
    const double value = fields.number(key, fallback);
    if (value >= least && value <= most) return value;
    throw FormatError(path, ": ", key, " is ", value, ", expected ", least, " to ", most);
  };
  Settings settings;
  settings.source = fields.text("source");
  settings.target = fields.text("target");
  fields.value("steps");
  settings.steps = whole("steps", 0, 1);
  settings.trainer = training::read_trainer_options(json, path);
  settings.save_minutes = number("save_minutes", settings.save_minutes, 0, 1e6);
  settings.save_steps = whole("save_steps", settings.save_steps, 0);
  settings.evaluate_every = whole("evaluate_every", settings.evaluate_every, 1);
  settings.evaluate_sentences = whole("evaluate_sentences", settings.evaluate_sentences, 0);
  settings.max_characters = whole("max_characters", settings.max_characters, 1);
  settings.skip_share = number("skip_share", settings.skip_share, 0, 1);
  settings.start_from = fields.text("start_from", "");
  settings.start_parts = parts(fields, path);
  if (fields.has("start_parts") && settings.start_from.empty()) {
    throw FormatError(path, ": start_parts is given, but start_from is not");
  }
  if (fields.has("average_every") && !fields.has("average_last")) {
    throw FormatError(path, ": average_every is given, but average_last is not");
  }
  if (fields.has("sample_share") && !fields.has("sample_source") && !fields.has("sample_target")) {
    throw FormatError(path,
                      ": sample_share is given, but neither sample_source nor sample_target is");
  }
  return settings;
}

// Values that are each in their range, but not together.
void expect_no_contradiction(const Settings& settings, const std::string& path) {
  const training::Schedule& schedule = settings.trainer.schedule;
  if (settings.source == settings.target) {
    throw FormatError(path, ": target is \"", settings.target, "\", as source is");
  }
  if (schedule.warmup > settings.steps) {
    throw FormatError(path, ": warmup is ", schedule.warmup, ", but there are only ",
                      settings.steps, " steps");
  }
  if (schedule.cooldown > settings.steps) {
    throw FormatError(path, ": cooldown is ", schedule.cooldown, ", but there are only ",
                      settings.steps, " steps");
  }
  if (schedule.warmup + schedule.cooldown > settings.steps) {
    throw FormatError(path, ": cooldown is ", schedule.cooldown, " and warmup ", schedule.warmup,
                      ", together more than the ", settings.steps, " steps");
  }
  const auto& last = settings.trainer.average_last;
  if (last.count * last.every > settings.steps) {
    throw FormatError(path, ": average_last is ", last.count, " and average_every ", last.every,
                      ", which takes more than the ", settings.steps, " steps");
  }
}

}  // namespace

Settings read_settings(io::ByteSpan bytes, const std::string& path) {
  const Lines lines(bytes, path);
  try {
    const auto json = io::Json::parse(bytes, path, {.allow_duplicates = false});
    json.members(path);
    expect_known_keys(json, path, lines);
    const Settings settings = read(json, path);
    expect_no_contradiction(settings, path);
    return settings;
  } catch (const FormatError& error) {
    const std::string complaint = error.what();
    if (!complaint.starts_with(path + ": ")) throw;
    throw FormatError(lines.locate(complaint));
  }
}

}  // namespace regard::cli
