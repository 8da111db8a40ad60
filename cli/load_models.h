// From flags to loaded models: the first half of every command that computes. The one place that
// knows libllama's adapter besides assembly and profile.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cli/assembly.h"
#include "cli/flags.h"
#include "core/result.h"
#include "model/llama/llama_loader.h"

namespace turbospec::cli {

// Text for people: progress and warnings.
using Note = std::function<void(const std::string&)>;

// Backend first, so that it goes last.
struct LlamaLoadedModels final : LoadedModels {
  std::unique_ptr<LlamaBackend> backend;
  LlamaModels models;
};

Result<std::unique_ptr<LlamaLoadedModels>> LoadModels(const EngineFlags& flags, const Note& note);

// --threads, or one per core.
int ThreadsOf(const EngineFlags& flags);

}  // namespace turbospec::cli
