#include "sim/simulation.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "core/statistics.h"
#include "sim/clairvoyant.h"
#include "sim/replica.h"
#include "sim/request_load.h"
#include "sim/told_costs.h"

namespace turbospec {
namespace {

LatencySummary Summarise(const std::vector<double>& sample) {
  if (sample.empty()) return {};
  return {.mean = std::accumulate(sample.begin(), sample.end(), 0.0) /
                  static_cast<double>(sample.size()),
          .p50 = Quantile(sample, 0.5),
          .p90 = Quantile(sample, 0.9),
          .p99 = Quantile(sample, 0.99)};
}

// One run under way.
class Run {
 public:
  Run(const Scenario& scenario, std::unique_ptr<RequestBook> book, RequestLoad load,
      std::vector<std::unique_ptr<Replica>> replicas)
      : scenario_(scenario),
        book_(std::move(book)),
        load_(std::move(load)),
        replicas_(std::move(replicas)) {}

  SimulationResult Play() {
    while (const auto at = NextMoment()) {
      if (IsOver(*at)) break;
      Deliver(*at);
      // A request that nobody took may have been all that there was.
      if (Replica* next = EarliestBusy()) TurnOne(*next);
    }
    return Report();
  }

 private:
  Replica* EarliestBusy() const {
    Replica* earliest = nullptr;
    for (const auto& replica : replicas_) {
      if (replica->in_flight() == 0) continue;
      if (earliest == nullptr || replica->now() < earliest->now()) earliest = replica.get();
    }
    return earliest;
  }

  // When something happens next: a step begins, or with all idle a request comes.
  std::optional<Seconds> NextMoment() const {
    if (const Replica* busy = EarliestBusy()) return busy->now();
    return load_.NextTime();
  }

  bool IsOver(Seconds at) const {
    return (scenario_.steps > 0 && steps_ >= scenario_.steps) ||
           (scenario_.seconds > Seconds(0) && at >= scenario_.seconds);
  }

  bool IsWarm() const {
    if (scenario_.warm_up > Seconds(0)) return end_ >= scenario_.warm_up;
    return steps_ >= std::int64_t{scenario_.warm_up_steps} * scenario_.replicas;
  }

  Replica& Route() {
    if (scenario_.router == Router::kRoundRobin) return *replicas_[turn_++ % replicas_.size()];
    return **std::ranges::min_element(replicas_, {}, [](const auto& r) { return r->in_flight(); });
  }

  void Deliver(Seconds until) {
    for (auto due = load_.NextTime(); due && *due <= until; due = load_.NextTime()) {
      const RequestLoad::Due taken = load_.Take();
      Replica& replica = Route();
      if (replica.in_flight() == 0) replica.WaitUntil(taken.at);
      if (replica.Submit(taken.request, taken.at)) continue;
      ++refused_;
      load_.Completed(taken.request, until);
    }
  }

  void TurnOne(Replica& replica) {
    const std::size_t before = replica.meter().records.size();
    const std::int64_t tokens = replica.tokens();
    replica.Turn();
    tokens_ += replica.tokens() - tokens;
    steps_ += static_cast<std::int64_t>(replica.meter().records.size() - before);
    end_ = std::max(end_, replica.now());
    if (replica.has_finished()) {
      for (const RequestTimes& times : replica.TakeFinished()) {
        load_.Completed(times.request, replica.now());
        first_token_.push_back(times.first_token.count());
        per_token_.push_back(times.per_token.count());
      }
    }
    if (!warm_ && IsWarm()) warm_ = Warm{.tokens = tokens_, .at = end_, .steps = steps_};
  }

  SimulationResult Report() const {
    SimulationResult result{.scenario = scenario_.name, .tokens = tokens_, .steps = steps_};
    result.elapsed = end_;
    result.finished = static_cast<std::int64_t>(first_token_.size());
    result.refused = refused_;
    result.first_token = Summarise(first_token_);
    result.per_token = Summarise(per_token_);
    if (end_ > Seconds(0)) result.tokens_per_second = static_cast<double>(tokens_) / end_.count();
    if (warm_ && end_ > warm_->at) {
      result.warm_tokens_per_second =
          static_cast<double>(tokens_ - warm_->tokens) / (end_ - warm_->at).count();
    }
    for (const auto& replica : replicas_) {
      const StepMeter& meter = replica->meter();
      result.candidates += meter.candidates;
      for (std::size_t i = 0; i < meter.reasons.size(); ++i) result.reasons[i] += meter.reasons[i];
      result.records.insert(result.records.end(), meter.records.begin(), meter.records.end());
    }
    std::ranges::stable_sort(result.records, {}, &StepFigures::ended);
    Average(result);
    return result;
  }

  void Average(SimulationResult& result) const {
    double verified = 0, tokens = 0, requests = 0;
    const auto skipped = static_cast<std::size_t>(warm_ ? warm_->steps : 0);
    for (std::size_t i = skipped; i < result.records.size(); ++i) {
      verified += result.records[i].verified;
      tokens += result.records[i].tokens;
      requests += result.records[i].requests;
    }
    if (requests == 0) return;
    result.verified_per_request = verified / requests;
    result.tokens_per_verification = tokens / requests;
  }

  struct Warm {
    std::int64_t tokens = 0;
    Seconds at{0};
    std::int64_t steps = 0;
  };

  const Scenario& scenario_;
  std::unique_ptr<RequestBook> book_;
  RequestLoad load_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  std::size_t turn_ = 0;  // of the round robin
  std::int64_t tokens_ = 0;
  std::int64_t steps_ = 0;
  std::int64_t refused_ = 0;
  Seconds end_{0};
  std::optional<Warm> warm_;
  std::vector<double> first_token_;
  std::vector<double> per_token_;
};

}  // namespace

Result<SimulationResult> SimulateWith(const Scenario& scenario, const MakeControllerFn& make) {
  if (Status valid = Validate(scenario); !valid.ok()) return valid.error();
  auto book = std::make_unique<RequestBook>();
  auto load = RequestLoad::Create(scenario, *book);
  if (!load.ok()) return load.error();
  std::vector<std::unique_ptr<Replica>> replicas;
  for (int i = 0; i < scenario.replicas; ++i) {
    auto replica = Replica::Create(scenario, i, *book, make);
    if (!replica.ok()) return replica.error();
    replicas.push_back(*std::move(replica));
  }
  return Run(scenario, std::move(book), *std::move(load), std::move(replicas)).Play();
}

Result<SimulationResult> Simulate(const Scenario& scenario, std::string_view controller) {
  if (controller == kClairvoyant) return SimulateClairvoyant(scenario);
  auto result =
      SimulateWith(scenario, [&](const Oracle&) { return MakeTold(scenario, controller); });
  if (result.ok()) result->controller = std::string(controller);
  return result;
}

std::string_view PlanReasonName(std::size_t reason) {
  static constexpr std::array<std::string_view, kPlanReasons> kNames = {
      "best", "tie", "nothing to propose", "probe", "reference", "guard", "fixed"};
  return reason < kNames.size() ? kNames[reason] : "unknown";
}

double GoodputBetween(const SimulationResult& result, Seconds from, Seconds to) {
  double tokens = 0, seconds = 0;
  for (const StepFigures& record : result.records) {
    if (record.ended < from.count() || record.ended >= to.count()) continue;
    tokens += record.tokens;
    seconds += record.seconds;
  }
  return seconds > 0 ? tokens / seconds : 0;
}

int Oracle::AcceptedRun(SlotId slot, int most) const {
  const std::size_t index = target->RequestOf(slot);
  if (index >= book->size()) return 0;
  const SimulatedRequest& request = book->At(index);
  const int committed = target->Length(slot) + 1;
  int run = 0;
  while (run < most &&
         acceptance->At(request.class_index, request.seed, committed + run, run + 1).agrees) {
    ++run;
  }
  return run;
}

int Oracle::AcceptedLookup(SlotId slot, int most) const {
  const std::size_t index = target->RequestOf(slot);
  if (index >= book->size() || lookup == nullptr) return 0;
  std::vector<TokenId> tokens;
  lookup->Peek(slot, most, tokens);
  const int committed = target->Length(slot) + 1;
  int run = 0;
  for (const TokenId token : tokens) {
    if (book->TokenAt(index, committed + run) != token) break;
    ++run;
  }
  return run;
}

}  // namespace turbospec
