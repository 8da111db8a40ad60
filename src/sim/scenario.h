// One simulated experiment as a plain value: machine, draft, requests, load, noise, and what the
// controller is told of the machine. The same scenario gives the same result, bit for bit, for the
// same controller. docs/simulator.md describes the file form.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "sim/acceptance_process.h"
#include "sim/machine_noise.h"
#include "sim/request_book.h"
#include "sim/true_costs.h"
#include "turbospec/batch_shape.h"

namespace turbospec {

// Requests of one kind. Lengths are drawn evenly from mean x (1 +- spread).
struct RequestClass {
  std::string name = "all";
  double share = 1;  // of the requests, relative to the other classes
  int prompt_tokens = 64;
  int output_tokens = 256;
  double length_spread = 0.5;  // [0, 1)
  TrueAcceptance acceptance{};
  CopyOptions copy{};
};

enum class Router {
  kRoundRobin,
  kLeastLoaded,  // fewest requests in flight, the lowest replica among equals
};

struct Scenario {
  std::string name = "scenario";

  // The machine, per replica.
  int replicas = 1;
  Router router = Router::kLeastLoaded;
  int slots = 8;
  int context_per_slot = 4096;
  int prefill_rows_per_step = 64;
  BatchRule rule = BatchRule::kOnePass;
  CostOptions target{};
  Seconds host_per_step{0.0002};
  Seconds host_per_row{0.000005};
  NoiseOptions noise{};

  // Where drafts come from.
  bool draft_model = true;
  bool lookup = false;
  double draft_ratio = 0.1;     // the draft's pass costs this share of the target's ...
  bool own_draft_cost = false;  // ... unless it has a surface of its own
  CostOptions draft{};

  // Requests and load.
  std::vector<RequestClass> classes{RequestClass{}};
  std::string arrivals{};  // as in docs/workload_format.md; or the text of
                           // a phases file; empty: closed loop that fills the slots
  // Keep the classes' requests in flight in proportion to their shares. Otherwise the shares are of
  // arrivals, and in a closed loop the slow classes fill the slots the more, the faster the rest
  // is.
  bool balanced = false;
  std::string workload{};  // file or folder: lengths and classes of its items; empty: drawn
  int max_waiting = 100'000;

  // What the controller is told: the true surfaces, their growth with rows times this.
  double told_slope = 1;

  // Whichever comes first ends the run; 0 = no such limit, but one there must be.
  std::int64_t steps = 2000;  // steps in which a request decodes, of all replicas together
  Seconds seconds{0};         // of virtual time
  int warm_up_steps = 200;    // left out of the figures "after warm-up" ...
  Seconds warm_up{0};         // ... or so much time, if not 0: alike for all controllers
  std::uint64_t seed = 1;
};

// kInvalidArgument names the field.
Status Validate(const Scenario& scenario);

// The file form; `source` names it in errors. Unknown fields are refused.
Result<Scenario> ReadScenario(std::string_view text, std::string_view source);
Result<Scenario> LoadScenario(const std::filesystem::path& file);

// The true surfaces. REQUIRES: Validate() passed.
PassCost TargetCost(const Scenario& scenario);
PassCost DraftCost(const Scenario& scenario);

}  // namespace turbospec
