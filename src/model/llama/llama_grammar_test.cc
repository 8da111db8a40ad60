#include "model/llama/llama_grammar.h"

#include <algorithm>
#include <limits>

#include "model/llama/llama_models_fixture.h"

namespace turbospec {
namespace {

constexpr TokenId kEnd = 2;

class LlamaGrammarTest : public LlamaFixture {
 protected:
  void SetUp() override {
    LlamaFixture::SetUp();
    tokenizer_ = std::make_shared<LlamaTokenizer>(Load(DraftPath()));
  }

  std::unique_ptr<Grammar> Compile(std::string_view gbnf) {
    auto grammar = LlamaGrammarCompiler(tokenizer_).Compile(gbnf);
    EXPECT_TRUE(grammar.ok()) << grammar.error().message;
    return grammar.ok() ? std::move(grammar).value() : nullptr;
  }

  std::vector<TokenId> Allowed(Grammar& grammar) {
    std::vector<float> logits(static_cast<std::size_t>(tokenizer_->vocabulary_size()), 1.5f);
    grammar.Mask(logits);
    std::vector<TokenId> allowed;
    for (std::size_t t = 0; t < logits.size(); ++t) {
      if (logits[t] == 1.5f) allowed.push_back(static_cast<TokenId>(t));
    }
    return allowed;
  }

  TokenId Only(const std::string& text) {
    const auto tokens = tokenizer_->Encode(text, {.add_special = false});
    EXPECT_EQ(tokens->size(), 1u) << text;
    return tokens->front();
  }

  std::shared_ptr<LlamaTokenizer> tokenizer_;
};

TEST_F(LlamaGrammarTest, MasksAllButWhatMayComeNext) {
  const auto grammar = Compile("root ::= [0-9] \"x\"");
  const auto first = Allowed(*grammar);
  ASSERT_FALSE(first.empty());
  for (const TokenId token : first) {
    const auto piece = tokenizer_->Piece(token);
    EXPECT_TRUE(piece.size() >= 1 && piece[0] >= '0' && piece[0] <= '9') << piece;
  }
  EXPECT_EQ(std::count(first.begin(), first.end(), kEnd), 0);
}

TEST_F(LlamaGrammarTest, AllowsTheEndOnlyWhereTheGrammarMayEnd) {
  const auto grammar = Compile("root ::= [0-9] [0-9]?");
  EXPECT_FALSE(grammar->Allows(kEnd));
  grammar->Accept(Only("7"));
  EXPECT_TRUE(grammar->Allows(kEnd));
  EXPECT_TRUE(grammar->Allows(Only("8")));
  grammar->Accept(Only("8"));
  EXPECT_EQ(Allowed(*grammar), (std::vector<TokenId>{kEnd}));
  grammar->Accept(kEnd);
  EXPECT_TRUE(grammar->Allows(kEnd));
}

TEST_F(LlamaGrammarTest, AllowsAgreesWithMask) {
  const auto grammar = Compile("root ::= \"th\" [a-m]+ | [ 0-9]+");
  const auto allowed = Allowed(*grammar);
  for (TokenId token = 0; token < tokenizer_->vocabulary_size(); ++token) {
    EXPECT_EQ(grammar->Allows(token), std::binary_search(allowed.begin(), allowed.end(), token))
        << token;
  }
}

TEST_F(LlamaGrammarTest, SpellsACharacterOverSeveralByteTokens) {
  const auto grammar = Compile("root ::= \"\xf0\x9f\xa6\x8a\"");
  const auto bytes = tokenizer_->Encode("\xf0\x9f\xa6\x8a", {.add_special = false});
  std::string text;
  for (const TokenId token : *bytes) {
    if (tokenizer_->Piece(token).size() != 1) continue;  // a leading space piece, if any
    ASSERT_TRUE(grammar->Allows(token));
    grammar->Accept(token);
    text += tokenizer_->Piece(token);
  }
  EXPECT_EQ(text, "\xf0\x9f\xa6\x8a");
  EXPECT_TRUE(grammar->Allows(kEnd));
}

TEST_F(LlamaGrammarTest, NeverAllowsControlTokensByTheirNames) {
  const auto any = Compile("root ::= .*");
  EXPECT_FALSE(any->Allows(3));
  EXPECT_FALSE(any->Allows(1));
  EXPECT_TRUE(any->Allows(kEnd));
  const auto named = Compile("root ::= <|user|> .*");
  EXPECT_EQ(Allowed(*named), (std::vector<TokenId>{3}));
  const auto numbered = Compile("root ::= <[3]>");
  EXPECT_TRUE(numbered->Allows(3));
}

TEST_F(LlamaGrammarTest, KeepsWhatWasForbiddenBefore) {
  const auto grammar = Compile("root ::= .*");
  std::vector<float> logits(static_cast<std::size_t>(tokenizer_->vocabulary_size()), 0.5f);
  logits[300] = -std::numeric_limits<float>::infinity();
  grammar->Mask(logits);
  EXPECT_EQ(logits[300], -std::numeric_limits<float>::infinity());
  EXPECT_EQ(logits[301], 0.5f);
}

TEST_F(LlamaGrammarTest, StatesOfTwoRequestsAreTheirOwn) {
  const LlamaGrammarCompiler compiler(tokenizer_);
  auto one = std::move(compiler.Compile("root ::= \"7\" \"8\"")).value();
  auto other = std::move(compiler.Compile("root ::= \"7\" \"8\"")).value();
  one->Accept(Only("7"));
  EXPECT_TRUE(one->Allows(Only("8")));
  EXPECT_FALSE(other->Allows(Only("8")));
}

TEST_F(LlamaGrammarTest, SaysWhatIsWrong) {
  const LlamaGrammarCompiler compiler(tokenizer_);
  for (const std::string_view gbnf : {"", "root = \"a\"", "root ::= missing", "root ::= root",
                                      "root ::= <[99999]>", "root ::= <nothing of the sort>"}) {
    const auto grammar = compiler.Compile(gbnf);
    ASSERT_FALSE(grammar.ok()) << gbnf;
    EXPECT_EQ(grammar.error().code, ErrorCode::kInvalidArgument);
    EXPECT_TRUE(grammar.error().message.starts_with("grammar: ")) << grammar.error().message;
  }
  EXPECT_EQ(logged_.find("rror parsing grammar"), std::string::npos) << "reached libllama";
}

}  // namespace
}  // namespace turbospec
