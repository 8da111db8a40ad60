#include "control/controller_factory.h"

#include <algorithm>
#include <optional>
#include <string>

#include "control/baseline_factory.h"
#include "control/fixed_controller.h"
#include "control/goodput_controller.h"
#include "control/off_controller.h"
#include "control/written_form.h"

namespace turbospec {
namespace {

Result<std::unique_ptr<Controller>> MakeFixed(std::string_view written, std::string_view depths) {
  FixedDepths parsed;
  if (const auto both = ParseDepth(depths)) {
    parsed = {.draft_model = *both, .substitute = true};
    return std::unique_ptr<Controller>(new FixedController(std::string(written), parsed));
  }
  while (!depths.empty()) {
    const std::string_view part = depths.substr(0, depths.find(','));
    depths.remove_prefix(std::min(depths.size(), part.size() + 1));
    const std::size_t equals = part.find('=');
    const std::string_view key = part.substr(0, equals);
    int* target = key == "draft" ? &parsed.draft_model : key == "lookup" ? &parsed.lookup : nullptr;
    if (equals == std::string_view::npos || target == nullptr) {
      return WrongForm(written, "\"" + std::string(part) + "\" is not understood");
    }
    const auto depth = ParseDepth(part.substr(equals + 1));
    if (!depth) return WrongForm(written, "bad depth in \"" + std::string(part) + "\"");
    *target = *depth;
  }
  if (parsed.draft_model == 0 && parsed.lookup == 0) return WrongForm(written, "no depth given");
  return std::unique_ptr<Controller>(new FixedController(std::string(written), parsed));
}

}  // namespace

Result<std::unique_ptr<Controller>> MakeController(std::string_view written,
                                                   const ControllerInputs& inputs) {
  const std::string_view name = written.substr(0, written.find_first_of(":,"));
  const std::string_view rest = written.substr(name.size());
  if (written == "off") return std::unique_ptr<Controller>(new OffController());
  if (written == "auto") {
    if (!inputs.cost) {
      return InvalidArgument("controller \"auto\" needs a cost profile: see `turbospec profile`");
    }
    return std::unique_ptr<Controller>(new GoodputController(GoodputOptions{}, *inputs.cost));
  }
  if (name == "fixed" && rest.starts_with(':')) return MakeFixed(written, rest.substr(1));
  if (name == "table") return MakeTable(written, rest);
  if (name == "ema") return MakeEma(written, rest);
  if (name == "paper") return MakePaper(written, rest, inputs);
  if (name == "budget") return MakeBudget(written, rest, inputs);
  return WrongForm(written, "unknown controller");
}

}  // namespace turbospec
