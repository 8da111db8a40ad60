#include "workload/trace.h"

#include <fstream>
#include <memory>
#include <optional>
#include <utility>

#include "workload/line_reader.h"
#include "workload/trace_record.h"

namespace turbospec {

namespace {

constexpr std::int64_t kMaxTokens = 10'000'000;
constexpr std::size_t kMaxRequests = 20'000'000;

std::unique_ptr<TraceRecordReader> ReaderOf(TraceFormat format) {
  switch (format) {
    case TraceFormat::kAzure:
      return MakeAzureReader();
    case TraceFormat::kBurstGpt:
      return MakeBurstGptReader();
    case TraceFormat::kMooncake:
      return MakeMooncakeReader();
  }
  return nullptr;
}

Status CheckLength(const char* what, std::int64_t tokens) {
  if (tokens >= 0 && tokens <= kMaxTokens) return Ok();
  return InvalidArgument(std::string(what) + " of " + std::to_string(tokens) +
                         " tokens; 0 to 10000000 are possible");
}

// Puts records into a trace, in time relative to the first.
class TraceBuilder {
 public:
  explicit TraceBuilder(double scale_time) : scale_time_(scale_time) {}

  Status Add(TraceRecord record) {
    if (Status length = CheckLength("prompt", record.prompt_tokens); !length) return length;
    if (Status length = CheckLength("answer", record.output_tokens); !length) return length;
    if (!first_) first_ = last_ = record.nanoseconds;
    if (record.nanoseconds < last_) {
      return InvalidArgument("time goes back, to before the request above");
    }
    last_ = record.nanoseconds;
    if (record.prompt_tokens == 0 || record.output_tokens == 0) {
      ++trace_.left_out;
      return Ok();
    }
    const double seconds = static_cast<double>(record.nanoseconds - *first_) * 1e-9;
    trace_.requests.push_back(
        {Seconds(seconds * scale_time_), static_cast<int>(record.prompt_tokens),
         static_cast<int>(record.output_tokens), std::move(record.prompt_blocks)});
    return Ok();
  }

  std::size_t size() const { return trace_.requests.size(); }
  Trace Take() && { return std::move(trace_); }

 private:
  Trace trace_;
  double scale_time_;
  std::optional<std::int64_t> first_;
  std::int64_t last_ = 0;
};

Status ReadHeader(TraceRecordReader& records, LineReader& lines) {
  Result<bool> more = lines.Next();
  if (!more) return more.error();
  if (!*more) return lines.FileFault("the file is empty");
  Status header = records.ReadHeader(lines.line());
  if (!header) return lines.Fault(header.error().message);
  return Ok();
}

Status ReadRecords(const TraceRecordReader& records, LineReader& lines, std::size_t limit,
                   TraceBuilder& trace) {
  while (trace.size() < limit) {
    Result<bool> more = lines.Next();
    if (!more) return more.error();
    if (!*more) break;
    if (trace.size() == kMaxRequests) {
      return lines.Fault("more than 20000000 requests; read a part of them (a limit)");
    }
    Result<TraceRecord> record = records.Read(lines.line());
    if (!record) return lines.Fault(record.error().message);
    if (Status added = trace.Add(*std::move(record)); !added) {
      return lines.Fault(added.error().message);
    }
  }
  if (trace.size() == 0) return lines.FileFault("no request in this trace");
  return Ok();
}

}  // namespace

Result<TraceFormat> ParseTraceFormat(std::string_view name) {
  if (name == "azure") return TraceFormat::kAzure;
  if (name == "burstgpt") return TraceFormat::kBurstGpt;
  if (name == "mooncake") return TraceFormat::kMooncake;
  return InvalidArgument("trace format \"" + std::string(name) +
                         "\" is none of azure, burstgpt, mooncake");
}

Result<Trace> ReadTrace(TraceFormat format, std::istream& in, std::string source,
                        const TraceOptions& options) {
  if (!(options.scale_time > 0 && options.scale_time <= 1e6)) {
    return InvalidArgument("the scale of time must be above 0, at most 1e6");
  }
  if (options.limit == 0) return InvalidArgument("the limit must be 1 or more");
  LineReader lines(in, std::move(source));
  const std::unique_ptr<TraceRecordReader> records = ReaderOf(format);
  if (records->has_header()) {
    if (Status header = ReadHeader(*records, lines); !header) return header.error();
  }
  TraceBuilder trace(options.scale_time);
  if (Status read = ReadRecords(*records, lines, options.limit, trace); !read) return read.error();
  return std::move(trace).Take();
}

Result<Trace> LoadTrace(TraceFormat format, const std::filesystem::path& file,
                        const TraceOptions& options) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return NotFound(file.string() + ": cannot be opened");
  return ReadTrace(format, in, file.string(), options);
}

}  // namespace turbospec
