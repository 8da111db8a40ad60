#include "bench/compare/comparison.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>

#include "bench/compare/compare_fixture.h"
#include "workload/workload_fixture.h"

namespace turbospec::compare {
namespace {

using nlohmann::json;

constexpr int kTokens = 20;

class ComparisonTest : public testing::Test {
 protected:
  ComparisonTest() {
    std::ofstream(folder_ / "model.gguf") << "weights";
    std::filesystem::create_directories(folder_ / "logs");
    grid_ = SmallGrid();
    grid_["models"][0].update({{"target", (folder_ / "model.gguf").string()},
                               {"draft", (folder_ / "model.gguf").string()},
                               {"max_tokens", kTokens},
                               {"rounds", 2}});
    for (const int server : {0, 1, 2, 3}) Misbehaves(server, {});
  }

  // The server answers as the fake server does with these flags, and notes what it was asked.
  void Misbehaves(int server, const std::vector<std::string>& flags) {
    json& entry = grid_["servers"][static_cast<std::size_t>(server)];
    entry["command"] = {std::getenv("COMPARE_FAKE_SERVER"), "--port", "{port}", "--seen",
                        (folder_ / entry["name"].get<std::string>()).string()};
    for (const std::string& flag : flags) entry["command"].push_back(flag);
  }

  Journal OpenJournal() { return *Journal::Open(folder_ / "cells.jsonl", 1); }

  Status Run(Journal& journal) {
    const auto grid = Read(grid_);
    EXPECT_TRUE(grid.ok()) << grid.error().message;
    Comparison comparison(
        *grid, PromptsOf(WorkloadOf({"tale", "code"}, 20)), options_,
        [this] { return stop_after_ >= 0 && static_cast<int>(done_.size()) >= stop_after_; },
        [this](const ComparisonProgress& progress) {
          done_.push_back(progress.last);
          progress_ = progress;
        });
    return comparison.Run(journal);
  }

  std::string RunError() {
    Journal journal = OpenJournal();
    const Status ran = Run(journal);
    return ran.ok() ? "" : ran.error().message;
  }

  const Cell& CellOf(const std::string& server, const std::string& load, const std::string& mix) {
    return *std::ranges::find_if(done_, [&](const Cell& cell) {
      return cell.key.server == server && cell.key.load == load && cell.key.mix == mix;
    });
  }

  // The measured requests that a server saw, in order.
  std::vector<std::string> Seen(const std::string& server) {
    std::vector<std::string> seen;
    std::ifstream in(folder_ / server);
    for (std::string line; std::getline(in, line);) {
      if (json::parse(line)["max_tokens"] == kTokens) seen.push_back(line);
    }
    return seen;
  }

  const ScratchFolder folder_;
  json grid_;
  ComparisonOptions options_{.logs = folder_ / "logs"};
  int stop_after_ = -1;
  std::vector<Cell> done_;
  ComparisonProgress progress_;
};

TEST_F(ComparisonTest, MeasuresEveryCellOnce) {
  EXPECT_EQ(RunError(), "");
  EXPECT_EQ(done_.size(), 4u * 2 * 2 * 2);
  EXPECT_EQ(progress_.done, progress_.all);
  std::set<CellKey> keys;
  for (const Cell& cell : done_) {
    EXPECT_EQ(cell.error, "") << cell.detail;
    EXPECT_EQ(cell.completed, cell.key.load == "1" ? 3 : 12);
    EXPECT_EQ(cell.output_tokens, kTokens * cell.completed);
    EXPECT_GT(cell.tokens_per_second, 0);
    EXPECT_GT(cell.ttft_mean_ms, 0);
    keys.insert(cell.key);
  }
  EXPECT_EQ(keys.size(), done_.size());
}

TEST_F(ComparisonTest, GivesEveryServerTheSameFixedWork) {
  grid_["loads"] = {{{"clients", 1}}};
  EXPECT_EQ(RunError(), "");
  const std::vector<std::string> seen = Seen("off");
  ASSERT_EQ(seen.size(), 2u * 2 * 3);
  // Both rounds ask the same, and so is every server asked.
  EXPECT_TRUE(std::equal(seen.begin(), seen.begin() + 6, seen.begin() + 6));
  for (const char* server : {"k2", "k4", "auto"}) EXPECT_EQ(Seen(server), seen);
  const json body = json::parse(seen[0]);
  EXPECT_EQ(body["ignore_eos"], true);
  EXPECT_EQ(body["temperature"], 0);
}

TEST_F(ComparisonTest, GivesEachPromptALengthOfItsOwnWhereLengthsSpread) {
  grid_["models"][0].update({{"length_spread", 0.5}, {"rounds", 1}, {"warm_up_tokens", 3}});
  grid_["loads"] = {{{"clients", 4}}};
  grid_["mixes"] = {{{"name", "tale"}}};
  EXPECT_EQ(RunError(), "");
  std::set<int> lengths;
  std::int64_t asked = 0;
  int warm_ups = 0;
  std::ifstream in(folder_ / "off");
  for (std::string line; std::getline(in, line);) {
    const int tokens = json::parse(line)["max_tokens"];
    if (tokens == 3) ++warm_ups;
    if (tokens < kTokens / 2) continue;
    EXPECT_LE(tokens, kTokens * 3 / 2);
    lengths.insert(tokens);
    asked += tokens;
  }
  EXPECT_EQ(warm_ups, 4);
  EXPECT_GT(lengths.size(), 5U);
  // After the start every slot is warmed up by a request of 16 tokens.
  for (const Cell& cell : done_) {
    EXPECT_EQ(cell.error, "") << cell.detail;
    EXPECT_EQ(cell.output_tokens, asked - 4 * 16);
  }
}

TEST_F(ComparisonTest, ChangesTheOrderOfTheServersFromRoundToRound) {
  grid_["loads"] = {{{"clients", 1}}};
  grid_["mixes"] = {{{"name", "tale"}}};
  options_.rounds = 6;
  EXPECT_EQ(RunError(), "");
  std::set<std::vector<std::string>> orders;
  for (std::size_t round = 0; round < 6; ++round) {
    std::vector<std::string> order;
    for (std::size_t i = 0; i < 4; ++i) order.push_back(done_[4 * round + i].key.server);
    orders.insert(order);
  }
  EXPECT_GT(orders.size(), 2u);
}

TEST_F(ComparisonTest, MeasuresTheServersOfAPointRightBehindOneAnother) {
  options_.rounds = 1;
  EXPECT_EQ(RunError(), "");
  ASSERT_EQ(done_.size(), 16u);
  for (std::size_t point = 0; point < 4; ++point) {
    std::set<std::string> servers;
    for (std::size_t i = 4 * point; i < 4 * point + 4; ++i) {
      EXPECT_EQ(done_[i].key.load, done_[4 * point].key.load);
      EXPECT_EQ(done_[i].key.mix, done_[4 * point].key.mix);
      servers.insert(done_[i].key.server);
    }
    EXPECT_EQ(servers.size(), 4u);
  }
}

TEST_F(ComparisonTest, GoesOnWhereItWasStopped) {
  stop_after_ = 5;
  {
    Journal journal = OpenJournal();
    const Status stopped = Run(journal);
    ASSERT_FALSE(stopped.ok());
    EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
    EXPECT_EQ(journal.Cells().size(), 5u);
  }
  stop_after_ = -1;
  EXPECT_EQ(RunError(), "");
  EXPECT_EQ(done_.size(), 32u);
  std::set<CellKey> keys;
  for (const Cell& cell : done_) keys.insert(cell.key);
  EXPECT_EQ(keys.size(), 32u);
  done_.clear();
  EXPECT_EQ(RunError(), "");
  EXPECT_TRUE(done_.empty());
}

TEST_F(ComparisonTest, RecordsWhatFailsAndGoesOn) {
  Misbehaves(1, {"--dead"});
  Misbehaves(2, {"--fail-on", "the code number"});
  Misbehaves(3, {"--short"});
  grid_["loads"] = {{{"clients", 1}}};
  options_.rounds = 1;
  EXPECT_EQ(RunError(), "");
  EXPECT_EQ(CellOf("off", "1", "tale").error, "");
  EXPECT_EQ(CellOf("k2", "1", "tale").error, "start");
  EXPECT_NE(CellOf("k2", "1", "code").detail.find("told to be dead"), std::string::npos);
  EXPECT_EQ(CellOf("k4", "1", "tale").error, "");
  EXPECT_EQ(CellOf("k4", "1", "code").error, "warm_up");
  EXPECT_NE(CellOf("k4", "1", "code").detail.find("told to fail"), std::string::npos);
  EXPECT_EQ(CellOf("auto", "1", "tale").error, "warm_up");
  EXPECT_NE(CellOf("auto", "1", "tale").detail.find("answered 15 tokens where 16"),
            std::string::npos);
}

TEST_F(ComparisonTest, RecordsARequestThatFailsAmongOthers) {
  // Only what is measured asks for so many tokens.
  Misbehaves(1, {"--fail-on", "\"max_tokens\":20"});
  Misbehaves(2, {"--die-on", "\"max_tokens\":20"});
  grid_["loads"] = {{{"clients", 4}}};
  options_.rounds = 1;
  EXPECT_EQ(RunError(), "");
  EXPECT_EQ(CellOf("k2", "4", "tale").error, "http_500");
  EXPECT_EQ(CellOf("k2", "4", "tale").failed, 12);
  EXPECT_FALSE(CellOf("k4", "4", "tale").error.empty());
  EXPECT_EQ(CellOf("k4", "4", "code").completed, 0);  // started again, and gone again
  EXPECT_EQ(CellOf("auto", "4", "code").error, "");
}

TEST_F(ComparisonTest, TriesAgainWhatFailed) {
  Misbehaves(1, {"--dead"});
  options_.rounds = 1;
  EXPECT_EQ(RunError(), "");
  Misbehaves(1, {});
  done_.clear();
  EXPECT_EQ(RunError(), "");
  EXPECT_EQ(done_.size(), 4u);
  EXPECT_TRUE(std::ranges::all_of(
      done_, [](const Cell& cell) { return cell.key.server == "k2" && cell.error.empty(); }));
}

TEST_F(ComparisonTest, MeasuresOnlyWhatIsAskedFor) {
  options_.only = {"/k2/1/", "/auto/4/code$"};
  options_.rounds = 1;
  EXPECT_EQ(RunError(), "");
  ASSERT_EQ(done_.size(), 3u);
  EXPECT_TRUE(Seen("off").empty());
}

TEST_F(ComparisonTest, MeasuresLoadsByTimeAndOfTheirOwnMix) {
  std::ofstream(folder_ / "phases.json") << R"({"turbospec_phases": 1, "phases": [
      {"duration": 0.05, "clients": 2, "mix": "tale"},
      {"duration": 0.05, "clients": 4, "mix": "code"}]})";
  grid_["loads"] = {{{"name", "day"},
                     {"arrivals", "phases:" + (folder_ / "phases.json").string()},
                     {"seconds", 0.1},
                     {"slots", 4}}};
  options_.rounds = 1;
  EXPECT_EQ(RunError(), "");
  ASSERT_EQ(done_.size(), 4u);
  EXPECT_EQ(done_[0].key.mix, kOwnMix);
  EXPECT_EQ(done_[0].error, "") << done_[0].detail;
  EXPECT_GE(done_[0].completed, 2);
}

TEST_F(ComparisonTest, RefusesWhatCannotBeMeasured) {
  options_.only = {"("};
  EXPECT_NE(RunError().find("is no regular expression"), std::string::npos);
  options_.only = {"no such cell"};
  EXPECT_EQ(RunError(), "--only matches no cell \"model/server/load/mix\"");
  options_.only = {};
  grid_["models"][0]["target"] = "no/such.gguf";
  EXPECT_NE(RunError().find("there is no file \"no/such.gguf\""), std::string::npos);
  grid_["models"][0]["target"] = "${BIG_MODEL}";
  EXPECT_NE(RunError().find("needs the environment variable BIG_MODEL"), std::string::npos);
  EXPECT_TRUE(done_.empty());
}

}  // namespace
}  // namespace turbospec::compare
