// What the load client itself costs: streams at a fixed pace from a trivial server on a second
// thread. Timed is the client's thread only (its processor time); the server's is not. Prints the
// client's share of one core and its time per event.
//   load_benchmark [STREAMS] [EVENTS_PER_SECOND_OF_ALL] [SECONDS]
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "bench/load_fixture.h"

int main(int argc, char** argv) {
  using namespace turbospec;
  const auto argument = [&](int at, int otherwise) {
    return argc > at ? std::max(1, std::atoi(argv[at])) : otherwise;
  };
  const int streams = argument(1, 500);
  const int events_per_second = argument(2, 5000);
  const int seconds = argument(3, 10);
  const int events = std::max(1, events_per_second * seconds / streams);
  SseServer server([&](int index, const std::string&) {
    ScriptedReply reply = Stream(events, events);
    reply.gap = std::chrono::microseconds(1'000'000LL * streams / events_per_second);
    // Streams are out of step, as they are on a busy server, so that reads do not share a wake-up.
    reply.first_delay = reply.gap * index / streams;
    return reply;
  });
  ListSource source(AtOnce(streams));
  const LoadRun run = RunOn(To(server.port()), source);
  std::size_t completed = 0;
  std::size_t received = 0;
  for (const RequestRecord& record : run.records) {
    completed += record.outcome == Outcome::kCompleted ? 1U : 0U;
    received += static_cast<std::size_t>(record.text_chunks);
  }
  const double elapsed = run.elapsed.count();
  const double cpu = run.cpu_time.count();
  fmt::print(
      "{} of {} streams completed, {:.0f} events/s; client {:.1f} % of a core, {:.1f} us per "
      "event\n",
      completed, streams, static_cast<double>(received) / elapsed, 100 * cpu / elapsed,
      1e6 * cpu / static_cast<double>(received));
  return completed == static_cast<std::size_t>(streams) ? 0 : 1;
}
