#include "bench/compare/journal.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "bench/compare/compare_fixture.h"

namespace turbospec::compare {
namespace {

constexpr std::uint64_t kGrid = 77;

class JournalTest : public testing::Test {
 protected:
  Journal Open() { return *Journal::Open(file_, kGrid); }

  std::string OpenError(std::uint64_t grid = kGrid) {
    const auto journal = Journal::Open(file_, grid);
    return journal.ok() ? "" : journal.error().message;
  }

  std::string Text() {
    std::ostringstream text;
    text << std::ifstream(file_).rdbuf();
    return text.str();
  }

  void Append(const std::string& text) { std::ofstream(file_, std::ios::app) << text; }

  const ScratchFolder folder_;
  const std::filesystem::path file_ = folder_ / "cells.jsonl";
};

JournalRun RunWith(const std::string& target) {
  return {.date = "2026-11-24T12:00:00Z",
          .machine = "a machine",
          .command = "compare",
          .versions = {{"ours", "1.0"}},
          .models = {{"pair", target}}};
}

TEST_F(JournalTest, GivesBackWhatWasMeasured) {
  Cell cell = Measured("off", 0, 123.5);
  cell.client_cpu_share = 0.25;
  cell.foreign_cores = 0.5;
  const Cell failed = Failed("k2", 1, "http_500");
  {
    Journal journal = Open();
    ASSERT_TRUE(journal.Begin(RunWith("t.gguf")).ok());
    ASSERT_TRUE(journal.Add(cell).ok());
    ASSERT_TRUE(journal.Add(failed).ok());
  }
  const Journal again = Open();
  EXPECT_EQ(again.Cells(), (std::vector<Cell>{cell, failed}));
  EXPECT_EQ(again.runs(), (std::vector<JournalRun>{RunWith("t.gguf")}));
  EXPECT_EQ(again.dropped_lines(), 0);
}

TEST_F(JournalTest, TriesAgainWhatFailedAndKeepsTheLastTry) {
  Journal journal = Open();
  ASSERT_TRUE(journal.Add(Failed("k2", 0, "timeout")).ok());
  EXPECT_FALSE(journal.Has(Measured("k2", 0, 0.1).key));
  ASSERT_TRUE(journal.Add(Measured("k2", 0, 50)).ok());
  EXPECT_TRUE(journal.Has(Measured("k2", 0, 0.1).key));
  EXPECT_FALSE(journal.Has(Measured("k2", 1, 0.1).key));
  EXPECT_EQ(journal.Cells(), (std::vector<Cell>{Measured("k2", 0, 50)}));
}

TEST_F(JournalTest, DropsALineThatWasCutAndGoesOnBehindTheWholeOnes) {
  {
    Journal journal = Open();
    ASSERT_TRUE(journal.Add(Measured("off", 0, 100)).ok());
  }
  const std::string whole = Text();
  Append(R"({"model":"pair","serv)");
  {
    Journal journal = Open();
    EXPECT_EQ(journal.dropped_lines(), 1);
    EXPECT_EQ(journal.Cells().size(), 1u);
    EXPECT_EQ(Text(), whole);
    ASSERT_TRUE(journal.Add(Measured("off", 1, 110)).ok());
  }
  EXPECT_EQ(Open().Cells().size(), 2u);
}

TEST_F(JournalTest, BeginsAnewWhenEvenItsFirstLineWasCut) {
  Append(R"({"turbospec_com)");
  EXPECT_EQ(Open().dropped_lines(), 1);
  EXPECT_EQ(OpenError(), "");
}

TEST_F(JournalTest, RefusesTheJournalOfAnotherGrid) {
  { Open(); }
  EXPECT_NE(OpenError(kGrid + 1).find("another grid"), std::string::npos);
  EXPECT_NE(OpenError(kGrid + 1).find("use another --out, or delete it"), std::string::npos);
}

TEST_F(JournalTest, RefusesADamagedLineByItsNumber) {
  { Open(); }
  Append("{\"model\":\"pair\"}\n");
  EXPECT_NE(OpenError().find("line 2: the field \"server\" is missing"), std::string::npos);
}

TEST_F(JournalTest, RefusesOtherFilesUnderTheSameName) {
  {
    Journal journal = Open();
    ASSERT_TRUE(journal.Begin(RunWith("t.gguf")).ok());
  }
  Journal journal = Open();
  EXPECT_TRUE(journal.Begin(RunWith("t.gguf")).ok());
  const Status other = journal.Begin(RunWith("other.gguf"));
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().message,
            "the model \"pair\" was measured with other files (t.gguf); use another --out");
}

TEST_F(JournalTest, HasOneWriterAtATime) {
  const Journal first = Open();
  EXPECT_NE(OpenError().find("another comparison is writing"), std::string::npos);
  EXPECT_TRUE(Journal::Read(file_, kGrid).ok());
}

TEST_F(JournalTest, ReadingChangesNothing) {
  EXPECT_EQ(Journal::Read(file_, kGrid).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(file_));
  { Open(); }
  Append("{\"mod");
  const std::string before = Text();
  EXPECT_EQ(Journal::Read(file_, kGrid)->dropped_lines(), 1);
  EXPECT_EQ(Text(), before);
}

}  // namespace
}  // namespace turbospec::compare
