// What the tests of this folder share: the embedded pair, loaded with settings that make results
// repeatable (one thread, small context).
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/llama/llama_backend.h"
#include "model/llama/llama_model.h"
#include "model/llama/llama_tokenizer.h"
#include "model/llama/llama_weights.h"

namespace turbospec {

inline std::string TargetPath() {
  return TURBOSPEC_MODEL_DIR "/storypair-target-q8_0.gguf";
}
inline std::string DraftPath() {
  return TURBOSPEC_MODEL_DIR "/storypair-draft-q8_0.gguf";
}

class LlamaFixture : public testing::Test {
 protected:
  void SetUp() override {
    auto backend = LlamaBackend::Create({.log = [this](LlamaLogLevel, std::string_view line) {
      logged_ += std::string(line) + "\n";
    }});
    ASSERT_TRUE(backend.ok()) << backend.error().message;
    backend_ = std::move(backend).value();
  }

  std::shared_ptr<const LlamaWeights> Load(const std::string& path) {
    auto weights = LlamaWeights::Load(*backend_, {.path = path});
    EXPECT_TRUE(weights.ok()) << weights.error().message;
    return weights.ok() ? *weights : nullptr;
  }

  Error LoadError(const std::string& path) {
    auto weights = LlamaWeights::Load(*backend_, {.path = path});
    EXPECT_FALSE(weights.ok());
    return weights.ok() ? Error{} : weights.error();
  }

  // The draft is the smaller of the pair: tests that need any model use it.
  std::unique_ptr<LlamaModel> Open(LlamaModelOptions options,
                                   const std::string& path = DraftPath()) {
    options.threads = 1;
    auto model = LlamaModel::Create(Load(path), options);
    EXPECT_TRUE(model.ok()) << model.error().message;
    return model.ok() ? std::move(model).value() : nullptr;
  }

  std::unique_ptr<LlamaBackend> backend_;
  std::string logged_;
};

}  // namespace turbospec
