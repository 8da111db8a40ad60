#include "model/llama/llama_weights.h"

#include <ggml-backend.h>
#include <llama.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "model/llama/gguf_file.h"
#include "model/llama/memory_budget.h"

namespace turbospec {
namespace {

// What a load needs beside the weights: tokenizer tables and graph buffers of a small model.
constexpr std::uint64_t kSpareBytes = 64ull << 20;

bool CallProgress(float fraction, void* progress) {
  return (*static_cast<const std::function<bool(float)>*>(progress))(fraction);
}

// The null-terminated list that libllama wants; empty = its own choice.
Result<std::vector<ggml_backend_dev_t>> FindDevices(const LlamaWeightsOptions& options,
                                                    const std::vector<LlamaDevice>& present) {
  std::vector<ggml_backend_dev_t> devices;
  for (const std::string& name : options.devices) {
    const ggml_backend_dev_t device = ggml_backend_dev_by_name(name.c_str());
    if (device == nullptr) {
      std::string known;
      for (const LlamaDevice& d : present) known += (known.empty() ? "" : ", ") + d.name;
      return NotFound("there is no device \"" + name + "\"; there are: " + known);
    }
    devices.push_back(device);
  }
  if (!devices.empty()) devices.push_back(nullptr);
  return devices;
}

Error LoadError(const std::string& path, const std::string& architecture, const std::string& log) {
  if (log.find("model architecture") != std::string::npos) {
    return Unsupported(path + " is a model of architecture \"" + architecture + "\", which " +
                       LlamaBackend::Version() + " does not support");
  }
  if (log.find("alloc") != std::string::npos || log.find("memory") != std::string::npos) {
    return ResourceExhausted("not enough memory to load " + path + " (" + log + ")");
  }
  return InvalidArgument("libllama cannot load " + path +
                         (log.empty() ? std::string() : " (" + log + ")"));
}

// What this port needs: causal next-token prediction from tokens alone.
Status CheckKind(const llama_model* model, const std::string& path) {
  if (!llama_model_has_decoder(model)) {
    return Unsupported(path + " has no decoder: it cannot generate text");
  }
  if (llama_model_has_encoder(model)) {
    return Unsupported(path + " is an encoder-decoder model; only decoder-only models are served");
  }
  if (llama_model_is_diffusion(model)) {
    return Unsupported(path + " is a diffusion model; only autoregressive models are served");
  }
  if (llama_vocab_type(llama_model_get_vocab(model)) == LLAMA_VOCAB_TYPE_NONE) {
    return Unsupported(path + " carries no vocabulary");
  }
  return Ok();
}

}  // namespace

Result<std::shared_ptr<const LlamaWeights>> LlamaWeights::Load(LlamaBackend& backend,
                                                               const LlamaWeightsOptions& options) {
  const Result<GgufSummary> summary = InspectGguf(options.path);
  if (!summary.ok()) return summary.error();
  const std::vector<LlamaDevice> present = backend.Devices();
  const bool has_gpu = std::any_of(present.begin(), present.end(), [](const LlamaDevice& device) {
    return device.kind == LlamaDevice::Kind::kGpu;
  });
  if (options.gpu_layers > 0 && !has_gpu) {
    return Unsupported("no GPU plugin is loaded, so no layers can be put on a GPU");
  }
  Result<std::vector<ggml_backend_dev_t>> devices = FindDevices(options, present);
  if (!devices.ok()) return devices.error();
  const bool on_gpu = has_gpu && options.gpu_layers != 0;
  if (options.check_memory && !on_gpu) {
    const Status fits = CheckMemory("model " + options.path, summary->tensor_bytes + kSpareBytes,
                                    AvailableMemoryBytes());
    if (!fits.ok()) return fits.error();
  }

  llama_model_params params = llama_model_default_params();
  params.n_gpu_layers = on_gpu ? options.gpu_layers : 0;
  if (!devices->empty()) params.devices = devices->data();
  params.load_mode = options.use_mmap ? LLAMA_LOAD_MODE_AUTO : LLAMA_LOAD_MODE_NONE;
  bool given_up = false;
  const std::function<bool(float)> progress = [&](float fraction) {
    given_up = options.progress && !options.progress(fraction);
    return !given_up;
  };
  params.progress_callback = &CallProgress;
  params.progress_callback_user_data = const_cast<std::function<bool(float)>*>(&progress);

  const LlamaLogCapture log(backend);
  llama_model* model = llama_model_load_from_file(options.path.c_str(), params);
  if (model == nullptr) {
    if (given_up) return Cancelled("loading " + options.path + " was cancelled");
    return LoadError(options.path, summary->architecture, log.Text());
  }
  std::shared_ptr<LlamaWeights> weights(new LlamaWeights(backend, model));
  if (Status kind = CheckKind(model, options.path); !kind.ok()) return kind.error();
  weights->name_ = std::filesystem::path(options.path).stem().string();
  weights->architecture_ = summary->architecture;
  weights->fingerprint_ = summary->fingerprint;
  weights->on_gpu_ = on_gpu;
  return std::shared_ptr<const LlamaWeights>(std::move(weights));
}

LlamaWeights::~LlamaWeights() {
  llama_model_free(model_);
}

const llama_vocab* LlamaWeights::vocabulary() const {
  return llama_model_get_vocab(model_);
}

int LlamaWeights::trained_context() const {
  return llama_model_n_ctx_train(model_);
}

std::string LlamaWeights::Metadata(const std::string& key) const {
  const int size = llama_model_meta_val_str(model_, key.c_str(), nullptr, 0);
  if (size <= 0) return "";
  std::string value(static_cast<std::size_t>(size) + 1, '\0');
  llama_model_meta_val_str(model_, key.c_str(), value.data(), value.size());
  value.pop_back();
  return value;
}

}  // namespace turbospec
