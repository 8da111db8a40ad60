// How fast the engine decodes the embedded pair (or --model/--draft) under several controllers at
// several loads, and what share of a step it spends outside model passes and sampling.
//
// Timed: from the first submission to the last token of N requests that start together, prompts
// included. Not timed: loading, HTTP. The controllers take turns within every round, so that drift
// of a shared machine hits all alike; a ratio is the median over rounds of the ratio to `off` in
// the same round.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iostream>
#include <string>
#include <vector>

#include "cli/assembly.h"
#include "cli/openmp_spin.h"
#include "core/statistics.h"

namespace turbospec {
namespace {

constexpr const char* kPrompts[] = {
    "Once upon a time, there was a little girl named Lily.",
    "<|user|>\nWrite a story about a fox named Rusty.\n<|assistant|>\n",
    "Tom and his sister were playing in the garden when",
    "<|user|>\nRepeat this text:\nLily found a golden key in the tall grass. She showed the key to "
    "her friend Ben. Together they looked for a door.\n<|assistant|>\n",
    "One day, a small bird saw a big red ball.",
    "<|user|>\nChange the age of Tom to 9 in this JSON:\n[\n  {\"id\": 1, \"name\": \"Tom\", "
    "\"age\": 4, \"city\": \"Rome\"},\n  {\"id\": 2, \"name\": \"Anna\", \"age\": 7, \"city\": "
    "\"Oslo\"}\n]\n<|assistant|>\n",
    "There was once a king who had three sons.",
    "<|user|>\nWrite a story with the words: boat, moon, bread.\n<|assistant|>\n",
};

struct Options {
  cli::EngineFlags engine;
  std::vector<int> loads = {1, 4, 8, 16};
  std::vector<std::string> controllers = {"off", "fixed:2", "fixed:4", "fixed:lookup=4"};
  int rounds = 5;
  int tokens = 128;
};

class Discard final : public GenerationSink {
 public:
  explicit Discard(int& left) : left_(left) {}
  void Deliver(OutputDelta delta) override { left_ -= delta.finish ? 1 : 0; }

 private:
  int& left_;
};

struct Sample {
  double tokens_per_second = 0;
  double rest_share = 0;  // of step time, outside passes and sampling
  double rest_seconds_per_step = 0;
  double acceptance_length = 0;
};

Result<Sample> RunOnce(cli::Assembly& assembly, int requests, int tokens) {
  Engine& engine = *assembly.engine;
  const EngineStatistics before = engine.Snapshot();
  int left = requests;
  const Seconds start = assembly.clock->Now();
  for (int i = 0; i < requests; ++i) {
    GenerationRequest request;
    auto prompt = assembly.models->tokenizer->Encode(
        kPrompts[static_cast<std::size_t>(i) % std::size(kPrompts)], {.parse_special = true});
    if (!prompt.ok()) return prompt.error();
    request.prompt = *std::move(prompt);
    request.max_tokens = tokens;
    request.ignore_end = true;
    auto id = engine.Submit(std::move(request), std::make_shared<Discard>(left));
    if (!id.ok()) return id.error();
  }
  while (left > 0) engine.RunOnce();
  const Seconds wall = assembly.clock->Now() - start;
  const EngineStatistics after = engine.Snapshot();
  if (after.failed > before.failed) return Internal("a request failed");
  const auto grown = [&](auto field) { return (after.*field - before.*field).count(); };
  const double rest = grown(&EngineStatistics::host_time);
  const double busy = rest + grown(&EngineStatistics::draft_time) +
                      grown(&EngineStatistics::target_time) +
                      grown(&EngineStatistics::sampling_time);
  return Sample{
      .tokens_per_second =
          static_cast<double>(after.output_tokens - before.output_tokens) / wall.count(),
      .rest_share = rest / busy,
      .rest_seconds_per_step = rest / static_cast<double>(after.steps - before.steps),
      .acceptance_length = static_cast<double>(after.decoded_tokens - before.decoded_tokens) /
                           static_cast<double>(after.verifications - before.verifications)};
}

void PrintRow(int load, const std::string& controller, const std::vector<Sample>& samples,
              const std::vector<Sample>& off) {
  std::vector<double> speed;
  std::vector<double> ratio;
  std::vector<double> share;
  std::vector<double> rest;
  std::vector<double> length;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    speed.push_back(samples[i].tokens_per_second);
    ratio.push_back(samples[i].tokens_per_second / off[i].tokens_per_second);
    share.push_back(samples[i].rest_share);
    rest.push_back(samples[i].rest_seconds_per_step);
    length.push_back(samples[i].acceptance_length);
  }
  fmt::print("{:>8} {:<16} {:>8.0f} ({:.0f}-{:.0f}) {:>6.2f}x {:>10.2f} {:>9.1f}% {:>9.3f}\n", load,
             controller, Median(speed), Quantile(speed, 0), Quantile(speed, 1), Median(ratio),
             Median(length), 100 * Median(share), 1e3 * Median(rest));
}

Status RunLoad(const Options& options, int load) {
  std::vector<cli::Assembly> assemblies;
  for (const std::string& controller : options.controllers) {
    cli::EngineFlags flags = options.engine;
    flags.speculation = controller;
    flags.parallel = load;
    auto assembly =
        cli::Assemble(flags, [](const std::string& note) { std::cerr << note << "\n"; });
    if (!assembly.ok()) return assembly.error();
    assemblies.push_back(*std::move(assembly));
  }
  std::vector<std::vector<Sample>> samples(assemblies.size());
  for (int round = -1; round < options.rounds; ++round) {
    for (std::size_t c = 0; c < assemblies.size(); ++c) {
      auto sample = RunOnce(assemblies[c], load, options.tokens);
      if (!sample.ok()) return sample.error();
      if (round >= 0) samples[c].push_back(*sample);  // the first round warms up
    }
  }
  for (std::size_t c = 0; c < assemblies.size(); ++c) {
    PrintRow(load, options.controllers[c], samples[c], samples[0]);
  }
  return Ok();
}

int Run(int argc, char** argv) {
  Options options;
  CLI::App app("Engine throughput by controller and load");
  cli::AddEngineFlags(app, options.engine);
  app.add_option("--loads", options.loads, "parallel requests")->delimiter(',');
  app.add_option("--controllers", options.controllers, "the first is the one ratios refer to");
  app.add_option("--rounds", options.rounds)->check(CLI::PositiveNumber);
  app.add_option("--tokens", options.tokens, "per request")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  fmt::print("{} rounds, {} tokens per request, greedy, end ignored; median (min-max)\n",
             options.rounds, options.tokens);
  fmt::print("{:>8} {:<16} {:>8} {:>12} {:>7} {:>10} {:>10} {:>9}\n", "parallel", "controller",
             "tokens/s", "", "ratio", "tok/verify", "rest", "ms/step");
  for (const int load : options.loads) {
    if (Status ran = RunLoad(options, load); !ran.ok()) {
      std::cerr << "engine_benchmark: " << ran.error().message << "\n";
      return 1;
    }
  }
  return 0;
}

}  // namespace
}  // namespace turbospec

int main(int argc, char** argv) {
  turbospec::cli::LimitOpenMpSpinning(argv);
  return turbospec::Run(argc, argv);
}
