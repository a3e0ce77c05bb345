// SPDX-License-Identifier: MIT
#include "io/file.h"

#include <algorithm>
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

class FilesTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove_all(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }
  static Bytes text(std::string_view characters) {
    const ByteSpan bytes = bytes_of(characters);
    return Bytes(bytes.begin(), bytes.end());
  }
  std::string names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      found.push_back(entry.path().filename());
    }
    std::sort(found.begin(), found.end());
    std::string all;
    for (const std::string& name : found) all += name + " ";
    return all;
  }

  const std::string folder = testing::TempDir() + "regard_files_test/inner";
};

TEST_F(FilesTest, AreReplacedTogetherAndOthersStay) {
  write_files(folder, {{"a", text("1")}, {"b", text("2")}, {"last", text("3")}});
  write_file(folder + "/card", bytes_of("mine"));
  write_files(folder, {{"a", text("1")}, {"b", text("4")}, {"last", text("5")}});
  EXPECT_EQ(names(), "a b card last ");
  EXPECT_EQ(read_file(folder + "/a"), text("1"));
  EXPECT_EQ(read_file(folder + "/b"), text("4"));
  EXPECT_EQ(read_file(folder + "/last"), text("5"));
  EXPECT_EQ(read_file(folder + "/card"), text("mine"));
}

// The memory of a process is a file that cannot be read at its beginning.
TEST_F(FilesTest, ReplaceOneThatCannotBeRead) {
  std::filesystem::create_directories(folder);
  std::filesystem::create_symlink("/proc/self/mem", folder + "/b");
  write_files(folder, {{"a", text("1")}, {"b", text("2")}, {"last", text("3")}});
  EXPECT_EQ(names(), "a b last ");
  EXPECT_EQ(read_file(folder + "/b"), text("2"));
}

// The last one cannot be written: a folder has its place. What comes before it is not touched.
TEST_F(FilesTest, StayAsTheyAreIfOneCannotBeWritten) {
  write_files(folder, {{"a", text("1")}, {"last", text("3")}});
  std::filesystem::create_directories(folder + "/last.new");
  EXPECT_EQ(
      thrown<ValueError>([&] { write_files(folder, {{"a", text("2")}, {"last", text("4")}}); }),
      "write_file: " + folder + "/last: Is a directory");
  EXPECT_EQ(names(), "a last last.new ");
  EXPECT_EQ(read_file(folder + "/a"), text("1"));
  EXPECT_EQ(read_file(folder + "/last"), text("3"));
}

}  // namespace
}  // namespace regard::io
