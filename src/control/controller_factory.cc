#include "control/controller_factory.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "control/fixed_controller.h"
#include "control/goodput_controller.h"
#include "control/off_controller.h"

namespace turbospec {
namespace {

Error Wrong(std::string_view written, const std::string& why) {
  return InvalidArgument("controller \"" + std::string(written) + "\": " + why +
                         "; forms: auto, off, fixed:K, fixed:draft=K, fixed:lookup=K, "
                         "fixed:lookup=K,draft=K with K from 1 to " +
                         std::to_string(kMaxDepth));
}

std::optional<int> ParseDepth(std::string_view text) {
  int depth = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), depth);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (depth < 1 || depth > kMaxDepth) return std::nullopt;
  return depth;
}

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
      return Wrong(written, "\"" + std::string(part) + "\" is not understood");
    }
    const auto depth = ParseDepth(part.substr(equals + 1));
    if (!depth) return Wrong(written, "bad depth in \"" + std::string(part) + "\"");
    *target = *depth;
  }
  if (parsed.draft_model == 0 && parsed.lookup == 0) return Wrong(written, "no depth given");
  return std::unique_ptr<Controller>(new FixedController(std::string(written), parsed));
}

}  // namespace

Result<std::unique_ptr<Controller>> MakeController(std::string_view written,
                                                   const ControllerInputs& inputs) {
  if (written == "off") return std::unique_ptr<Controller>(new OffController());
  constexpr std::string_view kFixed = "fixed:";
  if (written.starts_with(kFixed)) return MakeFixed(written, written.substr(kFixed.size()));
  if (written == "auto") {
    if (!inputs.cost) {
      return InvalidArgument("controller \"auto\" needs a cost profile: see `turbospec profile`");
    }
    return std::unique_ptr<Controller>(new GoodputController(GoodputOptions{}, *inputs.cost));
  }
  return Wrong(written, "unknown controller");
}

}  // namespace turbospec
