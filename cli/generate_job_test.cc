#include "cli/generate_job.h"

#include <gtest/gtest.h>

#include <sstream>

namespace turbospec::cli {
namespace {

Result<std::vector<GenerateJob>> Read(const std::string& text) {
  std::istringstream input(text);
  RequestFlags defaults;
  defaults.max_tokens = 33;
  return ReadJsonLines(input, defaults);
}

TEST(ReadJsonLines, TakesWhatALineSaysAndTheRestFromTheFlags) {
  const auto jobs = Read(
      "{\"prompt\": \"one\"}\n\n"
      "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}], \"max_tokens\": 5, "
      "\"temperature\": 0.5, \"seed\": 7, \"stop\": [\"a\", \"b\"]}\n");
  ASSERT_TRUE(jobs.ok()) << jobs.error().message;
  ASSERT_EQ(jobs->size(), 2U);
  EXPECT_EQ((*jobs)[0].prompt, "one");
  EXPECT_EQ((*jobs)[0].request.max_tokens, 33);
  EXPECT_FALSE((*jobs)[0].request.seed_given);
  EXPECT_EQ((*jobs)[1].messages[0].content, "hi");
  EXPECT_EQ((*jobs)[1].request.max_tokens, 5);
  EXPECT_EQ((*jobs)[1].request.sampling.temperature, 0.5);
  EXPECT_EQ((*jobs)[1].request.sampling.seed, 7U);
  EXPECT_EQ((*jobs)[1].request.stop, (std::vector<std::string>{"a", "b"}));
}

TEST(ReadJsonLines, NamesTheLineAndTheFieldThatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"{\"prompt\": \"a\"}\n{\"prompt\": 3}", "line 2: \"prompt\""},
      {"{\"prompt\": \"a\", \"max_tokens\": 1.5}", "\"max_tokens\" must be an integer"},
      {"{\"prompt\": \"a\", \"max_tokens\": 99999999999}", "\"max_tokens\""},
      {"{\"prompt\": \"a\", \"seed\": -1}", "\"seed\""},
      {"{\"prompt\": \"a\", \"stop\": [1]}", "\"stop\""},
      {"{\"messages\": []}", "\"messages\""},
      {"{\"messages\": [{\"role\": \"user\"}]}", "\"messages\""},
      {"{}", "either \"prompt\" or \"messages\""},
      {"[1]", "not a JSON object"},
      {"{\"prompt\": ", "line 1: not a JSON object"},
      {"{\"prompt\": \"\xFF\"}", "line 1: not valid UTF-8"},
      {"\n \n", "no prompts"},
  };
  for (const auto& [text, expected] : cases) {
    const auto jobs = Read(text);
    ASSERT_FALSE(jobs.ok()) << text;
    EXPECT_NE(jobs.error().message.find(expected), std::string::npos) << jobs.error().message;
  }
}

}  // namespace
}  // namespace turbospec::cli
