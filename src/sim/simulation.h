// Runs a scenario: the real engine, proposers and controller on a virtual clock. Single-threaded
// and free of state, so that several may run at once in different threads. Costs about a
// microsecond of real time per simulated token.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "proposers/proposer.h"
#include "sim/scenario.h"
#include "turbospec/controller.h"

namespace turbospec {

inline constexpr std::size_t kPlanReasons = 7;  // of PlanReason

// "best", "tie", ...: the name of a PlanReason by its number, for reports.
std::string_view PlanReasonName(std::size_t reason);

class SimulatedModel;

struct LatencySummary {
  double mean = 0, p50 = 0, p90 = 0, p99 = 0;  // seconds
};

// One step of one replica in which a request decoded.
struct StepFigures {
  double ended = 0;  // virtual seconds
  float seconds = 0;
  int requests = 0;  // that decoded
  int tokens = 0;    // committed by them
  int drafted = 0;   // draft tokens proposed
  int verified = 0;  // of these, verified
};

struct SimulationResult {
  std::string scenario{};
  std::string controller{};
  double tokens_per_second = 0;       // committed tokens per virtual second, over all replicas
  double warm_tokens_per_second = 0;  // the same after the warm-up
  std::int64_t tokens = 0;
  std::int64_t steps = 0;
  Seconds elapsed{0};
  std::int64_t finished = 0;        // requests
  std::int64_t refused = 0;         // turned away by a full queue
  LatencySummary first_token{};     // from arrival; of finished requests
  LatencySummary per_token{};       // after the first
  double verified_per_request = 0;  // mean verified length, after the warm-up
  double tokens_per_verification = 1;
  std::int64_t candidates = 0;                       // plans that the controller weighed
  std::array<std::int64_t, kPlanReasons> reasons{};  // steps by PlanReason
  std::vector<StepFigures> records{};                // in order of time
};

// `controller` as MakeController reads it, or "clairvoyant" (clairvoyant.h).
Result<SimulationResult> Simulate(const Scenario& scenario, std::string_view controller);

// Tokens per second of the steps with from <= ended < to; steps' own time is the measure, so idle
// time does not count.
double GoodputBetween(const SimulationResult& result, Seconds from, Seconds to);

// What the simulation tells a controller besides the step: the truth, for bounds that only a
// simulator can compute.
struct Oracle {
  const SimulatedModel* target = nullptr;
  const AcceptanceProcess* acceptance = nullptr;
  const RequestBook* book = nullptr;
  const Proposer* lookup = nullptr;  // null without prompt lookup

  // How many of the next draft tokens the target would accept in a row, at most `most`.
  int AcceptedRun(SlotId slot, int most) const;
  // The same for what prompt lookup would propose.
  int AcceptedLookup(SlotId slot, int most) const;
};
using MakeControllerFn = std::function<Result<std::unique_ptr<Controller>>(const Oracle& oracle)>;
Result<SimulationResult> SimulateWith(const Scenario& scenario, const MakeControllerFn& make);

// Every length that somebody might set by hand, tried on the scenario: off, fixed depths 1 ... 8
// of what it has, and combinations where it has both proposers.
std::vector<std::string> StaticForms(const Scenario& scenario);

struct StaticResult {
  std::string controller;
  SimulationResult result;
};
// One run each; the order of StaticForms().
Result<std::vector<StaticResult>> RunStatics(const Scenario& scenario);
// The best of them after the warm-up.
const StaticResult& BestOf(const std::vector<StaticResult>& statics);

}  // namespace turbospec
