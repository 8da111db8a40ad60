// The command line's flags as plain structs, and how they are declared. Every flag can also come
// from the environment (TURBOSPEC_…) or the config file (--config); CLI11 does the reading.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "engine/generation.h"

namespace turbospec::cli {

// Which models, on what, and how the engine runs.
struct EngineFlags {
  std::string model;  // path; "" = the embedded pair
  std::string draft;  // path; "none" = no draft; "" = the embedded draft beside the embedded target
  std::string speculation = "auto";
  std::string profile = "auto";  // path; "auto" = cached or measured if needed; "off" = coarse
  bool lookup = true;
  int parallel = 4;    // KV slots
  int context = 0;     // tokens per slot; 0 = what the model was trained for, within reason
  int threads = 0;     // 0 = one per core
  int gpu_layers = 0;  // 0 = CPU only; -1 = all
  std::vector<std::string> devices;  // GPUs by name; empty = all, where gpu_layers is not 0
  std::string kv_type = "f16";
  bool unified_kv = false;
  bool fill_gaps = true;
  std::string chat_template;  // "" = the model's own
  int max_waiting = 256;
  int prefill_rows = 64;
  std::string decisions;  // file for the decision log; "" = none
};

// Sampling and limits of one request.
struct RequestFlags {
  SamplingParameters sampling;
  bool seed_given = false;
  int max_tokens = 256;
  std::vector<std::string> stop;
  std::string grammar;  // GBNF text
  bool ignore_end = false;
  std::string rule = "auto";
};

// Which models, on what: what decides the price of a pass.
void AddModelFlags(CLI::App& app, EngineFlags& flags);
// These and how the engine runs.
void AddEngineFlags(CLI::App& app, EngineFlags& flags);
void AddRequestFlags(CLI::App& app, RequestFlags& flags);

// kInvalidArgument names the flag.
Status Validate(const EngineFlags& flags);

// "auto", "match" or "rejection".
Result<AcceptanceRule> ParseRule(const std::string& written);

}  // namespace turbospec::cli
