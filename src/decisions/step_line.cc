#include "decisions/step_line.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>

#include "decisions/reason_words.h"

namespace turbospec {
namespace {

// Builds one line; a comma goes before every value but the first of its brackets.
class Line {
 public:
  explicit Line(std::string& out) : out_(out) {}

  void Open(char bracket) {
    Separate();
    out_.push_back(bracket);
    fresh_ = true;
  }
  void Close(char bracket) {
    out_.push_back(bracket);
    fresh_ = false;
  }
  void Key(std::string_view name) {
    Separate();
    fmt::format_to(std::back_inserter(out_), "\"{}\":", name);
    fresh_ = true;
  }
  template <class Integer>
  void Whole(Integer value) {
    Separate();
    const fmt::format_int digits(value);
    out_.append(digits.data(), digits.size());
  }
  // The shortest text that reads back as the same number; JSON has no infinity, so it is a word.
  template <class Floating>
  void Number(Floating value) {
    if (!std::isfinite(value)) return Word(std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
    Separate();
    fmt::format_to(std::back_inserter(out_), "{}", value);
  }
  void Word(std::string_view word) {
    Separate();
    out_.push_back('"');
    out_ += word;
    out_.push_back('"');
  }
  void Truth(bool value) {
    Separate();
    out_ += value ? "true" : "false";
  }
  template <class... Integers>
  void Wholes(std::string_view name, Integers... values) {
    Key(name);
    Open('[');
    (Whole(values), ...);
    Close(']');
  }
  void Flag(std::string_view name, bool value) {
    if (!value) return;
    Key(name);
    Truth(true);
  }

 private:
  void Separate() {
    if (!fresh_) out_.push_back(',');
    fresh_ = false;
  }

  std::string& out_;
  bool fresh_ = true;
};

void AppendEvidence(const DraftEvidence& e, Line& line) {
  const bool has_match = e.match_length != 0 || e.occurrences != 0 || e.agreeing != 0;
  if (e.proposer == ProposerKind::kDraftModel && !has_match) return line.Number(e.confidence);
  line.Open('[');
  if (e.proposer == ProposerKind::kDraftModel || e.confidence != 0) {
    line.Whole(static_cast<int>(e.proposer));
    line.Number(e.confidence);
  }
  line.Whole(e.match_length);
  line.Whole(e.occurrences);
  line.Whole(e.agreeing);
  line.Close(']');
}

void AppendLateGuesses(std::span<const LateGuess> guesses, Line& line) {
  if (guesses.empty()) return;
  line.Key("late");
  line.Open('[');
  for (const LateGuess& guess : guesses) {
    line.Open('[');
    line.Number(guess.confidence);
    line.Truth(guess.agreed);
    line.Close(']');
  }
  line.Close(']');
}

void AppendView(const RequestView& view, Line& line) {
  line.Key("id");
  line.Whole(view.id);
  line.Key("slot");
  line.Whole(view.slot);
  line.Key("ctx");
  line.Whole(view.context_length);
  line.Key("lag");
  line.Whole(view.draft_lag);
  line.Key("room");
  line.Whole(view.max_useful);
  if (view.weight != 1.0) {
    line.Key("w");
    line.Number(view.weight);
  }
  const LookupMatch& match = view.lookup;
  if (match.length != 0 || match.available != 0) {
    line.Wholes("match", match.length, match.occurrences, match.agreeing, match.available);
  }
  line.Flag("causal", view.causal_only);
  line.Flag("unshared", !view.trains_shared);
}

void AppendRequest(const StepRecord& record, const RequestRecord& request, Line& line) {
  line.Open('{');
  AppendView(request.view, line);
  const DraftChoice& draft = request.draft;
  if (draft.limit != DraftChoice{}.limit) line.Wholes("plan", draft.limit[0], draft.limit[1]);
  if (draft.recent != 0) {
    line.Key("recent");
    line.Whole(draft.recent);
  }
  if (request.proposed > 0) {
    line.Key("ev");
    line.Open('[');
    for (const DraftEvidence& evidence : record.EvidenceOf(request)) AppendEvidence(evidence, line);
    line.Close(']');
  }
  const VerifyChoice& verify = request.verify;
  if (verify.verified != 0 || verify.padding != 0) {
    line.Wholes("verify", verify.verified, verify.padding);
  }
  line.Wholes("out", request.verified, request.accepted, request.committed);
  const LookupScore& unused = request.unused_lookup;
  if (unused.scored != 0 || unused.match.length != 0) {
    line.Wholes("unused", unused.match.length, unused.match.occurrences, unused.match.agreeing,
                unused.match.available, unused.scored, unused.agreed);
  }
  if (request.next_agreed) {
    line.Key("next");
    line.Truth(*request.next_agreed);
  }
  AppendLateGuesses(record.LateGuessesOf(request), line);
  line.Flag("failed", request.failed);
  line.Close('}');
}

void AppendPass(const PassTiming& pass, Line& line) {
  line.Open('[');
  line.Whole(pass.sequences);
  line.Whole(pass.rows);
  line.Whole(pass.passes);
  line.Number(pass.mean_context);
  line.Number(pass.seconds.count());
  line.Close(']');
}

void AppendTargetPasses(std::span<const Pass> passes, Line& line) {
  if (passes.empty()) return;
  line.Key("passes");
  line.Open('[');
  for (const Pass& pass : passes) {
    line.Open('[');
    line.Whole(pass.first_slot);
    line.Whole(pass.sequences);
    line.Whole(pass.rows);
    line.Close(']');
  }
  line.Close(']');
}

void AppendTimes(const StepRecord& record, Line& line) {
  if (!record.draft_passes.empty()) {
    line.Key("draft");
    line.Open('[');
    for (const PassTiming& pass : record.draft_passes) AppendPass(pass, line);
    line.Close(']');
  }
  line.Key("target");
  AppendPass(record.target, line);
  AppendTargetPasses(record.target_passes, line);
  line.Key("sampling");
  line.Number(record.sampling.count());
  line.Key("host");
  line.Number(record.host.count());
  line.Key("total");
  line.Number(record.total.count());
}

void AppendDecision(const Decision& decision, Line& line) {
  line.Key("why");
  line.Open('{');
  line.Key("reason");
  line.Word(CodeOf(decision.reason));
  line.Key("price");
  line.Number(decision.price);
  line.Key("chosen");
  line.Whole(decision.chosen);
  line.Key("forecast");
  line.Open('[');
  line.Number(decision.verify_tokens);
  line.Number(decision.verify_seconds.count());
  line.Close(']');
  line.Key("options");
  line.Open('[');
  for (const PlanCandidate& candidate : decision.candidates) {
    line.Open('[');
    line.Whole(candidate.speculating);
    line.Whole(candidate.by_lookup);
    line.Whole(candidate.draft_depth);
    line.Whole(candidate.verified);
    line.Number(candidate.tokens);
    line.Number(candidate.seconds.count());
    line.Number(candidate.investment.count());
    line.Close(']');
  }
  line.Close(']');
  line.Close('}');
}

void AppendKeepCalls(const StepRecord& record, Line& line) {
  line.Key("keep");
  line.Open('[');
  std::string answers;
  for (const KeepCall& call : record.keep_calls) {
    answers.clear();
    for (const KeepAnswer answer : record.AnswersOf(call)) {
      answers.push_back(static_cast<char>(answer));
    }
    line.Open('[');
    line.Whole(call.depth);
    line.Word(answers);
    line.Close(']');
  }
  line.Close(']');
}

void AppendPrompts(std::string_view name, std::span<const PromptView> prompts, Line& line) {
  if (prompts.empty()) return;
  line.Key(name);
  line.Open('[');
  for (const PromptView& prompt : prompts) {
    line.Open('[');
    line.Whole(prompt.slot);
    line.Whole(prompt.rows);
    line.Close(']');
  }
  line.Close(']');
}

// Rules of target and draft, then who can propose.
std::string SetupWord(const StepView& view) {
  const auto rule = [](BatchRule r, bool fills_gaps) {
    if (r == BatchRule::kOnePass) return 'o';
    return fills_gaps ? 'f' : 'e';
  };
  return {rule(view.target_rule, view.target_fills_gaps),
          rule(view.draft_rule, view.draft_fills_gaps), view.has_lookup ? 'l' : '-',
          view.has_draft_model ? 'd' : '-'};
}

}  // namespace

void AppendHeaderLine(const DecisionLogHeader& header, std::string& out) {
  nlohmann::ordered_json json;
  json["turbospec_decisions"] = kDecisionLogVersion;
  json["controller"] = header.controller;
  json["target"] = header.target;
  json["draft"] = header.draft;
  json["started"] = header.started;
  json["slots"] = header.slots;
  json["context"] = header.context;
  out += json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  out.push_back('\n');
}

void AppendDroppedLine(std::int64_t steps, std::string& out) {
  fmt::format_to(std::back_inserter(out), "{{\"dropped\":{}}}\n", steps);
}

void AppendStepLine(const StepRecord& record, std::string& out) {
  Line line(out);
  line.Open('{');
  line.Key("step");
  line.Whole(record.step);
  if (!record.forgotten.empty()) {
    line.Key("forgot");
    line.Open('[');
    for (const RequestId id : record.forgotten) line.Whole(id);
    line.Close(']');
  }
  line.Flag("unplanned", !record.planned);
  if (record.view.prefill_rows != 0) {
    line.Key("prefill");
    line.Whole(record.view.prefill_rows);
  }
  AppendPrompts("prompts", record.prompts, line);
  if (record.view.prefilling != 0) {
    line.Key("prefilling");
    line.Whole(record.view.prefilling);
  }
  line.Key("setup");
  line.Word(SetupWord(record.view));
  if (!record.requests.empty()) {
    line.Key("requests");
    line.Open('[');
    for (const RequestRecord& request : record.requests) AppendRequest(record, request, line);
    line.Close(']');
  }
  if (!record.keep_calls.empty()) AppendKeepCalls(record, line);
  AppendTimes(record, line);
  if (record.has_decision) AppendDecision(record.decision, line);
  line.Close('}');
  out.push_back('\n');
}

}  // namespace turbospec
