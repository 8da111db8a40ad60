#include "model/llama/llama_tokenizer.h"

#include <gguf.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "model/llama/llama_models_fixture.h"

namespace turbospec {
namespace {

class LlamaTokenizerTest : public LlamaFixture {
 protected:
  void SetUp() override {
    LlamaFixture::SetUp();
    tokenizer_ = std::make_unique<LlamaTokenizer>(Load(DraftPath()));
  }

  std::string RoundTrip(const std::string& text) {
    const auto tokens = tokenizer_->Encode(text, {.add_special = false});
    EXPECT_TRUE(tokens.ok());
    std::string back;
    for (const TokenId token : *tokens) back += tokenizer_->Piece(token);
    return back;
  }

  std::unique_ptr<LlamaTokenizer> tokenizer_;
};

TEST_F(LlamaTokenizerTest, PiecesJoinToTheText) {
  for (const std::string text :
       {"Once upon a time, there was a fox.", "two  spaces\n\tand a tab ", "12345", "",
        "na\xc3\xafve \xe2\x82\xac", "\xf0\x9f\xa6\x8a fox", "\xe7\x8b\x90", "\x01\x7f"}) {
    EXPECT_EQ(RoundTrip(text), text);
  }
}

TEST_F(LlamaTokenizerTest, SpellsUnknownCharactersInBytes) {
  const auto tokens = tokenizer_->Encode("\xf0\x9f\xa6\x8a", {.add_special = false});
  ASSERT_TRUE(tokens.ok());
  EXPECT_GE(tokens->size(), 4u);
  EXPECT_EQ(tokenizer_->Piece(tokens->back()).size(), 1u);
}

TEST_F(LlamaTokenizerTest, RefusesInvalidUtf8) {
  const auto tokens = tokenizer_->Encode("broken \xff", {});
  ASSERT_FALSE(tokens.ok());
  EXPECT_EQ(tokens.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(LlamaTokenizerTest, PutsBosInFrontWhenAsked) {
  const auto with = tokenizer_->Encode("fox", {.add_special = true});
  const auto without = tokenizer_->Encode("fox", {.add_special = false});
  ASSERT_TRUE(with.ok() && without.ok());
  ASSERT_EQ(with->size(), without->size() + 1);
  EXPECT_EQ(with->front(), 1);
  EXPECT_EQ(tokenizer_->Piece(1), "");
}

TEST_F(LlamaTokenizerTest, ReadsControlTokensOnlyWhenAsked) {
  const auto parsed = tokenizer_->Encode("<|user|>", {.add_special = false, .parse_special = true});
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(*parsed, (std::vector<TokenId>{3}));
  const auto plain = tokenizer_->Encode("<|user|>", {.add_special = false});
  ASSERT_TRUE(plain.ok());
  EXPECT_GT(plain->size(), 1u);
}

TEST_F(LlamaTokenizerTest, KnowsWhatEndsGeneration) {
  EXPECT_EQ(tokenizer_->vocabulary_size(), 4096);
  EXPECT_TRUE(tokenizer_->EndsGeneration(2));
  EXPECT_FALSE(tokenizer_->EndsGeneration(1));
  EXPECT_FALSE(tokenizer_->EndsGeneration(300));
  EXPECT_EQ(tokenizer_->Piece(2), "");
}

class CompareVocabulariesTest : public LlamaFixture {
 protected:
  // A copy of the draft in which the last character of one token is "~".
  static std::string WithOtherToken(std::size_t token) {
    gguf_context* gguf =
        gguf_init_from_file(DraftPath().c_str(), {.no_alloc = true, .ctx = nullptr});
    const auto key = gguf_find_key(gguf, "tokenizer.ggml.tokens");
    const std::string text = gguf_get_arr_str(gguf, key, token);
    gguf_free(gguf);
    std::ifstream original(DraftPath(), std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(original), {});
    std::string entry(8, '\0');  // a string of the file: its length in 64 bits, then itself
    entry[0] = static_cast<char>(text.size());
    entry += text;
    bytes[bytes.find(entry, bytes.find("tokenizer.ggml.tokens")) + entry.size() - 1] = '~';
    const std::string path = testing::TempDir() + "turbospec_other_vocabulary.gguf";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
};

TEST_F(CompareVocabulariesTest, ThePairAgrees) {
  EXPECT_TRUE(CompareVocabularies(*Load(TargetPath()), *Load(DraftPath())).ok());
}

TEST_F(CompareVocabulariesTest, NamesTheFirstDifference) {
  const std::string path = WithOtherToken(600);
  const auto other = Load(path);
  std::remove(path.c_str());
  ASSERT_NE(other, nullptr);
  const Status same = CompareVocabularies(*Load(TargetPath()), *other);
  ASSERT_FALSE(same.ok());
  EXPECT_EQ(same.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(same.error().message.find("token 600: target \""), std::string::npos);
  EXPECT_NE(same.error().message.find("~\""), std::string::npos) << same.error().message;
}

}  // namespace
}  // namespace turbospec
