#include "compare/journal.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "core/json_object.h"

namespace turbospec::compare {
namespace {

using nlohmann::json;

std::string HeaderLine(std::uint64_t grid) {
  return json{{"turbospec_compare_cells", 1}, {"grid", std::to_string(grid)}}.dump();
}

json ToJson(const Cell& cell) {
  json object = {{"model", cell.key.model},
                 {"server", cell.key.server},
                 {"load", cell.key.load},
                 {"mix", cell.key.mix},
                 {"round", cell.key.round},
                 {"tokens_per_second", cell.tokens_per_second},
                 {"seconds", cell.seconds},
                 {"completed", cell.completed},
                 {"failed", cell.failed},
                 {"output_tokens", cell.output_tokens},
                 {"ttft_mean_ms", cell.ttft_mean_ms},
                 {"ttft_p99_ms", cell.ttft_p99_ms},
                 {"tpot_median_ms", cell.tpot_median_ms},
                 {"tpot_p99_ms", cell.tpot_p99_ms},
                 {"client_cpu_share", cell.client_cpu_share}};
  if (!cell.error.empty()) object["error"] = cell.error;
  return object;
}

Result<Cell> ParseCell(std::string_view line) {
  auto object = ParseJsonObject(line);
  if (!object.ok()) return object.error();
  JsonObject fields(*object);
  constexpr int kMost = 1'000'000'000;
  Cell cell;
  cell.key = {.model = fields.Text("model"),
              .server = fields.Text("server"),
              .load = fields.Text("load"),
              .mix = fields.Text("mix"),
              .round = static_cast<int>(fields.Integer("round", 0, kMost))};
  cell.tokens_per_second = fields.Number("tokens_per_second");
  cell.seconds = fields.Number("seconds");
  cell.completed = static_cast<int>(fields.Integer("completed", 0, kMost));
  cell.failed = static_cast<int>(fields.Integer("failed", 0, kMost));
  cell.output_tokens = fields.Integer("output_tokens", 0, std::int64_t{1} << 60);
  cell.ttft_mean_ms = fields.Number("ttft_mean_ms");
  cell.ttft_p99_ms = fields.Number("ttft_p99_ms");
  cell.tpot_median_ms = fields.Number("tpot_median_ms");
  cell.tpot_p99_ms = fields.Number("tpot_p99_ms");
  cell.client_cpu_share = fields.Number("client_cpu_share");
  if (fields.Has("error")) cell.error = fields.Text("error");
  if (Status read = fields.Finish(); !read.ok()) return read.error();
  return cell;
}

// The whole lines of the text; what follows the last line feed was cut.
std::vector<std::string> WholeLines(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

}  // namespace

Result<Journal> Journal::Open(const std::filesystem::path& file, std::uint64_t grid) {
  Journal journal;
  journal.file_ = file;
  std::string text;
  if (std::ifstream in(file, std::ios::binary); in) {
    std::ostringstream all;
    all << in.rdbuf();
    text = all.str();
  }
  const std::vector<std::string> lines = WholeLines(text);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    kept += lines[i].size() + 1;
    if (i == 0) {
      if (lines[0] == HeaderLine(grid)) continue;
      return InvalidArgument("\"" + file.string() +
                             "\" is the journal of another grid; use another --out, or delete it");
    }
    auto cell = ParseCell(lines[i]);
    if (!cell.ok()) {
      return InvalidArgument("\"" + file.string() + "\", line " + std::to_string(i + 1) + ": " +
                             cell.error().message + "; delete the line to measure its cell again");
    }
    if (!journal.cells_.contains(cell->key)) journal.order_.push_back(cell->key);
    journal.cells_[cell->key] = *std::move(cell);
  }
  journal.dropped_ = kept < text.size() ? 1 : 0;
  std::error_code ignored;
  if (journal.dropped_ > 0) std::filesystem::resize_file(file, kept, ignored);
  journal.out_.open(file, std::ios::binary | std::ios::app);
  if (lines.empty()) journal.out_ << HeaderLine(grid) << "\n" << std::flush;
  if (!journal.out_) return NotFound("cannot write \"" + file.string() + "\"");
  return journal;
}

bool Journal::Has(const CellKey& key) const {
  const auto found = cells_.find(key);
  return found != cells_.end() && found->second.error.empty();
}

Status Journal::Add(const Cell& cell) {
  out_ << ToJson(cell).dump(-1, ' ', false, json::error_handler_t::replace) << "\n" << std::flush;
  if (!out_) return Unavailable("cannot write \"" + file_.string() + "\"; is the disk full?");
  if (!cells_.contains(cell.key)) order_.push_back(cell.key);
  cells_[cell.key] = cell;
  return Ok();
}

std::vector<Cell> Journal::Cells() const {
  std::vector<Cell> cells;
  cells.reserve(order_.size());
  for (const CellKey& key : order_) cells.push_back(cells_.at(key));
  return cells;
}

}  // namespace turbospec::compare
