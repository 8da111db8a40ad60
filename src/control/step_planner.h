// Plans one step: which proposer serves each request and how deep, so that goodput is best. Holds
// what is expected of every request (its lane) from PlanDraft until PlanVerify; costs come in as
// prices, acceptance as survival. Knows nothing of probes, guards and learning: the controller
// does. Engine thread; no allocation in steady state.
#pragma once

#include <compare>
#include <optional>
#include <span>
#include <vector>

#include "acceptance/acceptance_predictor.h"
#include "control/pass_prices.h"
#include "control/shape_search.h"
#include "turbospec/controller.h"

namespace turbospec {

// Tokens that are considered, per request and step.
struct Reach {
  int draft = 8;    // by the draft model
  int lookup = 16;  // by prompt lookup
};

struct PlannerOptions {
  Reach reach{};
  // Where no more than `few_requests` decode: rows are cheap there, and planning is.
  Reach reach_of_few{.draft = 12, .lookup = 32};
  int few_requests = 16;
  // Committed tokens that a draft model usually has not seen when the next step begins: 2 after a
  // step that was accepted whole. A request with more has to catch up.
  int steady_lag = 4;
  // A request that lags by more may begin anew with so many of its newest tokens, where to read all
  // costs more than the context is worth: `recent_loss` of what its drafts would gain.
  int recent_tokens = 32;
  double recent_loss = 0.1;
  // Times its price that catching up must promise to earn: the promise is an estimate, the price
  // is not.
  double catch_up_margin = 1.4;
};

// Who proposes to the requests of a step.
enum class ProposalSource { kNone, kLookup, kDraft, kMixed };

// What a request has before it.
struct RequestProspect {
  double tokens_left = 1;  // that it may yet yield with the draft model
  double token_worth = 1;  // of one token now: see RequestPace
};

// How a step is looked at.
struct Outlook {
  double sigmas = 0;     // > 0: optimistic on what has not been tried lately
  bool drafts = true;    // whether the draft model comes into question ...
  bool looks_up = true;  // ... and prompt lookup
};

// What time is worth beyond what the requests of the step would make of it.
struct Haste {
  double filling = 1;  // times the goodput without speculation, if that is more; >= 1
  double lasting = 1;  // times either; >= 1

  bool Any() const { return filling > 1 || lasting > 1; }
};

struct StepPlan {
  DraftPlan draft{};
  ProposalSource source = ProposalSource::kNone;
  PlanCandidate expected{};
};

class StepPlanner {
 public:
  StepPlanner(const PlannerOptions& options, PassCost target, PassCost draft);

  PassPrices& target_prices() { return target_; }
  PassPrices& draft_prices() { return draft_; }
  // Of the host, per step and per verified row.
  void SetHostTime(Seconds per_step, Seconds per_row);

  void SetHaste(const Haste& haste) { haste_ = haste; }

  // Begins a step: what is expected of every request. prospects[i] is what request i has
  // before it.
  void Begin(const StepView& step, AcceptancePredictor& predictor,
             std::span<const RequestProspect> prospects, const Outlook& outlook);

  // The best plan. Time is priced at the goodput that is predicted for a usual step; candidates go
  // into `decision`, [0] being no speculation.
  const StepPlan& Best(Decision& decision);
  // Which requests the last Best drafts for.
  void Drafting(std::vector<char>& who) const;
  // Of the requests `who` marks, `count` draft one token each, to be compared with what the target
  // says in its place: a label for the price of a draft pass. A row is paid only where a draft that
  // was drawn must be verified. Those that lag read all that they missed, and those that lag least
  // are asked; or they begin anew, and where that is alike those are asked that lag most.
  const StepPlan& Probe(std::span<const char> who, int count, bool anew);
  // Nobody speculates.
  const StepPlan& Off();
  // The last of these.
  const StepPlan& plan() const { return plan_; }

  // Tokens per second at which the last Best priced time.
  double price() const { return price_; }
  // The step without speculation, as predicted.
  const PlanCandidate& off() const { return off_; }

  // After a draft pass, with its evidence: how far each request should go in all. It may go on
  // where `may_go_on`; elsewhere what it has is its most.
  const SearchResult& DraftOn(std::span<const ProposalView> proposals,
                              std::span<const char> may_go_on);
  // What the draft passes of these proposals were expected to take, catching up included.
  Seconds DraftTime(std::span<const ProposalView> proposals);
  // What to verify of the proposals.
  const SearchResult& Verify(std::span<const ProposalView> proposals);

 private:
  // A request that catches up; ordered by lag, then by slot.
  struct Lagging {
    int lag = 0;
    SlotId slot = 0;
    std::size_t request = 0;

    auto operator<=>(const Lagging&) const = default;
  };
  // One request of the step.
  struct Lane {
    AcceptancePredictor::Handle handle{};
    double tokens_left = 1;
    double weight = 1;             // of a token: the request's, times what one is worth to it now
    bool catches_up = false;       // lags by more than usual
    double catch_up_seconds = 0;   // its part of what catching up takes ...
    double anew_seconds = 0;       // ... and of what beginning anew takes; the same for a short lag
    bool anew = false;             // it begins anew
    bool may_draft = false;        // and a catch-up would pay
    std::vector<float> lookup{};   // survival by prompt lookup alone
    std::vector<float> draft{};    // survival by the draft model alone
    double option = 0;             // tokens that the choice to verify the first one adds
    std::vector<float> offered{};  // `draft` with that
    std::vector<float> mixed{};    // survival by the better of both, or one after the other
    int mixed_lookup = 0;          // tokens of `mixed` by prompt lookup
    AcceptancePredictor::Path path{};  // behind the evidence seen
    std::vector<float> given{};        // survival by the evidence of this step
    std::vector<float> ahead{};        // the same, and what is expected behind it
  };

  void Estimate(const RequestView& view, const Outlook& outlook, Lane& lane);
  void PriceOff();
  void PriceTokens(double tokens_per_second, int range);
  void PriceOptions();
  bool AdmitToDraft();
  void AdmitAllIfBetter(int range, Decision& decision);
  double WorthWithCatchUp() const;
  bool DraftsIn(std::size_t request) const;
  void ChooseMixed(std::size_t request);
  bool MayBeginAnew(const RequestView& view);
  int RowsToRead(const RequestView& view, bool anew);
  void PriceCatchUp();
  void PriceLags(double Lane::*seconds, bool anew);
  double SecondsOfAlike(std::span<const Lagging> alike);
  int CatchUpRows();
  double FirstDraftSeconds(std::span<const int> requests, bool anew);
  double ProbedRowSeconds(int requests, int verified);

  SearchProblem Problem(std::optional<double> price) const;
  void DescribeRequests(ProposalSource source);
  bool IsUsual() const;
  void ChooseWithin(double tokens_per_second, int range);
  void TryAt(int range, Decision& decision);
  void TrySources(std::optional<double> price, Decision& decision);
  void Try(ProposalSource source, std::optional<double> price, Decision& decision);
  void ForgetChoices();
  void WriteChoices();
  void Observe(std::span<const ProposalView> proposals);
  void GoOn(Lane& lane, int limit) const;

  PlannerOptions options_;
  PassPrices target_;
  PassPrices draft_;
  Seconds step_host_{0};
  Seconds row_host_{0};

  const StepView* step_ = nullptr;
  const AcceptancePredictor* predictor_ = nullptr;
  std::vector<Lane> lanes_;
  std::vector<double> conditional_;
  std::vector<SearchRequest> requests_;
  ShapeSearch search_;
  std::vector<int> lengths_;  // of the best source
  std::vector<int> order_;
  std::vector<Lagging> lags_;  // the requests that catch up
  std::vector<int> drafters_;  // by draft pass of the step
  std::vector<char> admitted_;
  double best_value_ = 0;
  StepPlan plan_;
  PlanCandidate off_{};
  double price_ = 0;
  Haste haste_;
  double row_price_ = 0;    // tokens that a verified row costs
  double draft_price_ = 0;  // tokens that a drafted token costs
  int first_draft_rows_ = 1;
  double weight_ = 0;       // of all requests
  bool drafts_ = false;     // the draft model comes into question
  bool has_match_ = false;  // prompt lookup can propose to somebody
};

}  // namespace turbospec
