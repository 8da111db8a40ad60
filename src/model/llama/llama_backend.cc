#include "model/llama/llama_backend.h"

#include <dlfcn.h>
#include <ggml-backend.h>
#include <llama.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace turbospec {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCapturedBytes = 400;

LlamaLogLevel LevelOf(ggml_log_level level) {
  switch (level) {
    case GGML_LOG_LEVEL_ERROR:
      return LlamaLogLevel::kError;
    case GGML_LOG_LEVEL_WARN:
      return LlamaLogLevel::kWarning;
    case GGML_LOG_LEVEL_INFO:
      return LlamaLogLevel::kInfo;
    default:
      return LlamaLogLevel::kDebug;
  }
}

void Discard(ggml_log_level, const char*, void*) {}

LlamaDevice::Kind KindOf(ggml_backend_dev_t device) {
  switch (ggml_backend_dev_type(device)) {
    case GGML_BACKEND_DEVICE_TYPE_GPU:
    case GGML_BACKEND_DEVICE_TYPE_IGPU:
    case GGML_BACKEND_DEVICE_TYPE_META:
      return LlamaDevice::Kind::kGpu;
    case GGML_BACKEND_DEVICE_TYPE_ACCEL:
      return LlamaDevice::Kind::kAccelerator;
    default:
      return LlamaDevice::Kind::kCpu;
  }
}

bool HasCpu() {
  return ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU) != nullptr;
}

// How well a CPU plugin fits this processor, in its own words; 0 = it does not run here.
int ScoreOf(const fs::path& plugin) {
  void* handle = dlopen(plugin.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return 0;
  using ScoreFn = int (*)();
  const auto score = reinterpret_cast<ScoreFn>(dlsym(handle, "ggml_backend_score"));
  const int value = score != nullptr ? score() : 1;
  dlclose(handle);
  return value;
}

// ggml has one CPU plugin per processor generation and no call that loads only the best of them:
// its "load all" brings BLAS and RPC in too, which only slows the start.
bool LoadBestCpuPlugin(const fs::path& directory) {
  std::vector<std::pair<int, std::string>> candidates;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("libggml-cpu") || !name.ends_with(".so")) continue;
    if (const int score = ScoreOf(entry.path()); score > 0) {
      candidates.emplace_back(score, entry.path().string());
    }
  }
  std::sort(candidates.rbegin(), candidates.rend());
  return std::any_of(candidates.begin(), candidates.end(), [](const auto& candidate) {
    return ggml_backend_load(candidate.second.c_str()) != nullptr;
  });
}

std::string DefaultPluginDirectory() {
#ifdef TURBOSPEC_GGML_BACKENDS
  return TURBOSPEC_GGML_BACKENDS;
#else
  return "";
#endif
}

Status LoadPlugins(const LlamaBackendOptions& options) {
  std::string directory = options.plugin_directory;
  if (directory.empty()) directory = DefaultPluginDirectory();
  if (directory.empty()) {
    // A system's libllama knows its own directory and does not tell it.
    if (!HasCpu()) ggml_backend_load_all();
  } else if (options.all_plugins) {
    if (!HasCpu()) ggml_backend_load_all_from_path(directory.c_str());
  } else {
    if (!HasCpu()) LoadBestCpuPlugin(directory);
    for (const std::string& name : options.plugins) {
      const fs::path plugin = fs::path(directory) / ("libggml-" + name + ".so");
      std::error_code ignored;
      if (!fs::exists(plugin, ignored)) {
        return NotFound("compute plugin \"" + name + "\" is not installed (" + plugin.string() +
                        " does not exist)");
      }
      if (ggml_backend_load(plugin.c_str()) == nullptr) {
        return Unsupported("compute plugin \"" + name + "\" cannot be loaded on this machine");
      }
    }
  }
  if (HasCpu()) return Ok();
  return NotFound("no compute plugin for this processor in \"" + directory +
                  "\"; is libggml installed completely?");
}

}  // namespace

// The one receiver of libllama's log callback.
class LlamaBackend::LogRouter {
 public:
  explicit LogRouter(LlamaLogSink sink) : sink_(std::move(sink)) {}

  static void Callback(ggml_log_level level, const char* text, void* self) {
    static_cast<LogRouter*>(self)->Receive(level, text);
  }

  void Capture(bool on) {
    const std::lock_guard lock(mutex_);
    if (on) {
      captured_[std::this_thread::get_id()].clear();
    } else {
      captured_.erase(std::this_thread::get_id());
    }
  }

  std::string Captured() {
    const std::lock_guard lock(mutex_);
    const auto found = captured_.find(std::this_thread::get_id());
    return found == captured_.end() ? std::string() : found->second;
  }

 private:
  // libllama logs pieces of lines: CONT continues the one before.
  void Receive(ggml_log_level level, const char* text) {
    const std::lock_guard lock(mutex_);
    if (level != GGML_LOG_LEVEL_CONT) {
      Flush();
      level_ = LevelOf(level);
    }
    for (const char* c = text; *c != '\0'; ++c) {
      if (*c == '\n') {
        Flush();
      } else {
        line_.push_back(*c);
      }
    }
  }

  void Flush() {
    if (line_.empty()) return;
    if (level_ >= LlamaLogLevel::kWarning) {
      const auto found = captured_.find(std::this_thread::get_id());
      if (found != captured_.end() && found->second.size() + line_.size() < kCapturedBytes) {
        if (!found->second.empty()) found->second += "; ";
        found->second += line_;
      }
    }
    if (sink_) sink_(level_, line_);
    line_.clear();
  }

  std::mutex mutex_;
  LlamaLogSink sink_;
  LlamaLogLevel level_ = LlamaLogLevel::kInfo;
  std::string line_;
  std::map<std::thread::id, std::string> captured_;
};

LlamaBackend::LlamaBackend(LlamaLogSink sink) : log_(std::make_unique<LogRouter>(std::move(sink))) {
  llama_log_set(&LogRouter::Callback, log_.get());
}

LlamaBackend::~LlamaBackend() {
  llama_backend_free();
  llama_log_set(&Discard, nullptr);
}

Result<std::unique_ptr<LlamaBackend>> LlamaBackend::Create(LlamaBackendOptions options) {
  std::unique_ptr<LlamaBackend> backend(new LlamaBackend(options.log));
  if (Status loaded = LoadPlugins(options); !loaded.ok()) return loaded.error();
  llama_backend_init();  // loads every plugin of the system when it finds none loaded
  return backend;
}

std::string LlamaBackend::Version() {
  return std::string("libllama ") + llama_version();
}

std::vector<LlamaDevice> LlamaBackend::Devices() const {
  std::vector<LlamaDevice> devices;
  for (std::size_t i = 0; i < ggml_backend_dev_count(); ++i) {
    const ggml_backend_dev_t device = ggml_backend_dev_get(i);
    std::size_t free_bytes = 0;
    std::size_t total_bytes = 0;
    ggml_backend_dev_memory(device, &free_bytes, &total_bytes);
    devices.push_back({.name = ggml_backend_dev_name(device),
                       .description = ggml_backend_dev_description(device),
                       .kind = KindOf(device),
                       .free_bytes = free_bytes,
                       .total_bytes = total_bytes});
  }
  return devices;
}

LlamaLogCapture::LlamaLogCapture(LlamaBackend& backend) : router_(backend.log()) {
  router_.Capture(true);
}

LlamaLogCapture::~LlamaLogCapture() {
  router_.Capture(false);
}

std::string LlamaLogCapture::Text() const {
  return router_.Captured();
}

}  // namespace turbospec
