#include "decisions/summary_report.h"

#include "decisions/reason_words.h"
#include "decisions/report_format.h"

namespace turbospec {
namespace {

using Json = nlohmann::ordered_json;

constexpr ProposerKind kProposers[] = {ProposerKind::kPromptLookup, ProposerKind::kDraftModel};

void PutTotals(const LogSummary& s, std::string& out) {
  const double total = s.total.count();
  Put(out, "{} steps in {:.3f} s, {} of them without decoding requests\n", s.steps, total,
      s.unplanned);
  Put(out, "{} tokens committed by {} verifications ({:.2f} each, {} failed) = {:.1f} tokens/s\n",
      s.tokens, s.decodes, Share(s.tokens, s.decodes), s.failed, s.Goodput());
  Put(out, "time: target {:.1f}%, draft {:.1f}%, sampling {:.1f}%, rest {:.1f}%\n",
      100 * Share(s.target.count(), total), 100 * Share(s.draft.count(), total),
      100 * Share(s.sampling.count(), total), 100 * Share(s.host.count(), total));
}

void PutPlans(const LogSummary& s, std::string& out) {
  const std::int64_t planned = s.steps - s.unplanned;
  out += "\nplanned, by who proposes\n";
  for (const auto& [kind, steps] : s.by_plan) {
    Put(out, "  {:<12} {:>8}  {:5.1f}%\n", kind, steps, 100 * Share(steps, planned));
  }
  if (s.by_reason.empty()) {
    out += "this controller weighs nothing: no reasons, no forecasts\n";
    return;
  }
  out += "why\n";
  for (const auto& [reason, steps] : s.by_reason) {
    Put(out, "  {:<12} {:>8}  {:5.1f}%  {}\n", CodeOf(reason), steps, 100 * Share(steps, planned),
        PhraseOf(reason));
  }
  out += "forecast error           mean   median     bias\n";
  const auto put = [&](std::string_view name, const ForecastErrors& errors) {
    Put(out, "  {:<18} {:6.1f}%  {:6.1f}%  {:+6.1f}%\n", name, 100 * errors.Mean(),
        100 * errors.MedianError(), 100 * errors.Bias());
  };
  put("tokens of a step", s.token_errors);
  put("time of a step", s.time_errors);
}

void PutAcceptance(ProposerKind proposer, const ProposerAcceptance& a, std::string& out) {
  if (a.proposed == 0 && a.unused_tried == 0) return;
  Put(out, "\n{}: {} tokens proposed, {} verified, {} accepted; {:.2f} accepted per proposal\n",
      NameOf(proposer), a.proposed, a.verified, a.accepted, Share(a.accepted, a.proposals));
  for (std::size_t j = 0; j < a.tried_at.size(); ++j) {
    if (a.tried_at[j] == 0) continue;
    Put(out, "  place {:>2}: {:5.1f}% of {} tried\n", j + 1,
        100 * Share(a.accepted_at[j], a.tried_at[j]), a.tried_at[j]);
  }
  if (a.unused_tried > 0) {
    Put(out, "  not used: {:5.1f}% of {} tried\n", 100 * Share(a.unused_accepted, a.unused_tried),
        a.unused_tried);
  }
}

void PutKeep(const LogSummary& s, std::string& out) {
  if (s.keep_at.empty()) return;
  out += "\nasked whether to draft on\n";
  for (const auto& [depth, answers] : s.keep_at) {
    Put(out, "  depth {:>2}: {} of {} stopped\n", depth, answers.stopped, answers.asked);
  }
}

void PutDiagram(std::string_view title, const ReliabilityDiagram& d, std::string& out) {
  if (d.count() == 0) return;
  Put(out, "\n{}: Brier score {:.3f} over {}\n", title, d.BrierScore(), d.count());
  out += "  forecast  mean  came true   tokens\n";
  for (int i = 0; i < ReliabilityDiagram::kDeciles; ++i) {
    if (d.count(i) == 0) continue;
    Put(out, "  {:>3}-{:>3}%  {:4.1f}%     {:5.1f}% {:>8}\n", 10 * i, 10 * i + 10,
        100 * d.MeanPredicted(i), 100 * d.MeanObserved(i), d.count(i));
  }
}

void PutCalibration(const CalibrationRecord& calibration, std::string& out) {
  for (const auto proposer : kProposers) {
    const auto p = static_cast<std::size_t>(proposer);
    PutDiagram(fmt::format("what auto expects of {}, before drafting", NameOf(proposer)),
               calibration.expected[p], out);
    PutDiagram(fmt::format("what auto expects of {}, by the token's evidence", NameOf(proposer)),
               calibration.given[p], out);
  }
}

Json AcceptanceJson(const ProposerAcceptance& a) {
  Json rates = Json::array();
  for (std::size_t j = 0; j < a.tried_at.size(); ++j) {
    rates.push_back(a.tried_at[j] == 0 ? Json(nullptr)
                                       : Json(Share(a.accepted_at[j], a.tried_at[j])));
  }
  return {{"proposals", a.proposals},
          {"proposed", a.proposed},
          {"verified", a.verified},
          {"accepted", a.accepted},
          {"accepted_per_proposal", Share(a.accepted, a.proposals)},
          {"tried_by_position", a.tried_at},
          {"conditional_acceptance_by_position", std::move(rates)},
          {"unused_tried", a.unused_tried},
          {"unused_accepted", a.unused_accepted}};
}

Json ErrorsJson(const ForecastErrors& errors) {
  return {{"samples", errors.samples()},
          {"mean_absolute_percentage_error", 100 * errors.Mean()},
          {"median_absolute_percentage_error", 100 * errors.MedianError()},
          {"bias_percent", 100 * errors.Bias()}};
}

Json DiagramJson(const ReliabilityDiagram& d) {
  Json bins = Json::array();
  for (int i = 0; i < ReliabilityDiagram::kDeciles; ++i) {
    const bool empty = d.count(i) == 0;
    bins.push_back({{"samples", d.count(i)},
                    {"forecast", empty ? Json(nullptr) : Json(d.MeanPredicted(i))},
                    {"came_true", empty ? Json(nullptr) : Json(d.MeanObserved(i))}});
  }
  return {{"samples", d.count()}, {"brier_score", d.BrierScore()}, {"deciles", std::move(bins)}};
}

}  // namespace

std::string GapNote(const DecisionLogReader& log) {
  std::string note = log.cut();
  if (log.dropped() > 0) {
    if (!note.empty()) note += "; ";
    note += std::to_string(log.dropped()) + " steps are missing, because the disk did not keep up";
  }
  return note;
}

std::string SummaryText(const DecisionLogHeader& header, const LogSummary& summary) {
  std::string out;
  Put(out, "controller {}, target {}, draft {}, started {}\n", header.controller, header.target,
      header.draft.empty() ? "none" : header.draft, header.started);
  PutTotals(summary, out);
  PutPlans(summary, out);
  for (const auto proposer : kProposers) {
    PutAcceptance(proposer, summary.acceptance.of(proposer), out);
  }
  PutKeep(summary, out);
  PutDiagram("the draft's own largest probability as a forecast", summary.confidence, out);
  PutCalibration(summary.calibration(), out);
  return out;
}

Json SummaryJson(const DecisionLogHeader& header, const LogSummary& s) {
  Json reasons = Json::object();
  for (const auto& [reason, steps] : s.by_reason) reasons[std::string(CodeOf(reason))] = steps;
  Json keep = Json::array();
  for (const auto& [depth, answers] : s.keep_at) {
    keep.push_back({{"depth", depth}, {"asked", answers.asked}, {"stopped", answers.stopped}});
  }
  Json json = {{"controller", header.controller},
               {"target", header.target},
               {"draft", header.draft},
               {"started", header.started},
               {"steps", s.steps},
               {"unplanned_steps", s.unplanned},
               {"verifications", s.decodes},
               {"failed", s.failed},
               {"tokens", s.tokens},
               {"tokens_per_second", s.Goodput()},
               {"seconds",
                {{"total", s.total.count()},
                 {"target", s.target.count()},
                 {"draft", s.draft.count()},
                 {"sampling", s.sampling.count()},
                 {"rest", s.host.count()}}},
               {"plans", s.by_plan},
               {"reasons", std::move(reasons)},
               {"keep_drafting", std::move(keep)}};
  if (s.token_errors.samples() > 0) json["token_forecast"] = ErrorsJson(s.token_errors);
  if (s.time_errors.samples() > 0) json["time_forecast"] = ErrorsJson(s.time_errors);
  for (const auto proposer : kProposers) {
    const std::string name(NameOf(proposer));
    const auto p = static_cast<std::size_t>(proposer);
    json["acceptance"][name] = AcceptanceJson(s.acceptance.of(proposer));
    json["auto_expects"][name] = {{"before_drafting", DiagramJson(s.calibration().expected[p])},
                                  {"with_evidence", DiagramJson(s.calibration().given[p])}};
  }
  json["draft_confidence"] = DiagramJson(s.confidence);
  return json;
}

}  // namespace turbospec
