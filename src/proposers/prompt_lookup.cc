#include "proposers/prompt_lookup.h"

#include <algorithm>
#include <cstddef>

namespace turbospec {

Status Validate(const PromptLookupOptions& options) {
  if (options.max_match < 1 || options.max_match > 30) {
    return InvalidArgument("prompt lookup: max_match must be in [1, 30]");
  }
  if (options.min_match < 1 || options.min_match > options.max_match) {
    return InvalidArgument("prompt lookup: min_match must be in [1, max_match]");
  }
  if (options.max_proposal < 1) {
    return InvalidArgument("prompt lookup: max_proposal must be at least 1");
  }
  return Ok();
}

PromptLookup::PromptLookup(const PromptLookupOptions& options, int slots)
    : options_(options), slots_(static_cast<std::size_t>(slots), NgramIndex(options.max_match)) {}

void PromptLookup::Start(SlotId slot, std::span<const TokenId> prompt) {
  slots_[static_cast<std::size_t>(slot)].Clear();
  Commit(slot, prompt);
}

void PromptLookup::Commit(SlotId slot, std::span<const TokenId> tokens) {
  NgramIndex& index = slots_[static_cast<std::size_t>(slot)];
  for (std::size_t i = index.tokens().size(); i < tokens.size(); ++i) index.Append(tokens[i]);
}

void PromptLookup::Finish(SlotId slot) {
  slots_[static_cast<std::size_t>(slot)].Clear();
}

LookupMatch PromptLookup::Match(SlotId slot) const {
  const NgramMatch match = IndexOf(slot).MatchSuffix(options_.min_match);
  if (match.length == 0) return {};
  return {match.length, match.occurrences, match.agreeing, options_.max_proposal};
}

void PromptLookup::Peek(SlotId slot, int limit, std::vector<TokenId>& tokens) const {
  tokens.clear();
  const NgramIndex& index = IndexOf(slot);
  const NgramMatch match = index.MatchSuffix(options_.min_match);
  if (match.length == 0) return;
  const int period = static_cast<int>(index.tokens().size()) - match.continuation;
  for (int depth = 0; depth < std::min(limit, options_.max_proposal); ++depth) {
    const auto at =
        static_cast<std::size_t>(depth < period ? match.continuation + depth : depth - period);
    tokens.push_back(TokenId{depth < period ? index.tokens()[at] : tokens[at]});
  }
}

Status PromptLookup::Propose(std::span<ProposalTask> tasks, int /*catch_up_rows*/,
                             const KeepDraftingFn& /*keep_drafting*/,
                             std::vector<PassTiming>& /*passes*/) {
  for (ProposalTask& task : tasks) {
    if (task.proposal->length() > 0) continue;
    Extend(IndexOf(task.slot), std::min(task.limit, options_.max_proposal), *task.proposal);
  }
  return Ok();
}

void PromptLookup::Extend(const NgramIndex& index, int limit, Proposal& proposal) const {
  const NgramMatch match = index.MatchSuffix(options_.min_match);
  if (match.length == 0) return;
  const int period = static_cast<int>(index.tokens().size()) - match.continuation;
  for (int depth = 0; depth < limit; ++depth) {
    if (depth >= period) {
      // Copying its own beginning: the place before it says all there is to know.
      const auto before = static_cast<std::size_t>(depth - period);
      proposal.tokens.push_back(TokenId{proposal.tokens[before]});
      proposal.evidence.push_back(DraftEvidence{proposal.evidence[before]});
    } else {
      const int at = match.continuation + depth;
      const NgramMatch place =
          index.StatisticsAt(at, std::min(match.length + depth, options_.max_match));
      proposal.tokens.push_back(index.tokens()[static_cast<std::size_t>(at)]);
      proposal.evidence.push_back({.proposer = ProposerKind::kPromptLookup,
                                   .match_length = place.length,
                                   .occurrences = place.occurrences,
                                   .agreeing = place.agreeing});
    }
    proposal.q.emplace_back();
  }
}

}  // namespace turbospec
