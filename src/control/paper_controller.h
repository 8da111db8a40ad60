// `paper`: the controller of "TurboSpec: Closed-loop Speculation Control System for Optimizing LLM
// Serving Goodput" (arXiv 2406.14066), as its authors' V1 engine builds it: one acceptance rate for
// all, step times on a line, one depth for all, decided every 200 steps. The baseline that the
// product starts from; docs/controllers.md tells where the sources left gaps.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "control/acceptance_window.h"
#include "control/linear_cost.h"
#include "control/uniform_controller.h"
#include "turbospec/decision.h"

namespace turbospec {

struct PaperOptions {
  int max_depth = 8;
  bool censored = false;  // the unbiased acceptance rate instead of accepted / verified
  int period = 200;       // steps from one decision to the next
  std::size_t window = 10'000;
  double initial_rate = 0.8;
};

// Expected commits of a request that drafts k tokens at acceptance rate a:
//   1 + a + ... + a^k = (1 - a^(k+1)) / (1 - a); a = 0.8, k = 2: 1 + 0.8 + 0.64 = 2.44.
double ExpectedCommits(double rate, int depth);

class PaperController final : public UniformController {
 public:
  PaperController(std::string name, const PaperOptions& options, const LinearCost& target,
                  const std::optional<LinearCost>& draft);

  void Learn(const StepOutcome& outcome) override { acceptance_.Observe(outcome.requests); }
  // Of the steps that decide; null between them.
  const Decision* LastDecision() const override { return decided_ ? &decision_ : nullptr; }

  // One depth for a step as it is: expected commits over predicted time.
  PlanCandidate Predict(const StepView& step, int depth) const;

 protected:
  int ChooseDepth(const StepView& step) override;

 private:
  void Decide(const StepView& step);

  const PaperOptions options_;
  const LinearCost target_;
  const std::optional<LinearCost> draft_;
  AcceptanceWindow acceptance_;
  long steps_ = 0;
  int depth_;
  bool decided_ = false;  // in the last planned step
  Decision decision_;
};

}  // namespace turbospec
