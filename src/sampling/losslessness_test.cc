// The acceptance rules keep the target's distribution: chains are drawn by draft, trim, verify, and
// the joint distribution of their first tokens is compared with the exact one. Rules that are wrong
// on purpose must fail the same comparison, or it would prove nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "core/random.h"
#include "sampling/chi_square.h"
#include "sampling/distribution.h"
#include "sampling/rejection.h"

namespace turbospec {
namespace {

constexpr int kVocabulary = 6;
constexpr int kCompared = 3;  // tokens of the joint distribution
constexpr int kDepth = 4;
constexpr int kChains = 120'000;
constexpr double kLossless = 1e-4;
constexpr double kBiased = 1e-6;

using Context = std::array<TokenId, 2>;  // the last two tokens
constexpr Context kStart = {0, 1};

Context Next(const Context& context, TokenId token) {
  return {context[1], token};
}

std::size_t IndexOf(const Context& context) {
  return static_cast<std::size_t>(context[0] * kVocabulary + context[1]);
}

// Target and draft as tables of distributions by context; the draft is wrong in every one.
struct World {
  std::vector<Distribution> p;
  std::vector<Distribution> q;

  World(const SamplingParameters& parameters, std::uint64_t seed) : p(36), q(36) {
    RandomStream random(seed);
    std::array<float, kVocabulary> target;
    std::array<float, kVocabulary> draft;
    for (std::size_t c = 0; c < p.size(); ++c) {
      for (std::size_t t = 0; t < kVocabulary; ++t) {
        target[t] = static_cast<float>(4 * random.Uniform());
        draft[t] = 0.6f * target[t] + static_cast<float>(2.5 * random.Uniform());
      }
      Transform(target, parameters, p[c]);
      Transform(draft, parameters, q[c]);
    }
  }

  const Distribution& P(const Context& c) const { return p[IndexOf(c)]; }
  const Distribution& Q(const Context& c) const { return q[IndexOf(c)]; }

  // What a controller sees of a depth before its token is drawn: a function of the prefix.
  double Evidence(const Context& c) const { return *std::ranges::max_element(Q(c).probabilities); }
};

enum class Trim {
  kNever,
  kCausal,       // token j enters while the evidence up to its own depth is good
  kByNext,       // the last tokens leave when the depth AFTER them looks bad: not causal
  kByDrawnToken  // tokens leave when they were unlikely under q: not causal either
};

enum class Rule {
  kMatch,
  kRejection,
  kRejectionOfCertain,  // proposals that were not drawn (prompt lookup): q is empty
  kAcceptsTooMuch,      // p > q/2 is enough
  kResidualNotNormalised,
  kBonusFromTarget  // after a rejection draws from p instead of (p - q)+
};

// Draws chains of kCompared tokens and counts them.
class ChainSimulation {
 public:
  ChainSimulation(const World& world, Rule rule, Trim trim)
      : world_(world), rule_(rule), trim_(trim) {}

  std::vector<TokenId> Chain(std::uint64_t seed) {
    seed_ = seed;
    fresh_ = RandomStream(MixBits(seed));
    output_.clear();
    context_ = kStart;
    while (static_cast<int>(output_.size()) < kCompared) Step();
    return output_;
  }

  double PValue() {
    std::vector<long> counts(kVocabulary * kVocabulary * kVocabulary);
    for (int i = 0; i < kChains; ++i) {
      const std::vector<TokenId> chain = Chain(static_cast<std::uint64_t>(i));
      ++counts[static_cast<std::size_t>((chain[0] * kVocabulary + chain[1]) * kVocabulary +
                                        chain[2])];
    }
    return ChiSquarePValue(counts, Exact());
  }

  long steps = 0;
  long trimmed = 0;  // steps that verified less than the full depth
  long accepted = 0;

 private:
  std::vector<double> Exact() const {
    std::vector<double> joint;
    for (TokenId a = 0; a < kVocabulary; ++a) {
      for (TokenId b = 0; b < kVocabulary; ++b) {
        for (TokenId c = 0; c < kVocabulary; ++c) {
          const Context second = Next(kStart, a);
          joint.push_back(double{world_.P(kStart).ProbabilityOf(a)} *
                          world_.P(second).ProbabilityOf(b) *
                          world_.P(Next(second, b)).ProbabilityOf(c));
        }
      }
    }
    return joint;
  }

  bool matches() const { return rule_ == Rule::kMatch; }

  TokenId DraftToken(const Distribution& q) {
    if (!matches() && rule_ != Rule::kRejectionOfCertain) return Draw(q, fresh_.Uniform());
    const auto best = std::ranges::max_element(q.probabilities);
    return q.tokens[static_cast<std::size_t>(best - q.probabilities.begin())];
  }

  std::vector<TokenId> Propose() {
    constexpr double kEnough = 0.2;
    std::vector<TokenId> draft;
    Context context = context_;
    double survival = 1;
    for (int depth = 0; depth < kDepth; ++depth) {
      survival *= world_.Evidence(context);
      if (trim_ == Trim::kCausal && survival < kEnough) break;
      const TokenId token = DraftToken(world_.Q(context));
      if (trim_ == Trim::kByDrawnToken && world_.Q(context).ProbabilityOf(token) < kEnough) break;
      context = Next(context, token);
      if (trim_ == Trim::kByNext && world_.Evidence(context) < 0.45) break;
      draft.push_back(token);
    }
    trimmed += static_cast<int>(draft.size()) < kDepth ? 1 : 0;
    return draft;
  }

  Verdict Verify(const Distribution& p, const Distribution& q, TokenId draft) {
    const double u_accept = fresh_.Uniform();
    const double u_residual = fresh_.Uniform();
    Verdict verdict = VerifyByRejection(p, q, draft, u_accept, u_residual);
    if (rule_ == Rule::kAcceptsTooMuch) {
      if (p.ProbabilityOf(draft) > q.ProbabilityOf(draft) / 2) return {true, draft};
    } else if (rule_ == Rule::kBonusFromTarget && !verdict.accepted) {
      verdict.token = Draw(p, u_residual);
    } else if (rule_ == Rule::kResidualNotNormalised && !verdict.accepted) {
      double cumulative = 0;
      for (std::size_t i = 0; i < p.tokens.size(); ++i) {
        verdict.token = p.tokens[i];
        cumulative += std::max(0.0f, p.probabilities[i] - q.ProbabilityOf(p.tokens[i]));
        if (u_residual < cumulative) break;
      }
    }
    return verdict;
  }

  void Commit(TokenId token) {
    context_ = Next(context_, token);
    if (static_cast<int>(output_.size()) < kCompared) output_.push_back(token);
  }

  // Draws of the match rule belong to the output position, whatever step reaches it.
  TokenId TargetSample() {
    const double u = matches() ? UniformAt(seed_, output_.size()) : fresh_.Uniform();
    return Draw(world_.P(context_), u);
  }

  const Distribution& WhatDrewIt() const {
    static const Distribution kCertain;
    return rule_ == Rule::kRejectionOfCertain ? kCertain : world_.Q(context_);
  }

  void Step() {
    ++steps;
    for (const TokenId draft : Propose()) {
      const Verdict verdict = matches() ? Verdict{TargetSample() == draft, TargetSample()}
                                        : Verify(world_.P(context_), WhatDrewIt(), draft);
      Commit(verdict.token);
      if (!verdict.accepted) return;
      ++accepted;
    }
    Commit(TargetSample());
  }

  const World& world_;
  Rule rule_;
  Trim trim_;
  std::uint64_t seed_ = 0;
  RandomStream fresh_{0};
  Context context_ = kStart;
  std::vector<TokenId> output_;
};

struct Configuration {
  double temperature;
  double top_p;
  Rule rule;
  Trim trim;
};

std::string NameOf(const testing::TestParamInfo<Configuration>& info) {
  const Configuration& c = info.param;
  const char* const rule = c.rule == Rule::kMatch       ? "Match"
                           : c.rule == Rule::kRejection ? "Rejection"
                                                        : "RejectionOfCertain";
  return std::string(rule) + (c.trim == Trim::kCausal ? "Trimmed" : "Whole") + "T" +
         std::to_string(static_cast<int>(c.temperature * 10)) + "P" +
         std::to_string(static_cast<int>(c.top_p * 10));
}

std::vector<Configuration> AllConfigurations() {
  std::vector<Configuration> all;
  for (const Rule rule : {Rule::kMatch, Rule::kRejection, Rule::kRejectionOfCertain}) {
    for (const Trim trim : {Trim::kNever, Trim::kCausal}) {
      for (const double temperature : {0.5, 1.0, 1.7}) {
        for (const double top_p : {1.0, 0.8}) all.push_back({temperature, top_p, rule, trim});
      }
    }
  }
  return all;
}

class Losslessness : public testing::TestWithParam<Configuration> {};

TEST_P(Losslessness, TheFirstTokensFollowTheTarget) {
  const Configuration& c = GetParam();
  const World world({.temperature = c.temperature, .top_p = c.top_p}, 21);
  ChainSimulation simulation(world, c.rule, c.trim);
  EXPECT_GT(simulation.PValue(), kLossless);
  EXPECT_GT(simulation.accepted, kChains / 10) << "nothing was speculated on";
  if (c.trim == Trim::kCausal) {
    EXPECT_GT(simulation.trimmed, simulation.steps / 10) << "nothing was trimmed";
  }
}

INSTANTIATE_TEST_SUITE_P(All, Losslessness, testing::ValuesIn(AllConfigurations()), NameOf);

double PValueOf(Rule rule, Trim trim) {
  const World world({.temperature = 1.0}, 21);
  return ChainSimulation(world, rule, trim).PValue();
}

TEST(LosslessnessTestItself, CatchesARuleThatAcceptsTooMuch) {
  EXPECT_LT(PValueOf(Rule::kAcceptsTooMuch, Trim::kNever), kBiased);
}

TEST(LosslessnessTestItself, CatchesAResidualThatIsNotNormalised) {
  EXPECT_LT(PValueOf(Rule::kResidualNotNormalised, Trim::kNever), kBiased);
}

TEST(LosslessnessTestItself, CatchesABonusDrawnFromTheTargetAfterARejection) {
  EXPECT_LT(PValueOf(Rule::kBonusFromTarget, Trim::kNever), kBiased);
}

TEST(LosslessnessTestItself, CatchesTrimmingByTheDrawnToken) {
  EXPECT_LT(PValueOf(Rule::kRejection, Trim::kByDrawnToken), kBiased);
}

TEST(LosslessnessTestItself, CatchesTrimmingByTheEvidenceAfterTheToken) {
  EXPECT_LT(PValueOf(Rule::kRejection, Trim::kByNext), kBiased);
}

TEST(MatchRule, ASeedGivesTheSameTextWhateverThePlan) {
  const World world({.temperature = 1.0}, 21);
  ChainSimulation whole(world, Rule::kMatch, Trim::kNever);
  ChainSimulation trimmed(world, Rule::kMatch, Trim::kCausal);
  ChainSimulation odd(world, Rule::kMatch, Trim::kByNext);
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const std::vector<TokenId> text = whole.Chain(seed);
    EXPECT_EQ(trimmed.Chain(seed), text);
    EXPECT_EQ(odd.Chain(seed), text);
  }
}

TEST(ChiSquare, TailAgreesWithTables) {
  EXPECT_NEAR(ChiSquareTail(18.307, 10), 0.05, 0.001);
  EXPECT_NEAR(ChiSquareTail(149.449, 100), 0.001, 0.00005);
}

TEST(ChiSquare, WhatCannotHappenHasNoPValue) {
  EXPECT_EQ(ChiSquarePValue(std::vector<long>{50, 49, 1}, std::vector<double>{0.5, 0.5, 0}), 0);
}

}  // namespace
}  // namespace turbospec
