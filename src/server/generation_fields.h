// The fields that both generation endpoints share. Pure parsing; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/generation.h"
#include "sampling/sampling_parameters.h"
#include "server/field_reader.h"

namespace turbospec {

inline constexpr int kMaxChoicesPerPrompt = 8;
inline constexpr int kMaxStopStrings = 16;
inline constexpr std::size_t kMaxStopBytes = 1024;
inline constexpr int kMaxLogitBiases = 1024;
inline constexpr int kMaxTopLogprobs = 20;

struct GenerationFields {
  std::string model;  // "" = not given; any name is accepted and echoed
  int choices = 1;    // n
  bool stream = false;
  bool include_usage = false;
  std::optional<std::uint64_t> seed;
  SamplingParameters sampling;
  int max_tokens = 0;  // 0 = as far as the context goes
  std::vector<std::string> stop;
  std::string grammar;  // GBNF, "" = none
  bool ignore_end = false;
  AcceptanceRule rule = AcceptanceRule::kAuto;
};

// Errors go to `fields`; what is returned is of use only if it stays ok().
// `default_max_tokens` differs by endpoint: 16 for completions, 0 for chat.
GenerationFields ParseGenerationFields(FieldReader& fields, int default_max_tokens,
                                       int vocabulary_size);

}  // namespace turbospec
