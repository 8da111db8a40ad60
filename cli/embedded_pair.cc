#include "cli/embedded_pair.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <vector>

namespace turbospec::cli {

Result<ModelPair> FindEmbeddedPair() {
  namespace fs = std::filesystem;
  std::vector<fs::path> folders;
  if (const char* named = std::getenv("TURBOSPEC_MODELS")) folders.emplace_back(named);
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  folders.push_back(program.parent_path() / ".." / "share" / "turbospec" / "models");
  folders.emplace_back(TURBOSPEC_SOURCE_MODELS);
  std::string looked;
  for (const fs::path& folder : folders) {
    const ModelPair pair{(folder / "storypair-target-q8_0.gguf").string(),
                         (folder / "storypair-draft-q8_0.gguf").string()};
    if (fs::exists(pair.target, ignored) && fs::exists(pair.draft, ignored)) return pair;
    looked += (looked.empty() ? "" : ", ") + folder.lexically_normal().string();
  }
  return NotFound("the embedded models were not found (looked in " + looked +
                  "); name a model with --model or set TURBOSPEC_MODELS");
}

}  // namespace turbospec::cli
