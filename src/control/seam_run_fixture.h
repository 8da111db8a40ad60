// For tests of records, logs and replays: makes the calls that an engine makes of a controller, on
// requests whose fate is drawn from a seed, without engine or models. Steps differ in everything a
// record holds: lookup and draft tokens, requests that come and go, stops, failures, prefills.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/random.h"
#include "turbospec/controller.h"

namespace turbospec {

struct SeamRun {
  std::uint64_t seed = 1;
  int steps = 40;
  int slots = 4;
  double agreement = 0.7;  // of every draft token
};

class SeamEngine {
 public:
  SeamEngine(const SeamRun& run, Controller& controller)
      : run_(run), controller_(controller), dice_(run.seed) {}

  void Run() {
    for (int step = 0; step < run_.steps; ++step) Step();
  }

 private:
  static constexpr PromptView kPrompts[] = {{.slot = 4, .rows = 20}, {.slot = 6, .rows = 3}};
  static constexpr Pass kPasses[] = {{0, 2, 1, 2}, {4, 1, 20, 20}};
  static constexpr LateGuess kLateGuesses[] = {{-0.25F, true}, {-1.5F, false}};

  bool Chance(double p) { return dice_.Uniform() < p; }
  int Between(int low, int high) {
    return low + static_cast<int>(dice_.Uniform() * (high - low + 1));
  }

  void Step() {
    Arrive();
    evidence_.assign(views_.size(), {});
    passes_.clear();
    outcomes_.clear();
    StepView view{.requests = views_,
                  .prefill_rows = Chance(0.3) ? Between(1, 30) : 0,
                  .prefilling = Chance(0.3) ? Between(1, 9) : 0,
                  .prompts = Chance(0.2) ? std::span(kPrompts) : std::span<const PromptView>{},
                  .target_rule = BatchRule::kEqualLength,
                  .draft_rule = BatchRule::kOnePass,
                  .target_fills_gaps = true,
                  .has_lookup = true,
                  .has_draft_model = true};
    if (!views_.empty()) {
      Propose(view);
      Verify(view);
    }
    Teach(view);
    Leave();
  }

  void Arrive() {
    for (int slot = 0; slot < run_.slots; ++slot) {
      const bool taken = std::ranges::any_of(views_, [&](auto& v) { return v.slot == slot; });
      if (taken || !Chance(0.2)) continue;
      views_.push_back({.id = ++last_id_,
                        .slot = slot,
                        .context_length = Between(1, 50),
                        .draft_lag = Between(1, 50),
                        .weight = Chance(0.2) ? 0.1 : 1.0,
                        .causal_only = Chance(0.3),
                        .trains_shared = Chance(0.8)});
    }
    std::ranges::sort(views_, {}, &RequestView::slot);
    for (RequestView& view : views_) {
      view.max_useful = Between(0, 9);
      const int occurrences = Between(1, 4);
      view.lookup = Chance(0.4) ? LookupMatch{Between(2, 5), occurrences, 1, 10} : LookupMatch{};
    }
  }

  void Propose(const StepView& view) {
    DraftPlan plan = controller_.PlanDraft(view);
    lookup_.assign(views_.size(), 0);
    std::vector<char> alive(views_.size());
    for (std::size_t i = 0; i < views_.size(); ++i) {
      for (int& limit : plan.choices[i].limit) limit = std::min(limit, views_[i].max_useful);
      lookup_[i] = plan.choices[i][ProposerKind::kPromptLookup];
      const int copied = std::min(lookup_[i], views_[i].lookup.available);
      for (int j = 0; j < copied; ++j) {
        evidence_[i].push_back({.proposer = ProposerKind::kPromptLookup,
                                .match_length = views_[i].lookup.length + j,
                                .occurrences = views_[i].lookup.occurrences,
                                .agreeing = 1});
      }
      alive[i] = plan.choices[i][ProposerKind::kDraftModel] > copied;
    }
    for (int depth = 1; std::ranges::any_of(alive, [](char a) { return a != 0; }); ++depth) {
      DraftOnce(plan, depth, alive);
      if (std::ranges::none_of(alive, [](char a) { return a != 0; })) break;
      controller_.KeepDrafting(view, Proposals(), depth, alive);
    }
  }

  void DraftOnce(const DraftPlan& plan, int depth, std::vector<char>& alive) {
    PassTiming pass{.passes = 1, .mean_context = 31.25};
    for (std::size_t i = 0; i < alive.size(); ++i) {
      if (alive[i] == 0) continue;
      ++pass.sequences;
      pass.rows += depth == 1 ? views_[i].draft_lag : 1;
      const auto confidence = static_cast<float>(-1.5 * dice_.Uniform());
      evidence_[i].push_back({.confidence = confidence});
      const int limit = plan.choices[i][ProposerKind::kDraftModel];
      alive[i] = static_cast<int>(evidence_[i].size()) < limit;
    }
    pass.seconds = Seconds(1e-3 + 1e-4 * pass.rows);
    passes_.push_back(pass);
  }

  std::vector<ProposalView> Proposals() const {
    std::vector<ProposalView> proposals;
    for (const auto& evidence : evidence_) proposals.push_back({evidence});
    return proposals;
  }

  void Verify(const StepView& view) {
    const VerifyPlan plan = controller_.PlanVerify(view, Proposals());
    for (std::size_t i = 0; i < views_.size(); ++i) {
      const int proposed = static_cast<int>(evidence_[i].size());
      const int verified = std::clamp(plan.choices[i].verified, 0, proposed);
      int accepted = 0;
      while (accepted < verified && Chance(run_.agreement)) ++accepted;
      const bool stopped = accepted > 0 && Chance(0.05);
      RequestOutcome outcome{.evidence = evidence_[i],
                             .verified = verified,
                             .accepted = accepted,
                             .committed = stopped ? accepted : accepted + 1,
                             .failed = Chance(0.02)};
      if (outcome.failed) outcome.accepted = outcome.committed = 0;
      if (lookup_[i] == 0 && views_[i].lookup.available > 0) {
        outcome.unused_lookup = {.match = views_[i].lookup, .scored = 2, .agreed = 1};
        outcome.next_agreed = i % 2 == 0;
        outcome.late_guesses = kLateGuesses;
      }
      rows_ += 1 + verified + plan.choices[i].padding;
      outcomes_.push_back(outcome);
    }
  }

  void Teach(const StepView& view) {
    const int sequences = static_cast<int>(views_.size()) + (view.prefill_rows > 0 ? 1 : 0);
    const std::span<const Pass> passes =
        view.prompts.empty() ? std::span<const Pass>{} : std::span(kPasses);
    const int single = sequences > 0 ? 1 : 0;
    const PassTiming target{.sequences = sequences,
                            .rows = rows_ + view.prefill_rows,
                            .passes = passes.empty() ? single : static_cast<int>(passes.size()),
                            .mean_context = 1.0 / 3,
                            .seconds = Seconds(5e-3 + 7e-4 * (rows_ + view.prefill_rows))};
    rows_ = 0;
    StepOutcome outcome{.view = view,
                        .requests = outcomes_,
                        .draft_passes = passes_,
                        .target = target,
                        .target_passes = passes,
                        .sampling = Seconds(1e-4),
                        .host = Seconds(2e-5),
                        .total = target.seconds + Seconds(1.2e-4)};
    for (const PassTiming& pass : passes_) outcome.total += pass.seconds;
    controller_.Learn(outcome);
  }

  void Leave() {
    for (std::size_t i = 0; i < outcomes_.size(); ++i) {
      views_[i].context_length += outcomes_[i].committed;
      views_[i].draft_lag = passes_.empty() ? views_[i].draft_lag + outcomes_[i].committed : 1;
    }
    std::erase_if(views_, [&](const RequestView& view) {
      if (!Chance(0.08)) return false;
      controller_.Forget(view.id);
      return true;
    });
  }

  const SeamRun run_;
  Controller& controller_;
  RandomStream dice_;
  RequestId last_id_ = 0;
  std::vector<RequestView> views_;
  std::vector<std::vector<DraftEvidence>> evidence_;
  std::vector<int> lookup_;  // planned limit
  std::vector<PassTiming> passes_;
  std::vector<RequestOutcome> outcomes_;
  int rows_ = 0;
};

// Learns, forgets and weighs, simply: drafts one deeper than a request's last accepted length,
// stops and trims at poor confidence, and remembers how long a step took.
class LearningController final : public Controller {
 public:
  std::string_view name() const override { return "learning"; }

  DraftPlan PlanDraft(const StepView& step) override {
    DraftPlan plan{std::vector<DraftChoice>(step.requests.size())};
    decision_.candidates.clear();
    decision_.candidates.push_back(
        {.tokens = 1.0 * static_cast<double>(step.requests.size()), .seconds = last_step_});
    PlanCandidate candidate{.speculating = static_cast<int>(step.requests.size()),
                            .tokens = 0,
                            .seconds = last_step_ * 1.5};
    for (std::size_t i = 0; i < step.requests.size(); ++i) {
      const RequestView& request = step.requests[i];
      const int depth = 1 + accepted_[request.id];
      if (request.lookup.available > 0 && depth > 2) {
        plan.choices[i][ProposerKind::kPromptLookup] = depth - 1;
        ++candidate.by_lookup;
      }
      plan.choices[i][ProposerKind::kDraftModel] = depth + 1;
      candidate.draft_depth = std::max(candidate.draft_depth, depth + 1);
      candidate.verified += depth;
      candidate.tokens += request.weight * (1 + 0.5 * depth);
    }
    decision_.candidates.push_back(candidate);
    decision_.chosen = 1;
    decision_.reason = PlanReason::kBest;
    decision_.price = 100;
    return plan;
  }

  void KeepDrafting(const StepView&, std::span<const ProposalView> proposals, int,
                    std::span<char> keep) override {
    for (std::size_t i = 0; i < keep.size(); ++i) {
      if (keep[i] != 0 && proposals[i].evidence.back().confidence < -1.2F) keep[i] = 0;
    }
  }

  VerifyPlan PlanVerify(const StepView& step, std::span<const ProposalView> proposals) override {
    VerifyPlan plan{std::vector<VerifyChoice>(proposals.size())};
    decision_.verify_tokens = 0;
    for (std::size_t i = 0; i < proposals.size(); ++i) {
      int& verified = plan.choices[i].verified;
      for (const DraftEvidence& evidence : proposals[i].evidence) {
        if (evidence.confidence < -1.0F) break;
        ++verified;
      }
      plan.choices[i].padding = verified == 1 ? 1 : 0;
      decision_.verify_tokens += step.requests[i].weight * (1 + 0.6 * verified);
    }
    decision_.verify_seconds = last_step_;
    return plan;
  }

  void Learn(const StepOutcome& outcome) override {
    for (std::size_t i = 0; i < outcome.requests.size(); ++i) {
      accepted_[outcome.view.requests[i].id] = outcome.requests[i].accepted;
    }
    last_step_ = outcome.total;
  }

  void Forget(RequestId request) override { accepted_.erase(request); }
  const Decision* LastDecision() const override { return &decision_; }

 private:
  std::unordered_map<RequestId, int> accepted_;
  Seconds last_step_{0.01};
  Decision decision_;
};

}  // namespace turbospec
