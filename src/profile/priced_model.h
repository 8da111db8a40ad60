// A FakeModel on a machine with a known price list: every pass moves a ManualClock by its price.
// For the tests of this folder.
#pragma once

#include <functional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "cost/pass_shape.h"
#include "model/fake_model.h"

namespace turbospec {

class PricedModel final : public Model {
 public:
  using Price = std::function<Seconds(const PassShape&)>;

  PricedModel(const FakeModelOptions& options, ManualClock& clock, Price price)
      : inner_(options, [](auto, auto) {}), clock_(clock), price_(std::move(price)) {}

  const ModelInfo& info() const override { return inner_.info(); }
  std::span<const float> Logits(int row) const override { return inner_.Logits(row); }
  int Length(SlotId slot) const override { return inner_.Length(slot); }
  Status Truncate(SlotId slot, int length) override { return inner_.Truncate(slot, length); }
  std::vector<Pass> Passes(std::span<const int> rows_by_slot) const override {
    return SplitIntoPasses(info().batch_rule, rows_by_slot, max_rows_per_pass);
  }

  Status Forward(std::span<const Row> rows) override {
    if (fails && fails(rows)) return Internal("injected fault");
    if (Status done = inner_.Forward(rows); !done.ok()) return done;
    std::vector<int> by_slot(static_cast<std::size_t>(info().slots), 0);
    double context = 0;
    for (const Row& row : rows) {
      ++by_slot[static_cast<std::size_t>(row.slot)];
      context += row.position + 1;
    }
    context /= static_cast<double>(rows.size());
    for (const Pass& pass : Passes(by_slot)) {
      const PassShape shape = ShapeOf(pass, context);
      clock_.Advance(price_(shape));
      const std::pair<int, int> now{shape.sequences, shape.rows};
      if (shapes_.insert(now).second) clock_.Advance(first_use);
      if (now != last_) clock_.Advance(shape_change);
      last_ = now;
      ++passes_;
    }
    return Ok();
  }

  bool clean() const {
    for (SlotId slot = 0; slot < info().slots; ++slot) {
      if (Length(slot) > 0) return false;
    }
    return true;
  }
  int passes() const { return passes_; }

  int max_rows_per_pass = 512;
  Seconds first_use{0};     // on top, for the first pass of a shape
  Seconds shape_change{0};  // on top, for a pass of another shape than the one before
  std::function<bool(std::span<const Row>)> fails{};

 private:
  FakeModel inner_;
  ManualClock& clock_;
  Price price_;
  std::set<std::pair<int, int>> shapes_;
  std::pair<int, int> last_{};
  int passes_ = 0;
};

}  // namespace turbospec
