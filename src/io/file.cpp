// SPDX-License-Identifier: MIT
#include "io/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace regard::io {
namespace {

[[noreturn]] void fail(const char* operation, const std::string& path, int error) {
  throw ValueError(operation, ": ", path, ": ", std::generic_category().message(error));
}

// An open file that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const noexcept { return number_; }
  bool is_open() const noexcept { return number_ >= 0; }

 private:
  int number_;
};

// Reads a whole file; the error's number, or 0.
int read_all(const std::string& path, Bytes& bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY));
  struct stat facts;
  if (!file.is_open() || ::fstat(file.number(), &facts) != 0) return errno;

  // One byte more than the file has tells its end from a file that has grown meanwhile.
  bytes.resize(static_cast<size_t>(facts.st_size) + 1);
  size_t filled = 0;
  while (true) {
    const ssize_t count = ::read(file.number(), bytes.data() + filled, bytes.size() - filled);
    if (count == 0) break;
    if (count < 0 && errno != EINTR) return errno;
    if (count > 0) filled += static_cast<size_t>(count);
    if (filled == bytes.size()) bytes.resize(2 * bytes.size());
  }
  bytes.resize(filled);
  return 0;
}

// Writes all bytes to the disk; the error's number, or 0.
int write_all(int file, ByteSpan bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<size_t>(written));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return ::fsync(file) == 0 ? 0 : errno;
}

std::string fresh_name(const std::string& path) { return path + ".new"; }

// Writes what is going to be the file of a path, and waits for the disk; the error's number, or 0.
int write_fresh(const std::string& path, ByteSpan bytes) {
  const std::string fresh = fresh_name(path);
  const Descriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file.is_open()) return errno;
  const int error = write_all(file.number(), bytes);
  if (error != 0) ::unlink(fresh.c_str());
  return error;
}

void put_in_place(const std::string& path) {
  if (::rename(fresh_name(path).c_str(), path.c_str()) == 0) return;
  const int error = errno;
  ::unlink(fresh_name(path).c_str());
  fail("write_file", path, error);
}

// Whether a file is what it is going to be; one that cannot be read is not.
bool holds(const std::string& path, const Bytes& bytes) {
  std::error_code none;
  Bytes held;
  return std::filesystem::is_regular_file(path, none) && read_all(path, held) == 0 && held == bytes;
}

// Makes a rename last: the folder's own entry must reach the disk as well. Not every file system
// can do it, and the rename itself has succeeded, so a failure is none.
void sync_folder(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor directory(::open(folder.c_str(), O_RDONLY));
  if (directory.is_open()) ::fsync(directory.number());
}

}  // namespace

Bytes read_file(const std::string& path) {
  Bytes bytes;
  if (const int error = read_all(path, bytes)) fail("read_file", path, error);
  return bytes;
}

void write_file(const std::string& path, ByteSpan bytes) {
  if (const int error = write_fresh(path, bytes)) fail("write_file", path, error);
  put_in_place(path);
  sync_folder(path);
}

void write_files(const std::string& folder,
                 const std::vector<std::pair<std::string, Bytes>>& files) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail("write_file", folder, error.value());

  // what takes long and may fail, beside the old files
  std::vector<std::string> changed;
  for (const auto& [name, bytes] : files) {
    const std::string path = folder + "/" + name;
    const bool last = &name == &files.back().first;
    if (!last && holds(path, bytes)) continue;
    if (const int number = write_fresh(path, bytes)) {
      for (const std::string& other : changed) ::unlink(fresh_name(other).c_str());
      fail("write_file", path, number);
    }
    changed.push_back(path);
  }

  // the others are not to be read with the old last one
  const std::string& last = changed.back();
  if (changed.size() > 1) {
    ::unlink(last.c_str());
    sync_folder(last);
  }
  for (const std::string& path : changed) {
    if (&path == &last) sync_folder(last);
    put_in_place(path);
  }
  sync_folder(last);
}

}  // namespace regard::io
