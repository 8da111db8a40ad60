#include "decisions/step_line_reader.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "core/json_object.h"
#include "decisions/json_values.h"
#include "decisions/reason_words.h"

namespace turbospec {
namespace {

using Json = nlohmann::json;

constexpr SlotId kMostSlots = 1 << 16;

// Takes one parsed line apart. Fields come in any order; what needs two of them is checked at the
// end.
class StepReader {
 public:
  explicit StepReader(StepRecord& record) : record_(record) {
    record_.Clear(), record_.planned = true;
  }

  Status Read(const Json& line) {
    for (const auto& [key, value] : line.items()) Field(key, value);
    for (const char* needed : {"step", "setup", "target", "sampling", "host", "total"}) {
      if (!line.contains(needed)) values_.Fault(needed, "is missing");
    }
    if (!values_.ok()) return InvalidArgument(values_.fault());
    CheckKeepCalls();
    FinishPasses();
    return values_.ok() ? Ok() : InvalidArgument(values_.fault());
  }

 private:
  void Field(const std::string& key, const Json& value);
  void Requests(const Json& value);
  void Request(const Json& value);
  void RequestField(const std::string& key, const Json& value, RequestRecord& request);
  void ViewField(const std::string& key, const Json& value, RequestView& view);
  void Evidence(const Json& value, RequestRecord& request);
  void LateGuesses(const Json& value, RequestRecord& request);
  void KeepCalls(const Json& value);
  void CheckKeepCalls();
  void Setup(const Json& value);
  void Why(const Json& value);
  void Option(const Json& value);
  void Prompts(const Json& value, const std::string& name, std::vector<PromptView>& out);
  void Timing(const Json& value, std::string_view name, PassTiming& pass);
  void TargetPasses(const Json& value, const std::string& name);
  void FinishPasses();
  void Time(const Json& value, std::string_view name, Seconds& out) {
    double seconds = 0;
    values_.Number(value, name, seconds);
    out = Seconds(seconds);
  }

  StepRecord& record_;
  JsonValues values_;
};

void StepReader::Field(const std::string& key, const Json& value) {
  if (key == "step") {
    values_.Whole(value, key, record_.step, std::int64_t{0});
  } else if (key == "forgot") {
    if (!values_.IsArray(value, key)) return;
    for (const Json& id : value) values_.Whole(id, key, record_.forgotten.emplace_back());
  } else if (key == "unplanned") {
    bool unplanned = false;
    values_.True(value, key, unplanned);
    record_.planned = false;
  } else if (key == "prefill") {
    values_.Whole(value, key, record_.view.prefill_rows, 0);
  } else if (key == "prompts") {
    Prompts(value, key, record_.prompts);
  } else if (key == "prefilling") {
    values_.Whole(value, key, record_.view.prefilling, 0);
  } else if (key == "setup") {
    Setup(value);
  } else if (key == "requests") {
    Requests(value);
  } else if (key == "keep") {
    KeepCalls(value);
  } else if (key == "draft") {
    if (!values_.IsArray(value, key)) return;
    for (const Json& pass : value) Timing(pass, key, record_.draft_passes.emplace_back());
  } else if (key == "target") {
    Timing(value, key, record_.target);
  } else if (key == "passes") {
    TargetPasses(value, key);
  } else if (key == "sampling") {
    Time(value, key, record_.sampling);
  } else if (key == "host") {
    Time(value, key, record_.host);
  } else if (key == "total") {
    Time(value, key, record_.total);
  } else if (key == "why") {
    Why(value);
  } else {
    values_.Fault(key, "is not a field of a step");
  }
}

void StepReader::Setup(const Json& value) {
  const std::string* word = value.get_ptr<const std::string*>();
  const auto is = [&](std::size_t i, char yes, std::string_view others) {
    const char letter = (*word)[i];
    if (letter != yes && others.find(letter) == std::string_view::npos) {
      values_.Fault("setup", "has an unknown letter");
    }
    return letter == yes;
  };
  if (word == nullptr || word->size() != 4) return values_.Fault("setup", "must be four letters");
  StepView& view = record_.view;
  view.target_rule = is(0, 'o', "ef") ? BatchRule::kOnePass : BatchRule::kEqualLength;
  view.draft_rule = is(1, 'o', "ef") ? BatchRule::kOnePass : BatchRule::kEqualLength;
  view.target_fills_gaps = is(0, 'f', "oe");
  view.draft_fills_gaps = is(1, 'f', "oe");
  view.has_lookup = is(2, 'l', "-");
  view.has_draft_model = is(3, 'd', "-");
}

void StepReader::Prompts(const Json& value, const std::string& name, std::vector<PromptView>& out) {
  if (!values_.IsArray(value, name)) return;
  for (const Json& prompt : value) {
    PromptView& read = out.emplace_back();
    values_.Wholes(prompt, name, {&read.slot, &read.rows}, 0);
    if (read.slot > kMostSlots) values_.Fault(name, "has a slot larger than any engine has");
  }
  if (!std::ranges::is_sorted(out, {}, &PromptView::slot)) {
    values_.Fault(name, "must be in the order of slots");
  }
}

void StepReader::Requests(const Json& value) {
  if (!values_.IsArray(value, "requests")) return;
  for (const Json& request : value) Request(request);
}

void StepReader::Request(const Json& value) {
  if (!value.is_object()) return values_.Fault("requests", "must hold objects");
  RequestRecord& request = record_.requests.emplace_back();
  request.first = record_.evidence.size();
  request.first_guess = record_.late_guesses.size();
  for (const auto& [key, field] : value.items()) RequestField(key, field, request);
  for (const char* needed : {"id", "slot", "ctx", "lag", "room", "out"}) {
    if (!value.contains(needed)) values_.Fault(needed, "is missing in a request");
  }
  if (request.verified > request.proposed || request.accepted > request.verified) {
    values_.Fault("out", "accepts more than it verifies, or verifies more than was proposed");
  }
}

void StepReader::RequestField(const std::string& key, const Json& value, RequestRecord& request) {
  LookupScore& unused = request.unused_lookup;
  if (key == "plan") {
    values_.Wholes(value, key, {&request.draft.limit[0], &request.draft.limit[1]});
  } else if (key == "recent") {
    values_.Whole(value, key, request.draft.recent, 0);
  } else if (key == "ev") {
    Evidence(value, request);
  } else if (key == "verify") {
    values_.Wholes(value, key, {&request.verify.verified, &request.verify.padding});
  } else if (key == "out") {
    values_.Wholes(value, key, {&request.verified, &request.accepted, &request.committed}, 0);
  } else if (key == "unused") {
    values_.Wholes(value, key,
                   {&unused.match.length, &unused.match.occurrences, &unused.match.agreeing,
                    &unused.match.available, &unused.scored, &unused.agreed});
  } else if (key == "next") {
    if (!value.is_boolean()) return values_.Fault(key, "must be true or false");
    request.next_agreed = value.get<bool>();
  } else if (key == "late") {
    LateGuesses(value, request);
  } else if (key == "failed") {
    values_.True(value, key, request.failed);
  } else {
    ViewField(key, value, request.view);
  }
}

void StepReader::ViewField(const std::string& key, const Json& value, RequestView& view) {
  if (key == "id") {
    values_.Whole(value, key, view.id);
  } else if (key == "slot") {
    // Shapes are computed by slot, so that a slot bounds memory.
    values_.Whole(value, key, view.slot, 0);
    if (view.slot > kMostSlots) values_.Fault(key, "is larger than any engine has");
  } else if (key == "ctx") {
    values_.Whole(value, key, view.context_length);
  } else if (key == "lag") {
    values_.Whole(value, key, view.draft_lag);
  } else if (key == "room") {
    values_.Whole(value, key, view.max_useful);
  } else if (key == "w") {
    values_.Number(value, key, view.weight);
  } else if (key == "match") {
    LookupMatch& match = view.lookup;
    values_.Wholes(value, key,
                   {&match.length, &match.occurrences, &match.agreeing, &match.available});
  } else if (key == "causal") {
    values_.True(value, key, view.causal_only);
  } else if (key == "unshared") {
    bool unshared = false;
    values_.True(value, key, unshared);
    view.trains_shared = false;
  } else {
    values_.Fault(key, "is not a field of a request");
  }
}

void StepReader::Evidence(const Json& value, RequestRecord& request) {
  if (!values_.IsArray(value, "ev")) return;
  request.proposed = static_cast<int>(value.size());
  for (const Json& token : value) {
    DraftEvidence& evidence = record_.evidence.emplace_back();
    if (!token.is_array()) {
      values_.Number(token, "ev", evidence.confidence);
      continue;
    }
    if (token.size() != 3 && token.size() != 5) return values_.Fault("ev", "has a bad token");
    const std::size_t match = token.size() - 3;
    evidence.proposer = ProposerKind::kPromptLookup;
    if (match == 2) {
      int proposer = 0;
      values_.Whole(token[0], "ev", proposer, 0);
      if (proposer >= static_cast<int>(kProposerKinds)) values_.Fault("ev", "has a bad proposer");
      evidence.proposer = static_cast<ProposerKind>(proposer);
      values_.Number(token[1], "ev", evidence.confidence);
    }
    values_.Whole(token[match], "ev", evidence.match_length);
    values_.Whole(token[match + 1], "ev", evidence.occurrences);
    values_.Whole(token[match + 2], "ev", evidence.agreeing);
  }
}

void StepReader::LateGuesses(const Json& value, RequestRecord& request) {
  if (!values_.IsArray(value, "late")) return;
  request.guesses = static_cast<int>(value.size());
  for (const Json& token : value) {
    if (!values_.IsArray(token, "late", 2)) return;
    LateGuess& guess = record_.late_guesses.emplace_back();
    values_.Number(token[0], "late", guess.confidence);
    if (!token[1].is_boolean()) return values_.Fault("late", "must say true or false");
    guess.agreed = token[1].get<bool>();
  }
}

void StepReader::KeepCalls(const Json& value) {
  if (!values_.IsArray(value, "keep")) return;
  for (const Json& call : value) {
    if (!values_.IsArray(call, "keep", 2)) return;
    KeepCall& read = record_.keep_calls.emplace_back();
    read.first = record_.keep.size();
    values_.Whole(call[0], "keep", read.depth, 0);
    const std::string* answers = call[1].get_ptr<const std::string*>();
    if (answers == nullptr || answers->find_first_not_of(".+-") != std::string::npos) {
      return values_.Fault("keep", "must hold answers written as . + -");
    }
    for (const char answer : *answers) record_.keep.push_back(static_cast<KeepAnswer>(answer));
  }
}

void StepReader::CheckKeepCalls() {
  const std::size_t requests = record_.requests.size();
  for (std::size_t i = 0; i < record_.keep_calls.size(); ++i) {
    if (record_.keep_calls[i].first != i * requests) values_.Fault("keep", "has a bad length");
  }
  if (record_.keep.size() != record_.keep_calls.size() * requests) {
    values_.Fault("keep", "must have one answer per request");
  }
}

void StepReader::Timing(const Json& value, std::string_view name, PassTiming& pass) {
  if (!values_.IsArray(value, name, 5)) return;
  values_.Whole(value[0], name, pass.sequences, 0);
  values_.Whole(value[1], name, pass.rows, 0);
  values_.Whole(value[2], name, pass.passes, 0);
  values_.Number(value[3], name, pass.mean_context);
  Time(value[4], name, pass.seconds);
}

void StepReader::TargetPasses(const Json& value, const std::string& name) {
  if (!values_.IsArray(value, name)) return;
  for (const Json& pass : value) {
    Pass& read = record_.target_passes.emplace_back();
    values_.Wholes(pass, name, {&read.first_slot, &read.sequences, &read.rows}, 0);
    if (read.first_slot > kMostSlots || read.sequences > kMostSlots) {
      values_.Fault(name, "has more slots than any engine has");
    }
    if (read.sequences < 1 || read.rows < read.sequences) {
      values_.Fault(name, "must have slots, and rows for each");
    }
  }
}

// What passes of equal lengths have more to say.
void StepReader::FinishPasses() {
  if (record_.view.target_rule != BatchRule::kEqualLength) return;
  for (Pass& pass : record_.target_passes) {
    if (pass.rows % pass.sequences != 0) values_.Fault("passes", "must be of equal lengths");
    pass.rows_per_sequence = pass.rows / pass.sequences;
  }
}

void StepReader::Why(const Json& value) {
  if (!value.is_object()) return values_.Fault("why", "must be an object");
  Decision& decision = record_.decision;
  record_.has_decision = true;
  for (const auto& [key, field] : value.items()) {
    if (key == "reason") {
      const std::string* code = field.get_ptr<const std::string*>();
      const auto reason = code == nullptr ? std::nullopt : ReasonOf(*code);
      if (!reason) return values_.Fault("reason", "is not one that is known");
      decision.reason = *reason;
    } else if (key == "price") {
      values_.Number(field, key, decision.price);
    } else if (key == "chosen") {
      values_.Whole(field, key, decision.chosen, 0);
    } else if (key == "forecast") {
      if (!values_.IsArray(field, key, 2)) return;
      values_.Number(field[0], key, decision.verify_tokens);
      Time(field[1], key, decision.verify_seconds);
    } else if (key == "options") {
      if (!values_.IsArray(field, key)) return;
      for (const Json& option : field) Option(option);
    } else {
      values_.Fault(key, "is not a field of a decision");
    }
  }
  for (const char* needed : {"reason", "price", "chosen", "forecast", "options"}) {
    if (!value.contains(needed)) values_.Fault(needed, "is missing in \"why\"");
  }
}

void StepReader::Option(const Json& value) {
  if (!values_.IsArray(value, "options", 7)) return;
  PlanCandidate& option = record_.decision.candidates.emplace_back();
  values_.Whole(value[0], "options", option.speculating);
  values_.Whole(value[1], "options", option.by_lookup);
  values_.Whole(value[2], "options", option.draft_depth);
  values_.Whole(value[3], "options", option.verified);
  values_.Number(value[4], "options", option.tokens);
  Time(value[5], "options", option.seconds);
  Time(value[6], "options", option.investment);
}

}  // namespace

Result<DecisionLogHeader> ReadHeaderLine(std::string_view line) {
  auto parsed = ParseJsonObject(line);
  if (!parsed.ok() || !parsed->contains("turbospec_decisions")) {
    return InvalidArgument(
        "this is not a decision log: its first line has no "
        "\"turbospec_decisions\"");
  }
  const Json& version = (*parsed)["turbospec_decisions"];
  if (version != kDecisionLogVersion) {
    return Unsupported("this decision log has version " + version.dump() + "; this program reads " +
                       std::to_string(kDecisionLogVersion));
  }
  JsonObject object(*parsed);
  object.Any("turbospec_decisions");
  DecisionLogHeader header;
  header.controller = object.Text("controller");
  for (const auto& [name, text] : {std::pair{"target", &header.target},
                                   {"draft", &header.draft},
                                   {"started", &header.started}}) {
    const Json& value = object.Any(name);
    if (!value.is_string()) object.Fault("\"" + std::string(name) + "\" must be a text");
    if (value.is_string()) *text = value.get<std::string>();
  }
  header.slots = static_cast<int>(object.Integer("slots", 0, INT32_MAX));
  header.context = static_cast<int>(object.Integer("context", 0, INT32_MAX));
  if (Status whole = object.Finish(); !whole.ok()) return whole.error();
  return header;
}

Status ReadStepLine(std::string_view line, StepLine& read, StepRecord& record) {
  read = {};
  const Json parsed = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) return InvalidArgument("not a JSON object");
  read.is_json = true;
  if (parsed.contains("dropped")) {
    JsonObject object(parsed);
    read.dropped = object.Integer("dropped", 1, INT64_MAX);
    return object.Finish();
  }
  return StepReader(record).Read(parsed);
}

}  // namespace turbospec
