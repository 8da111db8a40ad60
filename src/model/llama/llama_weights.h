// The weights and vocabulary of one model file, loaded once and shared by the model, tokenizer,
// chat template and grammars made from it. Immutable after loading: any thread may read it.
// Loading costs seconds to minutes and the memory of the weights.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "model/llama/llama_backend.h"

struct llama_model;
struct llama_vocab;

namespace turbospec {

struct LlamaWeightsOptions {
  std::string path = {};  // the .gguf file; of a split model its first part
  int gpu_layers = -1;    // layers on the GPUs; -1 = all. Without a GPU it must be -1 or 0.
  std::vector<std::string> devices = {};  // GPUs to use, by LlamaDevice::name; empty = all loaded
  bool use_mmap = true;                   // map the file instead of reading it
  bool check_memory = true;               // refuse what will not fit instead of trying
  // Told the loaded fraction, 0 to 1; returns false to give up.
  std::function<bool(float fraction)> progress = {};
};

class LlamaWeights {
 public:
  // `backend` must outlive the weights. Every failure says what to do about it: see InspectGguf;
  // besides, an architecture that libllama does not know, a model without a decoder, no memory.
  static Result<std::shared_ptr<const LlamaWeights>> Load(LlamaBackend& backend,
                                                          const LlamaWeightsOptions& options);
  ~LlamaWeights();
  LlamaWeights(const LlamaWeights&) = delete;
  LlamaWeights& operator=(const LlamaWeights&) = delete;

  llama_model* get() const { return model_; }
  const llama_vocab* vocabulary() const;
  LlamaBackend& backend() const { return backend_; }

  const std::string& name() const { return name_; }  // file name without ".gguf"
  const std::string& architecture() const { return architecture_; }
  std::uint64_t fingerprint() const { return fingerprint_; }
  int trained_context() const;
  bool on_gpu() const { return on_gpu_; }

  // A scalar of the file's metadata as text, "" when it has none.
  std::string Metadata(const std::string& key) const;

 private:
  LlamaWeights(LlamaBackend& backend, llama_model* model) : backend_(backend), model_(model) {}

  LlamaBackend& backend_;
  llama_model* model_;
  std::string name_;
  std::string architecture_;
  std::uint64_t fingerprint_ = 0;
  bool on_gpu_ = false;
};

}  // namespace turbospec
