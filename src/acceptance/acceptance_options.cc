#include "acceptance/acceptance_options.h"

#include <cmath>
#include <sstream>
#include <string>

namespace turbospec {
namespace {

Error Refuse(const std::string& field, double value, const std::string& range) {
  std::ostringstream text;
  text << "acceptance: " << field << " is " << value << ", but must be " << range;
  return InvalidArgument(text.str());
}

bool IsAtLeast(double value, double least) {
  return std::isfinite(value) && value >= least;
}

}  // namespace

Status Validate(const AcceptanceOptions& options) {
  for (const double prior : options.prior_acceptance) {
    if (!(prior > 0 && prior < 1)) return Refuse("prior_acceptance", prior, "between 0 and 1");
  }
  if (!IsAtLeast(options.prior_spread, 0.01)) {
    return Refuse("prior_spread", options.prior_spread, "at least 0.01");
  }
  if (!IsAtLeast(options.shared_drift, 0)) {
    return Refuse("shared_drift", options.shared_drift, "at least 0");
  }
  if (!IsAtLeast(options.shared_memory_steps, 1)) {
    return Refuse("shared_memory_steps", options.shared_memory_steps, "at least 1");
  }
  if (!IsAtLeast(options.request_drift, 0)) {
    return Refuse("request_drift", options.request_drift, "at least 0");
  }
  if (!IsAtLeast(options.request_memory_steps, 1)) {
    return Refuse("request_memory_steps", options.request_memory_steps, "at least 1");
  }
  if (!(options.request_spread >= 0.1 && options.request_spread <= 3)) {
    return Refuse("request_spread", options.request_spread, "in [0.1, 3]");
  }
  if (options.reserved_requests < 1) {
    return Refuse("reserved_requests", options.reserved_requests, "at least 1");
  }
  return Ok();
}

}  // namespace turbospec
