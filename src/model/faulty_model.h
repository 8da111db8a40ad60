// Wraps a Model and fails chosen Forward calls, so that tests can inject a fault into every call
// of a scenario. A failed call leaves the slots as they were, as the port demands.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "model/model.h"

namespace turbospec {

using FaultFn = std::function<bool(int call, std::span<const Row> rows)>;

class FaultyModel final : public Model {
 public:
  // `fails` is asked with the number of the Forward call, from 0, and its rows.
  FaultyModel(std::unique_ptr<Model> inner, FaultFn fails)
      : inner_(std::move(inner)), fails_(std::move(fails)) {}

  const ModelInfo& info() const override { return inner_->info(); }
  Status Forward(std::span<const Row> rows) override;
  std::span<const float> Logits(int row) const override { return inner_->Logits(row); }
  int Length(SlotId slot) const override { return inner_->Length(slot); }
  Status Truncate(SlotId slot, int length) override { return inner_->Truncate(slot, length); }
  std::vector<Pass> Passes(std::span<const int> rows_by_slot) const override {
    return inner_->Passes(rows_by_slot);
  }

  int calls() const { return calls_; }

 private:
  std::unique_ptr<Model> inner_;
  FaultFn fails_;
  int calls_ = 0;
};

}  // namespace turbospec
