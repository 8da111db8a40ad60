// Greedy text of the embedded pair with every proposer and depth against the text without
// speculation. Q8_0 matrix products round differently at different batch shapes, so two runs may
// part where the two likeliest tokens are all but equal; every such place is looked up and must be
// a tie within the bound.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "cli/assembly.h"
#include "cli/profile_source.h"
#include "cost/cost_fixture.h"
#include "model/llama/llama_loader.h"
#include "sampling/distribution.h"

namespace turbospec {
namespace {

// The adapter's own tests see logits (which span about 20) move by up to 0.14 between batch shapes;
// two logits may move apart by twice that.
constexpr float kLargestTie = 0.3F;
constexpr int kTokens = 96;

const std::vector<std::string>& Prompts() {
  static const std::vector<std::string> prompts = {
      "Once upon a time, there was a little girl named Lily.",
      "<|user|>\nWrite a story about a fox named Rusty.\n<|assistant|>\n",
      "Tom and his sister were playing in the garden when",
      "<|user|>\nRepeat this text:\nLily found a golden key in the tall grass. She showed the key "
      "to her friend Ben. Together they looked for a door.\n<|assistant|>\n",
      "One day, a small bird saw a big red ball.",
      "<|user|>\nChange the age of Tom to 9 in this JSON:\n[\n  {\"id\": 1, \"name\": \"Tom\", "
      "\"age\": 4, \"city\": \"Rome\"}\n]\n<|assistant|>\n",
      "There was once a king who had three sons.",
      "<|user|>\nRename the variable total to x in this code:\ndef sum_list(items):\n    total = "
      "0\n    for n in items:\n        total += n\n    return total\n<|assistant|>\n",
  };
  return prompts;
}

class TokenSink final : public GenerationSink {
 public:
  TokenSink(std::vector<TokenId>& tokens, int& left) : tokens_(tokens), left_(left) {}
  void Deliver(OutputDelta delta) override {
    for (const OutputToken& token : delta.tokens) tokens_.push_back(token.sampled.token);
    left_ -= delta.finish ? 1 : 0;
  }

 private:
  std::vector<TokenId>& tokens_;
  int& left_;
};

using Texts = std::vector<std::vector<TokenId>>;

// A profile by which drafting is cheap, so that `auto` drafts on any machine.
std::string ToldProfile(const cli::EngineFlags& flags) {
  const auto models = cli::LoadModels(flags, [](const std::string&) {});
  EXPECT_TRUE(models.ok());
  CostProfile profile = SampleProfile();
  profile.key = cli::KeyOf(flags, (*models)->models);
  profile.draft->tables =
      TablesOf([](const PassShape&) { return Seconds(0.0002); }, kContexts, kRows, flags.parallel);
  profile.target.tables = TablesOf(Staircase, kContexts, kRows, flags.parallel);
  const std::string path = testing::TempDir() + "/told_profile.json";
  EXPECT_TRUE(WriteProfile(path, profile).ok());
  return path;
}

Texts Generate(const std::string& speculation, EngineStatistics& statistics) {
  cli::EngineFlags flags;
  flags.speculation = speculation;
  flags.threads = 1;   // a busy machine must not make this slow
  flags.parallel = 3;  // fewer than prompts: slots are reused and batches are mixed
  if (speculation == "auto") flags.profile = ToldProfile(flags);
  auto assembly = cli::Assemble(flags, [](const std::string&) {});
  EXPECT_TRUE(assembly.ok()) << assembly.error().message;
  if (!assembly.ok()) return {};
  Texts texts(Prompts().size());
  int left = static_cast<int>(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    GenerationRequest request;
    request.prompt = *assembly->models->tokenizer->Encode(Prompts()[i], {.parse_special = true});
    request.max_tokens = kTokens;
    auto id =
        assembly->engine->Submit(std::move(request), std::make_shared<TokenSink>(texts[i], left));
    EXPECT_TRUE(id.ok());
  }
  while (left > 0) assembly->engine->RunOnce();
  statistics = assembly->engine->Snapshot();
  return texts;
}

// Computes the target's logits after a prompt and some output, away from any engine.
class Oracle {
 public:
  Oracle() {
    backend_ = *LlamaBackend::Create({});
    LlamaLoadOptions options;
    options.target.path = std::string(TURBOSPEC_MODELS_DIR) + "/storypair-target-q8_0.gguf";
    options.target_model.slots = 1;
    models_ = *LoadLlamaModels(*backend_, options);
  }

  // How much likelier (in logits) the likeliest token is than `other`.
  float Gap(const std::string& prompt, std::span<const TokenId> output, TokenId other) {
    std::vector<TokenId> tokens = *models_.tokenizer->Encode(prompt, {.parse_special = true});
    tokens.insert(tokens.end(), output.begin(), output.end());
    EXPECT_TRUE(models_.target->Truncate(0, 0).ok());
    std::vector<Row> rows;
    for (const TokenId token : tokens) rows.push_back({0, static_cast<int>(rows.size()), token});
    rows.back().wants_logits = true;
    EXPECT_TRUE(models_.target->Forward(rows).ok());
    const auto logits = models_.target->Logits(static_cast<int>(rows.size()) - 1);
    return std::ranges::max(logits) - logits[static_cast<std::size_t>(other)];
  }

 private:
  std::unique_ptr<LlamaBackend> backend_;
  LlamaModels models_;
};

TEST(EmbeddedPair, GreedyTextIsTheTargetsOwnUpToTies) {
  EngineStatistics statistics;
  const Texts plain = Generate("off", statistics);
  std::vector<std::string> settings = {"fixed:lookup=4", "fixed:lookup=8", "fixed:lookup=6,draft=3",
                                       "auto"};
  for (int k = 1; k <= 8; ++k) settings.push_back("fixed:draft=" + std::to_string(k));
  struct Divergence {
    std::string setting;
    std::size_t prompt;
    std::size_t at;
    TokenId token;
  };
  std::vector<Divergence> divergences;
  for (const std::string& setting : settings) {
    const Texts texts = Generate(setting, statistics);
    ASSERT_EQ(texts.size(), plain.size());
    EXPECT_GT(statistics.acceptance[0].accepted + statistics.acceptance[1].accepted, 0) << setting;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto [a, b] = std::ranges::mismatch(plain[i], texts[i]);
      if (a == plain[i].end() && b == texts[i].end()) continue;
      ASSERT_TRUE(a != plain[i].end() && b != texts[i].end()) << setting << ": a text ended early";
      divergences.push_back({setting, i, static_cast<std::size_t>(a - plain[i].begin()), *b});
    }
  }
  RecordProperty("divergences", static_cast<int>(divergences.size()));
  Oracle oracle;
  for (const Divergence& d : divergences) {
    const std::span<const TokenId> common = std::span(plain[d.prompt]).first(d.at);
    const float gap = std::max(oracle.Gap(Prompts()[d.prompt], common, d.token),
                               oracle.Gap(Prompts()[d.prompt], common, plain[d.prompt][d.at]));
    std::printf("%s, prompt %zu, token %zu: logit gap %.4f\n", d.setting.c_str(), d.prompt, d.at,
                static_cast<double>(gap));
    EXPECT_LT(gap, kLargestTie) << d.setting << ", prompt " << d.prompt << ", token " << d.at;
  }
}

}  // namespace
}  // namespace turbospec
