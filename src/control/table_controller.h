// `table`: the depth is looked up by the number of decoding requests, and nothing is learned.
#pragma once

#include <string>
#include <utility>

#include "control/depth_table.h"
#include "control/uniform_controller.h"

namespace turbospec {

class TableController final : public UniformController {
 public:
  TableController(std::string name, DepthTable table)
      : UniformController(std::move(name)), table_(std::move(table)) {}

 protected:
  int ChooseDepth(const StepView& step) override {
    return table_.DepthFor(static_cast<int>(step.requests.size()));
  }

 private:
  DepthTable table_;
};

}  // namespace turbospec
