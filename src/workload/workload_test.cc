#include "workload/workload.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>

namespace turbospec {
namespace {

using ::testing::TestWithParam;

constexpr const char* kHeader =
    R"({"turbospec_workload": 1, "name": "n", "class": "c", "description": "d", )"
    R"("tune_held_out": {"tune": 1, "held_out": 1}})"
    "\n";
constexpr const char* kFirst = R"({"id": "a", "split": "tune", "prompt": "Hi", "max_tokens": 4})"
                               "\n";
constexpr const char* kSecond =
    R"({"id": "b", "split": "held_out", "max_tokens": 9, "messages": [)"
    R"({"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}]})"
    "\n";

Result<Workload> Read(const std::string& text) {
  std::istringstream in(text);
  return ReadWorkload(in, "w.jsonl");
}

TEST(WorkloadTest, ReadsPromptsAndChats) {
  const Result<Workload> workload = Read(std::string(kHeader) + kFirst + kSecond);
  ASSERT_TRUE(workload) << workload.error().message;
  const std::vector<WorkloadItem> expected = {
      {"a", "c", Split::kTune, "Hi", {}, 4},
      {"b", "c", Split::kHeldOut, "", {{"system", "Be kind."}, {"user", "Hi"}}, 9}};
  EXPECT_EQ(workload->items, expected);
}

TEST(WorkloadTest, AcceptsFilesOfOtherSystems) {
  std::string text = std::string(kHeader) + "\n" + kFirst + kSecond + "\n";
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) {
    text.replace(at, 1, "\r\n");
  }
  const Result<Workload> workload = Read("\xEF\xBB\xBF" + text);
  ASSERT_TRUE(workload) << workload.error().message;
  EXPECT_EQ(workload->items.size(), 2u);
}

struct BadFile {
  const char* situation;
  std::string text;
  const char* message;  // a part of it
};

class BadWorkloadTest : public TestWithParam<BadFile> {};

TEST_P(BadWorkloadTest, IsRefusedAndSaysWhere) {
  const Result<Workload> workload = Read(GetParam().text);
  ASSERT_FALSE(workload);
  EXPECT_NE(workload.error().message.find(GetParam().message), std::string::npos)
      << workload.error().message;
}

std::string WithItem(const std::string& item) {
  return std::string(kHeader) + kFirst + item + "\n";
}

std::string WithMessages(const std::string& messages) {
  return WithItem(R"({"id": "b", "split": "tune", "max_tokens": 9, "messages": )" + messages + "}");
}

std::string Replaced(std::string text, const std::string& old, const std::string& with) {
  return text.replace(text.find(old), old.size(), with);
}

INSTANTIATE_TEST_SUITE_P(
    Situations, BadWorkloadTest,
    testing::Values(
        BadFile{"Empty", "", "w.jsonl: the file is empty"},
        BadFile{"BlankOnly", "\n\r\n", "w.jsonl: the file is empty"},
        BadFile{"SomethingElse", "{\"a\": 1}\n", "w.jsonl:1: not a workload"},
        BadFile{"NewerVersion", Replaced(kHeader, ": 1", ": 2"), "w.jsonl:1: version 2 "},
        BadFile{"VersionNotANumber", Replaced(kHeader, ": 1", ": [1]"), "version of no number"},
        BadFile{"HeaderMisspelt", Replaced(kHeader, "description", "descr"), "\"description\""},
        BadFile{"CountsMissing", Replaced(kHeader, "{\"tune\": 1, \"held_out\": 1}", "3"),
                "\"tune_held_out\" must be an object"},
        BadFile{"CutShort", std::string(kHeader) + kFirst, "has 1 and 0"},
        BadFile{"NotJson", WithItem("{\"id\": "), "w.jsonl:3: not valid JSON"},
        BadFile{"NotAnObject", WithItem("[1]"), "w.jsonl:3: not a JSON object"},
        BadFile{"BrokenUtf8", WithItem("{\"id\": \"\xFF\"}"), "w.jsonl:3: not valid JSON"},
        BadFile{"IdTwice", WithItem(kFirst), "w.jsonl:3: the id \"a\" was used before"},
        BadFile{"UnknownField",
                WithItem(R"({"id": "b", "split": "tune", "prompt": "x", "max_tokens": 1, "n": 2})"),
                "w.jsonl:3: unknown field \"n\""},
        BadFile{"UnknownSplit",
                WithItem(R"({"id": "b", "split": "test", "prompt": "x", "max_tokens": 1})"),
                "w.jsonl:3: \"split\" must be"},
        BadFile{"NothingAsked", WithItem(R"({"id": "b", "split": "tune", "max_tokens": 1})"),
                "w.jsonl:3: exactly one of"},
        BadFile{"EmptyPrompt",
                WithItem(R"({"id": "b", "split": "tune", "prompt": "", "max_tokens": 1})"),
                "w.jsonl:3: \"prompt\" must be a text"},
        BadFile{"NoTokens",
                WithItem(R"({"id": "b", "split": "tune", "prompt": "x", "max_tokens": 0})"),
                "w.jsonl:3: \"max_tokens\" must be a whole number from 1"},
        BadFile{"HugeTokens",
                WithItem(R"({"id": "b", "split": "tune", "prompt": "x",)"
                         R"( "max_tokens": 18446744073709551615})"),
                "w.jsonl:3: \"max_tokens\" must be"},
        BadFile{"NoMessages", WithMessages("[]"), "w.jsonl:3: \"messages\" must be a list"},
        BadFile{"StrangeRole", WithMessages(R"([{"role": "tool", "content": "x"}])"),
                "w.jsonl:3: \"role\" must be"},
        BadFile{"AssistantLast", WithMessages(R"([{"role": "assistant", "content": "x"}])"),
                "w.jsonl:3: the last message must be the user's"},
        BadFile{"HugeLine", WithItem(std::string(2 << 20, '[')), "w.jsonl:3: the line is longer"}),
    [](const auto& test) { return std::string(test.param.situation); });

TEST(WorkloadTest, SaysThatAFileIsMissing) {
  const Result<Workload> workload = LoadWorkload("no/such/file.jsonl");
  ASSERT_FALSE(workload);
  EXPECT_EQ(workload.error().code, ErrorCode::kNotFound);
}

TEST(WorkloadTest, RefusesAFolderWithoutWorkloads) {
  EXPECT_FALSE(LoadWorkload(TURBOSPEC_WORKLOAD_TESTDATA "/../../../cmake"));
}

// The files of bench/workloads: what the embedded pair is measured with.
TEST(ShippedWorkloadsTest, HoldAHundredDistinctPromptsOfEachClass) {
  const Result<Workload> workload = LoadWorkload(TURBOSPEC_BENCH_WORKLOADS);
  ASSERT_TRUE(workload) << workload.error().message;
  EXPECT_GE(ClassesOf(*workload).size(), 6u);
  for (const std::string& name : ClassesOf(*workload)) {
    std::vector<std::string> asked;
    for (const WorkloadItem& item : workload->items) {
      if (item.class_name != name) continue;
      asked.push_back(item.messages.empty() ? item.prompt : item.messages.back().content);
    }
    std::sort(asked.begin(), asked.end());
    EXPECT_EQ(std::unique(asked.begin(), asked.end()), asked.end()) << name;
    EXPECT_GE(asked.size(), 100u) << name;
  }
}

TEST(ShippedWorkloadsTest, FitThePairsContext) {
  const Result<Workload> workload = LoadWorkload(TURBOSPEC_BENCH_WORKLOADS);
  ASSERT_TRUE(workload) << workload.error().message;
  for (const WorkloadItem& item : workload->items) {
    const std::string& asked = item.messages.empty() ? item.prompt : item.messages[0].content;
    // JSON comes to 2 characters a token and more; longer texts are prose, with 3 and more.
    const double tokens = static_cast<double>(asked.size()) / (asked.size() > 440 ? 3.0 : 2.0);
    EXPECT_LT(tokens + item.max_tokens, 512 - 16) << item.id;
  }
}

}  // namespace
}  // namespace turbospec
