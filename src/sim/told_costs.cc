#include "sim/told_costs.h"

#include "control/controller_factory.h"

namespace turbospec {

Result<std::unique_ptr<Controller>> MakeTold(const Scenario& /*scenario*/,
                                             std::string_view controller) {
  return MakeController(controller);
}

Status CheckController(std::string_view controller) {
  auto made = MakeTold(Scenario{}, controller);
  if (!made.ok()) return made.error();
  return Ok();
}

}  // namespace turbospec
