#include "model/llama/llama_weights.h"

#include <ggml.h>
#include <gguf.h>

#include <filesystem>
#include <fstream>

#include "model/llama/gguf_file.h"
#include "model/llama/llama_models_fixture.h"

namespace turbospec {
namespace {

namespace fs = std::filesystem;

class LlamaWeightsTest : public LlamaFixture {
 protected:
  LlamaWeightsTest() : directory_(testing::TempDir() + "turbospec_llama_weights") {
    fs::remove_all(directory_);
    fs::create_directories(directory_);
  }
  ~LlamaWeightsTest() override { fs::remove_all(directory_); }

  std::string Path(const std::string& name) const { return directory_ + "/" + name; }

  std::string Write(const std::string& name, const std::string& bytes) {
    std::ofstream(Path(name), std::ios::binary) << bytes;
    return Path(name);
  }

  static std::string BytesOf(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  // A GGUF with one tensor and, unless it is "", a name of its architecture.
  std::string WriteModelOf(const std::string& architecture) {
    ggml_context* tensors =
        ggml_init({.mem_size = 1 << 16, .mem_buffer = nullptr, .no_alloc = false});
    ggml_tensor* tensor = ggml_new_tensor_1d(tensors, GGML_TYPE_F32, 32);
    ggml_set_name(tensor, "token_embd.weight");
    gguf_context* gguf = gguf_init_empty();
    if (!architecture.empty()) {
      gguf_set_val_str(gguf, "general.architecture", architecture.c_str());
    }
    gguf_add_tensor(gguf, tensor);
    gguf_write_to_file(gguf, Path("made.gguf").c_str(), /*only_meta=*/false);
    gguf_free(gguf);
    ggml_free(tensors);
    return Path("made.gguf");
  }

  std::string directory_;
};

TEST_F(LlamaWeightsTest, LoadsTheEmbeddedPair) {
  const auto target = Load(TargetPath());
  ASSERT_NE(target, nullptr);
  EXPECT_EQ(target->name(), "storypair-target-q8_0");
  EXPECT_EQ(target->architecture(), "llama");
  EXPECT_EQ(target->trained_context(), 512);
  EXPECT_EQ(target->Metadata("general.architecture"), "llama");
  EXPECT_EQ(target->Metadata("no.such.key"), "");
}

TEST_F(LlamaWeightsTest, NamesAFileThatDoesNotExist) {
  const Error error = LoadError(Path("none.gguf"));
  EXPECT_EQ(error.code, ErrorCode::kNotFound);
  EXPECT_NE(error.message.find("none.gguf does not exist"), std::string::npos) << error.message;
}

TEST_F(LlamaWeightsTest, RefusesADirectory) {
  const Error error = LoadError(directory_);
  EXPECT_NE(error.message.find("is a directory"), std::string::npos) << error.message;
}

TEST_F(LlamaWeightsTest, RefusesATextFile) {
  const Error error = LoadError(Write("notes.txt", "not a model"));
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
  EXPECT_NE(error.message.find("is not a GGUF"), std::string::npos) << error.message;
  EXPECT_NE(LoadError(Write("empty.gguf", "")).message.find("is not a GGUF"), std::string::npos);
}

TEST_F(LlamaWeightsTest, RefusesATruncatedFileWhereverItIsCut) {
  const std::string whole = BytesOf(DraftPath());
  const Error in_tensors = LoadError(Write("cut.gguf", whole.substr(0, whole.size() - 100000)));
  EXPECT_NE(in_tensors.message.find("is truncated"), std::string::npos) << in_tensors.message;
  for (const std::size_t size : {5u, 20u, 1000u, 50000u, 91700u}) {
    const Error in_header = LoadError(Write("cut.gguf", whole.substr(0, size)));
    EXPECT_NE(in_header.message.find("is damaged"), std::string::npos) << in_header.message;
  }
}

TEST_F(LlamaWeightsTest, NamesAnArchitectureThatIsNotSupported) {
  const Error error = LoadError(WriteModelOf("perceptron"));
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_NE(error.message.find("\"perceptron\""), std::string::npos) << error.message;
}

TEST_F(LlamaWeightsTest, RefusesAFileThatIsNoLanguageModel) {
  const Error error = LoadError(WriteModelOf(""));
  EXPECT_NE(error.message.find("names no model architecture"), std::string::npos) << error.message;
}

TEST_F(LlamaWeightsTest, SaysWhatLibllamaMissesInAKnownArchitecture) {
  const Error error = LoadError(WriteModelOf("llama"));
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
  EXPECT_NE(error.message.find("libllama cannot load"), std::string::npos);
  EXPECT_NE(error.message.find("key not found"), std::string::npos) << error.message;
}

TEST_F(LlamaWeightsTest, RefusesDevicesThatAreNotThere) {
  const auto named = LlamaWeights::Load(*backend_, {.path = DraftPath(), .devices = {"CUDA7"}});
  ASSERT_FALSE(named.ok());
  EXPECT_NE(named.error().message.find("\"CUDA7\"; there are: CPU"), std::string::npos)
      << named.error().message;
  const auto layers = LlamaWeights::Load(*backend_, {.path = DraftPath(), .gpu_layers = 3});
  ASSERT_FALSE(layers.ok());
  EXPECT_EQ(layers.error().code, ErrorCode::kUnsupported);
}

TEST_F(LlamaWeightsTest, ReportsProgressAndStopsWhenTold) {
  float last = -1;
  LlamaWeightsOptions options{.path = DraftPath(), .progress = [&](float fraction) {
                                EXPECT_GE(fraction, last);
                                last = fraction;
                                return true;
                              }};
  EXPECT_TRUE(LlamaWeights::Load(*backend_, options).ok());
  EXPECT_EQ(last, 1.0f);
  options.progress = [](float) { return false; };
  const auto stopped = LlamaWeights::Load(*backend_, options);
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
}

TEST_F(LlamaWeightsTest, TheFingerprintFollowsHeaderAndData) {
  std::string bytes = BytesOf(DraftPath());
  const auto original = InspectGguf(DraftPath());
  const auto copy = InspectGguf(Write("copy.gguf", bytes));
  ASSERT_TRUE(original.ok() && copy.ok());
  EXPECT_EQ(original->fingerprint, copy->fingerprint);
  bytes[bytes.size() - 10] ^= 1;
  EXPECT_NE(InspectGguf(Write("copy.gguf", bytes))->fingerprint, original->fingerprint);
  bytes[bytes.size() - 10] ^= 1;
  bytes[bytes.find("<|user|>")] ^= 1;
  EXPECT_NE(InspectGguf(Write("copy.gguf", bytes))->fingerprint, original->fingerprint);
}

}  // namespace
}  // namespace turbospec
