// One-time initialisation of libllama: loads ggml's compute plugins and routes every log line to a
// function of the owner, so that the library never prints. The program's main (or a test fixture)
// creates one before anything else of this folder and destroys it last. libllama keeps its log and
// its plugins in globals of its own, hence one LlamaBackend at a time. Log lines may come from any
// thread; everything else is called by the owner. Creating costs some milliseconds per plugin.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace turbospec {

enum class LlamaLogLevel { kDebug, kInfo, kWarning, kError };

// Receives whole lines without the newline. Calls come one at a time, from any thread.
using LlamaLogSink = std::function<void(LlamaLogLevel level, std::string_view line)>;

struct LlamaBackendOptions {
  // Where the plugins lie; "" = where the libllama of this build keeps them.
  std::string plugin_directory = {};
  // Beside the CPU's: "cuda", "vulkan", "hip", "rpc", "blas", … One that is missing is an error.
  std::vector<std::string> plugins = {};
  // Every plugin that is installed, whatever `plugins` says.
  bool all_plugins = false;
  LlamaLogSink log = {};  // empty = discard
};

struct LlamaDevice {
  enum class Kind { kCpu, kGpu, kAccelerator };
  std::string name;  // as LlamaWeightsOptions::devices takes it, e.g. "CUDA0"
  std::string description;
  Kind kind = Kind::kCpu;
  std::uint64_t free_bytes = 0;
  std::uint64_t total_bytes = 0;
};

class LlamaBackend {
 public:
  static Result<std::unique_ptr<LlamaBackend>> Create(LlamaBackendOptions options);
  ~LlamaBackend();
  LlamaBackend(const LlamaBackend&) = delete;
  LlamaBackend& operator=(const LlamaBackend&) = delete;

  // "libllama 0.7.0": part of the key of a cost profile.
  static std::string Version();

  std::vector<LlamaDevice> Devices() const;

  class LogRouter;
  LogRouter& log() { return *log_; }

 private:
  explicit LlamaBackend(LlamaLogSink sink);

  std::unique_ptr<LogRouter> log_;
};

// Collects the warnings and errors that libllama logs on this thread while it lives, for the
// message of an Error. They still reach the owner's sink.
class LlamaLogCapture {
 public:
  explicit LlamaLogCapture(LlamaBackend& backend);
  ~LlamaLogCapture();
  LlamaLogCapture(const LlamaLogCapture&) = delete;
  LlamaLogCapture& operator=(const LlamaLogCapture&) = delete;

  // Lines joined by "; ", at most some hundred bytes of them. "" when nothing was logged.
  std::string Text() const;

 private:
  LlamaBackend::LogRouter& router_;
};

}  // namespace turbospec
