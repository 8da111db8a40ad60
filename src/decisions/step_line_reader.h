// Reads the lines that step_line writes, from files that anybody may have touched: every field is
// checked for type, range and agreement with the others, and a field that the format does not have
// is refused by name. Pure; O(line).
#pragma once

#include <cstdint>
#include <string_view>

#include "control/step_record.h"
#include "core/result.h"
#include "decisions/log_header.h"

namespace turbospec {

// kUnsupported when the log is of another version.
Result<DecisionLogHeader> ReadHeaderLine(std::string_view line);

struct StepLine {
  bool is_json = false;      // false with an error: not even a whole JSON object
  std::int64_t dropped = 0;  // > 0: the line says that so many steps are missing; no record
};

// Fills `record`, whose memory is reused; its content is unspecified after an error. `read` is set
// in any case.
Status ReadStepLine(std::string_view line, StepLine& read, StepRecord& record);

}  // namespace turbospec
