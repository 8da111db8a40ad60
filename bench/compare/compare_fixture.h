// The words in which the tests of the comparison speak: a small grid as JSON, cells of a point.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <utility>

#include "bench/compare/grid.h"
#include "bench/compare/journal.h"

namespace turbospec::compare {

// Servers "off" (the baseline), "k2" and "k4" (hand-tuned) and "auto" (not), one model, loads of 1
// and 4 clients, mixes "tale" and "code".
inline nlohmann::json SmallGrid() {
  const auto server = [](const std::string& name) {
    return nlohmann::json{{"name", name}, {"group", "ours"}, {"command", {"serve", "{port}"}}};
  };
  nlohmann::json off = server("off"), k2 = server("k2"), k4 = server("k4");
  off["baseline"] = true;
  k2["static"] = k4["static"] = true;
  return {{"turbospec_compare_grid", 1},
          {"name", "A small grid"},
          {"workloads", "workloads"},
          {"models", {{{"name", "pair"}, {"target", "t.gguf"}, {"draft", "d.gguf"}}}},
          {"servers", {off, k2, k4, server("auto")}},
          {"loads", {{{"clients", 1}}, {{"clients", 4}}}},
          {"mixes", {{{"name", "tale"}}, {{"name", "code"}}}}};
}

inline std::string NoVariables(const std::string&) {
  return "";
}

inline Result<Grid> Read(const nlohmann::json& grid, VariableFn variable = NoVariables) {
  return ReadGrid(grid.dump(), "grid.json", variable);
}

inline std::string ErrorOf(const nlohmann::json& grid) {
  const auto read = Read(grid);
  return read.ok() ? "" : read.error().message;
}

// A cell of the small grid at 1 client and "tale".
inline Cell Measured(const std::string& server, int round, double tokens_per_second) {
  return {.key = {.model = "pair", .server = server, .load = "1", .mix = "tale", .round = round},
          .tokens_per_second = tokens_per_second,
          .seconds = 2,
          .completed = 3,
          .output_tokens = 288,
          .ttft_mean_ms = 10,
          .ttft_p99_ms = 30,
          .tpot_median_ms = 1000 / tokens_per_second,
          .tpot_p99_ms = 40};
}

inline Cell Failed(const std::string& server, int round, const std::string& error) {
  Cell cell = Measured(server, round, 1);
  cell.tokens_per_second = 0;
  cell.error = error;
  cell.detail = "said why";
  return cell;
}

inline Cell At(Cell cell, const std::string& load, const std::string& mix) {
  cell.key.load = load;
  cell.key.mix = mix;
  return cell;
}

// A folder of its own that is removed with it.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "compare-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace turbospec::compare
