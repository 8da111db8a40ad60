// The golden test: whatever proposes, however deep, in whatever batch, the text is the target's
// own.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "control/controller_factory.h"
#include "control/told_inputs_fixture.h"
#include "engine/scripted_run.h"

namespace turbospec {
namespace {

constexpr std::uint64_t kScripts = 1000;

struct Setting {
  std::string controller;
  bool lookup = false;
  bool draft_model = false;
};

std::vector<Setting> Settings() {
  std::vector<Setting> settings = {{"off", false, false}, {"off", true, true}};
  for (int k = 1; k <= 8; ++k) {
    const std::string depth = std::to_string(k);
    settings.push_back({"fixed:lookup=" + depth, true, false});
    settings.push_back({"fixed:draft=" + depth, false, true});
    settings.push_back({"fixed:lookup=" + depth + ",draft=" + depth, true, true});
  }
  settings.push_back({"table", true, false});
  settings.push_back({"ema", true, true});
  settings.push_back({"paper:4", false, true});
  settings.push_back({"budget:4", false, true});
  settings.push_back({"budget:4", true, false});
  settings.push_back({"auto", false, true});
  settings.push_back({"auto", true, true});
  settings.push_back({"auto", true, false});
  settings.push_back({"erratic", true, true});
  return settings;
}

std::unique_ptr<Controller> Make(const std::string& name, std::uint64_t seed) {
  if (name == "erratic") return MakeErraticController(seed, 8);
  // Prices at which some drafts are worth their rows.
  auto made = MakeController(name, ToldInputs([](int rows) { return 0.01 + 0.001 * rows; },
                                              [](int) { return 0.001; }, /*slots=*/8));
  return made.ok() ? *std::move(made) : nullptr;
}

void ExpectOracleTexts(const Script& script, const RunResult& result, const std::string& setting) {
  ASSERT_EQ(result.refused, "") << setting << ", script " << script.seed;
  for (std::size_t i = 0; i < script.requests.size(); ++i) {
    const Received& received = result.received[i];
    const std::string oracle = OracleText(script, script.requests[i]);
    const std::string where =
        setting + ", script " + std::to_string(script.seed) + ", request " + std::to_string(i);
    EXPECT_EQ(received.deliveries_after_finish, 0) << where;
    if (received.finish->reason == FinishReason::kCancelled) {
      EXPECT_EQ(received.text, oracle.substr(0, received.text.size())) << where;
    } else {
      ASSERT_EQ(received.text, oracle) << where;
    }
  }
}

TEST(Losslessness, TextIsTheTargetsOwnForEveryProposerDepthAndBatchMix) {
  const std::vector<Setting> settings = Settings();
  std::int64_t accepted = 0;
  std::int64_t rejected = 0;
  std::map<std::string, std::int64_t> accepted_by;  // controller
  for (std::uint64_t seed = 0; seed < kScripts; ++seed) {
    const Script script = RandomScript(seed);
    for (const Setting& setting : settings) {
      const RunResult result =
          RunScript(script, {.controller = [&] { return Make(setting.controller, seed); },
                             .lookup = setting.lookup,
                             .draft_model = setting.draft_model});
      ExpectOracleTexts(script, result, setting.controller);
      if (HasFatalFailure()) return;
      for (const AcceptanceCounts& counts : result.statistics.acceptance) {
        accepted += counts.accepted;
        accepted_by[setting.controller] += counts.accepted;
        rejected += counts.verified - counts.accepted;
      }
    }
  }
  // The scripts exercise both outcomes; a world in which nothing is accepted would prove nothing.
  EXPECT_GT(accepted, 100000);
  EXPECT_GT(rejected, 100000);
  for (const auto& [controller, tokens] : accepted_by) {
    EXPECT_TRUE(controller == "off" || tokens > 1000) << controller << ": " << tokens;
  }
}

}  // namespace
}  // namespace turbospec
