#include "cli/bench_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <initializer_list>
#include <sstream>

#include "bench/workload_source.h"
#include "workload/trace.h"

namespace turbospec::cli {
namespace {

using nlohmann::json;

std::ptrdiff_t CountGiven(std::initializer_list<bool> given) {
  return std::ranges::count(given, true);
}

Status CheckWhat(const SourceFlags& flags) {
  const auto given =
      CountGiven({!flags.workload.empty(), !flags.prompts.empty(), !flags.prompt.empty()});
  if (given == 0) {
    return InvalidArgument(
        "nothing to ask: give --workload (a workload file or a folder of them), --prompts or "
        "--prompt");
  }
  if (given > 1) return InvalidArgument("give only one of --workload, --prompts and --prompt");
  if (flags.workload.empty() && !(flags.mix.empty() && flags.split.empty())) {
    return InvalidArgument(
        "--mix and --split choose from a workload: give --workload, or leave them out");
  }
  return Ok();
}

Status CheckWhen(const SourceFlags& flags) {
  const bool trace = !flags.trace.empty();
  const auto given =
      CountGiven({flags.clients > 0, flags.rate > 0, !flags.arrivals.empty(), trace});
  if (given == 0) {
    return InvalidArgument(
        "say when requests come: --clients N (closed loop), --rate R (open loop), --arrivals or "
        "--trace");
  }
  if (given > 1) {
    return InvalidArgument("give only one of --clients, --rate, --arrivals and --trace");
  }
  if (trace && flags.workload.empty()) {
    return InvalidArgument("a trace has lengths but no text: give --workload beside --trace");
  }
  const bool trace_only = !flags.trace_format.empty() || flags.trace_scale > 0 ||
                          flags.trace_limit > 0 || flags.trace_max_prompt > 0 ||
                          flags.trace_max_output > 0;
  if (!trace && trace_only) {
    return InvalidArgument(
        "--trace-... say how a trace is played: give --trace, or leave them out");
  }
  return Ok();
}

Result<BodyFields> Fields(const SourceFlags& flags) {
  BodyFields fields;
  if (!flags.extra_body.empty()) {
    fields.overrides = json::parse(flags.extra_body, nullptr, false);
    if (!fields.overrides.is_object()) {
      return InvalidArgument("--extra-body is not a JSON object");
    }
  }
  if (!flags.model.empty()) fields.overrides["model"] = flags.model;
  if (flags.max_tokens > 0) fields.overrides["max_tokens"] = flags.max_tokens;
  return fields;
}

// What arrivals choose from.
struct Choice {
  BenchPrompts prompts;
  Mix mix;
  Split split = Split::kTune;
};

Result<BenchPrompts> ReadPrompts(const SourceFlags& flags) {
  if (!flags.prompt.empty()) {
    std::istringstream line(
        json{{"prompt", flags.prompt}}.dump(-1, ' ', false, json::error_handler_t::replace));
    return ReadPromptLines(line);
  }
  std::ifstream file(flags.prompts);
  if (!file) return NotFound("cannot read \"" + flags.prompts + "\"");
  auto read = ReadPromptLines(file);
  if (!read.ok()) return InvalidArgument(flags.prompts + ": " + read.error().message);
  return read;
}

Result<Choice> Choose(const SourceFlags& flags) {
  Choice choice;
  if (flags.workload.empty()) {
    auto prompts = ReadPrompts(flags);
    if (!prompts) return prompts.error();
    choice.prompts = *std::move(prompts);
    return choice;
  }
  if (flags.split == "held_out") {
    choice.split = Split::kHeldOut;
  } else if (!flags.split.empty() && flags.split != "tune") {
    return InvalidArgument("--split must be tune or held_out, not \"" + flags.split + "\"");
  }
  auto mix = ParseMix(flags.mix);
  if (!mix) return InvalidArgument("--mix \"" + flags.mix + "\": " + mix.error().message);
  choice.mix = *std::move(mix);
  auto workload = LoadWorkload(flags.workload);
  if (!workload) return workload.error();
  choice.prompts = PromptsOf(*std::move(workload));
  return choice;
}

void TellChoice(const SourceFlags& flags, const Workload& workload, BenchSource& made) {
  if (flags.workload.empty()) {
    made.setup.emplace_back("prompts", flags.prompts.empty() ? "one prompt" : flags.prompts);
    return;
  }
  made.setup.emplace_back(
      "workload", fmt::format("{} ({} prompts, classes: {})", flags.workload, workload.items.size(),
                              fmt::join(ClassesOf(workload), ", ")));
  made.setup.emplace_back("mix", flags.mix.empty() ? "all classes alike" : flags.mix);
  made.setup.emplace_back("split", flags.split.empty() ? "tune" : flags.split);
}

std::string WrittenArrivals(const SourceFlags& flags) {
  if (flags.clients > 0) return fmt::format("closed:{}", flags.clients);
  if (flags.rate > 0) return fmt::format("poisson:{}", flags.rate);
  return flags.arrivals;
}

Result<BenchSource> ByArrivals(const SourceFlags& flags, Choice choice, BodyFields fields) {
  const std::string written = WrittenArrivals(flags);
  auto plan = LoadArrivalPlan(written);
  if (!plan) return plan.error();
  Seconds length{0};
  for (const ArrivalPhase& phase : plan->phases) {
    if (flags.workload.empty() && !phase.mix.shares.empty()) {
      return InvalidArgument(written + " names classes: give --workload instead of prompts");
    }
    length += phase.duration;
  }
  BenchSource made;
  made.endless = !std::isfinite(length.count());
  TellChoice(flags, choice.prompts.workload, made);
  made.setup.emplace_back("arrivals", made.endless
                                          ? written
                                          : fmt::format("{} ({} phases, {} s)", written,
                                                        plan->phases.size(), length.count()));
  WorkloadSourceOptions options{.arrivals = *std::move(plan),
                                .mix = std::move(choice.mix),
                                .split = choice.split,
                                .seed = flags.seed,
                                .fields = std::move(fields)};
  auto source = WorkloadSource::Create(std::move(choice.prompts), std::move(options));
  if (!source) return source.error();
  made.source = std::make_unique<WorkloadSource>(*std::move(source));
  return made;
}

Result<Trace> ReadTraceOf(const SourceFlags& flags) {
  TraceOptions options;
  if (flags.trace_limit > 0) options.limit = flags.trace_limit;
  if (flags.trace_scale > 0) options.scale_time = flags.trace_scale;
  if (!flags.trace_format.empty()) {
    auto format = ParseTraceFormat(flags.trace_format);
    if (!format) return InvalidArgument("--trace-format: " + format.error().message);
    return LoadTrace(*format, flags.trace, options);
  }
  const std::size_t colon = flags.trace.find(':');
  const auto format = ParseTraceFormat(flags.trace.substr(0, colon));
  if (!format || colon == std::string::npos) {
    return InvalidArgument("--trace \"" + flags.trace +
                           "\" does not say its format: write azure:FILE, burstgpt:FILE or "
                           "mooncake:FILE");
  }
  return LoadTrace(*format, flags.trace.substr(colon + 1), options);
}

void TellTrace(const SourceFlags& flags, const Trace& trace, BenchSource& made) {
  const std::string format = flags.trace_format.empty() ? "" : flags.trace_format + ":";
  made.setup.emplace_back("trace", fmt::format("{}{} ({} requests in {:.1f} s, {} left out)",
                                               format, flags.trace, trace.requests.size(),
                                               trace.requests.back().at.count(), trace.left_out));
  if (flags.trace_scale > 0) {
    made.setup.emplace_back("trace_scale", fmt::format("{}", flags.trace_scale));
  }
  if (flags.trace_max_prompt > 0) {
    made.setup.emplace_back("trace_max_prompt", fmt::format("{} tokens", flags.trace_max_prompt));
  }
  if (flags.trace_max_output > 0) {
    made.setup.emplace_back("trace_max_output", fmt::format("{} tokens", flags.trace_max_output));
  }
}

Result<BenchSource> ByTrace(const SourceFlags& flags, const Choice& choice, BodyFields fields) {
  auto trace = ReadTraceOf(flags);
  if (!trace) return trace.error();
  FillOptions limits;
  if (flags.trace_max_prompt > 0) limits.max_prompt_tokens = flags.trace_max_prompt;
  if (flags.trace_max_output > 0) limits.max_output_tokens = flags.trace_max_output;
  auto items =
      FillTrace(*trace, choice.prompts.workload, choice.mix, choice.split, flags.seed, limits);
  if (!items) return items.error();
  BenchSource made;
  TellChoice(flags, choice.prompts.workload, made);
  TellTrace(flags, *trace, made);
  made.source = std::make_unique<TraceSource>(*std::move(items), std::move(fields));
  return made;
}

}  // namespace

void DeclareSource(CLI::App& app, SourceFlags& flags) {
  std::string group = "What is asked";
  const auto text = [&](const char* name, std::string& value, const char* help) {
    return app.add_option(name, value, help)->group(group);
  };
  const auto number = [&](const char* name, auto& value, const char* help) {
    app.add_option(name, value, help)->check(CLI::PositiveNumber)->group(group);
  };
  text("--workload", flags.workload, "prompts with classes: a workload file or a folder of them");
  text("--mix", flags.mix, "its classes, e.g. story=0.5,json=2 or json (default: all alike)");
  text("--split", flags.split, "tune (default) or held_out");
  text("--prompts", flags.prompts,
       "JSON lines with \"prompt\" or \"messages\" and any other request field");
  text("--prompt", flags.prompt, "one prompt for all requests");
  text("--model", flags.model, "the requests' model");
  number("--max-tokens", flags.max_tokens, "of every request, whatever its prompt says");
  text("--extra-body", flags.extra_body,
       "JSON object put into every request, e.g. '{\"ignore_eos\": true}'");
  group = "When";
  number("--clients", flags.clients, "closed loop: each sends when its last response has ended");
  number("--rate", flags.rate, "open loop: requests per second, Poisson, whatever comes back");
  text("--arrivals", flags.arrivals,
       "closed:8 | poisson:2.5 | burst:on=10,off=30,rate=8 | ramp:from=0.5,to=8,over=120 | "
       "day:mean=2 | phases:FILE.json");
  text("--trace", flags.trace, "azure:FILE | burstgpt:FILE | mooncake:FILE, text from --workload");
  text("--trace-format", flags.trace_format, "azure, burstgpt or mooncake, for --trace FILE");
  number("--trace-scale", flags.trace_scale, "times every moment: 0.1 = ten times as fast");
  number("--trace-limit", flags.trace_limit, "requests that are read");
  number("--trace-max-prompt", flags.trace_max_prompt, "tokens, about; longer prompts are cut");
  number("--trace-max-output", flags.trace_max_output, "tokens; longer answers are cut");
  app.add_option("--seed", flags.seed, "of arrival times and of the choice of prompts")
      ->group(group);
}

Result<BenchSource> MakeBenchSource(const SourceFlags& flags) {
  if (Status what = CheckWhat(flags); !what) return what.error();
  if (Status when = CheckWhen(flags); !when) return when.error();
  auto fields = Fields(flags);
  if (!fields) return fields.error();
  auto choice = Choose(flags);
  if (!choice) return choice.error();
  auto made = flags.trace.empty() ? ByArrivals(flags, *std::move(choice), *std::move(fields))
                                  : ByTrace(flags, *choice, *std::move(fields));
  if (!made) return made;
  made->setup.emplace_back("seed", std::to_string(flags.seed));
  if (!flags.model.empty()) made->setup.emplace_back("model", flags.model);
  if (flags.max_tokens > 0) {
    made->setup.emplace_back("max_tokens", std::to_string(flags.max_tokens));
  }
  if (!flags.extra_body.empty()) made->setup.emplace_back("extra_body", flags.extra_body);
  return made;
}

}  // namespace turbospec::cli
