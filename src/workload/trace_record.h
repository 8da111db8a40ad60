// One line of a trace file in each public format, as numbers. Internal to the trace reader.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "workload/trace.h"

namespace turbospec {

struct TraceRecord {
  std::int64_t nanoseconds = 0;  // since an origin of the format's choice
  std::int64_t prompt_tokens = 0;
  std::int64_t output_tokens = 0;
  std::vector<std::int64_t> prompt_blocks;
};

class TraceRecordReader {
 public:
  virtual ~TraceRecordReader() = default;
  // True when the first line names columns and is no record.
  virtual bool has_header() const = 0;
  virtual Status ReadHeader(std::string_view line) = 0;
  virtual Result<TraceRecord> Read(std::string_view line) const = 0;
};

std::unique_ptr<TraceRecordReader> MakeAzureReader();
std::unique_ptr<TraceRecordReader> MakeBurstGptReader();
std::unique_ptr<TraceRecordReader> MakeMooncakeReader();

// "2023-11-16 18:15:46.6805900", also with T for the blank and with Z or +hh:mm at the end, as
// nanoseconds since 1970 (UTC).
Result<std::int64_t> NanosecondsOfDate(std::string_view text);

}  // namespace turbospec
