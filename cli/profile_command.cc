#include "cli/profile_command.h"

#include <fmt/format.h>

#include <fstream>
#include <iostream>

#include "cli/profile_report.h"
#include "cli/profile_source.h"

namespace turbospec::cli {
namespace {

int Fail(const Error& error) {
  std::cerr << "turbospec: " << error.message << "\n";
  return 1;
}

void Say(const std::string& text) {
  std::cerr << "turbospec: " << text << "\n";
}

Result<CostProfile> MeasureAndKeep(const ProfileFlags& flags) {
  if (Status valid = Validate(flags.engine); !valid.ok()) return valid.error();
  auto loaded = LoadModels(flags.engine, Say);
  if (!loaded.ok()) return loaded.error();
  LlamaModels& models = (*loaded)->models;
  const std::string path =
      flags.output.empty() ? CachePath(KeyOf(flags.engine, models)) : flags.output;
  if (path.empty()) {
    return InvalidArgument(
        "neither XDG_CACHE_HOME nor HOME says where to keep the profile; name "
        "a file with --out");
  }
  const SteadyClock clock;
  const Seconds start = clock.Now();
  auto measured = MeasureProfile(flags.engine, models, clock,
                                 {.mode = flags.full ? ProfileMode::kFull : ProfileMode::kQuick,
                                  .budget = Seconds(flags.seconds)});
  if (!measured.ok()) return measured.error();
  if (measured->disturbance) Say(*measured->disturbance);
  const CostProfile& profile = measured->profile;
  const Status written = flags.output.empty() ? KeepInCache(profile) : WriteProfile(path, profile);
  if (!written.ok()) return written.error();
  Say(fmt::format("measured in {:.1f} s, kept in {}", (clock.Now() - start).count(), path));
  return std::move(measured->profile);
}

Status WriteSvg(const std::string& path, const CostProfile& profile) {
  std::ofstream file(path, std::ios::binary);
  file << ProfileSvg(profile);
  file.close();
  if (!file) return NotFound("cannot write \"" + path + "\"");
  return Ok();
}

}  // namespace

void DeclareProfile(CLI::App& app, ProfileFlags& flags) {
  AddModelFlags(app, flags.engine);
  const std::string group = "Profile";
  CLI::Option* quick =
      app.add_flag("--quick", flags.quick, "within a minute (default)")->group(group);
  app.add_flag("--full", flags.full, "a finer grid, some minutes")->excludes(quick)->group(group);
  app.add_option("--seconds", flags.seconds, "time to spend, for both models (default: 50 or 200)")
      ->check(CLI::PositiveNumber)
      ->group(group);
  app.add_option("--out", flags.output, "file to write (default: where serve and generate look)")
      ->group(group);
  app.add_option("--show", flags.show, "show a profile file instead of measuring")->group(group);
  app.add_option("--svg", flags.svg, "write a plot")->group(group);
}

int RunProfile(const ProfileFlags& flags) {
  if (!flags.show.empty() && !flags.output.empty()) {
    return Fail(InvalidArgument("--show measures nothing, so --out has nothing to write"));
  }
  const auto profile = flags.show.empty() ? MeasureAndKeep(flags) : ReadProfile(flags.show);
  if (!profile.ok()) return Fail(profile.error());
  std::cout << ProfileText(*profile) << std::flush;
  if (!flags.svg.empty()) {
    if (Status written = WriteSvg(flags.svg, *profile); !written.ok()) {
      return Fail(written.error());
    }
  }
  return 0;
}

}  // namespace turbospec::cli
