#include "bench/compare/grid.h"

#include <gtest/gtest.h>

#include <fstream>

#include "bench/compare/compare_fixture.h"

namespace turbospec::compare {
namespace {

using nlohmann::json;

std::string BigModel(const std::string& name) {
  return name == "BIG_MODEL" ? "/big/model.gguf" : "";
}

TEST(Grid, ReadsAGridAndFillsWhatIsLeftOut) {
  const auto grid = Read(SmallGrid());
  ASSERT_TRUE(grid.ok()) << grid.error().message;
  EXPECT_EQ(grid->split, Split::kHeldOut);
  EXPECT_FALSE(grid->most_slots);
  EXPECT_EQ(grid->models[0].max_tokens, 96);
  EXPECT_EQ(grid->models[0].length_spread, 0);
  EXPECT_TRUE(grid->servers[0].baseline);
  EXPECT_TRUE(grid->servers[1].hand_tuned);
  EXPECT_FALSE(grid->servers[3].hand_tuned);
  EXPECT_EQ(grid->loads[1].name, "4");
  EXPECT_EQ(grid->loads[1].slots, 4);
  EXPECT_EQ(grid->mixes[1].mix.shares.at(0).class_name, "code");
}

TEST(Grid, NamesTheEmbeddedPairAndVariables) {
  json grid = SmallGrid();
  grid["models"] = {{{"name", "small"}, {"target", "embedded"}, {"draft", "embedded"}},
                    {{"name", "big"}, {"target", "${BIG_MODEL}"}, {"draft", "d"}},
                    {{"name", "huge"}, {"target", "${HUGE_MODEL}/x"}, {"draft", "d"}}};
  const auto read = Read(grid, BigModel);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->models[0].target, "models/storypair-target-q8_0.gguf");
  EXPECT_EQ(read->models[0].draft, "models/storypair-draft-q8_0.gguf");
  EXPECT_EQ(read->models[1].target, "/big/model.gguf");
  EXPECT_EQ(read->models[1].needs, "");
  EXPECT_EQ(read->models[2].needs, "HUGE_MODEL");  // the others can be measured all the same
}

TEST(Grid, FillsTheCommandOfAServer) {
  json grid = SmallGrid();
  grid["threads"] = 3;
  grid["servers"][0]["command"] = {"${BIG_MODEL}", "{target}",        "{draft}",
                                   "{slots}",      "{port}",          "{threads}",
                                   "-c",           "{total_context}", "{context}"};
  const auto read = Read(grid, BigModel);
  ASSERT_TRUE(read.ok()) << read.error().message;
  const auto command = FillCommand(*read, read->servers[0], read->models[0], 4, 8080);
  EXPECT_EQ(*command, (std::vector<std::string>{"/big/model.gguf", "t.gguf", "d.gguf", "4", "8080",
                                                "3", "-c", "2048", "512"}));
}

TEST(Grid, RefusesWhatItDoesNotUnderstandAndSaysWhere) {
  json grid = SmallGrid();
  grid["turbospec_compare_grid"] = 2;
  EXPECT_EQ(ErrorOf(grid), "grid.json: version of the grid format; this reader knows 1");
  grid = SmallGrid();
  grid["thread"] = 2;
  EXPECT_EQ(ErrorOf(grid), "grid.json: unknown field \"thread\"");
  grid = SmallGrid();
  grid["models"][0]["max_token"] = 2;
  EXPECT_EQ(ErrorOf(grid), "grid.json: models[0]: unknown field \"max_token\"");
  grid = SmallGrid();
  grid["servers"][1]["command"] = {"serve", "{prot}"};
  EXPECT_EQ(ErrorOf(grid), "grid.json: server \"k2\": unknown placeholder {prot}");
  grid = SmallGrid();
  grid["servers"][1]["command"] = {"${NOT_SET}/serve"};
  EXPECT_EQ(ErrorOf(grid), "grid.json: servers[1]: needs the environment variable NOT_SET");
  grid = SmallGrid();
  grid["models"][0]["target"] = "${OPEN";
  EXPECT_EQ(ErrorOf(grid), "grid.json: models[0]: \"${OPEN\": ${ without }");
  EXPECT_EQ(ReadGrid("{", "g", NoVariables).error().message, "g: not valid JSON");
  EXPECT_EQ(LoadGrid("no/such.json").error().message, "cannot read \"no/such.json\"");
}

TEST(Grid, RefusesNamesThatDoNotFitTogether) {
  json grid = SmallGrid();
  grid["servers"][1]["baseline"] = true;
  EXPECT_EQ(ErrorOf(grid),
            "grid.json: exactly one server must be the \"baseline\" (no speculation)");
  grid = SmallGrid();
  grid["servers"][1]["name"] = "off";
  EXPECT_EQ(ErrorOf(grid), "grid.json: two servers have the name \"off\"");
  grid = SmallGrid();
  grid["servers"][1]["baseline"] = "of";
  EXPECT_EQ(ErrorOf(grid),
            "grid.json: server \"k2\": its baseline \"of\" is no server of the grid");
  grid = SmallGrid();
  grid["loads"] = json::array();
  EXPECT_EQ(ErrorOf(grid), "grid.json: \"loads\" is not a list with entries");
  grid = SmallGrid();
  grid["mixes"][0]["name"] = "own mix";
  EXPECT_EQ(ErrorOf(grid), "grid.json: mixes[0]: no mix may be named \"own mix\"");
}

TEST(Grid, TakesLoadsByTime) {
  json grid = SmallGrid();
  grid["loads"].push_back(
      {{"name", "busy"}, {"arrivals", "poisson:2.5"}, {"seconds", 30}, {"slots", 8}});
  const auto read = Read(grid);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->loads[2].clients, 0);
  EXPECT_EQ(read->loads[2].seconds, Seconds(30));
  EXPECT_FALSE(read->loads[2].own_mix);
  grid["loads"][2]["seconds"] = 0;
  EXPECT_EQ(ErrorOf(grid), "grid.json: loads[2]: \"seconds\" must be above 0");
}

TEST(Grid, GivesServersTheSlotsOfTheirLoadOrOfTheLargest) {
  json grid = SmallGrid();
  const auto per_load = Read(grid);
  EXPECT_EQ(SlotsFor(*per_load, per_load->loads[0]), 1);
  grid["slots"] = "max";
  const auto most = Read(grid);
  EXPECT_EQ(SlotsFor(*most, most->loads[0]), 4);
  grid["slots"] = "some";
  EXPECT_EQ(ErrorOf(grid), "grid.json: \"slots\" is max or per_load");
}

TEST(Grid, MeasuresALoadOnceWhosePhasesAllNameTheirMix) {
  const ScratchFolder folder;
  const auto phases = [&](const std::string& text) {
    std::ofstream(folder / "p.json") << R"({"turbospec_phases": 1, "phases": [)" << text << "]}";
  };
  json grid = SmallGrid();
  grid["loads"].push_back({{"name", "day"},
                           {"arrivals", "phases:" + (folder / "p.json").string()},
                           {"seconds", 30},
                           {"slots", 8}});
  phases(
      R"({"duration": 1, "clients": 8, "mix": "tale"}, {"duration": 1, "rate": 2, "mix": "code"})");
  const auto own = Read(grid);
  ASSERT_TRUE(own.ok()) << own.error().message;
  ASSERT_EQ(MixesFor(*own, own->loads[2]).size(), 1u);
  EXPECT_EQ(MixesFor(*own, own->loads[2])[0].name, kOwnMix);
  EXPECT_EQ(MixesFor(*own, own->loads[0]).size(), 2u);
  phases(R"({"duration": 1, "clients": 8, "mix": "tale"}, {"duration": 1, "rate": 2})");
  const auto given = Read(grid);
  EXPECT_EQ(MixesFor(*given, given->loads[2]).size(), 2u);
  EXPECT_NE(given->fingerprint, own->fingerprint);  // the file belongs to the grid
}

TEST(Grid, IsAnotherOneWhenItsTextChanges) {
  json grid = SmallGrid();
  const std::uint64_t before = Read(grid)->fingerprint;
  EXPECT_EQ(Read(grid)->fingerprint, before);
  grid["seed"] = 2;
  EXPECT_NE(Read(grid)->fingerprint, before);
}

}  // namespace
}  // namespace turbospec::compare
