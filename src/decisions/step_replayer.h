// What a controller answers when it is shown a recorded step as the engine showed it, and how far
// the log could play along: proposals deeper than those drafted then are unknown, and cut.
#pragma once

#include <span>
#include <vector>

#include "control/step_record.h"
#include "turbospec/controller.h"

namespace turbospec {

// One request's answers.
struct ReplayedRequest {
  DraftChoice draft{};
  VerifyChoice verify{};
  int copied = 0;    // tokens of the recorded proposal that this controller would have had, too:
  int drafted = 0;   // by prompt lookup, then by the draft model
  bool cut = false;  // it wanted a token that was not drafted in the log

  int proposed() const { return copied + drafted; }
};

struct ReplayedStep {
  std::vector<ReplayedRequest> requests{};
  bool same_draft = false;   // planned what was recorded
  bool same_keep = false;    // and stopped drafting where it was recorded
  bool same_verify = false;  // and verified the same

  bool identical() const { return same_draft && same_keep && same_verify; }
};

// Makes the calls of one recorded step after the other. Learn gets the recorded outcomes, after the
// plan of their step, so that a plan knows earlier steps only. Borrows the controller.
class StepReplayer {
 public:
  explicit StepReplayer(Controller& controller) : controller_(controller) {}

  // Valid until the next call. Of a step without plan only Learn is made.
  const ReplayedStep& Play(const StepRecord& record);

 private:
  // A request on its way through the draft passes of the log.
  struct Lane {
    bool as_recorded = false;  // planned as recorded: asked when the log says so
    int limit = 0;             // total length up to which the draft model may go
    int known = 0;             // draft tokens in the log that this plan would have had as well
    bool bounded = false;      // what ended them was the engine, not the plan: no more to be had
    bool drafts = false;       // gets another token in the next pass
  };

  void PlanDraft(const StepRecord& record, const StepView& view);
  Lane Enter(const StepRecord& record, const RequestRecord& request, ReplayedRequest& replayed);
  void Draft(const StepRecord& record, const StepView& view);
  void Ask(const StepRecord& record, const StepView& view, int depth);
  void Answer(std::span<const KeepAnswer> recorded, int depth);
  void ShowProposals(const StepRecord& record);
  void PlanVerify(const StepRecord& record, const StepView& view);
  void Learn(const StepRecord& record, const StepView& view);

  Controller& controller_;
  ReplayedStep step_;
  std::size_t keep_calls_ = 0;  // made in this step
  std::vector<Lane> lanes_;
  std::vector<RequestView> views_;
  std::vector<ProposalView> proposals_;
  std::vector<char> asked_;
  std::vector<char> keep_;
  std::vector<RequestOutcome> outcomes_;
};

}  // namespace turbospec
