#include "server/generation_plan.h"

#include <gtest/gtest.h>

#include <set>

#include "model/fake_tokenizer.h"
#include "server/server_options.h"

namespace turbospec {
namespace {

class NoTemplate final : public ChatTemplate {
 public:
  Result<std::string> Render(std::span<const ChatMessage>) const override {
    return Unsupported("this template needs a newer library");
  }
};

class AnyGrammar final : public Grammar {
 public:
  void Mask(std::span<float>) override {}
  bool Allows(TokenId) override { return true; }
  void Accept(TokenId) override {}
};

class OneGrammarCompiler final : public GrammarCompiler {
 public:
  Result<std::unique_ptr<Grammar>> Compile(std::string_view text) const override {
    if (text != "root") return InvalidArgument("no rule named root");
    return std::unique_ptr<Grammar>(std::make_unique<AnyGrammar>());
  }
};

struct GenerationPlanTest : ::testing::Test {
  FakeTokenizer tokenizer = FakeTokenizer::Letters(26);
  NoTemplate no_template;
  OneGrammarCompiler compiler;
  LanguageParts parts{&tokenizer, nullptr, &compiler};

  CompletionRequest Request(std::vector<Prompt> prompts) {
    CompletionRequest request;
    request.prompts = std::move(prompts);
    return request;
  }
};

TEST_F(GenerationPlanTest, MakesChoicesOfEachPromptInTurn) {
  CompletionRequest request = Request({std::string("ab"), std::vector<TokenId>{5}});
  request.fields.choices = 2;
  request.fields.max_tokens = 9;
  auto plan = PlanCompletion(std::move(request), parts, 1);
  ASSERT_TRUE(plan.ok());
  ASSERT_EQ(plan->requests.size(), 4u);
  EXPECT_EQ(plan->requests[1].prompt, (std::vector<TokenId>{0, 1}));
  EXPECT_EQ(plan->requests[2].prompt, (std::vector<TokenId>{5}));
  EXPECT_EQ(plan->requests[3].max_tokens, 9);
}

TEST_F(GenerationPlanTest, GivesEveryChoiceItsOwnSeed) {
  for (const bool given : {false, true}) {
    CompletionRequest request = Request({std::string("a")});
    request.fields.choices = 8;
    if (given) request.fields.seed = 42;
    auto plan = PlanCompletion(std::move(request), parts, 1);
    ASSERT_TRUE(plan.ok());
    std::set<std::uint64_t> seeds;
    for (const GenerationRequest& one : plan->requests) {
      seeds.insert(one.sampling.seed);
      EXPECT_EQ(one.seed_given, given);
    }
    EXPECT_EQ(seeds.size(), 8u);
    EXPECT_EQ(plan->requests[0].sampling.seed == 42, given);
  }
}

TEST_F(GenerationPlanTest, SeedsPromptsOfABatchApartUnlessToldOtherwise) {
  auto fresh = PlanCompletion(Request({std::string("a"), std::string("a")}), parts, 1);
  ASSERT_TRUE(fresh.ok());
  EXPECT_NE(fresh->requests[0].sampling.seed, fresh->requests[1].sampling.seed);
}

TEST_F(GenerationPlanTest, CompilesAGrammarForEveryChoice) {
  CompletionRequest request = Request({std::string("a")});
  request.fields.choices = 2;
  request.fields.grammar = "root";
  auto plan = PlanCompletion(std::move(request), parts, 1);
  ASSERT_TRUE(plan.ok());
  ASSERT_TRUE(plan->requests[0].grammar && plan->requests[1].grammar);
  EXPECT_NE(plan->requests[0].grammar, plan->requests[1].grammar);
}

TEST_F(GenerationPlanTest, NamesTheFieldThatThePartsBelowRefused) {
  CompletionRequest bad_text = Request({std::string("?")});
  auto text = PlanCompletion(std::move(bad_text), parts, 1);
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().status, 400);
  EXPECT_EQ(text.error().param, "prompt");

  auto empty = PlanCompletion(Request({std::string()}), parts, 1);
  ASSERT_FALSE(empty.ok());
  EXPECT_EQ(empty.error().param, "prompt");

  CompletionRequest bad_grammar = Request({std::string("a")});
  bad_grammar.fields.grammar = "nonsense";
  auto grammar = PlanCompletion(std::move(bad_grammar), parts, 1);
  ASSERT_FALSE(grammar.ok());
  EXPECT_EQ(grammar.error().param, "grammar");
  EXPECT_EQ(grammar.error().status, 400);
}

TEST_F(GenerationPlanTest, RefusesChatWithoutATemplateThatWorks) {
  ChatRequest without;
  without.messages = {{"user", "a"}};
  auto none = PlanChat(without, parts, 1);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().status, 400);
  parts.chat_template = &no_template;
  auto unusable = PlanChat(without, parts, 1);
  ASSERT_FALSE(unusable.ok());
  EXPECT_EQ(unusable.error().code, "unsupported");
}

TEST(ServerOptionsTest, NamesTheFieldOutOfRange) {
  EXPECT_TRUE(Validate(ServerOptions{}).ok());
  const auto message = [](auto change) {
    ServerOptions options;
    change(options);
    const Status status = Validate(options);
    return status.ok() ? std::string("accepted") : status.error().message;
  };
  EXPECT_NE(message([](auto& o) { o.host = ""; }).find("host"), std::string::npos);
  EXPECT_NE(message([](auto& o) { o.port = 65536; }).find("port"), std::string::npos);
  EXPECT_NE(message([](auto& o) { o.io_threads = 0; }).find("io_threads"), std::string::npos);
  EXPECT_NE(message([](auto& o) { o.max_body_bytes = 0; }).find("max_body_bytes"),
            std::string::npos);
  EXPECT_NE(message([](auto& o) { o.idle_timeout = Seconds{-1}; }).find("idle_timeout"),
            std::string::npos);
}

}  // namespace
}  // namespace turbospec
