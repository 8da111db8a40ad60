#include "proposers/draft_proposer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "sampling/softmax.h"

namespace turbospec {
namespace {

int CommittedLength(const ProposalTask& task) {
  return static_cast<int>(task.tokens.size());
}

// The sequence that the draft goes on from: committed tokens, then what is proposed already.
TokenId TokenAt(const ProposalTask& task, int position) {
  const auto i = static_cast<std::size_t>(position);
  return i < task.tokens.size() ? task.tokens[i] : task.proposal->tokens[i - task.tokens.size()];
}

}  // namespace

Status Validate(const DraftProposerOptions& options) {
  if (options.steady_rows < 1) return InvalidArgument("draft: steady_rows must be at least 1");
  if (options.catch_up_rows < 1) return InvalidArgument("draft: catch_up_rows must be at least 1");
  if (options.late_guesses < 0) {
    return InvalidArgument("draft: late_guesses must be at least 0");
  }
  if (options.vocabulary_size < 0) {
    return InvalidArgument("draft: vocabulary_size must be at least 0");
  }
  return Ok();
}

DraftProposer::DraftProposer(std::unique_ptr<Model> model, const DraftProposerOptions& options,
                             const Clock& clock)
    : model_(std::move(model)),
      options_(options),
      clock_(clock),
      slots_(static_cast<std::size_t>(model_->info().slots)) {
  const int own = model_->info().vocabulary_size;
  options_.vocabulary_size =
      options.vocabulary_size > 0 ? std::min(options.vocabulary_size, own) : own;
}

void DraftProposer::Start(SlotId slot, std::span<const TokenId> prompt) {
  StateOf(slot).agreed = 0;
  Agree(slot, prompt);
}

void DraftProposer::Commit(SlotId slot, std::span<const TokenId> tokens) {
  Agree(slot, tokens);
}

void DraftProposer::Finish(SlotId /*slot*/) {}

int DraftProposer::Lag(SlotId slot, int committed) const {
  const SlotState& state = StateOf(slot);
  const auto seen = static_cast<int>(state.base + state.agreed);
  return std::max(committed - seen, std::min(committed, 1));
}

int DraftProposer::FedEnd(SlotId slot) const {
  const SlotState& state = StateOf(slot);
  return static_cast<int>(state.base + state.fed.size());
}

bool DraftProposer::IsSteady(const Lane& lane) const {
  return lane.drafts && RowsOf(lane) <= options_.steady_rows;
}

// Cuts the KV to what agrees with `tokens`. The last token always leaves: its row has to run again
// for its logits.
void DraftProposer::Agree(SlotId slot, std::span<const TokenId> tokens) {
  SlotState& state = StateOf(slot);
  const std::size_t known = tokens.empty() ? 0 : tokens.size() - 1;
  const std::size_t most = std::min(known - std::min(known, state.base), state.fed.size());
  std::size_t same = std::min(state.agreed, most);
  while (same < most && state.fed[same] == tokens[state.base + same]) ++same;
  state.agreed = same;
  if (same == 0) state.base = 0;
  CutTo(slot, same);
}

void DraftProposer::CutTo(SlotId slot, std::size_t length) {
  SlotState& state = StateOf(slot);
  if (length >= state.fed.size()) return;
  // Memory that cannot be cut there can still be emptied.
  if (!model_->Truncate(slot, static_cast<int>(length)).ok()) return Forget(slot);
  state.fed.resize(length);
  state.agreed = std::min(state.agreed, length);
}

// The text is taken to begin with its newest tokens. What the KV held of it goes.
void DraftProposer::BeginAnew(const ProposalTask& task) {
  Forget(task.slot);
  StateOf(task.slot).base = task.tokens.size() - static_cast<std::size_t>(task.recent);
}

void DraftProposer::Forget(SlotId slot) {
  StateOf(slot).base = 0;
  StateOf(slot).fed.clear();
  StateOf(slot).agreed = 0;
  // Emptying a slot is the one thing that every memory can do.
  static_cast<void>(model_->Truncate(slot, 0));
}

Status DraftProposer::Propose(std::span<ProposalTask> tasks, int catch_up_rows,
                              const KeepDraftingFn& keep_drafting,
                              std::vector<PassTiming>& passes) {
  PlanLanes(tasks, std::max(options_.catch_up_rows, catch_up_rows));
  EqualiseRows();
  for (int depth = 1; !lanes_.empty(); ++depth) {
    if (Status fed = FeedLanes(tasks, passes); !fed.ok()) return fed;
    KeepWanted(tasks, keep_drafting, depth);
  }
  return Ok();
}

void DraftProposer::PlanLanes(std::span<const ProposalTask> tasks, int catch_up_left) {
  lanes_.clear();
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (tasks[i].slot >= model_->info().slots || tasks[i].tokens.empty()) continue;
    Agree(tasks[i].slot, tasks[i].tokens);
    const int lag = Lag(tasks[i].slot, CommittedLength(tasks[i]));
    if (tasks[i].recent > 0 && lag > tasks[i].recent && catch_up_left > 0) BeginAnew(tasks[i]);
    Lane lane{.task = i, .slot = tasks[i].slot};
    if (PlanLane(tasks[i], catch_up_left, lane)) lanes_.push_back(lane);
  }
}

bool DraftProposer::PlanLane(const ProposalTask& task, int& catch_up_left, Lane& lane) const {
  const int committed = CommittedLength(task);
  // The row before the last drafted token must fit: committed + limit - 1 <= context.
  const int held = committed - BaseOf(lane.slot);
  lane.limit = std::min(task.limit, model_->info().context_per_slot - held + 1);
  if (task.proposal->length() >= lane.limit) return false;
  lane.end = committed + task.proposal->length();
  lane.drafts = true;
  lane.guesses_from = committed;
  if (!IsSteady(lane)) {
    if (task.late_guesses != nullptr) {
      lane.guesses_from = std::max(task.first_output, committed - options_.late_guesses);
    }
    if (RowsOf(lane) > catch_up_left) {
      lane.drafts = false;
      lane.end = std::min(FedEnd(lane.slot) + catch_up_left, committed - 1);
    }
    catch_up_left -= RowsOf(lane);
  }
  for (int position = FedEnd(lane.slot); position < lane.end; ++position) {
    if (TokenAt(task, position) >= model_->info().vocabulary_size) return false;
  }
  return RowsOf(lane) > 0;
}

// Under equal-length passes a lag of 1 beside a lag of 2 costs a pass more. Then the shorter ones
// feed some tokens again, which only adds rows to a pass that is made anyway.
void DraftProposer::EqualiseRows() {
  if (!model_->info().can_truncate) return;
  int longest = 0;
  for (const Lane& lane : lanes_) {
    if (IsSteady(lane)) longest = std::max(longest, RowsOf(lane));
  }
  std::vector<int> as_is(slots_.size());
  std::vector<int> equal(slots_.size());
  for (const Lane& lane : lanes_) {
    const auto slot = static_cast<std::size_t>(lane.slot);
    as_is[slot] = RowsOf(lane);
    equal[slot] = IsSteady(lane) ? std::min(longest, lane.end - BaseOf(lane.slot)) : as_is[slot];
  }
  if (equal == as_is || model_->Passes(equal).size() >= model_->Passes(as_is).size()) return;
  for (const Lane& lane : lanes_) {
    const int rows = equal[static_cast<std::size_t>(lane.slot)];
    CutTo(lane.slot, static_cast<std::size_t>(lane.end - rows - BaseOf(lane.slot)));
  }
}

void DraftProposer::KeepWanted(std::span<const ProposalTask> tasks,
                               const KeepDraftingFn& keep_drafting, int depth) {
  std::erase_if(lanes_, [&](const Lane& lane) {
    return !lane.drafts || tasks[lane.task].proposal->length() >= lane.limit;
  });
  if (lanes_.empty()) return;
  if (keep_drafting) {
    keep_.assign(tasks.size(), 0);
    for (const Lane& lane : lanes_) keep_[lane.task] = 1;
    keep_drafting(depth, keep_);
    std::erase_if(lanes_, [&](const Lane& lane) { return keep_[lane.task] == 0; });
  }
  for (Lane& lane : lanes_) {
    lane.end = CommittedLength(tasks[lane.task]) + tasks[lane.task].proposal->length();
  }
}

// One Forward for all lanes unless the model's limits cut it. Logits are gone with the next
// Forward, so that each one is read out before.
Status DraftProposer::FeedLanes(std::span<ProposalTask> tasks, std::vector<PassTiming>& passes) {
  const auto max_rows = static_cast<std::size_t>(model_->info().max_rows_per_forward);
  const int max_logits = model_->info().max_logits_per_forward;
  // Guesses take what drafting leaves.
  const int max_guessed = max_logits - static_cast<int>(lanes_.size());
  int logits = 0;
  rows_.clear();
  row_tasks_.clear();
  for (const Lane& lane : lanes_) {
    const int base = BaseOf(lane.slot);
    const int committed = CommittedLength(tasks[lane.task]);
    for (int position = FedEnd(lane.slot); position < lane.end; ++position) {
      const bool guesses =
          position + 1 >= lane.guesses_from && position + 1 < committed && logits < max_guessed;
      const bool wants_logits = guesses || (lane.drafts && position == lane.end - 1);
      const bool logits_full = wants_logits && logits == max_logits;
      if (rows_.size() == max_rows || logits_full) {
        if (Status done = Forward(tasks, passes); !done.ok()) return done;
        logits = 0;
      }
      rows_.push_back(
          {lane.slot, position - base, TokenAt(tasks[lane.task], position), wants_logits});
      row_tasks_.push_back(lane.task);
      logits += wants_logits ? 1 : 0;
    }
  }
  return Forward(tasks, passes);
}

Status DraftProposer::Forward(std::span<ProposalTask> tasks, std::vector<PassTiming>& passes) {
  PassTiming timing = DescribeRows();
  const Seconds begin = clock_.Now();
  if (Status done = model_->Forward(rows_); !done.ok()) {
    for (const Row& row : rows_) Forget(row.slot);
    return Error{done.error().code, "draft model: " + done.error().message};
  }
  timing.seconds = clock_.Now() - begin;
  passes.push_back(timing);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const ProposalTask& task = tasks[row_tasks_[i]];
    SlotState& state = StateOf(rows_[i].slot);
    state.fed.push_back(rows_[i].token);
    const std::size_t committed = task.tokens.size() - 1 - state.base;
    state.agreed = std::max(state.agreed, std::min(state.fed.size(), committed));
    if (rows_[i].wants_logits) ReadLogits(rows_[i], model_->Logits(static_cast<int>(i)), task);
  }
  rows_.clear();
  row_tasks_.clear();
  return Ok();
}

// All but the time. Before they are computed: what passes they make depends on what slots hold.
PassTiming DraftProposer::DescribeRows() const {
  std::vector<int> rows_by_slot(slots_.size());
  double attended = 0;
  for (const Row& row : rows_) {
    ++rows_by_slot[static_cast<std::size_t>(row.slot)];
    attended += row.position + 1;
  }
  const std::vector<Pass> computed = model_->Passes(rows_by_slot);
  PassTiming timing{.sequences = SequencesIn(computed),
                    .passes = static_cast<int>(computed.size()),
                    .mean_context = attended / static_cast<double>(rows_.size())};
  for (const Pass& pass : computed) timing.rows += pass.rows;
  return timing;
}

// Behind the last committed token it drafts, before it it guesses what is known.
void DraftProposer::ReadLogits(const Row& row, std::span<const float> logits,
                               const ProposalTask& task) const {
  const auto known = logits.first(static_cast<std::size_t>(options_.vocabulary_size));
  const int guessed = BaseOf(row.slot) + row.position + 1;
  if (guessed >= CommittedLength(task)) return DraftToken(known, task);
  task.late_guesses->push_back({.confidence = LogOfLargestProbability(known),
                                .agreed = ArgMax(known) == TokenAt(task, guessed)});
}

void DraftProposer::DraftToken(std::span<const float> known, const ProposalTask& task) const {
  Proposal& proposal = *task.proposal;
  Distribution& q = proposal.q.emplace_back();
  // The same feature for drawn and for certain tokens, and never the probability of the drawn one:
  // trimming by that would bias the output.
  proposal.evidence.push_back(
      {.proposer = ProposerKind::kDraftModel, .confidence = LogOfLargestProbability(known)});
  if (task.sampling == nullptr) {
    proposal.tokens.push_back(ArgMax(known));
  } else {
    Transform(known, *task.sampling, q);
    proposal.tokens.push_back(Draw(q, task.random->Uniform()));
  }
}

}  // namespace turbospec
