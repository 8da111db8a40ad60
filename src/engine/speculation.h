// The speculative half of a step: joins controller and proposers to the engine. Plans are clamped
// to what is possible, so that no controller can break the engine. Faults of a proposer cost
// speculation, never a request. Engine thread.
#pragma once

#include <memory>
#include <vector>

#include "core/clock.h"
#include "engine/step.h"
#include "model/model.h"
#include "proposers/proposer.h"
#include "turbospec/controller.h"

namespace turbospec {

// Rows that the decoding requests of one step may use in the target pass.
struct RowBudget {
  int rows = 0;
  int logits = 0;
};

class Speculation {
 public:
  Speculation(std::unique_ptr<Controller> controller,
              std::vector<std::unique_ptr<Proposer>> proposers, const Clock& clock,
              int context_per_slot);

  void Start(const ActiveRequest& request);
  void Finish(const ActiveRequest& request);

  // Fills in the controller's view of step.decoding and asks it how to draft, within the budget.
  void PlanDraft(Step& step, RowBudget budget);
  // Lets the proposers draft; the proposals lie in the requests.
  void Propose(Step& step);
  // Asks the controller what to verify; padding that does not fit the budget is dropped.
  void PlanVerify(Step& step, RowBudget budget);
  // Tells controller and proposers what became of it; finished requests included.
  void Learn(const Step& step);

 private:
  RequestView View(const ActiveRequest& request) const;
  LookupScore ScoreUnused(const Step& step, std::size_t index, int committed);
  static std::optional<bool> NextAgreed(const ActiveRequest& request, const Segment& segment);
  void ProposeBy(Proposer& proposer, Step& step);
  void RefreshProposals(Step& step);

  std::unique_ptr<Controller> controller_;
  std::vector<std::unique_ptr<Proposer>> proposers_;  // in the order of their kinds
  const Clock& clock_;
  int context_per_slot_;

  std::vector<ProposalTask> tasks_;
  std::vector<std::size_t> task_owner_;  // index into step.decoding
  std::vector<char> keep_;
  std::vector<RequestOutcome> outcomes_;
  std::vector<TokenId> peeked_;
};

}  // namespace turbospec
