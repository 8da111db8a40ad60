// Writes the lines of a decision log (docs/decision_log.md): compact JSON, each with its newline,
// appended to a buffer that the caller reuses. Numbers are written so that they read back as the
// same bits. Pure; costs about 10 ns a byte.
#pragma once

#include <cstdint>
#include <string>

#include "control/step_record.h"
#include "decisions/log_header.h"

namespace turbospec {

void AppendHeaderLine(const DecisionLogHeader& header, std::string& out);
void AppendStepLine(const StepRecord& record, std::string& out);
// Says that so many steps were made here that are not in the log.
void AppendDroppedLine(std::int64_t steps, std::string& out);

}  // namespace turbospec
