#include "sim/request_book.h"

#include <algorithm>

#include "core/random.h"

namespace turbospec {
namespace {

TokenId FreeToken(const SimulatedRequest& request, int position) {
  return static_cast<TokenId>(
      MixBits(request.seed + 0x51ed2701u + static_cast<std::uint64_t>(position) * 0x2545f491u) %
      RequestBook::kVocabulary);
}

// The position of the prompt that an answer's token is copied from; -1 = it is new text.
int CopiedFrom(const SimulatedRequest& request, int output_position) {
  const CopyOptions& copy = request.copy;
  if (copy.share <= 0) return -1;
  const int fresh = static_cast<int>(copy.run * (1 - copy.share) / copy.share + 0.5);
  const int stretch = output_position / (copy.run + fresh);
  const int offset = output_position % (copy.run + fresh) - fresh;
  if (offset < 0) return -1;
  const std::uint64_t dice = MixBits(request.seed ^ MixBits(static_cast<std::uint64_t>(stretch)));
  const int starts = request.prompt_tokens - RequestBook::kNameTokens - copy.run;
  if (starts < 1) return -1;
  return RequestBook::kNameTokens + static_cast<int>(dice % static_cast<std::uint64_t>(starts)) +
         offset;
}

}  // namespace

std::size_t RequestBook::Add(const SimulatedRequest& request) {
  requests_.push_back(request);
  return requests_.size() - 1;
}

TokenId RequestBook::TokenAt(std::size_t index, int position) const {
  if (position < kNameTokens) {
    return static_cast<TokenId>(index >> (8 * position) & (kVocabulary - 1));
  }
  const SimulatedRequest& request = requests_[index];
  if (position < request.prompt_tokens || request.copy.share <= 0) {
    return FreeToken(request, position);
  }
  const int source = CopiedFrom(request, position - request.prompt_tokens);
  if (source < 0) return FreeToken(request, position);
  const bool kept =
      UniformAt(request.seed, static_cast<std::uint64_t>(position)) < request.copy.fidelity;
  return FreeToken(request, kept ? source : position);
}

std::vector<TokenId> RequestBook::Prompt(std::size_t index) const {
  std::vector<TokenId> prompt(static_cast<std::size_t>(requests_[index].prompt_tokens));
  for (std::size_t i = 0; i < prompt.size(); ++i) prompt[i] = TokenAt(index, static_cast<int>(i));
  return prompt;
}

std::size_t RequestBook::IndexOf(std::span<const TokenId, kNameTokens> name) const {
  std::size_t index = 0;
  for (int i = 0; i < kNameTokens; ++i) {
    index |= static_cast<std::size_t>(name[static_cast<std::size_t>(i)]) << (8 * i);
  }
  return std::min(index, requests_.size());
}

}  // namespace turbospec
