// What people read of a log, to the letter.
#include <gtest/gtest.h>

#include "decisions/log_summary.h"
#include "decisions/record_fixture.h"
#include "decisions/step_report.h"
#include "decisions/summary_report.h"

namespace turbospec {
namespace {

// Two requests: one copied and drafted, one drafted; the second is contradicted at its second
// token.
StepRecord TwoRequests() {
  StepRecord record;
  record.step = 7;
  record.planned = true;
  record.view.prefill_rows = 5;
  record.evidence = {{.proposer = ProposerKind::kPromptLookup, .match_length = 3},
                     {.confidence = -0.051293295F},  // 0.95
                     {.confidence = -0.051293295F},  // 0.95
                     {.confidence = -0.6931472F}};   // 0.5
  record.requests = {{.view = {.id = 41, .slot = 0, .context_length = 120, .draft_lag = 1},
                      .draft = {{1, 2}},
                      .verify = {2, 0},
                      .first = 0,
                      .proposed = 2,
                      .verified = 2,
                      .accepted = 2,
                      .committed = 3},
                     {.view = {.id = 42, .slot = 1, .context_length = 88, .draft_lag = 2},
                      .draft = {{0, 2}},
                      .verify = {2, 0},
                      .first = 2,
                      .proposed = 2,
                      .verified = 2,
                      .accepted = 1,
                      .committed = 2}};
  record.keep_calls = {{.depth = 1, .first = 0}};
  record.keep = {KeepAnswer::kNotAsked, KeepAnswer::kKept};
  record.draft_passes = {{2, 3, 1, 104, Seconds(0.004)}, {1, 1, 1, 90, Seconds(0.002)}};
  record.target = {3, 11, 1, 80.4, Seconds(0.04)};
  record.sampling = Seconds(0.001);
  record.host = Seconds(0.003);
  record.total = Seconds(0.05);
  record.has_decision = true;
  record.decision = {.reason = PlanReason::kBest,
                     .candidates = {{.tokens = 2, .seconds = Seconds(0.032)},
                                    {.speculating = 2,
                                     .by_lookup = 1,
                                     .draft_depth = 2,
                                     .verified = 4,
                                     .tokens = 4.5,
                                     .seconds = Seconds(0.045),
                                     .investment = Seconds(0.001)}},
                     .chosen = 1,
                     .price = 71.25,
                     .verify_tokens = 4,
                     .verify_seconds = Seconds(0.045)};
  return record;
}

StepRecord PromptsOnly() {
  StepRecord record;
  record.step = 6;
  record.view.prefill_rows = 64;
  record.target = {1, 64, 1, 32, Seconds(0.05)};
  record.total = Seconds(0.05);
  return record;
}

DecisionLogHeader AutoHeader() {
  return {
      .controller = "auto", .target = "big", .draft = "small", .started = "2026-01-02T03:04:05Z"};
}

constexpr const char* kSummary =
    R"(controller auto, target big, draft small, started 2026-01-02T03:04:05Z
2 steps in 0.100 s, 1 of them without decoding requests
5 tokens committed by 2 verifications (2.50 each, 0 failed) = 50.0 tokens/s
time: target 90.0%, draft 6.0%, sampling 1.0%, rest 3.0%

planned, by who proposes
  lookup+draft        1  100.0%
why
  best                1  100.0%  the best predicted goodput
forecast error           mean   median     bias
  tokens of a step     20.0%    20.0%   -20.0%
  time of a step       10.0%    10.0%   -10.0%

lookup: 1 tokens proposed, 1 verified, 1 accepted; 1.00 accepted per proposal
  place  1: 100.0% of 1 tried

draft: 3 tokens proposed, 3 verified, 2 accepted; 1.00 accepted per proposal
  place  1: 100.0% of 1 tried
  place  2:  50.0% of 2 tried

asked whether to draft on
  depth  1: 0 of 1 stopped

the draft's own largest probability as a forecast: Brier score 0.085 over 3
  forecast  mean  came true   tokens
   50- 60%  50.0%       0.0%        1
   90-100%  95.0%     100.0%        2

what auto expects of lookup, before drafting: Brier score 0.321 over 1
  forecast  mean  came true   tokens
   40- 50%  43.4%     100.0%        1

what auto expects of lookup, by the token's evidence: Brier score 0.328 over 1
  forecast  mean  came true   tokens
   40- 50%  42.7%     100.0%        1

what auto expects of draft, before drafting: Brier score 0.241 over 3
  forecast  mean  came true   tokens
   50- 60%  59.3%     100.0%        2
   60- 70%  62.6%       0.0%        1

what auto expects of draft, by the token's evidence: Brier score 0.141 over 3
  forecast  mean  came true   tokens
   50- 60%  57.8%       0.0%        1
   70- 80%  79.1%     100.0%        2
)";

TEST(SummaryText, TellsWhereTimeAndTokensWent) {
  LogSummary summary;
  summary.Take(PromptsOnly());
  summary.Take(TwoRequests());
  EXPECT_EQ(SummaryText(AutoHeader(), summary), kSummary);
}

TEST(SummaryJson, HasTheSameFigures) {
  LogSummary summary;
  summary.Take(PromptsOnly());
  summary.Take(TwoRequests());
  const auto json = SummaryJson(AutoHeader(), summary);
  EXPECT_DOUBLE_EQ(json["tokens_per_second"], 50);
  EXPECT_EQ(json["reasons"]["best"], 1);
  EXPECT_NEAR(json["token_forecast"]["mean_absolute_percentage_error"].get<double>(), 20, 1e-9);
  EXPECT_EQ(json["acceptance"]["draft"]["conditional_acceptance_by_position"],
            nlohmann::ordered_json({1.0, 0.5}));
  EXPECT_EQ(json["draft_confidence"]["deciles"].size(), 10U);
}

TEST(SummaryText, OfAnEmptyLogDividesByNothing) {
  const std::string text = SummaryText(SomeHeader("off"), LogSummary());
  EXPECT_NE(text.find("0 steps in 0.000 s"), std::string::npos);
  EXPECT_EQ(text.find("nan"), std::string::npos);
}

constexpr const char* kStep = R"(step 7: 2 requests decode, 5 prompt rows beside them
why: the best predicted goodput (best)
time was valued at 71.2 tokens/s (lambda)

  speculating  by lookup  depth  verified   tokens        ms   tokens/s
            0          0      0         0     2.00    32.000       62.5
*           2          1      2         4     4.50    45.000      100.0  (1.000 ms of it for later steps)
* chosen

   request slot context   lag  proposed by           planned  proposed  verified  accepted  committed
        41    0     120     1  lookup 1 + draft 1          2         2         2         2          3
        42    1      88     2  draft                       2         2         2         1          2
draft on after depth 1? 0 of 1 stopped

             tokens        ms   tokens/s
  forecast     4.00    45.000       88.9
  realised     5.00    50.000      100.0

time
  draft        4.000 ms  3 rows of 2 sequences in 1 passes, context 104
  draft        2.000 ms  1 rows of 1 sequences in 1 passes, context 90
  target      40.000 ms  11 rows of 3 sequences in 1 passes, context 80
  sampling     1.000 ms
  rest         3.000 ms
)";

TEST(StepText, ShowsWhatWasWeighedAndWhatCame) {
  EXPECT_EQ(StepText(TwoRequests()), kStep);
}

TEST(StepText, OfPromptsAloneSaysThatNothingWasPlanned) {
  EXPECT_NE(StepText(PromptsOnly()).find("nothing was planned"), std::string::npos);
}

TEST(StepJson, MarksTheChosenOption) {
  const auto json = StepJson(TwoRequests());
  EXPECT_EQ(json["decision"]["options"][0]["chosen"], false);
  EXPECT_EQ(json["decision"]["options"][1]["chosen"], true);
  EXPECT_EQ(json["requests"][0]["proposed_by"], "lookup 1 + draft 1");
  EXPECT_DOUBLE_EQ(json["realised"]["tokens_per_second"], 100);
}

}  // namespace
}  // namespace turbospec
