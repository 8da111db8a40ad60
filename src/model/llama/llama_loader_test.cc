#include "model/llama/llama_loader.h"

#include "model/llama/llama_models_fixture.h"

namespace turbospec {
namespace {

using LlamaLoaderTest = LlamaFixture;

LlamaLoadOptions PairOptions() {
  LlamaLoadOptions options;
  options.target.path = TargetPath();
  options.draft = LlamaWeightsOptions{.path = DraftPath()};
  options.target_model = {.slots = 3, .context_per_slot = 256, .threads = 1};
  options.draft_model = {.slots = 1, .context_per_slot = 64, .threads = 1};
  return options;
}

TEST_F(LlamaLoaderTest, LoadsAPairWhoseSlotsAgree) {
  const auto models = LoadLlamaModels(*backend_, PairOptions());
  ASSERT_TRUE(models.ok()) << models.error().message;
  EXPECT_EQ(models->note, "");
  ASSERT_NE(models->draft, nullptr);
  EXPECT_EQ(models->draft->info().slots, 3);
  EXPECT_EQ(models->draft->info().context_per_slot, 256);
  EXPECT_EQ(models->tokenizer->vocabulary_size(), models->target->info().vocabulary_size);
  const ChatMessage hello{"user", "hello"};
  EXPECT_TRUE(models->chat_template->Render(std::span(&hello, 1)).ok());
  EXPECT_TRUE(models->grammar_compiler->Compile("root ::= \"a\"").ok());
}

TEST_F(LlamaLoaderTest, LoadsATargetAlone) {
  LlamaLoadOptions options = PairOptions();
  options.draft.reset();
  const auto models = LoadLlamaModels(*backend_, options);
  ASSERT_TRUE(models.ok());
  EXPECT_EQ(models->draft, nullptr);
  EXPECT_EQ(models->note, "");
}

TEST_F(LlamaLoaderTest, NamesTheFileThatFails) {
  LlamaLoadOptions options = PairOptions();
  options.draft->path = "no-such-draft.gguf";
  const auto models = LoadLlamaModels(*backend_, options);
  ASSERT_FALSE(models.ok());
  EXPECT_NE(models.error().message.find("no-such-draft.gguf"), std::string::npos);
}

TEST_F(LlamaLoaderTest, PassesOnBadOptions) {
  LlamaLoadOptions options = PairOptions();
  options.target_model.kv_type = "q3";
  EXPECT_EQ(LoadLlamaModels(*backend_, options).error().code, ErrorCode::kInvalidArgument);
  options = PairOptions();
  options.chat_template = "{{ nothing known }}";
  EXPECT_EQ(LoadLlamaModels(*backend_, options).error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace turbospec
