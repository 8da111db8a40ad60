// The HTTP server: listens, gives every connection to the I/O threads, which parse, tokenize and
// render, and hands generation to the engine, which it never waits for. Owned by one thread, which
// is none of the I/O threads; Drain blocks, everything else is quick. Engine and language parts
// are not owned and outlive the server. TLS is a reverse proxy's business.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "engine/engine.h"
#include "server/access_record.h"
#include "server/generation_plan.h"
#include "server/routes.h"
#include "server/server_options.h"

namespace turbospec {

struct ServerParts {
  Engine* engine = nullptr;
  LanguageParts language;
  const Clock* clock = nullptr;
  std::function<std::int64_t()> unix_seconds;  // any thread; for "created"
  std::uint64_t id_seed = 0;  // from which response ids and the seeds of unseeded requests come
  std::vector<Route> routes;  // beyond the API: /metrics, static files
  std::function<void(const AccessRecord&)> access_log;  // any I/O thread; may be empty
};

class Server {
 public:
  // Binds and listens, so that a port in use or a bad host is told here. Nothing is answered yet.
  static Result<std::unique_ptr<Server>> Create(ServerParts parts, const ServerOptions& options);
  // Closes whatever is open and cancels its requests.
  ~Server();

  // Starts the I/O threads. Once.
  Status Start();

  int port() const;

  // Stops accepting. Running responses go on; further requests on open connections get 503.
  void BeginDrain();

  // BeginDrain, then waits for the running responses, at most `limit`, then closes everything.
  // Returns how many responses were cut off. The engine must go on meanwhile.
  int Drain(Seconds limit);

 private:
  class Implementation;
  explicit Server(std::unique_ptr<Implementation> implementation);

  std::unique_ptr<Implementation> implementation_;
};

}  // namespace turbospec
