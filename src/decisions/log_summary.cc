#include "decisions/log_summary.h"

#include <algorithm>
#include <cmath>

namespace turbospec {
namespace {

std::string PlanKind(const StepRecord& record) {
  bool lookup = false;
  bool draft = false;
  for (const RequestRecord& request : record.requests) {
    const int copied = request.draft[ProposerKind::kPromptLookup];
    lookup = lookup || copied > 0;
    draft = draft || request.draft[ProposerKind::kDraftModel] > copied;
  }
  if (lookup) return draft ? "lookup+draft" : "lookup";
  return draft ? "draft" : "none";
}

}  // namespace

void LogSummary::Take(const StepRecord& record) {
  ++steps;
  for (const PassTiming& pass : record.draft_passes) draft += pass.seconds;
  target += record.target.seconds;
  sampling += record.sampling;
  host += record.host;
  total += record.total;
  TakeLabels(record);
  if (!record.planned) {
    ++unplanned;
    return;
  }
  decodes += static_cast<std::int64_t>(record.requests.size());
  failed += std::ranges::count_if(record.requests, &RequestRecord::failed);
  tokens += Committed(record);
  TakePlan(record);
  acceptance.Add(record);
  TakeConfidence(record);
}

void LogSummary::TakePlan(const StepRecord& record) {
  ++by_plan[PlanKind(record)];
  for (const KeepCall& call : record.keep_calls) {
    DepthAnswers& answers = keep_at[call.depth];
    for (const KeepAnswer answer : record.AnswersOf(call)) {
      answers.asked += answer != KeepAnswer::kNotAsked ? 1 : 0;
      answers.stopped += answer == KeepAnswer::kStopped ? 1 : 0;
    }
  }
  if (!record.has_decision) return;
  ++by_reason[record.decision.reason];
  const auto forecast = ForecastOf(record);
  if (!forecast) return;
  token_errors.Add(forecast->tokens, WeightedCommits(record));
  time_errors.Add(forecast->seconds.count(), record.total.count());
}

void LogSummary::TakeLabels(const StepRecord& record) {
  for (const RequestId request : record.forgotten) predictor_.Forget(request);
  for (const RequestRecord& request : record.requests) {
    predictor_.Learn(request.view.id, record.OutcomeOf(request), request.view.trains_shared);
  }
  predictor_.Tick();
}

void LogSummary::TakeConfidence(const StepRecord& record) {
  for (const RequestRecord& request : record.requests) {
    const int labels = LabelsOf(request);
    const auto evidence = record.EvidenceOf(request);
    for (int j = 0; j < labels; ++j) {
      const DraftEvidence& token = evidence[static_cast<std::size_t>(j)];
      if (token.proposer != ProposerKind::kDraftModel) continue;
      confidence.Add(std::exp(std::min(token.confidence, 0.0F)), j < request.accepted);
    }
  }
}

}  // namespace turbospec
