// A whole log in figures: where the time went, what was planned and why, how far the forecasts were
// off, what survived. Takes records one by one (it is a sink, so a running engine could feed it);
// memory grows by four numbers a step.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "acceptance/acceptance_predictor.h"
#include "control/goodput_controller.h"
#include "control/step_record.h"
#include "decisions/acceptance_table.h"
#include "decisions/forecast_errors.h"

namespace turbospec {

struct DepthAnswers {
  std::int64_t asked = 0;
  std::int64_t stopped = 0;
};

class LogSummary final : public StepRecordSink {
 public:
  void Take(const StepRecord& record) override;

  std::int64_t steps = 0;      // all
  std::int64_t unplanned = 0;  // of these, without decoding requests
  std::int64_t decodes = 0;    // (request, step) pairs
  std::int64_t failed = 0;     // of these
  std::int64_t tokens = 0;     // committed by them
  Seconds draft{0};
  Seconds target{0};
  Seconds sampling{0};
  Seconds host{0};
  Seconds total{0};
  // Planned steps by who was to propose: "none", "lookup", "draft", "lookup+draft".
  std::map<std::string, std::int64_t> by_plan;
  std::map<PlanReason, std::int64_t> by_reason;
  std::map<int, DepthAnswers> keep_at;  // by depth of the draft model
  ForecastErrors token_errors;
  ForecastErrors time_errors;
  AcceptanceTable acceptance;
  // The draft model's own largest probability, taken as a forecast that its token survives.
  ReliabilityDiagram confidence;

  // What `auto` makes of the same tokens, forecast as they came.
  const CalibrationRecord& calibration() const { return predictor_.calibration(); }
  double Goodput() const {
    return total.count() > 0 ? static_cast<double>(tokens) / total.count() : 0;
  }

 private:
  void TakePlan(const StepRecord& record);
  void TakeConfidence(const StepRecord& record);
  void TakeLabels(const StepRecord& record);

  AcceptancePredictor predictor_{GoodputOptions{}.acceptance};
};

}  // namespace turbospec
