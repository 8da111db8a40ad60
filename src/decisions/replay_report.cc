#include "decisions/replay_report.h"

#include "decisions/report_format.h"

namespace turbospec {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kTrustedShapes = 0.5;

double Change(double from, double to) {
  return from > 0 ? to / from - 1 : 0;
}

double CoveredShapes(const ReplayTotals& t) {
  return t.shapes == 0 ? 1 : Share(t.measured_shapes, t.shapes);
}

std::int64_t Unchanged(const std::map<std::int64_t, std::int64_t>& changes) {
  const auto same = changes.find(0);
  return same == changes.end() ? 0 : same->second;
}

void PutChanges(std::string_view name, const std::map<std::int64_t, std::int64_t>& changes,
                std::string& out) {
  std::int64_t less = 0;
  std::int64_t more = 0;
  for (const auto& [change, requests] : changes) {
    less += change < 0 ? requests : 0;
    more += change > 0 ? requests : 0;
  }
  Put(out, "  {:<16} {:>9} {:>9} {:>9}\n", name, less, Unchanged(changes), more);
}

void PutSide(std::string_view name, const ReplaySide& side, const ReplayTotals& t,
             std::string& out) {
  const auto mean = [&](std::int64_t sum) { return Share(sum, t.requests); };
  Put(out, "  {:<16} {:>7.2f} {:>9.2f} {:>10.1f} {:>9.3f} {:>10.1f}\n", name, mean(side.depth),
      mean(side.verified), side.tokens, side.seconds.count(), side.Goodput());
}

Json SideJson(const ReplaySide& side) {
  return {{"planned_depth", side.depth},
          {"verified", side.verified},
          {"tokens", side.tokens},
          {"estimated_seconds", side.seconds.count()},
          {"tokens_per_second", side.Goodput()}};
}

Json ChangesJson(const std::map<std::int64_t, std::int64_t>& changes) {
  Json json = Json::object();
  for (const auto& [change, requests] : changes) json[std::to_string(change)] = requests;
  return json;
}

}  // namespace

std::string ReplayStepHead() {
  return "    step requests   depth   other  verified   other   tokens/s      other\n";
}

std::string ReplayStepText(const StepComparison& s) {
  std::string out;
  Put(out, "{:>8} {:>8} {:>7} {:>7} {:>9} {:>7} {:>10.1f} {:>10.1f}", s.step, s.requests,
      s.recorded.depth, s.other.depth, s.recorded.verified, s.other.verified, s.recorded.Goodput(),
      s.other.Goodput());
  if (s.cut > 0) Put(out, "  {} cut", s.cut);
  out.push_back('\n');
  return out;
}

Json ReplayStepJson(const StepComparison& s) {
  return {
      {"step", s.step},        {"requests", s.requests},           {"identical", s.identical},
      {"cut_requests", s.cut}, {"recorded", SideJson(s.recorded)}, {"other", SideJson(s.other)}};
}

std::string ReplayText(std::string_view recorded, std::string_view other, const ReplayTotals& t) {
  std::string out;
  Put(out, "{} on a run of {}\n", other, recorded);
  Put(out, "identical: {} of {} steps (same draft plan {}, same verification {})\n", t.identical,
      t.steps, t.same_draft, t.same_verify);
  Put(out, "requests x steps: {}      less      same      more\n", t.requests);
  PutChanges("planned depth", t.depth_change, out);
  PutChanges("verified", t.verified_change, out);
  if (t.cut_requests > 0) {
    Put(out,
        "cut: {} of them ({:.1f}%) in {} steps wanted draft tokens that were not drafted in this "
        "log\n",
        t.cut_requests, 100 * Share(t.cut_requests, t.requests), t.cut_steps);
  }
  out += "\nestimate          depth  verified     tokens   seconds   tokens/s\n";
  PutSide("as recorded", t.recorded, t, out);
  PutSide("other", t.other, t, out);
  const bool trusted = CoveredShapes(t) >= kTrustedShapes;
  Put(out, "  difference in goodput {:+.1f}%{}\n",
      100 * Change(t.recorded.Goodput(), t.other.Goodput()),
      trusted ? "" : " (too few shapes were measured to trust it)");
  Put(out,
      "This is an estimate: {:.1f}% of the shapes were measured in this log, {:.1f}% of the tokens "
      "come from rates\ninstead of labels, and the other controller learned from outcomes of the "
      "recorded plans.\n",
      100 * CoveredShapes(t), 100 * Share(t.estimated_tokens, t.other.tokens));
  Put(out, "The recorded steps really took {:.3f} s = {:.1f} tokens/s.\n", t.realised.count(),
      Share(t.recorded.tokens, t.realised.count()));
  return out;
}

Json ReplayJson(std::string_view recorded, std::string_view other, const ReplayTotals& t) {
  return {{"recorded_controller", recorded},
          {"other_controller", other},
          {"steps", t.steps},
          {"identical_steps", t.identical},
          {"same_draft_plan", t.same_draft},
          {"same_verification", t.same_verify},
          {"requests", t.requests},
          {"cut_requests", t.cut_requests},
          {"cut_steps", t.cut_steps},
          {"depth_change", ChangesJson(t.depth_change)},
          {"verified_change", ChangesJson(t.verified_change)},
          {"recorded", SideJson(t.recorded)},
          {"other", SideJson(t.other)},
          {"goodput_change_percent", 100 * Change(t.recorded.Goodput(), t.other.Goodput())},
          {"measured_shapes_percent", 100 * CoveredShapes(t)},
          {"estimated_tokens_percent", 100 * Share(t.estimated_tokens, t.other.tokens)},
          {"realised_seconds", t.realised.count()}};
}

}  // namespace turbospec
