// Finds how many draft tokens of every request to verify in one step, so that goodput is best: the
// global optimum over a family of shapes, since step time is a staircase and has many local ones.
//
// The family. kOnePass: for every number of draft passes D and every budget B, the B draft tokens
// of largest weighted survival among those that D passes reach. kEqualLength: one length for all,
// or two lengths v1 < v2 where the m requests with most to expect get v2, every length up to 12
// and ever fewer beyond; short proposals are padded, so that a shape stays one pass (or two), and
// so are those between the m where that is cheaper than the passes that they would part. Draft
// passes are priced by the runs of neighbouring slots that those who draft form. A target pass of
// another shape than the one before costs more, so that of equals the last shape is kept.
//
// Called by the goodput controller before drafting, after every draft pass and before verification;
// the three differ in what is drafted already (`ready`). Deterministic: a fixed order of summation,
// the first of equals wins. No allocation in steady state. Engine thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "control/pass_prices.h"
#include "turbospec/batch_shape.h"
#include "turbospec/controller.h"
#include "turbospec/decision.h"

namespace turbospec {

inline constexpr int kMaxDepth = 64;  // draft tokens of one request in a step

// One request. survival[j] = probability that draft tokens 1..j+1 are all accepted, in [0, 1], not
// increasing; its size is the most that may be verified.
struct SearchRequest {
  std::span<const float> survival{};
  int ready = 0;     // leading tokens that need no draft pass (drafted already, or by lookup)
  int required = 0;  // at least so many are verified; <= ready
  float weight = 1;
  int slot = 0;  // ascending over the requests
};

struct SearchProblem {
  std::span<const SearchRequest> requests{};
  BatchRule target_rule = BatchRule::kOnePass;
  BatchRule draft_rule = BatchRule::kOnePass;
  // Idle slots between active ones get dummy rows where that is cheaper.
  bool target_fills_gaps = false;
  bool draft_fills_gaps = false;
  int prefill_rows = 0;  // prompt rows in the same target pass, under kOnePass
  // Under kEqualLength: prompts whose rows ride in the passes of their neighbours, by slot. The
  // seconds of a plan then are those that it takes more than the prompts and one row each do, on
  // top of what one row each takes without prompts.
  std::span<const PromptView> prompts{};
  int max_rows = 1 << 20;    // of one target call, prefill included
  int first_draft_rows = 1;  // rows per sequence in the next draft pass: the lag
  double fixed_seconds = 0;  // of the step, whatever is chosen
  double row_seconds = 0;    // of the host per verified row
  // Tokens per second that time is worth: maximise tokens - price x seconds. Without it the
  // goodput of the step itself, tokens / seconds, is maximised.
  std::optional<double> price{};
};

struct SearchResult {
  std::vector<int> lengths;  // to verify, per request
  std::vector<int> padding;  // dummy rows, per request
  int draft_passes = 0;
  double tokens = 0;   // expected commits, weighted
  double seconds = 0;  // of the step, fixed_seconds included
  double value = 0;    // what was maximised
};

class ShapeSearch {
 public:
  // The best of the family. REQUIRES: at least one request; prices are those of this step.
  const SearchResult& Find(const SearchProblem& problem, PassPrices& target, PassPrices& draft);

  // Seconds of the target's passes with one row for each request and no prompts.
  double PlainSeconds(const SearchProblem& problem, PassPrices& target);

  // The best found for each number of draft passes in the last Find; [0] drafts nothing more.
  // What cannot be the best of all is not looked at, so a number may have done better yet.
  std::span<const PlanCandidate> by_passes() const { return by_passes_; }

 private:
  // One draft token that may be verified.
  struct Place {
    std::uint32_t key = 0;      // orders by falling worth; bits of the weighted survival, inverted
    std::uint16_t pass = 0;     // the draft pass that yields it, from 1; 0 = it is ready
    std::uint16_t request = 0;  // index
  };
  // Runs of neighbouring slots that draft; between them so many gaps that the model may fill, and
  // what rows that takes.
  struct DraftRuns {
    int runs = 0;
    int gaps = 0;
    int fillers = 0;

    DraftRuns operator-(const DraftRuns& other) const {
      return {runs - other.runs, gaps - other.gaps, fillers - other.fillers};
    }
    DraftRuns operator+(const DraftRuns& other) const {
      return {runs + other.runs, gaps + other.gaps, fillers + other.fillers};
    }
  };
  // The `best` first requests of order_, as the equal-length family knows them.
  struct Group {
    int best = 0;
    std::vector<double> tokens;   // [v] expected accepted tokens at length v
    std::vector<int> verified;    // [v] draft tokens there are up to length v
    std::vector<int> drafters;    // [pass * lengths + v] requests that draft in that pass
    std::vector<double> seconds;  // [r] target time of r rows each
    std::vector<int> padded;  // [r] requests between them that get r dummy rows to make it one pass
    double least_seconds = 0;     // of any number of rows
    std::vector<DraftRuns> runs;  // [v] that those of them form who draft the first of v tokens
    // [v] of the draft passes that bring all of them to length v; empty if they are not alike.
    std::vector<double> draft_seconds;
  };
  // Neighbouring slots that are all chosen.
  struct Run {
    int first = 0;      // index of its first request
    int sequences = 0;  // requests
    int gap = 0;        // slots between the run before and this one; of these ...
    int idle = 0;       // ... so many have no request
  };
  // What one length for all brings.
  struct Uniform {
    int length = 0;
    double tokens = 0;
    double seconds = 0;
  };
  // The first `best` of order_ get `longer`, the others `shorter`.
  struct TwoLengths {
    int best = 0;
    int shorter = 0;
    int longer = 0;
  };

  void Start(const SearchProblem& problem, PassPrices& draft);
  // By sequences; of the draft pass that is the `pass`-th, from 1.
  const std::vector<double>& DraftPrices(int pass) const {
    return draft_prices_[static_cast<std::size_t>(std::min(pass, 3)) - 1];
  }
  double ValueOf(double tokens, double seconds) const;
  // True when it is the best so far.
  bool Offer(const PlanCandidate& candidate);

  void FindOnePass(PassPrices& target);
  void ListPlaces();
  void SortPlaces();
  void KeepWithin(int draft_passes);
  PlanCandidate BestBudget(int draft_passes);
  void TakeBudget();

  void FindEqualLength(PassPrices& target);
  void OrderByWorth();
  void MeasureGroups(PassPrices& target);
  void AddTo(Group& group, const SearchRequest& request) const;
  void FindRuns();
  void PriceAll(Group& all, PassPrices& target) const;
  void PriceSome(Group& group, PassPrices& target) const;
  double JoinRuns(int rows, PassPrices& target) const;
  bool IsOnePass(int rows, double& seconds, PassPrices& target) const;
  void AddPrompts(Group& all, PassPrices& target);
  double SecondsWithPrompts(int rows, bool bridged, PassPrices& target);
  void FindDraftRuns(Group& group) const;
  void SumDraftPasses(Group& group) const;
  int WidestDraftGap(std::span<const double> prices) const;
  double DraftSeconds(int pass, int drafters, const DraftRuns& runs) const;
  int AddDraftPasses(const TwoLengths& lengths, const Group& group, double& seconds) const;
  PlanCandidate TryLengths(const TwoLengths& lengths, const Group& group);
  void TryLonger(const Uniform& all, const Group& group);
  void TakeLengths(PassPrices& target);
  void PadBetween(PassPrices& target);

  const SearchProblem* problem_ = nullptr;
  int longest_ = 0;               // draft tokens of one request
  int widest_draft_gap_ = 0;      // idle slots that cost less than another draft pass
  int pass_limit_ = 0;            // draft passes that can be of use
  bool all_draft_alike_ = false;  // every request drafts from its first token on ...
  bool all_reach_ = false;        // ... and to the same length
  int required_ = 0;              // draft tokens of all requests that must be verified
  double base_tokens_ = 0;        // of the requests themselves and of what is required
  double required_tokens_ = 0;    // of what is required
  // [sequences] seconds of the next draft pass, of the second, of each one after it.
  std::array<std::vector<double>, 3> draft_prices_;
  std::vector<PlanCandidate> by_passes_;
  SearchResult best_;
  bool found_ = false;

  std::vector<Place> places_;
  std::vector<Place> sorting_;
  std::vector<Place> within_;  // those that so many draft passes reach
  std::vector<int> drafters_;
  std::vector<double> target_seconds_;  // [draft tokens]
  std::vector<char> speculates_;

  std::vector<int> order_;
  std::vector<double> worth_;
  std::vector<char> chosen_;
  std::vector<Run> runs_;  // of the chosen requests
  int span_ = 0;           // slots from the first chosen to the last ...
  int span_idle_ = 0;      // ... of which so many have no request
  std::vector<int> rows_by_slot_;
  std::vector<Group> groups_;  // the last used one holds all requests
  std::size_t group_count_ = 0;
  Group spare_;  // memory of the group that grows
  std::vector<Uniform> uniform_;
  TwoLengths best_lengths_;
};

}  // namespace turbospec
