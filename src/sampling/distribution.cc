#include "sampling/distribution.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "sampling/softmax.h"
#include "sampling/top_tokens.h"

namespace turbospec {
namespace {

// Logits under a temperature, as weights relative to the likeliest token (which weighs 1).
struct Tempered {
  std::span<const float> logits;
  float max = 0;
  float inverse_temperature = 1;

  float WeightOf(TokenId token) const {
    return ExpOfNegative(inverse_temperature * (logits[static_cast<std::size_t>(token)] - max));
  }
  // The logit that weighs `weight`.
  float LogitOf(double weight) const {
    return static_cast<float>(max + std::log(weight) / inverse_temperature);
  }
};

// Finite however small the temperature, so that 0 x it stays 0.
float InverseOf(double temperature) {
  return static_cast<float>(
      std::min(1.0 / temperature, static_cast<double>(std::numeric_limits<float>::max())));
}

void OnePoint(TokenId token, Distribution& out) {
  out.tokens.assign(1, token);
  out.probabilities.assign(1, 1.0f);
}

void WholeVocabulary(const Tempered& tempered, Distribution& out) {
  const std::size_t size = tempered.logits.size();
  out.tokens.resize(size);
  out.probabilities.resize(size);
  const double total =
      ExpWeights(tempered.logits, tempered.max, tempered.inverse_temperature, out.probabilities);
  const auto scale = static_cast<float>(1.0 / total);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const float probability = out.probabilities[i] * scale;
    out.tokens[kept] = static_cast<TokenId>(i);
    out.probabilities[kept] = probability;
    kept += probability > 0 ? 1 : 0;
  }
  out.tokens.resize(kept);
  out.probabilities.resize(kept);
}

// Collects every token that top-p or min-p could keep and returns the mass of ALL tokens: those
// that weigh less than (1 - top_p) / vocabulary of it sum to less than 1 - top_p, hence lie outside
// the nucleus. Half of either bound, so that rounding cannot lose a token.
double CollectLikely(const Tempered& tempered, const SamplingParameters& parameters,
                     std::vector<TokenId>& tokens) {
  const double total = parameters.top_p < 1
                           ? SumOfExp(tempered.logits, tempered.max, tempered.inverse_temperature)
                           : 0.0;
  const double outside =
      (1 - parameters.top_p) * total / static_cast<double>(tempered.logits.size());
  const double bound = std::max(0.5 * std::max(parameters.min_p, outside), 1e-38);
  const float floor = tempered.LogitOf(bound);
  tokens.clear();
  for (std::size_t i = 0; i < tempered.logits.size(); ++i) {
    if (tempered.logits[i] >= floor) tokens.push_back(static_cast<TokenId>(i));
  }
  return total;
}

double MassOf(const Tempered& tempered, std::span<const TokenId> tokens) {
  double mass = 0;
  for (const TokenId token : tokens) mass += tempered.WeightOf(token);
  return mass;
}

// Keeps the likeliest tokens that together reach `wanted`: halves the range in which the last of
// them lies instead of sorting all of it.
void KeepNucleus(const Tempered& tempered, double wanted, std::vector<TokenId>& tokens) {
  constexpr std::ptrdiff_t kSmall = 32;
  const LikelierFirst likelier{tempered.logits};
  auto low = tokens.begin();
  auto high = tokens.end();
  double before = 0;  // mass of [begin, low)
  while (high - low > kSmall) {
    const auto middle = low + (high - low) / 2;
    std::nth_element(low, middle, high, likelier);
    const double upper = MassOf(tempered, {low, middle});
    if (before + upper >= wanted) {
      high = middle;
    } else {
      before += upper;
      low = middle;
    }
  }
  std::sort(low, high, likelier);
  while (low != high && before < wanted) before += tempered.WeightOf(*low++);
  tokens.erase(low, tokens.end());
}

// Compares logits, not weights: rounding in the exponential must not reorder tokens.
void DropUnderMinP(const Tempered& tempered, double min_p, std::vector<TokenId>& tokens) {
  const float floor = tempered.LogitOf(min_p);
  std::erase_if(tokens, [&](TokenId token) {
    return tempered.logits[static_cast<std::size_t>(token)] < floor;
  });
}

// Truncation keeps the first tokens in order of likelihood, so the last of them tells all: when
// many stay, one more walk over the vocabulary is cheaper than sorting them.
void OrderById(const Tempered& tempered, std::vector<TokenId>& tokens) {
  if (tokens.size() < tempered.logits.size() / 16) {
    std::sort(tokens.begin(), tokens.end());
    return;
  }
  const LikelierFirst likelier{tempered.logits};
  const TokenId last = *std::max_element(tokens.begin(), tokens.end(), likelier);
  const float cut = tempered.logits[static_cast<std::size_t>(last)];
  std::size_t kept = 0;
  for (std::size_t i = 0; i < tempered.logits.size() && kept < tokens.size(); ++i) {
    const float logit = tempered.logits[i];
    const auto token = static_cast<TokenId>(i);
    tokens[kept] = token;
    kept += logit > cut || (logit == cut && token <= last) ? 1 : 0;
  }
}

void Normalise(const Tempered& tempered, Distribution& out) {
  std::erase_if(out.tokens, [&](TokenId token) { return tempered.WeightOf(token) == 0; });
  OrderById(tempered, out.tokens);
  const auto scale = static_cast<float>(1.0 / MassOf(tempered, out.tokens));
  out.probabilities.resize(out.tokens.size());
  for (std::size_t i = 0; i < out.tokens.size(); ++i) {
    out.probabilities[i] = tempered.WeightOf(out.tokens[i]) * scale;
  }
}

}  // namespace

float Distribution::ProbabilityOf(TokenId token) const {
  const auto found = std::lower_bound(tokens.begin(), tokens.end(), token);
  if (found == tokens.end() || *found != token) return 0;
  return probabilities[static_cast<std::size_t>(found - tokens.begin())];
}

void Transform(std::span<const float> logits, const SamplingParameters& parameters,
               Distribution& out) {
  const TokenId best = ArgMax(logits);
  const float max = logits[static_cast<std::size_t>(best)];
  if (parameters.greedy() || !std::isfinite(max)) return OnePoint(best, out);

  const Tempered tempered{logits, max, InverseOf(parameters.temperature)};
  const auto k = static_cast<std::size_t>(parameters.top_k);
  const bool cuts_k = k > 0 && k < logits.size();
  if (!cuts_k && parameters.top_p >= 1 && parameters.min_p <= 0) {
    return WholeVocabulary(tempered, out);
  }
  double mass = 0;
  if (cuts_k) {
    TopTokens(logits, k, out.tokens);
    mass = MassOf(tempered, out.tokens);
  } else {
    mass = CollectLikely(tempered, parameters, out.tokens);
  }
  if (parameters.top_p < 1) KeepNucleus(tempered, parameters.top_p * mass, out.tokens);
  if (parameters.min_p > 0) DropUnderMinP(tempered, parameters.min_p, out.tokens);
  Normalise(tempered, out);
}

TokenId Draw(const Distribution& distribution, double u) {
  double cumulative = 0;
  for (std::size_t i = 0; i < distribution.tokens.size(); ++i) {
    cumulative += distribution.probabilities[i];
    if (u < cumulative) return distribution.tokens[i];
  }
  return distribution.tokens.back();  // the mass that rounding lost
}

}  // namespace turbospec
