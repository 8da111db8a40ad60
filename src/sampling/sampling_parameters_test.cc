#include "sampling/sampling_parameters.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>

namespace turbospec {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::string Complaint(const std::function<void(SamplingParameters&)>& change) {
  SamplingParameters parameters;
  change(parameters);
  const Status status = Validate(parameters, 100);
  return status.ok() ? "" : status.error().message;
}

TEST(Validate, AcceptsTheDefaultsAndTheEndsOfTheRanges) {
  EXPECT_EQ(Complaint([](auto&) {}), "");
  EXPECT_EQ(Complaint([](auto& p) {
              p.temperature = 100, p.top_p = 1e-9, p.min_p = 1, p.logprobs = 20;
              p.presence_penalty = -2, p.frequency_penalty = 2, p.penalty_window = 0;
              p.logit_bias = {{0, -kInf}, {99, 100}};
            }),
            "");
}

TEST(Validate, NamesTheFieldAndItsRange) {
  EXPECT_EQ(Complaint([](auto& p) { p.temperature = -1; }), "temperature must be in [0, 100]");
  EXPECT_EQ(Complaint([](auto& p) { p.top_p = 0; }), "top_p must be in (0, 1]");
  EXPECT_EQ(Complaint([](auto& p) {
              p.logit_bias = {{100, 1}};
            }),
            "logit_bias: token 100 must be in [0, 100)");
}

TEST(Validate, RefusesEveryFieldOutOfItsRange) {
  const std::function<void(SamplingParameters&)> changes[] = {
      [](auto& p) { p.temperature = kNaN; },
      [](auto& p) { p.temperature = 101; },
      [](auto& p) { p.top_k = -1; },
      [](auto& p) { p.top_p = 1.01; },
      [](auto& p) { p.top_p = kNaN; },
      [](auto& p) { p.min_p = -0.1; },
      [](auto& p) { p.min_p = 1.1; },
      [](auto& p) { p.repetition_penalty = 0; },
      [](auto& p) { p.repetition_penalty = kInf; },
      [](auto& p) { p.presence_penalty = 2.1; },
      [](auto& p) { p.frequency_penalty = -2.1; },
      [](auto& p) { p.penalty_window = -1; },
      [](auto& p) {
        p.logit_bias = {{-1, 0}};
      },
      [](auto& p) {
        p.logit_bias = {{1, kInf}};
      },
      [](auto& p) {
        p.logit_bias = {{1, static_cast<float>(kNaN)}};
      },
      [](auto& p) { p.logprobs = -2; },
      [](auto& p) { p.logprobs = 21; },
  };
  int index = 0;
  for (const auto& change : changes) EXPECT_NE(Complaint(change), "") << "change " << index++;
}

}  // namespace
}  // namespace turbospec
