// All that happened in one step as a value: what the controller was shown, what it answered, what
// came of it and why it chose so. Filled by RecordingController, read by logs, panels and replays.
//
// Lists are flat, so that a record that is filled or assigned again reuses its memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "turbospec/controller.h"
#include "turbospec/decision.h"

namespace turbospec {

struct RequestRecord {
  RequestView view{};
  DraftChoice draft{};    // as planned; the engine may have cut it
  VerifyChoice verify{};  // as planned
  std::size_t first = 0;  // its proposal's place in StepRecord::evidence
  int proposed = 0;       // tokens there
  int verified = 0;       // the outcome
  int accepted = 0;
  int committed = 0;
  LookupScore unused_lookup{};
  std::optional<bool> next_agreed{};
  std::size_t first_guess = 0;  // its place in StepRecord::late_guesses
  int guesses = 0;              // entries there
  bool failed = false;
};

// One call of KeepDrafting: keep[i] before and after it lie in StepRecord::keep, one KeepAnswer per
// request from `first` on.
struct KeepCall {
  int depth = 0;
  std::size_t first = 0;
};

enum class KeepAnswer : char {
  kNotAsked = '.',
  kKept = '+',
  kStopped = '-',
};

struct StepRecord {
  std::int64_t step = 0;  // 0, 1, 2, … of one controller; a gap means that records are missing
  std::vector<RequestId> forgotten{};  // requests that left since the step before
  // False: a step without decoding requests, of which no plan was asked; only its times are known.
  bool planned = false;
  StepView view{};  // `requests` and `prompts` are empty here, see below
  std::vector<RequestRecord> requests{};
  std::vector<PromptView> prompts{};
  std::vector<DraftEvidence> evidence{};
  std::vector<LateGuess> late_guesses{};
  std::vector<KeepCall> keep_calls{};
  std::vector<KeepAnswer> keep{};
  std::vector<PassTiming> draft_passes{};
  PassTiming target{};
  std::vector<Pass> target_passes{};  // empty where it is one
  Seconds sampling{0};
  Seconds host{0};
  Seconds total{0};
  bool has_decision = false;  // the controller weighs alternatives and said how
  Decision decision{};

  std::span<const DraftEvidence> EvidenceOf(const RequestRecord& request) const {
    return std::span(evidence).subspan(request.first, static_cast<std::size_t>(request.proposed));
  }
  std::span<const LateGuess> LateGuessesOf(const RequestRecord& request) const {
    return std::span(late_guesses)
        .subspan(request.first_guess, static_cast<std::size_t>(request.guesses));
  }
  std::span<const KeepAnswer> AnswersOf(const KeepCall& call) const {
    return std::span(keep).subspan(call.first, requests.size());
  }
  // As it was told to the controller.
  RequestOutcome OutcomeOf(const RequestRecord& request) const;
  // Empties the record and keeps its memory.
  void Clear();
};

// Tokens emitted in the step by decoding requests; `weighted`: each counted w_i times.
int Committed(const StepRecord& record);
double WeightedCommits(const StepRecord& record);

// What the controller expected of the step as it was drafted: the forecast made with the evidence
// seen, else the one made before drafting. Null where it weighs nothing.
struct Forecast {
  double tokens = 0;
  Seconds seconds{0};
};
std::optional<Forecast> ForecastOf(const StepRecord& record);

// Takes records as they are made. Engine thread; must not block for long and must not throw. The
// record is valid during the call only.
class StepRecordSink {
 public:
  virtual ~StepRecordSink() = default;
  virtual void Take(const StepRecord& record) = 0;
};

}  // namespace turbospec
