#include "model/llama/partial_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string_view>

namespace turbospec {
namespace {

namespace fs = std::filesystem;

class PartialFileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / "turbospec_partial_file";
    fs::remove_all(folder_);
    fs::create_directory(folder_);
    path_ = (folder_ / "out.bin").string();
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::span<const std::byte> Bytes(std::string_view text) {
    return std::as_bytes(std::span(text));
  }
  static std::string Contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::ptrdiff_t Files() const {
    return std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
  }
  std::string ErrorOf(const std::string& path, std::uint64_t bytes = 1) const {
    const auto file = PartialFile::Create(path, bytes);
    return file.ok() ? "" : file.error().message;
  }

  fs::path folder_;
  std::string path_;
};

TEST_F(PartialFileTest, AppearsOnlyWhenCommitted) {
  auto file = PartialFile::Create(path_, 6);
  ASSERT_TRUE(file.ok()) << file.error().message;
  ASSERT_TRUE((*file)->Write(Bytes("abc")).ok());
  ASSERT_TRUE((*file)->Write(Bytes("def")).ok());
  EXPECT_FALSE(fs::exists(path_));
  ASSERT_TRUE((*file)->Commit().ok());
  EXPECT_EQ(Contents(path_), "abcdef");
  file->reset();
  EXPECT_EQ(Files(), 1);
}

TEST_F(PartialFileTest, WritesPiecesLargerThanItsBuffer) {
  const std::string large(std::size_t{3} << 20, 'x');
  auto file = PartialFile::Create(path_, large.size());
  ASSERT_TRUE(file.ok()) << file.error().message;
  ASSERT_TRUE((*file)->Write(Bytes("a")).ok());
  ASSERT_TRUE((*file)->Write(Bytes(large)).ok());
  EXPECT_EQ((*file)->written(), large.size() + 1);
  ASSERT_TRUE((*file)->Commit().ok());
  EXPECT_EQ(Contents(path_), "a" + large);
}

TEST_F(PartialFileTest, LeavesTheOldFileAndNothingElseWhenAbandoned) {
  std::ofstream(path_) << "old";
  {
    auto file = PartialFile::Create(path_, 6);
    ASSERT_TRUE(file.ok()) << file.error().message;
    ASSERT_TRUE((*file)->Write(Bytes("new")).ok());
    EXPECT_EQ(Files(), 2);
  }
  EXPECT_EQ(Contents(path_), "old");
  EXPECT_EQ(Files(), 1);
}

TEST_F(PartialFileTest, SaysWhyAPlaceCannotBeWritten) {
  EXPECT_NE(ErrorOf(folder_.string()).find("is a folder"), std::string::npos);
  EXPECT_NE(ErrorOf((folder_ / "missing" / "x").string()).find("does not exist"),
            std::string::npos);
  EXPECT_NE(ErrorOf(path_, std::numeric_limits<std::uint64_t>::max() / 2).find("the disk has"),
            std::string::npos);
  EXPECT_EQ(Files(), 0);
}

}  // namespace
}  // namespace turbospec
