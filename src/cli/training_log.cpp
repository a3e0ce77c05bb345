// SPDX-License-Identifier: MIT
#include "cli/training_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "io/file.h"

namespace regard::cli {

namespace {

int open_locked(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) {
    throw ValueError("log: ", path, ": ", std::generic_category().message(errno));
  }
  // Not every file system can lock; where none can, nobody else is found.
  if (::flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(file);
    throw ValueError("log: ", path, ": another training is writing it");
  }
  return file;
}

// Where an older log goes, beside those that are there already.
std::string place_before(const std::string& path) {
  const std::string first = path + ".before";
  std::string place = first;
  std::error_code none;
  for (int number = 2; std::filesystem::exists(place, none); ++number) {
    place = first + "." + std::to_string(number);
  }
  return place;
}

// A line of the log; null if it was cut short.
io::Json parsed(std::string_view line) {
  try {
    return io::Json::parse(io::bytes_of(line), "log");
  } catch (const FormatError&) {
    return {};
  }
}

}  // namespace

TrainingLog::TrainingLog(std::string path, Index step)
    : path_(std::move(path)), file_(open_locked(path_)) {
  if (step > 0) {
    keep_until(step);
  } else if (::lseek(file_, 0, SEEK_END) > 0) {
    const int error = std::rename(path_.c_str(), place_before(path_).c_str()) == 0 ? 0 : errno;
    ::close(file_);
    if (error != 0) throw ValueError("log: ", path_, ": ", std::generic_category().message(error));
    file_ = open_locked(path_);
  }
}

TrainingLog::~TrainingLog() { ::close(file_); }

void TrainingLog::keep_until(Index step) {
  const io::Bytes bytes = io::read_file(path_);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  size_t kept = 0;
  for (size_t end; (end = text.find('\n', kept)) != std::string_view::npos; kept = end + 1) {
    const io::Json line = parsed(text.substr(kept, end - kept));
    const io::Json* at = line.find("step");
    if (!at || !at->is_whole() || at->whole("log") > step) break;
    const io::Json* seconds = line.find("seconds");
    if (seconds && seconds->is_number()) seconds_ = seconds->number("log");
    if (line.find("dev_loss")) evaluated_ = static_cast<Index>(at->whole("log"));
  }
  if (::ftruncate(file_, static_cast<off_t>(kept)) != 0) {
    throw ValueError("log: ", path_, ": ", std::generic_category().message(errno));
  }
}

bool TrainingLog::add(const io::Json::Object& line) {
  const std::string text = io::Json(line).to_string() + "\n";
  const off_t end = ::lseek(file_, 0, SEEK_END);
  if (::write(file_, text.data(), text.size()) == static_cast<ssize_t>(text.size())) return true;
  // Half of a line must not stay. If it cannot be helped, keep_until() ends there.
  [[maybe_unused]] const int cut = ::ftruncate(file_, end);
  return false;
}

}  // namespace regard::cli
