// Requests recorded by somebody else: when they came and how long prompt and answer were. Public
// traces carry no text; FillTrace (trace_fill.h) gives them some. Read once at start, by the load
// client or the simulator; O(file), one line in memory at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <istream>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/result.h"

namespace turbospec {

enum class TraceFormat {
  kAzure,     // CSV: TIMESTAMP,ContextTokens,GeneratedTokens (Azure LLM inference, 2023 and 2024)
  kBurstGpt,  // CSV: Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type
  kMooncake,  // JSON lines: timestamp (ms), input_length, output_length, hash_ids
};

// "azure", "burstgpt" or "mooncake".
Result<TraceFormat> ParseTraceFormat(std::string_view name);

struct TraceOptions {
  std::size_t limit = std::numeric_limits<std::size_t>::max();  // stop after so many requests
  double scale_time = 1;  // times every moment: 0.1 plays the trace ten times as fast
};

struct TraceRequest {
  Seconds at{0};  // since the first request of the trace, scaled
  int prompt_tokens = 0;
  int output_tokens = 0;
  std::vector<std::int64_t> prompt_blocks;  // Mooncake: equal ids are equal blocks of 512 tokens

  bool operator==(const TraceRequest&) const = default;
};

struct Trace {
  std::vector<TraceRequest> requests;  // in order of time
  std::size_t left_out = 0;            // recorded without prompt or answer: failed requests
};

// Columns are found by their names in the first line, whatever their order; further columns and
// fields are ignored. Accepts a byte order mark, CRLF and blank lines. Refuses, with the line: what
// is no number, a missing column, time that goes back, more than 10,000,000 tokens, a line above 1
// MiB, more than 20,000,000 requests. All or nothing.
Result<Trace> ReadTrace(TraceFormat format, std::istream& in, std::string source,
                        const TraceOptions& options = {});

Result<Trace> LoadTrace(TraceFormat format, const std::filesystem::path& file,
                        const TraceOptions& options = {});

}  // namespace turbospec
