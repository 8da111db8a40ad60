#include "sim/scenario.h"

#include <cmath>

namespace turbospec {
namespace {

Error Wrong(const Scenario& scenario, const std::string& what) {
  return InvalidArgument("scenario \"" + scenario.name + "\": " + what);
}

Status CheckClass(const RequestClass& each, const Scenario& scenario) {
  const auto wrong = [&](const std::string& what) {
    return Wrong(scenario, "class \"" + each.name + "\": " + what);
  };
  if (each.name.empty()) return Wrong(scenario, "a class needs a name");
  if (!(each.share > 0)) return wrong("share must be positive");
  if (!(each.length_spread >= 0 && each.length_spread < 1)) {
    return wrong("length_spread must be from 0 to below 1");
  }
  if (each.prompt_tokens < 1 || each.output_tokens < 1) {
    return wrong("prompt_tokens and output_tokens must be at least 1");
  }
  const double longest = (1 + each.length_spread) * (each.prompt_tokens + each.output_tokens);
  if (longest > scenario.context_per_slot) {
    return wrong("prompt and answer may need " + std::to_string(std::lround(longest)) +
                 " tokens; context is " + std::to_string(scenario.context_per_slot));
  }
  if (!(each.copy.share >= 0 && each.copy.share <= 0.95)) {
    return wrong("copy share must be from 0 to 0.95");
  }
  if (each.copy.run < 1) return wrong("copy run must be at least 1");
  if (!(each.copy.fidelity >= 0 && each.copy.fidelity <= 1)) {
    return wrong("copy fidelity must be from 0 to 1");
  }
  if (Status valid = Validate(each.acceptance); !valid.ok()) return wrong(valid.error().message);
  return Ok();
}

Status CheckMachine(const Scenario& scenario) {
  const auto in = [](auto value, auto least, auto most) { return value >= least && value <= most; };
  if (!in(scenario.replicas, 1, 1024)) return Wrong(scenario, "replicas must be from 1 to 1024");
  if (!in(scenario.slots, 1, 4096)) return Wrong(scenario, "slots must be from 1 to 4096");
  if (!in(scenario.context_per_slot, 16, 10'000'000)) {
    return Wrong(scenario, "context must be from 16 to 10000000");
  }
  if (scenario.prefill_rows_per_step < 1) {
    return Wrong(scenario, "prefill_rows must be at least 1");
  }
  if (!(scenario.host_per_step.count() >= 0 && scenario.host_per_row.count() >= 0)) {
    return Wrong(scenario, "host times must not be negative");
  }
  if (!(scenario.draft_ratio > 0 && scenario.draft_ratio <= 100)) {
    return Wrong(scenario, "draft ratio must be above 0 and at most 100");
  }
  if (!(scenario.told_slope >= 0 && scenario.told_slope <= 100)) {
    return Wrong(scenario, "told_slope must be from 0 to 100");
  }
  if (auto cost = MakePassCost(scenario.target); !cost.ok()) {
    return Wrong(scenario, "target: " + cost.error().message);
  }
  if (auto cost = MakePassCost(scenario.draft); !cost.ok()) {
    return Wrong(scenario, "draft: " + cost.error().message);
  }
  if (Status valid = Validate(scenario.noise); !valid.ok()) {
    return Wrong(scenario, valid.error().message);
  }
  return Ok();
}

}  // namespace

Status Validate(const Scenario& scenario) {
  if (Status machine = CheckMachine(scenario); !machine.ok()) return machine;
  if (scenario.classes.empty()) return Wrong(scenario, "there is no class of requests");
  for (const RequestClass& each : scenario.classes) {
    if (Status valid = CheckClass(each, scenario); !valid.ok()) return valid;
  }
  if (scenario.balanced && !scenario.workload.empty()) {
    return Wrong(scenario, "balanced classes need drawn requests, not a workload");
  }
  if (scenario.max_waiting < 1) return Wrong(scenario, "max_waiting must be at least 1");
  if (scenario.warm_up_steps < 0 || !(scenario.warm_up.count() >= 0)) {
    return Wrong(scenario, "the warm-up must not be negative");
  }
  if (scenario.steps < 0 || !(scenario.seconds.count() >= 0)) {
    return Wrong(scenario, "steps and seconds must not be negative");
  }
  if (scenario.steps == 0 && scenario.seconds.count() == 0) {
    return Wrong(scenario, "give steps or seconds, or it never ends");
  }
  return Ok();
}

PassCost TargetCost(const Scenario& scenario) {
  return *MakePassCost(scenario.target);
}

PassCost DraftCost(const Scenario& scenario) {
  if (scenario.own_draft_cost) return *MakePassCost(scenario.draft);
  return [cost = TargetCost(scenario), ratio = scenario.draft_ratio](int sequences, int rows,
                                                                     double context) {
    return ratio * cost(sequences, rows, context);
  };
}

}  // namespace turbospec
