#include "decisions/step_report.h"

#include <algorithm>

#include "decisions/reason_words.h"
#include "decisions/report_format.h"

namespace turbospec {
namespace {

using Json = nlohmann::ordered_json;

double Milliseconds(Seconds time) {
  return 1e3 * time.count();
}

double PerSecond(double tokens, Seconds time) {
  return time.count() > 0 ? tokens / time.count() : 0;
}

// "lookup 3 + draft 2", "-".
std::string ProposedBy(const StepRecord& record, const RequestRecord& request) {
  int copied = 0;
  for (const DraftEvidence& token : record.EvidenceOf(request)) {
    copied += token.proposer == ProposerKind::kPromptLookup ? 1 : 0;
  }
  const int drafted = request.proposed - copied;
  if (copied > 0 && drafted > 0) return fmt::format("lookup {} + draft {}", copied, drafted);
  if (copied > 0) return "lookup";
  return drafted > 0 ? "draft" : "-";
}

void PutOptions(const Decision& decision, std::string& out) {
  Put(out, "why: {} ({})\n", PhraseOf(decision.reason), CodeOf(decision.reason));
  if (decision.price > 0) {
    Put(out, "time was valued at {:.1f} tokens/s (lambda)\n", decision.price);
  }
  if (decision.candidates.empty()) return;
  out += "\n  speculating  by lookup  depth  verified   tokens        ms   tokens/s\n";
  for (std::size_t i = 0; i < decision.candidates.size(); ++i) {
    const PlanCandidate& c = decision.candidates[i];
    Put(out, "{} {:>11} {:>10} {:>6} {:>9} {:>8.2f} {:>9.3f} {:>10.1f}",
        i == static_cast<std::size_t>(decision.chosen) ? '*' : ' ', c.speculating, c.by_lookup,
        c.draft_depth, c.verified, c.tokens, Milliseconds(c.seconds), c.TokensPerSecond());
    if (c.investment.count() > 0) {
      Put(out, "  ({:.3f} ms of it for later steps)", Milliseconds(c.investment));
    }
    out.push_back('\n');
  }
  out += "* chosen\n";
}

void PutRequests(const StepRecord& record, std::string& out) {
  out +=
      "\n   request slot context   lag  proposed by           planned  proposed  verified  "
      "accepted  committed\n";
  for (const RequestRecord& request : record.requests) {
    const auto& limit = request.draft.limit;
    const int planned = std::max(limit[0], limit[1]);
    Put(out, "{:>10} {:>4} {:>7} {:>5}  {:<20} {:>8} {:>9} {:>9} {:>9} {:>10}{}\n", request.view.id,
        request.view.slot, request.view.context_length, request.view.draft_lag,
        ProposedBy(record, request), planned, request.proposed, request.verified, request.accepted,
        request.committed, request.failed ? "  failed" : "");
  }
}

void PutKeep(const StepRecord& record, std::string& out) {
  for (const KeepCall& call : record.keep_calls) {
    int asked = 0;
    int stopped = 0;
    for (const KeepAnswer answer : record.AnswersOf(call)) {
      asked += answer != KeepAnswer::kNotAsked ? 1 : 0;
      stopped += answer == KeepAnswer::kStopped ? 1 : 0;
    }
    Put(out, "draft on after depth {}? {} of {} stopped\n", call.depth, stopped, asked);
  }
}

void PutResult(const StepRecord& record, std::string& out) {
  const double tokens = WeightedCommits(record);
  out += "\n             tokens        ms   tokens/s\n";
  if (const auto forecast = ForecastOf(record)) {
    Put(out, "  forecast {:>8.2f} {:>9.3f} {:>10.1f}\n", forecast->tokens,
        Milliseconds(forecast->seconds), PerSecond(forecast->tokens, forecast->seconds));
  }
  Put(out, "  realised {:>8.2f} {:>9.3f} {:>10.1f}\n", tokens, Milliseconds(record.total),
      PerSecond(tokens, record.total));
}

void PutPass(std::string_view name, const PassTiming& pass, std::string& out) {
  Put(out, "  {:<8} {:>9.3f} ms  {} rows of {} sequences in {} passes, context {:.0f}\n", name,
      Milliseconds(pass.seconds), pass.rows, pass.sequences, pass.passes, pass.mean_context);
}

void PutTimes(const StepRecord& record, std::string& out) {
  out += "\ntime\n";
  for (const PassTiming& pass : record.draft_passes) PutPass("draft", pass, out);
  PutPass("target", record.target, out);
  Put(out, "  {:<8} {:>9.3f} ms\n", "sampling", Milliseconds(record.sampling));
  Put(out, "  {:<8} {:>9.3f} ms\n", "rest", Milliseconds(record.host));
}

Json PassJson(const PassTiming& pass) {
  return {{"sequences", pass.sequences},
          {"rows", pass.rows},
          {"passes", pass.passes},
          {"mean_context", pass.mean_context},
          {"seconds", pass.seconds.count()}};
}

Json DecisionJson(const Decision& decision) {
  Json options = Json::array();
  for (std::size_t i = 0; i < decision.candidates.size(); ++i) {
    const PlanCandidate& c = decision.candidates[i];
    options.push_back({{"speculating", c.speculating},
                       {"by_lookup", c.by_lookup},
                       {"draft_depth", c.draft_depth},
                       {"verified", c.verified},
                       {"tokens", c.tokens},
                       {"seconds", c.seconds.count()},
                       {"investment", c.investment.count()},
                       {"tokens_per_second", c.TokensPerSecond()},
                       {"chosen", i == static_cast<std::size_t>(decision.chosen)}});
  }
  return {{"reason", CodeOf(decision.reason)},
          {"words", PhraseOf(decision.reason)},
          {"price", decision.price},
          {"options", std::move(options)}};
}

Json RequestJson(const StepRecord& record, const RequestRecord& request) {
  return {{"id", request.view.id},
          {"slot", request.view.slot},
          {"context", request.view.context_length},
          {"lag", request.view.draft_lag},
          {"weight", request.view.weight},
          {"proposed_by", ProposedBy(record, request)},
          {"planned_lookup", request.draft[ProposerKind::kPromptLookup]},
          {"planned_draft", request.draft[ProposerKind::kDraftModel]},
          {"proposed", request.proposed},
          {"verified", request.verified},
          {"padding", request.verify.padding},
          {"accepted", request.accepted},
          {"committed", request.committed},
          {"failed", request.failed}};
}

}  // namespace

std::string StepText(const StepRecord& record) {
  std::string out;
  Put(out, "step {}: {} requests decode, {} prompt rows beside them\n", record.step,
      record.requests.size(), record.view.prefill_rows);
  if (record.has_decision) {
    PutOptions(record.decision, out);
  } else if (record.planned) {
    out += "why: this controller weighs nothing\n";
  } else {
    out += "nothing was planned: no request decodes yet\n";
  }
  if (!record.requests.empty()) PutRequests(record, out);
  PutKeep(record, out);
  PutResult(record, out);
  PutTimes(record, out);
  return out;
}

Json StepJson(const StepRecord& record) {
  Json json = {{"step", record.step},
               {"planned", record.planned},
               {"prefill_rows", record.view.prefill_rows}};
  if (record.has_decision) json["decision"] = DecisionJson(record.decision);
  json["requests"] = Json::array();
  for (const RequestRecord& request : record.requests) {
    json["requests"].push_back(RequestJson(record, request));
  }
  if (const auto forecast = ForecastOf(record)) {
    json["forecast"] = {{"tokens", forecast->tokens},
                        {"seconds", forecast->seconds.count()},
                        {"tokens_per_second", PerSecond(forecast->tokens, forecast->seconds)}};
  }
  const double tokens = WeightedCommits(record);
  json["realised"] = {{"tokens", tokens},
                      {"seconds", record.total.count()},
                      {"tokens_per_second", PerSecond(tokens, record.total)}};
  json["draft_passes"] = Json::array();
  for (const PassTiming& pass : record.draft_passes) json["draft_passes"].push_back(PassJson(pass));
  json["target"] = PassJson(record.target);
  json["sampling_seconds"] = record.sampling.count();
  json["rest_seconds"] = record.host.count();
  return json;
}

}  // namespace turbospec
