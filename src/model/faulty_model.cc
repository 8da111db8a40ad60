#include "model/faulty_model.h"

#include <string>

namespace turbospec {

Status FaultyModel::Forward(std::span<const Row> rows) {
  const int call = calls_++;
  if (fails_(call, rows)) return Internal("injected fault in forward call " + std::to_string(call));
  return inner_->Forward(rows);
}

}  // namespace turbospec
