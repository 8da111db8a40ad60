#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "workload/number_text.h"
#include "workload/trace_record.h"

namespace turbospec {

namespace {

// Where the columns that are needed stand in a line.
struct Columns {
  std::size_t time = 0;
  std::size_t prompt = 0;
  std::size_t output = 0;
  std::size_t count = 0;
};

struct ColumnNames {
  std::string_view time;
  std::string_view prompt;
  std::string_view output;
};

Result<std::size_t> Find(const std::vector<std::string_view>& names, std::string_view wanted) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] != wanted) continue;
    if (found) return InvalidArgument("two columns \"" + std::string(wanted) + "\"");
    found = i;
  }
  if (!found) return InvalidArgument("no column \"" + std::string(wanted) + "\"");
  return *found;
}

Result<Columns> FindColumns(std::string_view line, const ColumnNames& wanted) {
  const std::vector<std::string_view> names = PiecesOf(line, ',');
  const Result<std::size_t> time = Find(names, wanted.time);
  if (!time) return time.error();
  const Result<std::size_t> prompt = Find(names, wanted.prompt);
  if (!prompt) return prompt.error();
  const Result<std::size_t> output = Find(names, wanted.output);
  if (!output) return output.error();
  return Columns{*time, *prompt, *output, names.size()};
}

using ReadTime = Result<std::int64_t> (*)(std::string_view text);

class CsvReader final : public TraceRecordReader {
 public:
  CsvReader(ColumnNames names, ReadTime read_time) : names_(names), read_time_(read_time) {}

  bool has_header() const override { return true; }

  Status ReadHeader(std::string_view line) override {
    Result<Columns> columns = FindColumns(line, names_);
    if (!columns) return columns.error();
    columns_ = *columns;
    return Ok();
  }

  Result<TraceRecord> Read(std::string_view line) const override {
    const std::vector<std::string_view> cells = PiecesOf(line, ',');
    if (cells.size() != columns_.count) {
      return InvalidArgument(std::to_string(cells.size()) + " columns instead of " +
                             std::to_string(columns_.count));
    }
    const Result<std::int64_t> time = read_time_(cells[columns_.time]);
    if (!time) return time.error();
    const std::optional<std::int64_t> prompt = WholeNumberOf(cells[columns_.prompt]);
    if (!prompt) return NoNumber(names_.prompt, cells[columns_.prompt]);
    const std::optional<std::int64_t> output = WholeNumberOf(cells[columns_.output]);
    if (!output) return NoNumber(names_.output, cells[columns_.output]);
    return TraceRecord{*time, *prompt, *output, {}};
  }

 private:
  static Error NoNumber(std::string_view column, std::string_view cell) {
    return InvalidArgument(std::string(column) + ": \"" + std::string(cell.substr(0, 40)) +
                           "\" is not a whole number");
  }

  ColumnNames names_;
  ReadTime read_time_;
  Columns columns_;
};

Result<std::int64_t> NanosecondsOfSeconds(std::string_view text) {
  const std::optional<double> seconds = NumberOf(text);
  if (!seconds || *seconds < 0 || *seconds > 4e9) {
    return InvalidArgument("Timestamp: \"" + std::string(text.substr(0, 40)) +
                           "\" is not a number of seconds");
  }
  return static_cast<std::int64_t>(std::llround(*seconds * 1e9));
}

}  // namespace

std::unique_ptr<TraceRecordReader> MakeAzureReader() {
  return std::make_unique<CsvReader>(ColumnNames{"TIMESTAMP", "ContextTokens", "GeneratedTokens"},
                                     NanosecondsOfDate);
}

std::unique_ptr<TraceRecordReader> MakeBurstGptReader() {
  return std::make_unique<CsvReader>(ColumnNames{"Timestamp", "Request tokens", "Response tokens"},
                                     NanosecondsOfSeconds);
}

}  // namespace turbospec
