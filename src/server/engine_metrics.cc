#include "server/engine_metrics.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace turbospec {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

constexpr std::array<const char*, kProposerKinds> kProposerNames = {"prompt_lookup", "draft_model"};

MetricFamily Counters(const char* name, const char* help) {
  return {name, help, MetricType::Counter, {}};
}

void Add(MetricFamily& family, Labels labels, double value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  if (family.type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  family.metric.push_back(std::move(metric));
}

void Add(MetricFamily& family, Labels labels, std::int64_t count) {
  Add(family, std::move(labels), static_cast<double>(count));
}

MetricFamily Counter(const char* name, const char* help, std::int64_t count) {
  MetricFamily family = Counters(name, help);
  Add(family, {}, count);
  return family;
}

MetricFamily Gauge(const char* name, const char* help, double value) {
  MetricFamily family{name, help, MetricType::Gauge, {}};
  Add(family, {}, value);
  return family;
}

MetricFamily Outcomes(const EngineStatistics& statistics) {
  MetricFamily family =
      Counters("turbospec_requests_total", "Generation requests that ended, by how.");
  Add(family, {{"outcome", "finished"}}, statistics.finished);
  Add(family, {{"outcome", "failed"}}, statistics.failed);
  Add(family, {{"outcome", "cancelled"}}, statistics.cancelled);
  return family;
}

MetricFamily Passes(const EngineStatistics& statistics) {
  MetricFamily family =
      Counters("turbospec_passes_total", "Computations that the models made, by model.");
  Add(family, {{"model", "target"}}, statistics.target_passes);
  Add(family, {{"model", "draft"}}, statistics.draft_passes);
  return family;
}

MetricFamily StepTime(const EngineStatistics& statistics) {
  MetricFamily family =
      Counters("turbospec_step_seconds_total", "Time spent in steps, by what took it.");
  Add(family, {{"part", "draft"}}, statistics.draft_time.count());
  Add(family, {{"part", "target"}}, statistics.target_time.count());
  Add(family, {{"part", "sampling"}}, statistics.sampling_time.count());
  Add(family, {{"part", "host"}}, statistics.host_time.count());
  return family;
}

MetricFamily ByProposer(const char* name, const char* help, const EngineStatistics& statistics,
                        std::int64_t AcceptanceCounts::*count) {
  MetricFamily family = Counters(name, help);
  for (std::size_t kind = 0; kind < kProposerKinds; ++kind) {
    Add(family, {{"proposer", kProposerNames[kind]}}, statistics.acceptance[kind].*count);
  }
  return family;
}

// Depths that nothing has reached yet have no sample.
MetricFamily ByDepth(const char* name, const char* help, const EngineStatistics& statistics,
                     std::vector<std::int64_t> AcceptanceCounts::*counts) {
  MetricFamily family = Counters(name, help);
  for (std::size_t kind = 0; kind < kProposerKinds; ++kind) {
    const std::vector<std::int64_t>& at = statistics.acceptance[kind].*counts;
    for (std::size_t i = 0; i < at.size(); ++i) {
      Add(family, {{"proposer", kProposerNames[kind]}, {"depth", std::to_string(i + 1)}}, at[i]);
    }
  }
  return family;
}

void AppendWork(const EngineStatistics& statistics, std::vector<MetricFamily>& families) {
  families.push_back(
      Gauge("turbospec_requests_running", "Requests that hold a slot.", statistics.running));
  families.push_back(
      Gauge("turbospec_requests_waiting", "Requests that wait for a slot.", statistics.waiting));
  families.push_back(Outcomes(statistics));
  families.push_back(Counter("turbospec_prompt_tokens_total",
                             "Prompt tokens that the target model computed.",
                             statistics.prompt_tokens));
  families.push_back(Counter("turbospec_reused_prompt_tokens_total",
                             "Prompt tokens that were found in the KV cache.",
                             statistics.reused_tokens));
  families.push_back(Counter("turbospec_output_tokens_total", "Tokens that were committed.",
                             statistics.output_tokens));
  families.push_back(
      Counter("turbospec_steps_total", "Engine steps that made a target pass.", statistics.steps));
  families.push_back(Passes(statistics));
  families.push_back(StepTime(statistics));
}

void AppendSpeculation(const EngineStatistics& statistics, std::vector<MetricFamily>& families) {
  families.push_back(Counter("turbospec_verifications_total",
                             "Verifications: requests that decoded, summed over steps.",
                             statistics.verifications));
  families.push_back(Counter("turbospec_decoded_tokens_total",
                             "Tokens that verifications committed: all but first tokens.",
                             statistics.decoded_tokens));
  families.push_back(Gauge("turbospec_acceptance_length",
                           "Mean tokens that a verification committed, since the start.",
                           statistics.AcceptanceLength()));
  families.push_back(ByProposer("turbospec_draft_tokens_proposed_total",
                                "Draft tokens that were proposed.", statistics,
                                &AcceptanceCounts::proposed));
  families.push_back(ByProposer("turbospec_draft_tokens_verified_total",
                                "Draft tokens that entered a target pass.", statistics,
                                &AcceptanceCounts::verified));
  families.push_back(ByProposer("turbospec_draft_tokens_accepted_total",
                                "Draft tokens that were accepted.", statistics,
                                &AcceptanceCounts::accepted));
  families.push_back(ByDepth("turbospec_draft_depth_tried_total",
                             "Draft tokens judged at a depth, all before them accepted.",
                             statistics, &AcceptanceCounts::tried_at));
  families.push_back(ByDepth("turbospec_draft_depth_accepted_total",
                             "Of the draft tokens tried at a depth, those accepted.", statistics,
                             &AcceptanceCounts::accepted_at));
  families.push_back(Counter("turbospec_draft_faults_total",
                             "Calls of a proposer that failed; no request did.",
                             statistics.draft_faults));
}

}  // namespace

std::vector<MetricFamily> MetricsOf(const EngineStatistics& statistics) {
  std::vector<MetricFamily> families;
  AppendWork(statistics, families);
  AppendSpeculation(statistics, families);
  return families;
}

}  // namespace turbospec
