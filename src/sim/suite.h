// Suites of scenarios that hold a controller to stated bounds: what a user may count on, checked
// without a model. Each point is an independent set of simulations; points run on several threads
// and come out in a fixed order. docs/simulator.md lists the points and bounds.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "sim/simulation.h"

namespace turbospec {

struct SuiteOptions {
  std::string controller = "auto";
  int points = 0;      // 0 = all; else about so many, spread over the suite
  bool quick = false;  // a few points with short runs; bounds are the same
  int threads = 2;
  std::uint64_t seed = 1;
};

// One point: the controller's goodput against a reference.
struct SuiteRow {
  std::string group;  // points that are judged together
  std::string point;
  std::string reference;      // what `reference_rate` is of, e.g. "fixed:draft=3"
  double reference_rate = 0;  // tokens per second
  double rate = 0;
  double ratio = 0;
  std::vector<std::pair<std::string, double>> others{};  // rate / that controller's rate
  // rate / that of the clairvoyant, or of the reference if that is more; 0 = not asked.
  double of_bound = 0;
  std::string note{};                 // further measurements
  std::vector<std::string> misses{};  // bounds that this point missed alone
};

struct SuiteReport {
  std::string suite;
  std::string controller;
  std::vector<SuiteRow> rows;
  double mean = 0;  // of the ratios
  double min = 0;
  std::vector<std::string> misses;  // of points and of the whole
};

// "constant", "mixed", "phases", "robust", "recover".
std::vector<std::string_view> SuiteNames();

// kInvalidArgument: unknown suite or controller.
Result<SuiteReport> RunSuite(std::string_view suite, const SuiteOptions& options);

// A table of the rows; ends with one line `suite=NAME mean=... min=... points=... missed=...`.
std::string SuiteText(const SuiteReport& report);

}  // namespace turbospec
