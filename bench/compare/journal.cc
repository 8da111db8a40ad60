#include "bench/compare/journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "core/json_object.h"

namespace turbospec::compare {
namespace {

using nlohmann::json;

std::string Line(const json& object) {
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string HeaderLine(std::uint64_t grid) {
  return Line({{"turbospec_compare_cells", 1}, {"grid", std::to_string(grid)}});
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
                 {"client_cpu_share", cell.client_cpu_share},
                 {"foreign_cores", cell.foreign_cores}};
  if (!cell.error.empty()) object["error"] = cell.error;
  if (!cell.detail.empty()) object["detail"] = cell.detail;
  return object;
}

Result<Cell> CellOf(const json& object) {
  JsonObject fields(object);
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
  cell.foreign_cores = fields.Number("foreign_cores");
  if (fields.Has("error")) cell.error = fields.Text("error");
  if (fields.Has("detail")) cell.detail = fields.Text("detail");
  if (Status read = fields.Finish(); !read.ok()) return read.error();
  return cell;
}

json ToJson(const JournalRun& run) {
  return {{"run",
           {{"date", run.date},
            {"machine", run.machine},
            {"command", run.command},
            {"versions", run.versions},
            {"models", run.models}}}};
}

Result<std::map<std::string, std::string>> TextsOf(const json& object) {
  if (!object.is_object()) return InvalidArgument("a run's versions or models are no object");
  std::map<std::string, std::string> texts;
  for (const auto& [name, text] : object.items()) {
    if (!text.is_string()) return InvalidArgument("\"" + name + "\" is no text");
    texts[name] = text.get<std::string>();
  }
  return texts;
}

Result<JournalRun> RunOf(const json& object) {
  if (!object.is_object()) return InvalidArgument("\"run\" is no object");
  JsonObject fields(object);
  JournalRun run{.date = fields.Text("date"),
                 .machine = fields.Text("machine"),
                 .command = fields.Text("command")};
  auto versions = TextsOf(fields.Any("versions"));
  auto models = TextsOf(fields.Any("models"));
  if (Status read = fields.Finish(); !read.ok()) return read.error();
  if (!versions.ok()) return versions.error();
  if (!models.ok()) return models.error();
  run.versions = *std::move(versions);
  run.models = *std::move(models);
  return run;
}

std::string ReadAll(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

Result<Journal> Journal::Open(const std::filesystem::path& file, std::uint64_t grid) {
  Journal journal(file);
  journal.fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (journal.fd_ < 0) return NotFound("cannot write \"" + file.string() + "\"");
  if (::flock(journal.fd_, LOCK_EX | LOCK_NB) != 0) {
    return Unavailable("another comparison is writing \"" + file.string() +
                       "\"; wait for it, or use another --out");
  }
  const std::string text = ReadAll(file);
  const auto kept = journal.Parse(text, grid);
  if (!kept.ok()) return kept.error();
  if (*kept < text.size() && ::ftruncate(journal.fd_, static_cast<off_t>(*kept)) != 0) {
    return Unavailable("cannot drop the cut line of \"" + file.string() + "\"");
  }
  if (*kept == 0) {
    if (Status begun = journal.Append(HeaderLine(grid)); !begun.ok()) return begun.error();
  }
  return journal;
}

Result<Journal> Journal::Read(const std::filesystem::path& file, std::uint64_t grid) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    return NotFound("nothing was measured yet: there is no \"" + file.string() + "\"");
  }
  Journal journal(file);
  const auto kept = journal.Parse(ReadAll(file), grid);
  if (!kept.ok()) return kept.error();
  return journal;
}

Journal::Journal(Journal&& other) noexcept
    : file_(std::move(other.file_)),
      fd_(std::exchange(other.fd_, -1)),
      runs_(std::move(other.runs_)),
      cells_(std::move(other.cells_)),
      order_(std::move(other.order_)),
      dropped_(other.dropped_) {}

Journal::~Journal() {
  if (fd_ >= 0) ::close(fd_);
}

Result<std::size_t> Journal::Parse(const std::string& text, std::uint64_t grid) {
  std::size_t begin = 0;
  int number = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    if (++number == 1) {
      if (line == HeaderLine(grid)) continue;
      return InvalidArgument("\"" + file_.string() +
                             "\" is the journal of another grid, or of this one before it was "
                             "changed; use another --out, or delete it");
    }
    if (Status taken = ParseLine(line); !taken.ok()) {
      return InvalidArgument("\"" + file_.string() + "\", line " + std::to_string(number) + ": " +
                             taken.error().message + "; delete the line to measure its cell again");
    }
  }
  dropped_ = begin < text.size() ? 1 : 0;
  return begin;
}

Status Journal::ParseLine(const std::string& line) {
  auto object = ParseJsonObject(line);
  if (!object.ok()) return object.error();
  if (object->contains("run")) {
    auto run = RunOf((*object)["run"]);
    if (!run.ok()) return run.error();
    runs_.push_back(*std::move(run));
    return Ok();
  }
  auto cell = CellOf(*object);
  if (!cell.ok()) return cell.error();
  if (!cells_.contains(cell->key)) order_.push_back(cell->key);
  cells_[cell->key] = *std::move(cell);
  return Ok();
}

// In one write, so that a kill leaves whole lines or one cut line at the end.
Status Journal::Append(const std::string& line) {
  const std::string whole = line + "\n";
  if (::write(fd_, whole.data(), whole.size()) != static_cast<ssize_t>(whole.size())) {
    return Unavailable("cannot write \"" + file_.string() + "\"; is the disk full?");
  }
  return Ok();
}

Status Journal::Begin(const JournalRun& run) {
  for (const JournalRun& earlier : runs_) {
    for (const auto& [name, files] : run.models) {
      const auto before = earlier.models.find(name);
      if (before == earlier.models.end() || before->second == files) continue;
      return InvalidArgument("the model \"" + name + "\" was measured with other files (" +
                             before->second + "); use another --out");
    }
  }
  if (Status appended = Append(Line(ToJson(run))); !appended.ok()) return appended;
  runs_.push_back(run);
  return Ok();
}

bool Journal::Has(const CellKey& key) const {
  const auto found = cells_.find(key);
  return found != cells_.end() && found->second.error.empty();
}

Status Journal::Add(const Cell& cell) {
  if (Status appended = Append(Line(ToJson(cell))); !appended.ok()) return appended;
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
