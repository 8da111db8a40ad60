#include "decisions/decision_log.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "decisions/record_fixture.h"

namespace turbospec {
namespace {

// A disk in memory that can be held up and can fill.
struct Disk {
  std::mutex mutex;
  std::condition_variable moved;
  bool stuck = false;
  bool is_writing = false;
  std::size_t capacity = SIZE_MAX;
  std::string bytes;

  void Hold() { Set(true); }
  void LetGo() { Set(false); }
  void Set(bool value) {
    const std::lock_guard lock(mutex);
    stuck = value;
    moved.notify_all();
  }
  void AwaitWrite() {
    std::unique_lock lock(mutex);
    moved.wait(lock, [&] { return is_writing; });
  }
};

class DiskOutput final : public LogOutput {
 public:
  explicit DiskOutput(Disk& disk) : disk_(disk) {}
  Status Write(std::string_view bytes) override {
    std::unique_lock lock(disk_.mutex);
    disk_.is_writing = true;
    disk_.moved.notify_all();
    disk_.moved.wait(lock, [&] { return !disk_.stuck; });
    disk_.is_writing = false;
    const std::size_t room = disk_.capacity - disk_.bytes.size();
    disk_.bytes += bytes.substr(0, room);
    if (bytes.size() > room) return ResourceExhausted("the disk is full");
    return Ok();
  }

 private:
  Disk& disk_;
};

class Logging : public ::testing::Test {
 protected:
  void Open(const DecisionLogOptions& options = {}) {
    log_ =
        std::make_unique<DecisionLog>(std::make_unique<DiskOutput>(disk_), SomeHeader(), options,
                                      [this](const std::string& note) { notes_.push_back(note); });
  }
  void Log(int steps) {
    for (int i = 0; i < steps; ++i) {
      StepRecord record;
      record.step = next_++;
      log_->Take(record);
    }
  }
  ReadLog Close() {
    log_.reset();
    return Read(disk_.bytes);
  }

  Disk disk_;
  std::vector<std::string> notes_;
  std::unique_ptr<DecisionLog> log_;
  std::int64_t next_ = 0;
};

TEST_F(Logging, WritesEveryStepBeforeItIsGone) {
  Open({.queue = 1000});
  Log(500);
  const ReadLog read = Close();
  EXPECT_EQ(read.error, "");
  EXPECT_EQ(read.records.size(), 500U);
  EXPECT_EQ(read.header.controller, "learning");
  EXPECT_TRUE(notes_.empty());
}

TEST_F(Logging, ASlowDiskNeverHoldsTheEngineUp) {
  disk_.Hold();
  Open({.queue = 8});
  disk_.AwaitWrite();  // of the header
  Log(30);             // would wait for ever if it waited
  disk_.LetGo();
  const ReadLog read = Close();
  EXPECT_EQ(read.error, "");
  EXPECT_EQ(read.dropped, 22);
  EXPECT_EQ(read.records.size(), 8U);
  ASSERT_EQ(notes_.size(), 1U);
  EXPECT_NE(notes_[0].find("22 of 30 steps are missing"), std::string::npos) << notes_[0];
}

TEST_F(Logging, SaysWhereStepsAreMissing) {
  disk_.Hold();
  Open({.queue = 2});
  disk_.AwaitWrite();
  Log(5);
  disk_.LetGo();
  // The queue has room again once its first entry was taken; the next step tells of the gap.
  for (std::string seen; seen.find("\"step\":1") == std::string::npos;) {
    const std::lock_guard lock(disk_.mutex);
    seen = disk_.bytes;
  }
  Log(1);
  Close();
  const std::size_t gap = disk_.bytes.find("{\"dropped\":3}");
  EXPECT_GT(gap, disk_.bytes.find("\"step\":1"));
  EXPECT_LT(gap, disk_.bytes.find("\"step\":5"));
}

TEST_F(Logging, ACompleteLogWaitsForTheDisk) {
  Open({.queue = 2, .complete = true});
  Log(300);
  const ReadLog read = Close();
  EXPECT_EQ(read.dropped, 0);
  EXPECT_EQ(read.records.size(), 300U);
}

TEST_F(Logging, AFullDiskIsSaidOnceAndTheEngineGoesOn) {
  for (const bool complete : {false, true}) {
    disk_.bytes.clear();
    disk_.capacity = 1000;
    notes_.clear();
    next_ = 0;
    Open({.queue = complete ? 4U : 2000U, .complete = complete});
    Log(2000);
    const ReadLog read = Close();
    ASSERT_EQ(notes_.size(), 1U);
    EXPECT_NE(notes_[0].find("the disk is full"), std::string::npos) << notes_[0];
    EXPECT_EQ(read.error, "");  // what is there can be read
    EXPECT_EQ(disk_.bytes.size(), 1000U);
  }
}

TEST(LogFile, IsReadableWhileItIsWritten) {
  const std::string path = ::testing::TempDir() + "decision_log_test.jsonl";
  auto file = CreateLogFile(path);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->Write("one\n").ok());
  std::ifstream in(path);
  std::string line;
  EXPECT_TRUE(std::getline(in, line));
  EXPECT_EQ(line, "one");
  std::remove(path.c_str());
}

TEST(LogFile, NamesTheFileAndTheCause) {
  const auto none = CreateLogFile(::testing::TempDir() + "no/such/folder/log");
  ASSERT_FALSE(none.ok());
  EXPECT_NE(none.error().message.find("No such file or directory"), std::string::npos);
  auto full = CreateLogFile("/dev/full");
  if (!full.ok()) GTEST_SKIP() << "no /dev/full here";
  const Status written = (*full)->Write("x");
  ASSERT_FALSE(written.ok());
  EXPECT_NE(written.error().message.find("\"/dev/full\": No space left"), std::string::npos);
}

}  // namespace
}  // namespace turbospec
