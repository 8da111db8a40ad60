#include "bench/scaled/model_agreement.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

#include "sampling/distribution.h"

namespace turbospec {
namespace {

float At(std::span<const float> logits, TokenId token) {
  return logits[static_cast<std::size_t>(token)];
}

// Infinite where one of a pair is no number, so that it cannot pass for agreement.
float LargestDifference(std::span<const float> a, std::span<const float> b) {
  float largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const float difference = std::abs(a[i] - b[i]);
    if (std::isnan(difference)) return std::numeric_limits<float>::infinity();
    largest = std::max(largest, difference);
  }
  return largest;
}

class AgreementRun {
 public:
  AgreementRun(Model& reference, Model& candidate, const Tokenizer& tokenizer, int tokens)
      : reference_(reference), candidate_(candidate), tokenizer_(tokenizer), tokens_(tokens) {}

  // REQUIRES: as many prompts as there are slots, or fewer.
  Status Wave(std::span<const AgreementPrompt> prompts);
  Agreement Take() && { return std::move(agreement_); }

 private:
  struct Lane {
    const AgreementPrompt* prompt = nullptr;
    SlotId slot = 0;
    int generated = 0;
    int limit = 0;
    TokenId next = 0;
    bool alike = true;
    bool ended = false;
  };

  Status Begin(Lane& lane);
  Status Turn();
  Status Forward(std::span<const Row> rows);
  void Compare(Lane& lane, int row);

  Model& reference_;
  Model& candidate_;
  const Tokenizer& tokenizer_;
  const int tokens_;
  std::vector<Lane> lanes_;
  Agreement agreement_;
};

Status AgreementRun::Wave(std::span<const AgreementPrompt> prompts) {
  lanes_.clear();
  for (const AgreementPrompt& prompt : prompts) {
    lanes_.push_back({.prompt = &prompt, .slot = static_cast<SlotId>(lanes_.size())});
    if (Status begun = Begin(lanes_.back()); !begun.ok()) return begun;
  }
  while (std::ranges::any_of(lanes_, [](const Lane& lane) { return !lane.ended; })) {
    if (Status turned = Turn(); !turned.ok()) return turned;
  }
  for (const Lane& lane : lanes_) agreement_.prompts_alike += lane.alike ? 1 : 0;
  agreement_.prompts += static_cast<int>(lanes_.size());
  return Ok();
}

// Feeds the prompt, in pieces that the models accept; its last row gives the first token.
Status AgreementRun::Begin(Lane& lane) {
  for (Model* model : {&reference_, &candidate_}) {
    if (Status emptied = model->Truncate(lane.slot, 0); !emptied.ok()) return emptied;
  }
  const std::vector<TokenId>& tokens = lane.prompt->tokens;
  const auto piece = static_cast<std::size_t>(
      std::min(reference_.info().max_rows_per_forward, candidate_.info().max_rows_per_forward));
  const int context =
      std::min(reference_.info().context_per_slot, candidate_.info().context_per_slot);
  lane.limit = std::min(tokens_, context - static_cast<int>(tokens.size()) + 1);
  std::vector<Row> rows;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    rows.push_back({lane.slot, static_cast<int>(i), tokens[i], i + 1 == tokens.size()});
    if (rows.size() < piece && !rows.back().wants_logits) continue;
    if (Status fed = Forward(rows); !fed.ok()) return fed;
    if (rows.back().wants_logits) Compare(lane, static_cast<int>(rows.size()) - 1);
    rows.clear();
  }
  return Ok();
}

// One more token of every text that has not ended.
Status AgreementRun::Turn() {
  std::vector<Row> rows;
  std::vector<Lane*> fed;
  for (Lane& lane : lanes_) {
    if (lane.ended) continue;
    rows.push_back({lane.slot, reference_.Length(lane.slot), lane.next, true});
    fed.push_back(&lane);
  }
  if (Status forwarded = Forward(rows); !forwarded.ok()) return forwarded;
  for (std::size_t i = 0; i < fed.size(); ++i) Compare(*fed[i], static_cast<int>(i));
  return Ok();
}

Status AgreementRun::Forward(std::span<const Row> rows) {
  if (Status status = reference_.Forward(rows); !status.ok()) return status;
  return candidate_.Forward(rows);
}

void AgreementRun::Compare(Lane& lane, int row) {
  const std::span<const float> reference = reference_.Logits(row);
  const std::span<const float> candidate = candidate_.Logits(row);
  const TokenId mine = ArgMax(reference);
  const TokenId other = ArgMax(candidate);
  const float difference = LargestDifference(reference, candidate);
  const auto [least, largest] = std::ranges::minmax(reference);
  Agreement& sums = agreement_;
  ++sums.tokens_compared;
  sums.largest_logit_difference = std::max(sums.largest_logit_difference, difference);
  sums.largest_logit_span = std::max(sums.largest_logit_span, largest - least);
  if (mine != other) {
    lane.alike = false;
    sums.divergences.push_back({.prompt = lane.prompt->id,
                                .position = lane.generated,
                                .reference_token = mine,
                                .candidate_token = other,
                                .reference_gap = At(reference, mine) - At(reference, other),
                                .candidate_gap = At(candidate, other) - At(candidate, mine)});
  }
  lane.next = mine;
  ++lane.generated;
  lane.ended = lane.generated == lane.limit || tokenizer_.EndsGeneration(mine);
}

Status Check(const ModelInfo& reference, const ModelInfo& candidate, const Tokenizer& tokenizer,
             std::span<const AgreementPrompt> prompts, int tokens) {
  if (reference.vocabulary_size != candidate.vocabulary_size ||
      reference.vocabulary_size != tokenizer.vocabulary_size()) {
    return InvalidArgument(reference.name + " and " + candidate.name +
                           " differ in the size of their vocabularies");
  }
  if (tokens < 1) return InvalidArgument("at least one token a prompt must be compared");
  const int context = std::min(reference.context_per_slot, candidate.context_per_slot);
  for (const AgreementPrompt& prompt : prompts) {
    const auto length = static_cast<int>(prompt.tokens.size());
    if (length >= 1 && length <= context) continue;
    return InvalidArgument("prompt " + prompt.id + " has " + std::to_string(length) +
                           " tokens; it must have 1 to " + std::to_string(context));
  }
  return Ok();
}

}  // namespace

Result<Agreement> CompareGreedy(Model& reference, Model& candidate, const Tokenizer& tokenizer,
                                std::span<const AgreementPrompt> prompts, int tokens) {
  const ModelInfo& a = reference.info();
  const ModelInfo& b = candidate.info();
  if (Status valid = Check(a, b, tokenizer, prompts, tokens); !valid.ok()) return valid.error();
  // A turn feeds one row of every text and wants its logits.
  const int lanes = std::min({a.slots, b.slots, a.max_rows_per_forward, b.max_rows_per_forward,
                              a.max_logits_per_forward, b.max_logits_per_forward});
  AgreementRun run(reference, candidate, tokenizer, tokens);
  while (!prompts.empty()) {
    const std::size_t count = std::min(prompts.size(), static_cast<std::size_t>(lanes));
    if (Status done = run.Wave(prompts.first(count)); !done.ok()) return done.error();
    prompts = prompts.subspan(count);
  }
  return std::move(run).Take();
}

}  // namespace turbospec
