// Predicts which draft tokens survive: P(token at depth j accepted | all before it accepted), per
// request and proposer, before drafting (Expected) and with the evidence of drafted tokens (Given).
// The goodput controller asks it while it plans, teaches it after the step, then calls Tick.
//
// Depth is the place in the whole proposal, from 1; tokens of prompt lookup before draft tokens
// count. Queries answer from the state of the last Tick, so the order of requests within a step
// changes no bit. Deterministic; no clock, no allocation in steady state. One thread owns it.
// docs/acceptance.md has the model and figures.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "acceptance/acceptance_options.h"
#include "acceptance/belief.h"
#include "acceptance/calibration.h"
#include "acceptance/evidence_features.h"
#include "acceptance/evidence_resolution.h"
#include "acceptance/request_table.h"
#include "acceptance/shared_weights.h"
#include "turbospec/controller.h"

namespace turbospec {

class AcceptancePredictor {
 public:
  // Where a request's state lies; valid until its Forget, also across Ticks.
  using Handle = int;

  // A walk along one proposal, with everything walked past taken as accepted. A value; valid until
  // the next Tick.
  struct Path {
    Handle request = 0;
    int depth = 0;  // tokens walked past
    // What is particular to the request, by proposer: mean and precision of a logit.
    std::array<double, kProposerKinds> mean{};
    std::array<double, kProposerKinds> precision{};
  };

  // REQUIRES: Validate(options) passed.
  explicit AcceptancePredictor(const AcceptanceOptions& options);

  // Creates the request at first sight. One hash look-up.
  Handle Find(RequestId request);

  // Before drafting: conditional acceptance of the tokens that `proposer` would add at depths
  // first_depth, first_depth + 1, … (>= 1), one per entry of `a`. Their product is the survival of
  // the whole: each entry takes the tokens before it as accepted, also by what that says about the
  // request. Prompt lookup: by its match; 0 past match.available. `sigmas` moves the estimate up by
  // so many standard deviations of the logit: 0 to plan, > 0 for what a probe could find.
  void Expected(Handle request, ProposerKind proposer, int first_depth, const LookupMatch& match,
                std::span<double> a, double sigmas = 0) const;

  // After drafting. A walk yields the conditional acceptance of the next token by its evidence and
  // moves past it, so that deciding after every draft pass costs one call per request and pass.
  Path Begin(Handle request) const;
  double Given(Path& path, const DraftEvidence& evidence) const;
  // The same for a proposal at once. REQUIRES: a.size() >= evidence.size().
  void Given(Handle request, std::span<const DraftEvidence> evidence, std::span<double> a) const;

  // Standard deviation of the logit of Expected at depth 1: how much a probe could still change.
  double Uncertainty(Handle request, ProposerKind proposer) const;

  // How much the evidence of a first draft token of the draft model tells of it, in [0, 1].
  double Resolution() const { return resolution_.share(); }

  // Takes in the labels of one request's step: its accepted tokens, the first rejected one, what
  // prompt lookup would have scored and the draft model would have guessed. What contradicts itself
  // (accepted > verified) or failed is ignored. `trains_shared` false: only this request's own
  // state learns.
  void Learn(RequestId request, const RequestOutcome& outcome, bool trains_shared);

  // Ends a step: applies what was learned, forgets a little. `steps` > 1 after steps without one.
  void Tick(double steps = 1);

  void Forget(RequestId request);

  // Predictions of Expected (sigmas = 0) and Given against the labels, of all requests since the
  // start; Since() of two copies gives a window.
  const CalibrationRecord& calibration() const { return calibration_; }

 private:
  // One regression each: proposer × {before drafting, with evidence}.
  static constexpr std::size_t kChannels = 2 * kProposerKinds;
  struct Channel {
    std::size_t proposer = 0;
    bool given = false;
    std::size_t index() const { return 2 * proposer + (given ? 1 : 0); }
  };
  template <class T>
  using ByChannel = std::array<T, kChannels>;

  struct Request {
    ByChannel<Belief> belief{};  // of the last Tick: what queries see
    ByChannel<double> shrink{};  // of its variance
    ByChannel<Belief> next{};    // with the labels since
    bool active = false;
    bool trains_shared = true;
  };

  // How far requests differ, learned from those that finish: sums over their deltas.
  struct Spread {
    double variance = 1;
    double count = 0;                // requests that it rests on, the prior's included
    std::int64_t pending_error = 0;  // units of 2^-32
    std::int64_t pending_weight = 0;
  };

  static std::size_t IndexOf(ProposerKind proposer);
  const Request& At(Handle request) const { return requests_[static_cast<std::size_t>(request)]; }
  EvidenceFeatures FeaturesOf(const DraftEvidence& evidence) const;

  void LearnVerified(Request& request, const RequestOutcome& outcome, bool trains_shared);
  void LearnToken(Request& request, std::span<const DraftEvidence> proposal, int place, bool label,
                  bool trains_shared);
  void LearnLateGuesses(Request& request, const RequestOutcome& outcome, bool trains_shared);
  void LearnUnusedLookup(Request& request, const LookupScore& score, bool trains_shared);
  void LearnUnverified(Request& request, const RequestOutcome& outcome, bool trains_shared);
  // Both return what was predicted of it.
  double TakeLabel(Request& request, Channel channel, int depth, const EvidenceFeatures& features,
                   bool label, bool trains_shared);
  double Teach(Request& request, Channel channel, int depth, const EvidenceFeatures& features,
               double label, bool trains_shared);
  void RefreshShrink(Request& request) const;
  void InitSpread(Spread& spread, bool given) const;
  void TickSpread(Spread& spread) const;

  AcceptanceOptions options_;
  LookupFeatures lookup_features_;
  ByChannel<SharedWeights> weights_;
  ByChannel<Spread> spread_;
  RequestTable handles_;
  std::vector<Request> requests_;
  EvidenceResolution resolution_;
  CalibrationRecord calibration_;
};

}  // namespace turbospec
