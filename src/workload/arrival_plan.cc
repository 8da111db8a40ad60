#include "workload/arrival_plan.h"

#include <string>
#include <utility>

#include "workload/number_text.h"

namespace turbospec {

namespace {

constexpr std::int64_t kMaxClients = 100'000;

struct Option {
  const char* name;
  double* value;
  bool required;
};

// Sets the named options from "a=1,b=2"; refuses unknown and missing ones by name.
Status ReadOptions(std::string_view text, std::vector<Option> options) {
  auto pairs = NamedNumbersOf(text);
  if (!pairs) return pairs.error();
  for (const auto& [name, value] : *pairs) {
    bool known = false;
    for (Option& option : options) {
      if (name != option.name) continue;
      *option.value = value;
      option.required = false;
      known = true;
    }
    if (!known) return InvalidArgument("\"" + name + "\" is not one of its options");
  }
  for (const Option& option : options) {
    if (option.required) return InvalidArgument("\"" + std::string(option.name) + "\" is missing");
  }
  return Ok();
}

Result<RateShape> ReadPoisson(std::string_view text) {
  const std::optional<double> rate = NumberOf(text);
  if (!rate) return InvalidArgument("the rate must be a number: poisson:2.5");
  return RateShape(ConstantRate{*rate});
}

Result<RateShape> ReadBurst(std::string_view text) {
  double on = 0, off = 0, rate = 0, idle = 0;
  const Status read = ReadOptions(
      text,
      {{"on", &on, true}, {"off", &off, true}, {"rate", &rate, true}, {"idle", &idle, false}});
  if (!read) return read.error();
  return RateShape(BurstRate{Seconds(on), Seconds(off), rate, idle});
}

Result<RateShape> ReadRamp(std::string_view text) {
  double from = 0, to = 0, over = 0;
  const Status read =
      ReadOptions(text, {{"from", &from, true}, {"to", &to, true}, {"over", &over, true}});
  if (!read) return read.error();
  return RateShape(RampRate{from, to, Seconds(over)});
}

Result<RateShape> ReadDay(std::string_view text) {
  DayRate day;
  const Status read = ReadOptions(text, {{"mean", &day.mean_per_second, true},
                                         {"swing", &day.swing, false},
                                         {"compress", &day.compression, false}});
  if (!read) return read.error();
  return RateShape(day);
}

Result<RateShape> ReadShape(std::string_view kind, std::string_view options) {
  if (kind == "poisson") return ReadPoisson(options);
  if (kind == "burst") return ReadBurst(options);
  if (kind == "ramp") return ReadRamp(options);
  if (kind == "day") return ReadDay(options);
  return InvalidArgument(
      "unknown kind; there are closed:N, poisson:RATE, burst:..., ramp:..., day:... and "
      "phases:FILE.json");
}

Result<ArrivalPhase> ReadLoad(std::string_view kind, std::string_view options) {
  ArrivalPhase phase;
  if (kind == "closed") {
    const std::optional<std::int64_t> clients = WholeNumberOf(options);
    if (!clients || *clients < 1 || *clients > kMaxClients) {
      return InvalidArgument("the clients must be a whole number from 1 to " +
                             std::to_string(kMaxClients) + ": closed:8");
    }
    phase.load = ClosedLoop{static_cast<int>(*clients)};
    return phase;
  }
  Result<RateShape> shape = ReadShape(kind, options);
  if (!shape) return shape.error();
  if (Status valid = Validate(*shape); !valid) return valid.error();
  phase.load = *shape;
  return phase;
}

}  // namespace

Result<ArrivalPlan> ParseArrivalPlan(std::string_view text) {
  const std::size_t colon = text.find(':');
  const bool bare = colon == std::string_view::npos;
  Result<ArrivalPhase> phase =
      ReadLoad(text.substr(0, colon), bare ? std::string_view() : text.substr(colon + 1));
  if (!phase) {
    return InvalidArgument("arrivals \"" + std::string(text) + "\": " + phase.error().message);
  }
  return ArrivalPlan{{*std::move(phase)}};
}

}  // namespace turbospec
