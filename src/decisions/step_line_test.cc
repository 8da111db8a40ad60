#include "decisions/step_line.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "control/controller_factory.h"
#include "decisions/record_fixture.h"

namespace turbospec {
namespace {

std::string LineOf(const StepRecord& record) {
  std::string line;
  AppendStepLine(record, line);
  return line;
}

bool SamePass(const PassTiming& a, const PassTiming& b) {
  return a.sequences == b.sequences && a.rows == b.rows && a.passes == b.passes &&
         a.mean_context == b.mean_context && a.seconds == b.seconds;
}

// Every field of the request, so that a field that is forgotten in the format is found.
void ExpectSameRequest(const RequestRecord& a, const RequestRecord& b) {
  EXPECT_EQ(a.view.id, b.view.id);
  EXPECT_EQ(a.view.slot, b.view.slot);
  EXPECT_EQ(a.view.context_length, b.view.context_length);
  EXPECT_EQ(a.view.draft_lag, b.view.draft_lag);
  EXPECT_EQ(a.view.max_useful, b.view.max_useful);
  EXPECT_EQ(a.view.weight, b.view.weight);
  EXPECT_EQ(a.view.lookup.length, b.view.lookup.length);
  EXPECT_EQ(a.view.lookup.occurrences, b.view.lookup.occurrences);
  EXPECT_EQ(a.view.lookup.agreeing, b.view.lookup.agreeing);
  EXPECT_EQ(a.view.lookup.available, b.view.lookup.available);
  EXPECT_EQ(a.view.causal_only, b.view.causal_only);
  EXPECT_EQ(a.view.trains_shared, b.view.trains_shared);
  EXPECT_EQ(a.draft.limit, b.draft.limit);
  EXPECT_EQ(a.draft.recent, b.draft.recent);
  EXPECT_EQ(a.verify.verified, b.verify.verified);
  EXPECT_EQ(a.verify.padding, b.verify.padding);
  EXPECT_EQ(a.verified, b.verified);
  EXPECT_EQ(a.accepted, b.accepted);
  EXPECT_EQ(a.committed, b.committed);
  EXPECT_EQ(a.failed, b.failed);
  EXPECT_EQ(a.unused_lookup.match.length, b.unused_lookup.match.length);
  EXPECT_EQ(a.unused_lookup.match.available, b.unused_lookup.match.available);
  EXPECT_EQ(a.unused_lookup.scored, b.unused_lookup.scored);
  EXPECT_EQ(a.unused_lookup.agreed, b.unused_lookup.agreed);
  EXPECT_EQ(a.next_agreed, b.next_agreed);
}

void ExpectSame(const StepRecord& a, const StepRecord& b) {
  EXPECT_EQ(a.step, b.step);
  EXPECT_EQ(a.forgotten, b.forgotten);
  EXPECT_EQ(a.planned, b.planned);
  EXPECT_EQ(a.view.prefill_rows, b.view.prefill_rows);
  EXPECT_EQ(a.view.prefilling, b.view.prefilling);
  EXPECT_TRUE(std::ranges::equal(a.prompts, b.prompts));
  EXPECT_TRUE(std::ranges::equal(a.target_passes, b.target_passes));
  EXPECT_EQ(a.view.target_rule, b.view.target_rule);
  EXPECT_EQ(a.view.draft_rule, b.view.draft_rule);
  EXPECT_EQ(a.view.target_fills_gaps, b.view.target_fills_gaps);
  EXPECT_EQ(a.view.draft_fills_gaps, b.view.draft_fills_gaps);
  EXPECT_EQ(a.view.has_lookup, b.view.has_lookup);
  EXPECT_EQ(a.view.has_draft_model, b.view.has_draft_model);
  ASSERT_EQ(a.requests.size(), b.requests.size());
  for (std::size_t i = 0; i < a.requests.size(); ++i) {
    ExpectSameRequest(a.requests[i], b.requests[i]);
    const auto left = a.EvidenceOf(a.requests[i]);
    const auto right = b.EvidenceOf(b.requests[i]);
    ASSERT_EQ(left.size(), right.size());
    for (std::size_t j = 0; j < left.size(); ++j) {
      EXPECT_EQ(left[j].proposer, right[j].proposer);
      EXPECT_EQ(left[j].confidence, right[j].confidence);
      EXPECT_EQ(left[j].match_length, right[j].match_length);
      EXPECT_EQ(left[j].occurrences, right[j].occurrences);
      EXPECT_EQ(left[j].agreeing, right[j].agreeing);
    }
    const auto guesses = a.LateGuessesOf(a.requests[i]);
    const auto read = b.LateGuessesOf(b.requests[i]);
    ASSERT_EQ(guesses.size(), read.size());
    for (std::size_t j = 0; j < guesses.size(); ++j) {
      EXPECT_EQ(guesses[j].confidence, read[j].confidence);
      EXPECT_EQ(guesses[j].agreed, read[j].agreed);
    }
  }
  EXPECT_EQ(a.keep, b.keep);
  EXPECT_TRUE(std::ranges::equal(a.draft_passes, b.draft_passes, SamePass));
  EXPECT_TRUE(SamePass(a.target, b.target));
  EXPECT_EQ(a.sampling, b.sampling);
  EXPECT_EQ(a.host, b.host);
  EXPECT_EQ(a.total, b.total);
  EXPECT_EQ(a.has_decision, b.has_decision);
  EXPECT_EQ(LineOf(a), LineOf(b));  // the decision, too
}

TEST(StepLine, ReadsBackToTheLastBit) {
  const auto records =
      RecordsOf(std::make_unique<LearningController>(), {.steps = 300, .slots = 2});
  const ReadLog read = Read(LogOf(records));
  ASSERT_EQ(read.error, "");
  EXPECT_EQ(read.cut, "");
  EXPECT_EQ(read.header.target, "target \"t\"");
  EXPECT_EQ(read.header.started, "2026-01-02T03:04:05Z");
  EXPECT_EQ(read.header.slots, 4);
  EXPECT_EQ(read.header.context, 512);
  ASSERT_EQ(read.records.size(), records.size());
  int keeps = 0, mixed = 0, failed = 0, unused = 0, unplanned = 0, agreed = 0, guessed = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    ExpectSame(records[i], read.records[i]);
    keeps += records[i].keep_calls.empty() ? 0 : 1;
    unplanned += records[i].planned ? 0 : 1;
    for (const RequestRecord& request : records[i].requests) {
      const auto evidence = records[i].EvidenceOf(request);
      mixed += !evidence.empty() && evidence.front().proposer != evidence.back().proposer;
      failed += request.failed;
      unused += request.unused_lookup.scored > 0;
      agreed += request.next_agreed.has_value();
      guessed += request.guesses > 0;
    }
  }
  // The run has some of everything, or the comparison shows little.
  for (const int seen : {keeps, mixed, failed, unused, unplanned, agreed, guessed})
    EXPECT_GT(seen, 0);
}

TEST(StepLine, KeepsNumbersThatJsonHasNoWordFor) {
  StepRecord record;
  record.planned = true;
  record.requests.resize(1);
  record.requests[0].view.weight = std::numeric_limits<double>::infinity();
  record.requests[0].view.id = std::numeric_limits<RequestId>::max();
  record.requests[0].proposed = 3;
  record.evidence = {{.confidence = -std::numeric_limits<float>::infinity()},
                     {.confidence = 1e-38F, .match_length = 4},
                     {.proposer = ProposerKind::kPromptLookup, .confidence = -0.1F}};
  record.host = Seconds(std::nan(""));
  const ReadLog read = Read(LogOf({record}));
  ASSERT_EQ(read.error, "");
  const StepRecord& back = read.records.at(0);
  EXPECT_EQ(back.requests[0].view.weight, std::numeric_limits<double>::infinity());
  EXPECT_EQ(back.requests[0].view.id, std::numeric_limits<RequestId>::max());
  EXPECT_EQ(back.evidence[0].confidence, -std::numeric_limits<float>::infinity());
  EXPECT_EQ(back.evidence[1].match_length, 4);
  EXPECT_EQ(back.evidence[1].confidence, 1e-38F);
  EXPECT_EQ(back.evidence[2].proposer, ProposerKind::kPromptLookup);
  EXPECT_EQ(back.evidence[2].confidence, -0.1F);
  EXPECT_TRUE(std::isnan(back.host.count()));
}

TEST(StepLine, LooksAsTheFormatPageShowsIt) {
  StepRecord record;
  record.step = 12;
  record.planned = true;
  record.forgotten = {3};
  record.view = {.requests = {}, .prefill_rows = 16, .has_lookup = true, .has_draft_model = true};
  record.requests.resize(1);
  RequestRecord& request = record.requests[0];
  request = {.view = {.id = 7, .slot = 1, .context_length = 120, .draft_lag = 1, .max_useful = 40},
             .draft = {{1, 3}},
             .verify = {2, 0},
             .proposed = 2,
             .verified = 2,
             .accepted = 1,
             .committed = 2};
  request.view.lookup = {4, 2, 1, 10};
  record.evidence = {
      {.proposer = ProposerKind::kPromptLookup, .match_length = 4, .occurrences = 2, .agreeing = 1},
      {.confidence = -0.25F}};
  record.keep_calls = {{.depth = 1}};
  record.keep = {KeepAnswer::kStopped};
  record.draft_passes = {{1, 1, 1, 121, Seconds(0.001)}};
  record.target = {1, 3, 1, 121.5, Seconds(0.01)};
  record.total = Seconds(0.0125);
  EXPECT_EQ(LineOf(record),
            R"({"step":12,"forgot":[3],"prefill":16,"setup":"oold","requests":[{"id":7,"slot":1,)"
            R"("ctx":120,"lag":1,"room":40,"match":[4,2,1,10],"plan":[1,3],"ev":[[4,2,1],-0.25],)"
            R"("verify":[2,0],"out":[2,1,2]}],"keep":[[1,"-"]],"draft":[[1,1,1,121,0.001]],)"
            R"("target":[1,3,1,121.5,0.01],"sampling":0,"host":0,"total":0.0125})"
            "\n");
}

}  // namespace
}  // namespace turbospec
