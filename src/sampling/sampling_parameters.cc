#include "sampling/sampling_parameters.h"

#include <cmath>
#include <string>

namespace turbospec {
namespace {

Error OutOfRange(const std::string& field, const std::string& range) {
  return InvalidArgument(field + " must be " + range);
}

// NaN is in no range: every comparison with it is false.
bool Within(double value, double low, double high) {
  return value >= low && value <= high;
}

Status ValidateTruncation(const SamplingParameters& p) {
  if (!Within(p.temperature, 0, 100)) return OutOfRange("temperature", "in [0, 100]");
  if (p.top_k < 0) return OutOfRange("top_k", "at least 0");
  if (!(p.top_p > 0 && p.top_p <= 1)) return OutOfRange("top_p", "in (0, 1]");
  if (!Within(p.min_p, 0, 1)) return OutOfRange("min_p", "in [0, 1]");
  return Ok();
}

Status ValidatePenalties(const SamplingParameters& p) {
  if (!(p.repetition_penalty > 0) || !std::isfinite(p.repetition_penalty)) {
    return OutOfRange("repetition_penalty", "a finite number above 0");
  }
  if (!Within(p.presence_penalty, -2, 2)) return OutOfRange("presence_penalty", "in [-2, 2]");
  if (!Within(p.frequency_penalty, -2, 2)) return OutOfRange("frequency_penalty", "in [-2, 2]");
  if (p.penalty_window < 0) return OutOfRange("penalty_window", "at least 0");
  return Ok();
}

Status ValidateBias(const SamplingParameters& p, int vocabulary_size) {
  for (const LogitBias& entry : p.logit_bias) {
    if (entry.token < 0 || entry.token >= vocabulary_size) {
      return OutOfRange("logit_bias: token " + std::to_string(entry.token),
                        "in [0, " + std::to_string(vocabulary_size) + ")");
    }
    if (std::isnan(entry.bias) || (std::isinf(entry.bias) && entry.bias > 0)) {
      return OutOfRange("logit_bias: bias of token " + std::to_string(entry.token),
                        "a finite number or minus infinity");
    }
  }
  return Ok();
}

}  // namespace

Status Validate(const SamplingParameters& parameters, int vocabulary_size) {
  if (Status s = ValidateTruncation(parameters); !s.ok()) return s;
  if (Status s = ValidatePenalties(parameters); !s.ok()) return s;
  if (Status s = ValidateBias(parameters, vocabulary_size); !s.ok()) return s;
  if (!Within(parameters.logprobs, -1, 20)) return OutOfRange("logprobs", "in [-1, 20]");
  return Ok();
}

}  // namespace turbospec
