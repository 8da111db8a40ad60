#include "model/llama/llama_chat_template.h"

#include "model/llama/llama_models_fixture.h"

namespace turbospec {
namespace {

class LlamaChatTemplateTest : public LlamaFixture {
 protected:
  Result<std::string> Render(const std::vector<ChatMessage>& messages,
                             const std::string& override_with = "") {
    auto made = LlamaChatTemplate::Create(*Load(DraftPath()), override_with);
    if (!made.ok()) return made.error();
    return (*made)->Render(messages);
  }
};

TEST_F(LlamaChatTemplateTest, RendersTheEmbeddedFormat) {
  EXPECT_EQ(*Render({{"user", "Hi."}}), "<|user|>\nHi.\n<|assistant|>\n");
  EXPECT_EQ(*Render({{"user", "A"}, {"assistant", "B"}, {"user", "C"}}),
            "<|user|>\nA\n<|assistant|>\nB</s><|user|>\nC\n<|assistant|>\n");
}

TEST_F(LlamaChatTemplateTest, GivesTheEmbeddedModelsASystemMessageAsAUserTurn) {
  EXPECT_EQ(*Render({{"system", "S"}, {"user", "U"}}), "<|user|>\nS\n<|user|>\nU\n<|assistant|>\n");
}

TEST_F(LlamaChatTemplateTest, TakesABuiltInNameInsteadOfTheModelsOwn) {
  EXPECT_EQ(*Render({{"user", "Hi."}}, "chatml"),
            "<|im_start|>user\nHi.<|im_end|>\n<|im_start|>assistant\n");
}

TEST_F(LlamaChatTemplateTest, TakesTheTextOfATemplate) {
  const std::string jinja = "{{'<|start_header_id|>' + role + '<|end_header_id|>'}}";
  const auto rendered = Render({{"user", "Hi."}}, jinja);
  ASSERT_TRUE(rendered.ok()) << rendered.error().message;
  EXPECT_NE(rendered->find("<|start_header_id|>user<|end_header_id|>"), std::string::npos);
}

TEST_F(LlamaChatTemplateTest, RendersConversationsLargerThanTheFirstGuess) {
  const std::string text(100000, 'x');
  EXPECT_NE(Render({{"user", text}}, "chatml")->find(text), std::string::npos);
}

TEST_F(LlamaChatTemplateTest, NamesTheChoicesWhenATemplateIsUnknown) {
  const auto rendered = Render({{"user", "Hi."}}, "{{ no such format }}");
  ASSERT_FALSE(rendered.ok());
  EXPECT_EQ(rendered.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(rendered.error().message.find("chatml"), std::string::npos);
}

TEST_F(LlamaChatTemplateTest, RefusesAConversationWithoutMessages) {
  EXPECT_EQ(Render({}).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace turbospec
