// Where the model pair that comes with TurboSpec lies, for commands that name no model.
#pragma once

#include <string>

#include "core/result.h"

namespace turbospec::cli {

struct ModelPair {
  std::string target;
  std::string draft;
};

// Looks in $TURBOSPEC_MODELS, in ../share/turbospec/models beside the program, and in the source
// tree that it was built from. kNotFound says where it looked.
Result<ModelPair> FindEmbeddedPair();

}  // namespace turbospec::cli
