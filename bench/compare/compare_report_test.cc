#include "bench/compare/compare_report.h"

#include <gtest/gtest.h>

#include "bench/compare/compare_fixture.h"

namespace turbospec::compare {
namespace {

std::vector<JournalRun> TwoRuns() {
  return {{.date = "2026-11-24T12:00:00Z",
           .machine = "a machine",
           .command = "compare --rounds 1",
           .versions = {{"ours", "1.0"}},
           .models = {{"pair", "t + d"}}},
          {.date = "2026-11-25T12:00:00Z",
           .machine = "a machine",
           .command = "compare",
           .versions = {{"ours", "1.1"}},
           .models = {{"pair", "t + d"}}}};
}

std::vector<Cell> Cells() {
  std::vector<Cell> cells = {Measured("off", 0, 100),
                             Measured("k2", 0, 150),
                             Measured("k4", 0, 200),
                             Failed("auto", 0, "start"),
                             At(Measured("off", 0, 100), "4", "tale"),
                             At(Measured("k2", 0, 90), "4", "tale"),
                             At(Measured("off", 0, 80), "4", "code")};
  cells[1].foreign_cores = 0.75;
  return cells;
}

Grid Small() {
  nlohmann::json grid = SmallGrid();
  grid["models"][0]["note"] = "A </script> of a note.";
  grid["servers"][2]["group"] = "theirs";
  return *Read(grid);
}

CompareReport Report(std::vector<Cell> cells = Cells()) {
  return MakeReport(Small(), TwoRuns(), cells);
}

void ExpectIn(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "wanted: " << part << "\nin:\n" << text;
}

TEST(CompareMarkdown, HasATablePerModelAndMixWithRatios) {
  const std::string text = ReportMarkdown(Small(), Report());
  ExpectIn(text,
           "### pair, tale\n\n"
           "| server | 1 | 4 |\n"
           "| --- | ---: | ---: |\n"
           "| `off` | 100.0 (1.00) | **100.0 (1.00)** |\n"
           "| `k2` | 150.0 (1.50) | 90.0 (0.90) |\n"
           "| `k4` | **200.0 (2.00)** |  |\n"
           "| `auto` | failed: start |  |\n");
  ExpectIn(text, "### pair, code\n\n| server | 4 |\n| --- | ---: |\n| `off` | **80.0 (1.00)** |\n");
}

TEST(CompareMarkdown, SaysWhoWonAtEachPointInEachGroup) {
  const std::string text = ReportMarkdown(Small(), Report());
  ExpectIn(text,
           "| mix, group | 1 | 4 |\n"
           "| --- | ---: | ---: |\n"
           "| tale, ours | `k2` 1.50 | `off` 1.00 |\n"
           "| tale, theirs | `k4` 2.00 |  |\n"
           "| code, ours |  | `off` 1.00 |\n");
}

TEST(CompareMarkdown, NamesTheBestSingleChoiceOfThoseMeasuredEverywhere) {
  ExpectIn(ReportMarkdown(Small(), Report()),
           "The best single hand-tuned choice for all points is `off`: 1.000 of no speculation");
}

TEST(CompareMarkdown, TellsWhereWhenAndThatThereAreTooFewRounds) {
  const std::string text = ReportMarkdown(Small(), Report());
  ExpectIn(text, "# A small grid\n");
  ExpectIn(text, "- machine: a machine\n");
  ExpectIn(text, "- date: 2026-11-24, 2026-11-25\n");
  ExpectIn(text, "- ours: 1.0; 1.1 (changed between runs)\n");
  ExpectIn(text, "- command: compare --rounds 1; compare\n");
  ExpectIn(text, "- rounds: 1: too few for intervals, ranges are given instead\n");
  ExpectIn(text,
           "- other programs: took 0.00 cores at the median cell, 0.75 at most; over 0.1 in 1 of 6 "
           "cells\n");
  ExpectIn(text, "A </script> of a note.\n");
  EXPECT_EQ(text.find("95 % interval"), std::string::npos);
}

TEST(CompareMarkdown, GivesTheWidestIntervalWhenThereAreRounds) {
  const std::vector<Cell> cells = {Measured("off", 0, 100), Measured("k2", 0, 150),
                                   Measured("off", 1, 100), Measured("k2", 1, 160),
                                   Measured("off", 2, 100), Measured("k2", 2, 190)};
  const std::string text = ReportMarkdown(Small(), Report(cells));
  ExpectIn(text, "- rounds: 3\n");
  ExpectIn(text, "The widest 95 % interval of a ratio to no speculation is ±0.20.\n");
}

TEST(CompareJson, HoldsEveryFigureOfAPoint) {
  const auto json = ReportJson(Small(), Report());
  EXPECT_EQ(json["turbospec_compare_summary"], 1);
  ASSERT_EQ(json["points"].size(), 3u);
  const auto& point = json["points"][0];
  EXPECT_EQ(point["best_static"], "k4");
  const auto& k2 = point["servers"][1];
  EXPECT_EQ(k2["server"], "k2");
  EXPECT_EQ(k2["ratio_to_off"]["median"], 1.5);
  EXPECT_EQ(k2["ratio_to_off"]["range"], (std::vector<double>{1.5, 1.5}));
  EXPECT_FALSE(k2["ratio_to_off"].contains("interval_95"));
  EXPECT_EQ(k2["ratio_to_envelope"]["median"], 0.75);
  EXPECT_EQ(point["servers"][3]["error"], "start");
  EXPECT_FALSE(point["servers"][3].contains("tokens_per_second"));
  EXPECT_EQ(json["models"][0]["best_single_static"], "off");
  EXPECT_EQ(json["models"][0]["overall"].size(), 3u);
}

std::size_t Count(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(ComparePage, NeedsNothingBesideItAndIsNotBrokenByAName) {
  const std::string page = ReportHtml(Small(), Report());
  EXPECT_EQ(Count(page, "<script"), 3u);
  EXPECT_EQ(Count(page, "</script>"), 3u);
  EXPECT_EQ(Count(page, "var uPlot=function"), 1u);
  EXPECT_EQ(Count(page, ".uplot {") + Count(page, ".uplot{"), 1u);
  EXPECT_EQ(Count(page, "src=") + Count(page, "@import") + Count(page, "<link"), 0u);
  const std::string begin = "<script id=\"data\" type=\"application/json\">";
  const std::size_t at = page.find(begin) + begin.size();
  const auto data = nlohmann::json::parse(page.substr(at, page.find("</script>", at) - at));
  EXPECT_EQ(data, ReportJson(Small(), Report()));
}

}  // namespace
}  // namespace turbospec::compare
