// The latencies that a request must keep to count as good: "ttft:500,tpot:50,e2el:3000", in
// milliseconds, as `vllm bench serve --goodput` names them. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "bench/request_record.h"
#include "core/result.h"

namespace turbospec {

struct GoodputLimits {
  std::optional<double> ttft_ms;
  std::optional<double> tpot_ms;
  std::optional<double> e2el_ms;

  bool any() const { return ttft_ms || tpot_ms || e2el_ms; }
};

// "" = no limits. kInvalidArgument names the part that is wrong.
Result<GoodputLimits> ParseGoodputLimits(std::string_view written);

// A completed request within every limit; one of a single token has no time per token to violate.
bool IsGood(const RequestRecord& record, const GoodputLimits& limits);

}  // namespace turbospec
