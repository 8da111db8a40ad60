// The first line of a decision log: what made it. A value; `started` is text because nothing here
// reads a clock.
#pragma once

#include <string>

namespace turbospec {

inline constexpr int kDecisionLogVersion = 5;

struct DecisionLogHeader {
  std::string controller{};  // as MakeController takes it
  std::string target{};
  std::string draft{};    // "" = none
  std::string started{};  // ISO 8601, or another word where no clock ran
  int slots = 0;          // requests that can decode together; 0 = unknown
  int context = 0;        // tokens that a request can hold; 0 = unknown
};

}  // namespace turbospec
