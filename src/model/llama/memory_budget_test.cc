#include "model/llama/memory_budget.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace turbospec {
namespace {

namespace fs = std::filesystem;

class MemoryBudget : public testing::Test {
 protected:
  MemoryBudget() : root_(testing::TempDir() + "turbospec_memory_budget") { fs::remove_all(root_); }
  ~MemoryBudget() override { fs::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(root_ + path).parent_path());
    std::ofstream(root_ + path) << text;
  }

  std::string root_;
};

TEST_F(MemoryBudget, IsUnknownWhereTheSystemDoesNotTell) {
  EXPECT_FALSE(AvailableMemoryBytes(root_).has_value());
  EXPECT_TRUE(CheckMemory("x", 1ull << 60, std::nullopt).ok());
}

TEST_F(MemoryBudget, TakesTheMachinesWordWithoutAGroupLimit) {
  Write("/proc/meminfo", "MemTotal: 9000 kB\nMemAvailable:    5000 kB\n");
  Write("/sys/fs/cgroup/memory.max", "max\n");
  Write("/sys/fs/cgroup/memory.current", "123\n");
  EXPECT_EQ(AvailableMemoryBytes(root_), 5000u * 1024);
}

TEST_F(MemoryBudget, TakesTheGroupsWordWhereItIsLess) {
  Write("/proc/meminfo", "MemAvailable: 5000 kB\n");
  Write("/sys/fs/cgroup/memory.max", "3000000\n");
  Write("/sys/fs/cgroup/memory.current", "2000000\n");
  Write("/sys/fs/cgroup/memory.stat", "anon 1\ninactive_file 500000\n");
  EXPECT_EQ(AvailableMemoryBytes(root_), 1500000u);
}

TEST_F(MemoryBudget, ReadsTheOlderKindOfGroup) {
  Write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "1000");
  Write("/sys/fs/cgroup/memory/memory.usage_in_bytes", "1200");
  EXPECT_EQ(AvailableMemoryBytes(root_), 0u);
}

TEST_F(MemoryBudget, SaysWhatIsNeededAndWhatThereIs) {
  const Status status = CheckMemory("model x", 3ull << 30, 1ull << 30);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(status.error().message, "model x needs 3.00 GiB of memory and 1.00 GiB are available");
}

}  // namespace
}  // namespace turbospec
