// A server for the tests of the comparison: answers /health and completions of as many tokens as
// were asked for, at a pace that its flags say, and misbehaves on request.
//   compare_fake_server --port N [--token-ms M] [--seen FILE] [--fail-on TEXT] [--die-on TEXT]
//                       [--short] [--unhealthy] [--dead] [--deaf] [--version]
// --seen appends the body of every completion to a file; --fail-on refuses a request that holds the
// text, --die-on ends the process at it, --short answers one token too few; --unhealthy never
// answers /health with 200, --dead ends at once, --deaf ignores SIGTERM.
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/sse_server_fixture.h"

namespace {

using turbospec::Refusal;
using turbospec::ScriptedReply;

struct Flags {
  unsigned short port = 0;
  int token_ms = 0;
  std::string seen{};
  std::string fail_on{};
  std::string die_on{};
  bool answers_short = false;
  bool unhealthy = false;
  bool dead = false;
  bool deaf = false;
};

ScriptedReply Answer(const Flags& flags, const std::string& request) {
  if (request.starts_with("GET /health")) {
    return flags.unhealthy ? Refusal(503, R"({"error":"loading"})") : Refusal(200, "{}");
  }
  const std::string body = request.substr(request.find("\r\n\r\n") + 4);
  const auto holds = [&](const std::string& text) {
    return !text.empty() && body.find(text) != std::string::npos;
  };
  if (holds(flags.die_on)) ::_exit(3);
  if (holds(flags.fail_on)) return Refusal(500, R"({"error":{"message":"told to fail"}})");
  if (!flags.seen.empty()) std::ofstream(flags.seen, std::ios::app) << body << "\n";
  const auto json = nlohmann::json::parse(body, nullptr, false);
  const int tokens = json.is_object() ? json.value("max_tokens", 1) : 1;
  const int given = tokens - (flags.answers_short ? 1 : 0);
  ScriptedReply reply = turbospec::Stream(given, given);
  reply.gap = std::chrono::milliseconds(flags.token_ms);
  return reply;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A server for tests.");
  Flags flags;
  app.set_version_flag("--version", "fake 1.0");
  app.add_option("--port", flags.port);
  app.add_option("--token-ms", flags.token_ms);
  app.add_option("--seen", flags.seen);
  app.add_option("--fail-on", flags.fail_on);
  app.add_option("--die-on", flags.die_on);
  app.add_flag("--short", flags.answers_short);
  app.add_flag("--unhealthy", flags.unhealthy);
  app.add_flag("--dead", flags.dead);
  app.add_flag("--deaf", flags.deaf);
  CLI11_PARSE(app, argc, argv);
  std::cerr << "fake server on port " << flags.port << "\n";
  if (flags.dead) {
    std::cerr << "told to be dead\n";
    return 1;
  }
  if (flags.deaf) ::signal(SIGTERM, SIG_IGN);
  const turbospec::SseServer server(
      [&](int, const std::string& request) { return Answer(flags, request); }, 0, flags.port);
  while (true) ::pause();
}
