// SPDX-License-Identifier: MIT
#include "io/file.h"

#include <filesystem>

#include "thrown.h"

namespace regard::io {
namespace {

TEST(FileTest, ReadsWhatItWrites) {
  const std::string path = testing::TempDir() + "regard_file_test";
  for (const size_t size : {size_t{0}, size_t{1}, size_t{100'000}}) {
    const Bytes bytes(size, static_cast<uint8_t>(size + 3));
    write_file(path, bytes);
    EXPECT_EQ(read_file(path), bytes);
    EXPECT_FALSE(std::filesystem::exists(path + ".new"));
  }
  std::filesystem::remove(path);
}

TEST(FileTest, ErrorsNameThePath) {
  const std::string path = testing::TempDir() + "regard_no_such_folder/file";
  EXPECT_EQ(thrown<ValueError>([&] { read_file(path); }),
            "read_file: " + path + ": No such file or directory");
  EXPECT_EQ(thrown<ValueError>([&] { write_file(path, {}); }),
            "write_file: " + path + ": No such file or directory");
}

// A folder cannot be replaced by a file: the rename fails after all has been written.
TEST(FileTest, AFailedWriteLeavesWhatWasThere) {
  const std::string path = testing::TempDir() + "regard_file_test_folder";
  std::filesystem::create_directories(path + "/inside");
  EXPECT_TRUE(thrown<ValueError>([&] {
                write_file(path, bytes_of("x"));
              }).starts_with("write_file: " + path));
  EXPECT_TRUE(std::filesystem::is_directory(path + "/inside"));
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
  std::filesystem::remove_all(path);
}

}  // namespace
}  // namespace regard::io
