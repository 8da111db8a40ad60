#include "sim/simulated_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/random.h"
#include "model/gap_fill.h"
#include "model/row_contract.h"
#include "proposers/draft_proposer.h"

namespace turbospec {
namespace {

constexpr int kWidth = RequestBook::kVocabulary;
// Zeros on both sides, so that a view that starts earlier or later moves the peak.
constexpr int kTable = 2 * kWidth - 1;

// Of a draft that has read so many tokens of a text from its middle on. Fitted to the embedded pair
// on stories cut at 600 characters: of the draft tokens that a verification accepted (2.0 of 4),
// 19 % went in the first 24 tokens behind a cut to the last 16, 5 % behind 32, none behind 64.
double Handicap(int read) {
  return 2.5 * std::exp(-read / 12.8);
}

}  // namespace

SimulatedModel::SimulatedModel(const SimulatedModelOptions& options, const SimulatedWorld& world,
                               PassCost cost)
    : world_(world),
      cost_(std::move(cost)),
      slots_(static_cast<std::size_t>(options.slots)),
      rows_by_slot_(static_cast<std::size_t>(options.slots)),
      peaks_(static_cast<std::size_t>(kTable * AcceptanceProcess::kConfidences)) {
  info_.name = options.name;
  info_.vocabulary_size = kWidth;
  info_.slots = options.slots;
  info_.context_per_slot = options.context_per_slot;
  info_.max_rows_per_forward = options.max_rows_per_forward;
  info_.max_logits_per_forward = options.max_rows_per_forward;
  info_.batch_rule = options.batch_rule;
  info_.fills_gaps = options.batch_rule == BatchRule::kEqualLength;
  for (int i = 0; i < AcceptanceProcess::kConfidences; ++i) {
    // Never less likely than the rest, or it would not be the argmax.
    const double p = std::max(AcceptanceProcess::ConfidenceAt(i), 1.5 / kWidth);
    peaks_[static_cast<std::size_t>(i * kTable + kWidth - 1)] =
        static_cast<float>(std::log(p / (1 - p) * (kWidth - 1)));
  }
}

Status SimulatedModel::Forward(std::span<const Row> rows) {
  if (Status checked = CheckRows(*this, rows); !checked.ok()) return checked;
  world_.acceptance->SetTime(world_.clock->Now());
  std::ranges::fill(rows_by_slot_, 0);
  for (const Row& row : rows) ++rows_by_slot_[static_cast<std::size_t>(row.slot)];
  const std::vector<Pass> passes = Passes(rows_by_slot_);
  said_.resize(rows.size());
  double attended = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    Slot& slot = slots_[static_cast<std::size_t>(row.slot)];
    Append(slot, row.token);
    attended += row.position + 1;
    if (row.wants_logits) said_[i] = Next(slot, row.slot, row.position);
  }
  const Seconds cost = CostOfForward(cost_, passes, attended / static_cast<double>(rows.size()));
  world_.clock->Advance(world_.noise->Disturb(cost, world_.clock->Now()));
  return Ok();
}

void SimulatedModel::Append(Slot& slot, TokenId token) {
  if (slot.length < RequestBook::kNameTokens) {
    slot.name[static_cast<std::size_t>(slot.length)] = token;
    slot.start = -1;
    if (slot.length + 1 == RequestBook::kNameTokens) slot.request = world_.book->IndexOf(slot.name);
  }
  ++slot.length;
}

std::span<const float> SimulatedModel::Logits(int row) const {
  const Saying& said = said_[static_cast<std::size_t>(row)];
  const int start = said.confidence * kTable + kWidth - 1 - said.token;
  return std::span(peaks_).subspan(static_cast<std::size_t>(start), kWidth);
}

Status SimulatedModel::Truncate(SlotId slot, int length) {
  Slot& cut = slots_[static_cast<std::size_t>(slot)];
  cut.length = std::min(cut.length, length);
  return Ok();
}

std::vector<Pass> SimulatedModel::Passes(std::span<const int> rows_by_slot) const {
  const int most = info_.max_rows_per_forward;
  if (!info_.fills_gaps || !HasGap(rows_by_slot)) {
    return SplitIntoPasses(info_.batch_rule, rows_by_slot, most);
  }
  std::vector<int> lengths(slots_.size());
  std::ranges::transform(slots_, lengths.begin(), &Slot::length);
  const std::vector<int> fillers =
      PlanGapFill(rows_by_slot, lengths, info_.context_per_slot,
                  {.max_rows_per_pass = most, .max_rows_per_forward = most}, cost_);
  return SplitFilled(rows_by_slot, fillers, most);
}

// A text without a name is nobody's: any token will do.
SimulatedModel::Saying SimulatedModel::Next(Slot& slot, SlotId /*id*/, int position) {
  if (slot.request >= world_.book->size()) return {};
  return {.token = world_.book->TokenAt(slot.request, position + 1)};
}

// The first row whose logits are wanted is near that of the last committed token: a little before
// it where the past is guessed as well, behind it where prompt lookup proposed. The text tells
// which.
int SimulatedDraft::FindStart(const Slot& slot, std::size_t request, int committed,
                              int position) const {
  if (slot.request == request) return 0;
  const auto begins_at = [&](int start) {
    for (const TokenId token : slot.name) {
      if (world().book->TokenAt(request, start++) != token) return false;
    }
    return true;
  };
  const int last = std::max(0, committed - position);
  const int first = std::max(0, last - DraftProposerOptions{}.late_guesses);
  for (int start = first; start <= last + AcceptanceProcess::kMaxDepth; ++start) {
    if (begins_at(start)) return start;
  }
  return last;
}

SimulatedModel::Saying SimulatedDraft::Next(Slot& slot, SlotId id, int position) {
  const RequestBook& book = *world().book;
  const std::size_t request = target_.RequestOf(id);
  if (request >= book.size()) return {};
  // The target holds all committed tokens but the last, whose row makes the first guess.
  const int committed = target_.Length(id);
  if (slot.start < 0) slot.start = FindStart(slot, request, committed, position);
  const int text_position = slot.start + position;
  const SimulatedRequest& of = book.At(request);
  const double handicap = slot.start > 0 ? Handicap(position + 1) : 0;
  const AcceptanceProcess::Guess guess = world().acceptance->At(
      of.class_index, of.seed, text_position + 1, text_position - committed + 1, handicap);
  TokenId token = book.TokenAt(request, text_position + 1);
  if (!guess.agrees) {
    const std::uint64_t other = MixBits(of.seed ^ static_cast<std::uint64_t>(text_position));
    token = static_cast<TokenId>((static_cast<std::uint64_t>(token) + 1 + other % (kWidth - 1)) %
                                 kWidth);
  }
  return {.token = token, .confidence = guess.confidence};
}

}  // namespace turbospec
