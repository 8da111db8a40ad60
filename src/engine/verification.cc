#include "engine/verification.h"

#include <cstddef>
#include <span>
#include <utility>

#include "sampling/distribution.h"
#include "sampling/rejection.h"

namespace turbospec {
namespace {

struct Choice {
  TokenId token = 0;
  bool accepted = false;  // the draft token of this depth survived
};

// The draw of `match` depends on the output position alone, so that a seed gives the same text
// whatever was drafted.
Choice ByMatch(ActiveRequest& request, std::span<const float> logits, const TokenId* draft) {
  const double u = UniformAt(request.sampler.parameters().seed,
                             static_cast<std::uint64_t>(request.output_size()));
  const TokenId token = request.sampler.Sample(logits, u);
  return {token, draft != nullptr && *draft == token};
}

Choice ByRejection(ActiveRequest& request, std::span<const float> logits, const TokenId* draft,
                   std::size_t depth) {
  Distribution& p = request.target_distribution;
  request.sampler.TargetDistribution(logits, p);
  if (draft == nullptr) return {Draw(p, request.random.Uniform()), false};
  const double u_accept = request.random.Uniform();
  const double u_residual = request.random.Uniform();
  const Verdict verdict =
      VerifyByRejection(p, request.proposal.q[depth], *draft, u_accept, u_residual);
  return {verdict.token, verdict.accepted};
}

void End(ActiveRequest& request, FinishReason reason) {
  Finish finish;
  finish.reason = reason;
  finish.stop_text = request.text.matched();
  request.finish = std::move(finish);
}

// Appends one token everywhere it belongs and ends the output where it must.
void Commit(ActiveRequest& request, std::span<const float> logits, TokenId token,
            const Tokenizer& tokenizer) {
  request.tokens.push_back(token);
  request.sampler.Accept(token);
  if (!request.ignore_end && tokenizer.EndsGeneration(token)) {
    request.text.Finish(request.delta.text);
    return End(request, FinishReason::kStop);
  }
  const std::string_view piece = tokenizer.Piece(token);
  request.delta.tokens.push_back({request.sampler.Describe(logits, token), piece});
  if (request.text.Append(piece, request.delta.text)) return End(request, FinishReason::kStop);
  if (request.output_size() < request.max_output) return;
  request.text.Finish(request.delta.text);
  // A stop string may complete in the last character that was held back.
  End(request, request.text.matched().empty() ? FinishReason::kLength : FinishReason::kStop);
}

}  // namespace

VerifiedTokens CommitVerified(ActiveRequest& request, const Model& target, int first_row,
                              int verified, const Tokenizer& tokenizer) {
  VerifiedTokens result;
  for (int depth = 0; depth <= verified; ++depth) {
    const auto index = static_cast<std::size_t>(depth);
    const TokenId* draft = depth < verified ? &request.proposal.tokens[index] : nullptr;
    const std::span<const float> logits = target.Logits(first_row + depth);
    const Choice choice = request.by_rejection ? ByRejection(request, logits, draft, index)
                                               : ByMatch(request, logits, draft);
    if (request.sampler.dead_end()) {
      request.text.Finish(request.delta.text);
      End(request, FinishReason::kStop);
      break;
    }
    Commit(request, logits, choice.token, tokenizer);
    ++result.committed;
    result.accepted += choice.accepted ? 1 : 0;
    if (!choice.accepted || request.finish) break;
  }
  return result;
}

}  // namespace turbospec
