// A small language for tests of controllers: Use("ema"); Running(8); EXPECT_EQ(Step(Accepting(2)),
// 3). Plays the engine: asks for a plan, drafts what was planned, verifies what was asked for,
// accepts what the test says, and tells the controller.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "control/controller_factory.h"

namespace turbospec {

// Tokens that the target would accept of a request's draft, however long it is.
using AcceptedRun = std::function<int(std::size_t request)>;

inline AcceptedRun Accepting(int tokens) {
  return [tokens](std::size_t) { return tokens; };
}

class ControllerTest : public ::testing::Test {
 protected:
  void Use(std::string_view written, const ControllerInputs& inputs = {}) {
    auto made = MakeController(written, inputs);
    ASSERT_TRUE(made.ok()) << made.error().message;
    controller_ = *std::move(made);
  }
  void Running(int requests) {
    views_.clear();
    for (int i = 0; i < requests; ++i) {
      views_.push_back(
          {.id = static_cast<RequestId>(i), .slot = i, .context_length = 100, .max_useful = 100});
    }
  }
  // One n-gram match for so many of the requests that run.
  void Matching(int requests) {
    for (std::size_t i = 0; i < views_.size(); ++i) {
      const bool matches = static_cast<int>(i) < requests;
      views_[i].lookup = {.length = matches ? 3 : 0, .available = matches ? 20 : 0};
    }
  }

  StepView View() const {
    return {.requests = views_,
            .target_rule = rule_,
            .draft_rule = rule_,
            .has_lookup = has_lookup_,
            .has_draft_model = has_draft_};
  }

  // A whole step; the depth that the first request drafted.
  int Step(const AcceptedRun& accepted) {
    Draft();
    Verify();
    Finish(accepted);
    return static_cast<int>(evidence_[0].size());
  }
  // The depths of that many steps.
  std::vector<int> Steps(int steps, const AcceptedRun& accepted) {
    std::vector<int> depths;
    for (int i = 0; i < steps; ++i) depths.push_back(Step(accepted));
    return depths;
  }

  // The parts of a step. Drafts as planned, each token with probability `q_` at its largest.
  void Draft() {
    plan_ = controller_->PlanDraft(View());
    const auto kind = has_draft_ ? ProposerKind::kDraftModel : ProposerKind::kPromptLookup;
    evidence_.assign(views_.size(), {});
    for (std::size_t i = 0; i < views_.size(); ++i) {
      const bool has_any = has_draft_ || views_[i].lookup.available > 0;
      const int length = has_any ? plan_.choices[i][kind] : 0;
      evidence_[i].assign(static_cast<std::size_t>(length),
                          {.proposer = kind,
                           .confidence = static_cast<float>(std::log(q_)),
                           .match_length = views_[i].lookup.length});
    }
  }
  void DraftWith(std::size_t request, const std::vector<double>& largest_q) {
    evidence_[request].clear();
    for (const double q : largest_q) {
      evidence_[request].push_back({.confidence = static_cast<float>(std::log(q))});
    }
  }
  std::vector<int> Verify() {
    std::vector<ProposalView> proposals;
    for (const auto& each : evidence_) proposals.push_back({each});
    verify_ = controller_->PlanVerify(View(), proposals);
    std::vector<int> verified;
    for (const VerifyChoice& choice : verify_.choices) verified.push_back(choice.verified);
    return verified;
  }
  void Finish(const AcceptedRun& accepted) {
    std::vector<RequestOutcome> outcomes;
    for (std::size_t i = 0; i < views_.size(); ++i) {
      const int verified = verify_.choices[i].verified;
      const int survived = std::min(verified, accepted(i));
      outcomes.push_back({.evidence = evidence_[i],
                          .verified = verified,
                          .accepted = survived,
                          .committed = survived + 1});
    }
    controller_->Learn({.view = View(), .requests = outcomes, .draft_passes = {}});
  }

  std::unique_ptr<Controller> controller_;
  std::vector<RequestView> views_;
  BatchRule rule_ = BatchRule::kOnePass;
  bool has_lookup_ = false;
  bool has_draft_ = true;
  double q_ = 0.8;

  DraftPlan plan_;
  std::vector<std::vector<DraftEvidence>> evidence_;
  VerifyPlan verify_;
};

// Milliseconds, for readable costs.
inline Seconds Ms(double milliseconds) {
  return Seconds(milliseconds / 1000);
}

}  // namespace turbospec
