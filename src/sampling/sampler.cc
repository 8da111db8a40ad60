#include "sampling/sampler.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

#include "sampling/softmax.h"
#include "sampling/top_tokens.h"

namespace turbospec {
namespace {

bool IsBanned(float logit) {
  return !(logit > -std::numeric_limits<float>::infinity());
}

float At(std::span<const float> logits, TokenId token) {
  return logits[static_cast<std::size_t>(token)];
}

}  // namespace

Sampler::Sampler(SamplingParameters parameters, std::unique_ptr<Grammar> grammar,
                 std::span<const TokenId> prompt)
    : parameters_(std::move(parameters)), grammar_(std::move(grammar)) {
  if (!penalises()) return;
  const auto window = static_cast<std::size_t>(parameters_.penalty_window);
  for (const TokenId token : prompt.last(std::min(window, prompt.size()))) Remember(token);
}

bool Sampler::plain() const {
  return grammar_ == nullptr && !penalises() && parameters_.logit_bias.empty();
}

TokenId Sampler::Sample(std::span<const float> logits, double u) {
  dead_end_ = false;
  if (!plain()) return SampleConstrained(logits, u);
  if (parameters_.greedy()) return ArgMax(logits);
  Transform(logits, parameters_, distribution_);
  return Draw(distribution_, u);
}

TokenId Sampler::SampleConstrained(std::span<const float> logits, double u) {
  scratch_.assign(logits.begin(), logits.end());
  ApplyBiasAndPenalties(scratch_);
  TokenId best = ArgMax(scratch_);
  if (grammar_ != nullptr) {
    // Masking asks the grammar about the whole vocabulary; the argmax alone is usually allowed.
    if (parameters_.greedy() && !IsBanned(At(scratch_, best)) && grammar_->Allows(best)) {
      return best;
    }
    grammar_->Mask(scratch_);
    best = ArgMax(scratch_);
  }
  if (IsBanned(At(scratch_, best))) {
    dead_end_ = true;
    return ArgMax(logits);
  }
  if (parameters_.greedy()) return best;
  Transform(scratch_, parameters_, distribution_);
  return Draw(distribution_, u);
}

void Sampler::TargetDistribution(std::span<const float> logits, Distribution& out) const {
  Transform(logits, parameters_, out);
}

void Sampler::Accept(TokenId token) {
  if (grammar_ != nullptr && grammar_->Allows(token)) grammar_->Accept(token);
  if (penalises()) Remember(token);
}

void Sampler::Remember(TokenId token) {
  window_.push_back(token);
  ++counts_[token];
  if (window_.size() <= static_cast<std::size_t>(parameters_.penalty_window)) return;
  const auto oldest = counts_.find(window_.front());
  if (--oldest->second == 0) counts_.erase(oldest);
  window_.pop_front();
}

void Sampler::ApplyBiasAndPenalties(std::span<float> logits) const {
  for (const LogitBias& entry : parameters_.logit_bias) {
    logits[static_cast<std::size_t>(entry.token)] += entry.bias;
  }
  if (!penalises()) return;
  const auto repetition = static_cast<float>(parameters_.repetition_penalty);
  for (const auto& [token, count] : counts_) {
    if (token < 0 || static_cast<std::size_t>(token) >= logits.size()) continue;
    float& logit = logits[static_cast<std::size_t>(token)];
    // Either way the token becomes less likely, whatever the sign of its logit.
    logit = logit > 0 ? logit / repetition : logit * repetition;
    logit -=
        static_cast<float>(parameters_.presence_penalty + parameters_.frequency_penalty * count);
  }
}

SampledToken Sampler::Describe(std::span<const float> logits, TokenId token) const {
  SampledToken described;
  described.token = token;
  if (parameters_.logprobs < 0) return described;
  const TokenId best = ArgMax(logits);
  const float log_largest = LogOfLargestProbability(logits);
  const auto logprob = [&](TokenId t) { return At(logits, t) - At(logits, best) + log_largest; };
  described.logprob = logprob(token);
  if (parameters_.logprobs == 0) return described;
  std::vector<TokenId> top;
  TopTokens(logits, static_cast<std::size_t>(parameters_.logprobs), top);
  std::sort(top.begin(), top.end(), LikelierFirst{logits});
  for (const TokenId t : top) described.top.push_back({t, logprob(t)});
  return described;
}

}  // namespace turbospec
