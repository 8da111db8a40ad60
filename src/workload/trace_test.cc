#include "workload/trace.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "workload/trace_record.h"

namespace turbospec {
namespace {

using ::testing::TestWithParam;

constexpr const char* kAzureHeader = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
constexpr const char* kAzureFirst = "2023-11-16 18:15:46.6805900,374,44\n";
constexpr const char* kBurstHeader =
    "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n";
constexpr const char* kBurstFirst = "5,ChatGPT,472,18,490,Conversation log\n";
constexpr const char* kMooncakeFirst =
    R"({"timestamp": 5, "input_length": 9, "output_length": 3, "hash_ids": [1]})"
    "\n";

Result<Trace> Read(TraceFormat format, const std::string& text, const TraceOptions& options = {}) {
  std::istringstream in(text);
  return ReadTrace(format, in, "t", options);
}

Result<Trace> LoadSample(TraceFormat format, const std::string& name,
                         const TraceOptions& options = {}) {
  return LoadTrace(format, TURBOSPEC_WORKLOAD_TESTDATA "/" + name, options);
}

TEST(TraceTest, ReadsAzure2023) {
  const Result<Trace> trace = LoadSample(TraceFormat::kAzure, "azure_2023.csv");
  ASSERT_TRUE(trace) << trace.error().message;
  ASSERT_EQ(trace->requests.size(), 5u);
  EXPECT_EQ(trace->requests[0], (TraceRequest{Seconds(0), 374, 44, {}}));
  EXPECT_NEAR(trace->requests[1].at.count(), 4.314579, 1e-9);
  EXPECT_EQ(trace->requests[3].at, trace->requests[2].at);
  EXPECT_EQ(trace->requests[4].output_tokens, 170);
}

TEST(TraceTest, ReadsAzure2024AcrossMidnight) {
  const Result<Trace> trace = LoadSample(TraceFormat::kAzure, "azure_2024.csv");
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_NEAR(trace->requests.at(1).at.count(), 0.5, 1e-9);
  EXPECT_NEAR(trace->requests.at(2).at.count(), 1.25, 1e-9);
}

TEST(TraceTest, ReadsBurstGptWithoutItsFailedRequests) {
  const Result<Trace> trace = LoadSample(TraceFormat::kBurstGpt, "burstgpt.csv");
  ASSERT_TRUE(trace) << trace.error().message;
  ASSERT_EQ(trace->requests.size(), 4u);
  EXPECT_EQ(trace->left_out, 1u);
  EXPECT_EQ(trace->requests[0], (TraceRequest{Seconds(0), 472, 18, {}}));
  EXPECT_NEAR(trace->requests[3].at.count(), 119.5, 1e-9);
}

TEST(TraceTest, ReadsMooncakeWithItsSharedBlocks) {
  const Result<Trace> trace = LoadSample(TraceFormat::kMooncake, "mooncake.jsonl");
  ASSERT_TRUE(trace) << trace.error().message;
  ASSERT_EQ(trace->requests.size(), 3u);
  EXPECT_EQ(trace->requests[1], (TraceRequest{Seconds(3), 1100, 500, {40, 42, 43}}));
}

TEST(TraceTest, FindsColumnsByNameAndIgnoresOthers) {
  const Result<Trace> trace =
      Read(TraceFormat::kBurstGpt,
           "Response tokens,Session ID,Timestamp,Elapsed time,Request tokens\n7,s1,1.5,0.2,30\n");
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_EQ(trace->requests.at(0), (TraceRequest{Seconds(0), 30, 7, {}}));
}

TEST(TraceTest, ToleratesUnknownFieldsOfMooncake) {
  EXPECT_TRUE(Read(TraceFormat::kMooncake,
                   R"({"timestamp": 5, "input_length": 9, "output_length": 3, "model": "x"})"));
}

TEST(TraceTest, AcceptsByteOrderMarkCarriageReturnsAndAMissingLastNewline) {
  const Result<Trace> trace = Read(TraceFormat::kAzure,
                                   "\xEF\xBB\xBFTIMESTAMP,ContextTokens,GeneratedTokens\r\n"
                                   "2023-11-16 18:15:46,374,44\r\n\r\n2023-11-16 18:15:47,1,2");
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_EQ(trace->requests.size(), 2u);
  EXPECT_EQ(trace->requests[1].output_tokens, 2);
}

TEST(TraceTest, StopsAtTheLimitWithoutReadingOn) {
  const std::string text = std::string(kAzureHeader) + kAzureFirst + "garbage\n";
  TraceOptions options;
  options.limit = 1;
  const Result<Trace> trace = Read(TraceFormat::kAzure, text, options);
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_EQ(trace->requests.size(), 1u);
}

TEST(TraceTest, ScalesTime) {
  TraceOptions options;
  options.scale_time = 0.1;
  const Result<Trace> trace = LoadSample(TraceFormat::kMooncake, "mooncake.jsonl", options);
  ASSERT_TRUE(trace);
  EXPECT_NEAR(trace->requests.at(1).at.count(), 0.3, 1e-12);
}

TEST(TraceTest, RefusesOptionsThatCannotBeMeant) {
  for (const double scale : {0.0, -1.0, 1e9}) {
    EXPECT_FALSE(Read(TraceFormat::kMooncake, kMooncakeFirst, {1, scale})) << scale;
  }
  EXPECT_FALSE(Read(TraceFormat::kMooncake, kMooncakeFirst, {0, 1.0}));
}

TEST(TraceTest, KnowsTheFormatsByName) {
  EXPECT_EQ(*ParseTraceFormat("burstgpt"), TraceFormat::kBurstGpt);
  EXPECT_FALSE(ParseTraceFormat("csv"));
}

TEST(TraceTest, SaysThatAFileIsMissing) {
  const Result<Trace> trace = LoadSample(TraceFormat::kAzure, "missing.csv");
  ASSERT_FALSE(trace);
  EXPECT_EQ(trace.error().code, ErrorCode::kNotFound);
}

struct BadTrace {
  const char* situation;
  TraceFormat format;
  std::string text;
  const char* message;  // a part of it
};

class BadTraceTest : public TestWithParam<BadTrace> {};

TEST_P(BadTraceTest, IsRefusedAndSaysWhere) {
  const Result<Trace> trace = Read(GetParam().format, GetParam().text);
  ASSERT_FALSE(trace);
  EXPECT_NE(trace.error().message.find(GetParam().message), std::string::npos)
      << trace.error().message;
}

BadTrace Azure(const char* situation, const std::string& lines, const char* message) {
  return {situation, TraceFormat::kAzure, std::string(kAzureHeader) + kAzureFirst + lines, message};
}

BadTrace Burst(const char* situation, const std::string& lines, const char* message) {
  return {situation, TraceFormat::kBurstGpt, std::string(kBurstHeader) + kBurstFirst + lines,
          message};
}

BadTrace Mooncake(const char* situation, const std::string& lines, const char* message) {
  return {situation, TraceFormat::kMooncake, kMooncakeFirst + lines, message};
}

INSTANTIATE_TEST_SUITE_P(
    Situations, BadTraceTest,
    testing::Values(
        BadTrace{"Empty", TraceFormat::kAzure, "", "t: the file is empty"},
        BadTrace{"HeaderOnly", TraceFormat::kAzure, kAzureHeader, "t: no request"},
        BadTrace{"EmptyMooncake", TraceFormat::kMooncake, "\n\n", "t: no request"},
        BadTrace{"NoHeader", TraceFormat::kAzure, kAzureFirst, "t:1: no column \"TIMESTAMP\""},
        BadTrace{"MissingColumn", TraceFormat::kAzure, "TIMESTAMP,ContextTokens\n1,2\n",
                 "t:1: no column \"GeneratedTokens\""},
        BadTrace{"ColumnTwice", TraceFormat::kAzure,
                 "TIMESTAMP,ContextTokens,GeneratedTokens,ContextTokens\n",
                 "t:1: two columns \"ContextTokens\""},
        BadTrace{"OtherFormat", TraceFormat::kBurstGpt, kAzureHeader, "t:1: no column"},
        Azure("TooFewCells", "2023-11-16 18:15:47,3\n", "t:3: 2 columns instead of 3"),
        Azure("TooManyCells", "2023-11-16 18:15:47,3,4,5\n", "t:3: 4 columns instead of 3"),
        Azure("BadNumber", "2023-11-16 18:15:47,3x,4\n", "t:3: ContextTokens: \"3x\""),
        Azure("EmptyNumber", "2023-11-16 18:15:47,3,\n", "t:3: GeneratedTokens: \"\""),
        Azure("Negative", "2023-11-16 18:15:47,-3,4\n", "t:3: prompt of -3 tokens"),
        Azure("HugeNumber", "2023-11-16 18:15:47,3,99999999999999999999\n", "t:3: Generated"),
        Azure("HugeAnswer", "2023-11-16 18:15:47,3,99999999\n", "t:3: answer of 99999999"),
        Azure("BadDate", "2023-02-30 18:15:47,3,4\n", "t:3: \"2023-02-30 18:15:47\" is no time"),
        Azure("TimeGoesBack", "2023-11-16 18:15:46.5,3,4\n", "t:3: time goes back"),
        Azure("HugeLine", std::string(2 << 20, '7'), "t:3: the line is longer"),
        Burst("BadTimestamp", "6s,ChatGPT,1,2,3,x\n", "t:3: Timestamp: \"6s\""),
        Burst("InfiniteTimestamp", "inf,ChatGPT,1,2,3,x\n", "t:3: Timestamp"),
        Burst("BackInTime", "4,ChatGPT,1,2,3,x\n", "t:3: time goes back"),
        Burst("HalfAToken", "6,ChatGPT,1.5,2,3,x\n", "t:3: Request tokens: \"1.5\""),
        Mooncake("NotJson", "{\"timestamp\": 6,", "t:2: not valid JSON"),
        Mooncake("MissingLength", "{\"timestamp\": 6, \"input_length\": 1}",
                 "t:2: the field \"output_length\" is missing"),
        Mooncake("TextAsNumber", R"({"timestamp": "6", "input_length": 1, "output_length": 1})",
                 "t:2: \"timestamp\" must be a number"),
        Mooncake("BadBlocks",
                 R"({"timestamp": 6, "input_length": 1, "output_length": 1, "hash_ids": ["a"]})",
                 "t:2: \"hash_ids\" must be a list"),
        Mooncake("Earlier", R"({"timestamp": 4, "input_length": 1, "output_length": 1})",
                 "t:2: time goes back")),
    [](const auto& test) { return std::string(test.param.situation); });

TEST(TraceDateTest, CountsFromTheYear1970) {
  EXPECT_EQ(*NanosecondsOfDate("1970-01-02 00:00:01.5"), 86'401'500'000'000);
  EXPECT_EQ(*NanosecondsOfDate("2000-03-01T00:00:00Z"), 951'868'800'000'000'000);
}

TEST(TraceDateTest, SubtractsTheOffset) {
  EXPECT_EQ(*NanosecondsOfDate("2024-05-10 02:00:00+02:00"),
            *NanosecondsOfDate("2024-05-10 00:00:00"));
  EXPECT_EQ(*NanosecondsOfDate("2024-05-09 19:30:00.25-04:30"),
            *NanosecondsOfDate("2024-05-10 00:00:00.250000000999"));
}

TEST(TraceDateTest, RefusesWhatIsNoDate) {
  for (const char* text :
       {"", "2024", "2024-05-10", "2024-05-10 00:00", "2024-13-10 00:00:00", "2024-05-10 24:00:00",
        "2024-05-10 00:60:00", "2024-05-10 00:00:00.", "2024-05-10 00:00:00 ",
        "x2024-05-10 00:00:00", "2024-05-10 00:00:00+1", "9999-05-10 00:00:00"}) {
    EXPECT_FALSE(NanosecondsOfDate(text)) << text;
  }
}

}  // namespace
}  // namespace turbospec
