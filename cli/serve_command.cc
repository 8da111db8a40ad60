#include "cli/serve_command.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cli/assembly.h"
#include "cli/stop_signals.h"
#include "server/engine_metrics.h"
#include "server/http_metrics.h"
#include "server/metrics_page.h"
#include "server/server.h"

namespace turbospec::cli {
namespace {

int Fail(const Error& error) {
  std::cerr << "turbospec: " << error.message << "\n";
  return 1;
}

void LogAccess(const AccessRecord& record) {
  spdlog::info("{} {} {} {}{} {} bytes {:.1f} ms", record.client, record.method, record.path,
               record.status, record.complete ? "" : " (cut off)", record.bytes_sent,
               1e3 * record.took.count());
}

std::int64_t UnixSeconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// What is counted belongs to the server's parts from here on.
void AddMetrics(const Engine& engine, bool log, ServerParts& parts) {
  std::vector<std::string> paths = ApiPaths();
  paths.emplace_back(kMetricsPath);
  const auto http = std::make_shared<HttpMetrics>(std::move(paths));
  const auto counters = std::make_shared<EngineMetrics>([&engine] { return engine.Snapshot(); });
  parts.routes.push_back(MetricsRoute({counters, http}));
  parts.access_log = [http, log](const AccessRecord& record) {
    http->Record(record);
    if (log) LogAccess(record);
  };
}

Result<std::unique_ptr<Server>> Listen(const ServeFlags& flags, const Assembly& assembly) {
  ServerParts parts;
  parts.engine = assembly.engine.get();
  parts.language = {assembly.models->tokenizer, assembly.models->chat_template,
                    assembly.models->grammar_compiler};
  parts.clock = assembly.clock.get();
  parts.unix_seconds = UnixSeconds;
  std::random_device device;
  parts.id_seed = (static_cast<std::uint64_t>(device()) << 32) | device();
  AddMetrics(*assembly.engine, !flags.quiet, parts);
  ServerOptions options = flags.server;
  if (options.model_name.empty()) options.model_name = assembly.models->target_name;
  return Server::Create(std::move(parts), options);
}

void Announce(const ServeFlags& flags, const Assembly& assembly, int port) {
  const ModelInfo& info = assembly.engine->target_info();
  spdlog::info("target {}, draft {}, {} slots of {} tokens, speculation {}",
               assembly.models->target_name,
               assembly.models->draft_name.empty() ? "none" : assembly.models->draft_name,
               info.slots, info.context_per_slot, flags.engine.speculation);
  spdlog::info("serving on http://{}:{}", flags.server.host, port);
}

}  // namespace

void DeclareServe(CLI::App& app, ServeFlags& flags) {
  AddEngineFlags(app, flags.engine);
  const std::string group = "Server";
  app.add_option("--host", flags.server.host, "address to listen on")
      ->envname("TURBOSPEC_HOST")
      ->capture_default_str()
      ->group(group);
  app.add_option("--port", flags.server.port, "0 = any free port")
      ->envname("TURBOSPEC_PORT")
      ->capture_default_str()
      ->group(group);
  app.add_option("--io-threads", flags.server.io_threads, "threads for connections")
      ->envname("TURBOSPEC_IO_THREADS")
      ->capture_default_str()
      ->group(group);
  app.add_option("--model-name", flags.server.model_name, "name in /v1/models")
      ->envname("TURBOSPEC_MODEL_NAME")
      ->group(group);
  app.add_option("--drain-seconds", flags.drain_seconds, "patience at shutdown")
      ->envname("TURBOSPEC_DRAIN_SECONDS")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber)
      ->group(group);
  app.add_flag("--quiet", flags.quiet, "no log line per request")->group(group);
}

int RunServe(const ServeFlags& flags) {
  StopSignals signals;
  if (Status valid = Validate(flags.server); !valid.ok()) return Fail(valid.error());
  auto assembly = Assemble(flags.engine, [](const std::string& note) { spdlog::warn("{}", note); });
  if (!assembly.ok()) return Fail(assembly.error());
  Engine& engine = *assembly->engine;
  auto listening = Listen(flags, *assembly);
  if (!listening.ok()) return Fail(listening.error());
  Server& server = **listening;

  signals.TakeOver([&engine] { engine.Stop(Engine::StopMode::kNow); });
  if (Status started = server.Start(); !started.ok()) return Fail(started.error());
  Announce(flags, *assembly, server.port());
  std::thread shutdown([&] {
    signals.Wait();
    spdlog::info("finishing what runs (at most {} s; signal again to cancel)", flags.drain_seconds);
    const int cut = server.Drain(Seconds(flags.drain_seconds));
    if (cut > 0) spdlog::warn("{} responses were cut off", cut);
    engine.Stop(Engine::StopMode::kNow);
  });
  // On the thread that loaded the models: OpenMP keeps a team per thread that ever computed, and
  // two teams on the same cores make it give up spinning, which halves the speed of small models.
  engine.Run();
  shutdown.join();
  return 0;
}

}  // namespace turbospec::cli
