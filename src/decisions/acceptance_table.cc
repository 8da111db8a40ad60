#include "decisions/acceptance_table.h"

#include <cstddef>
#include <numeric>

namespace turbospec {
namespace {

constexpr double kPriorLabels = 4;

double Drawn(std::int64_t accepted, std::int64_t tried, double to) {
  return (static_cast<double>(accepted) + kPriorLabels * to) /
         (static_cast<double>(tried) + kPriorLabels);
}

}  // namespace

int LabelsOf(const RequestRecord& request) {
  if (request.failed) return 0;
  const bool contradicted =
      request.accepted < request.verified && request.committed > request.accepted;
  return request.accepted + (contradicted ? 1 : 0);
}

void AcceptanceTable::Add(const StepRecord& record) {
  for (const RequestRecord& request : record.requests) AddRequest(record, request);
}

void AcceptanceTable::AddRequest(const StepRecord& record, const RequestRecord& request) {
  const auto evidence = record.EvidenceOf(request);
  const int labels = LabelsOf(request);
  std::array<bool, kProposerKinds> took_part{};
  for (int j = 0; j < request.proposed; ++j) {
    const auto place = static_cast<std::size_t>(j);
    const auto kind = static_cast<std::size_t>(evidence[place].proposer);
    ProposerAcceptance& counts = proposers_[kind];
    ++counts.proposed;
    if (j >= request.verified) continue;
    ++counts.verified;
    took_part[kind] = true;
    if (j >= labels) continue;
    if (counts.tried_at.size() <= place) {
      counts.tried_at.resize(place + 1);
      counts.accepted_at.resize(place + 1);
    }
    ++counts.tried_at[place];
    if (j >= request.accepted) continue;
    ++counts.accepted;
    ++counts.accepted_at[place];
  }
  for (std::size_t p = 0; p < kProposerKinds; ++p) proposers_[p].proposals += took_part[p] ? 1 : 0;
  ProposerAcceptance& lookup = proposers_[static_cast<std::size_t>(ProposerKind::kPromptLookup)];
  lookup.unused_tried += request.unused_lookup.scored;
  lookup.unused_accepted += request.unused_lookup.agreed;
}

double AcceptanceTable::Conditional(ProposerKind proposer, int depth) const {
  const ProposerAcceptance& counts = of(proposer);
  const std::int64_t tried =
      std::accumulate(counts.tried_at.begin(), counts.tried_at.end(), std::int64_t{0});
  const double pooled = Drawn(counts.accepted, tried, 0.5);
  const auto place = static_cast<std::size_t>(depth - 1);
  if (place >= counts.tried_at.size()) return pooled;
  return Drawn(counts.accepted_at[place], counts.tried_at[place], pooled);
}

}  // namespace turbospec
