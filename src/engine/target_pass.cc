#include "engine/target_pass.h"

#include <algorithm>
#include <cstddef>

namespace turbospec {

TargetPass::TargetPass(Model& target, const Tokenizer& tokenizer, const Clock& clock)
    : target_(target),
      tokenizer_(tokenizer),
      clock_(clock),
      rows_by_slot_(static_cast<std::size_t>(target.info().slots)) {}

void TargetPass::Run(Step& step) {
  context_sum_ = 0;
  row_count_ = 0;
  const std::span<Segment> all(step.segments);
  if (Compute(all, step)) {
    Accept(all, step);
  } else if (all.size() == 1) {
    all.front().error = error_;
  } else {
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::span<Segment> alone = all.subspan(i, 1);
      if (Compute(alone, step)) {
        Accept(alone, step);
      } else {
        alone.front().error = error_;
      }
    }
  }
  if (row_count_ > 0) step.target.mean_context = context_sum_ / row_count_;
}

void TargetPass::AddRows(const Segment& segment) {
  const ActiveRequest& request = *segment.request;
  const auto add = [&](TokenId token, bool wants_logits, int offset) {
    const int position = request.in_kv + offset;
    rows_.push_back({request.slot, position, token, wants_logits});
    context_sum_ += position + 1;
    ++row_count_;
  };
  for (int i = 0; i < segment.fed; ++i) {
    const TokenId token = request.tokens[static_cast<std::size_t>(request.in_kv + i)];
    add(token, segment.samples && i == segment.fed - 1, i);
  }
  for (int i = 0; i < segment.verified; ++i) {
    add(request.proposal.tokens[static_cast<std::size_t>(i)], true, segment.fed + i);
  }
  // Padding repeats a token that is surely in the vocabulary; its KV is cut away after the pass.
  for (int i = 0; i < segment.padding; ++i) {
    add(request.tokens.back(), false, segment.fed + segment.verified + i);
  }
}

// Before they are computed: what passes rows make depends on what slots hold.
void TargetPass::RecordShape(Step& step) {
  std::ranges::fill(rows_by_slot_, 0);
  for (const Row& row : rows_) ++rows_by_slot_[static_cast<std::size_t>(row.slot)];
  const std::vector<Pass> passes = target_.Passes(rows_by_slot_);
  step.target.sequences += SequencesIn(passes);
  for (const Pass& pass : passes) step.target.rows += pass.rows;
  step.target.passes += static_cast<int>(passes.size());
  step.target_passes.insert(step.target_passes.end(), passes.begin(), passes.end());
}

bool TargetPass::Compute(std::span<Segment> segments, Step& step) {
  rows_.clear();
  for (const Segment& segment : segments) AddRows(segment);
  RecordShape(step);
  const Seconds start = clock_.Now();
  Status computed = target_.Forward(rows_);
  step.target.seconds += clock_.Now() - start;
  if (!computed.ok()) error_ = computed.error();
  return computed.ok();
}

void TargetPass::Accept(std::span<Segment> segments, Step& step) {
  const Seconds start = clock_.Now();
  int row = 0;
  for (Segment& segment : segments) {
    ActiveRequest& request = *segment.request;
    if (segment.samples) {
      segment.result =
          CommitVerified(request, target_, row + segment.fed - 1, segment.verified, tokenizer_);
    }
    row += segment.rows();
    request.in_kv += segment.fed + segment.result.accepted;
  }
  step.sampling += clock_.Now() - start;
  for (Segment& segment : segments) {
    const ActiveRequest& request = *segment.request;
    if (target_.Length(request.slot) == request.in_kv) continue;
    if (Status cut = target_.Truncate(request.slot, request.in_kv); !cut.ok()) {
      segment.error = cut.error();
    }
  }
}

}  // namespace turbospec
