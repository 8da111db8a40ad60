// A target and a draft of the Model port that compute nothing: the tokens come from a RequestBook,
// the draft's hits and confidence from an AcceptanceProcess, and a Forward moves the clock by what
// its passes truly cost. Greedy decoding only: logits stand for one token and its probability, and
// are views into tables that all rows share, so that a row costs a hash and no memory traffic. One
// thread; a replica owns a pair.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "core/clock.h"
#include "model/model.h"
#include "sim/acceptance_process.h"
#include "sim/machine_noise.h"
#include "sim/request_book.h"
#include "sim/true_costs.h"

namespace turbospec {

struct SimulatedModelOptions {
  std::string name = "simulated";
  int slots = 1;
  int context_per_slot = 4096;
  int max_rows_per_forward = 2048;
  BatchRule batch_rule = BatchRule::kOnePass;
};

// What both models of a replica share; outlives them.
struct SimulatedWorld {
  const RequestBook* book = nullptr;
  AcceptanceProcess* acceptance = nullptr;
  ManualClock* clock = nullptr;
  MachineNoise* noise = nullptr;
};

class SimulatedModel : public Model {
 public:
  SimulatedModel(const SimulatedModelOptions& options, const SimulatedWorld& world, PassCost cost);

  const ModelInfo& info() const override { return info_; }
  Status Forward(std::span<const Row> rows) override;
  std::span<const float> Logits(int row) const override;
  int Length(SlotId slot) const override { return SlotAt(slot).length; }
  Status Truncate(SlotId slot, int length) override;
  std::vector<Pass> Passes(std::span<const int> rows_by_slot) const override;

  // Whose text the slot holds; RequestBook::size() while it holds no name.
  std::size_t RequestOf(SlotId slot) const { return SlotAt(slot).request; }

 protected:
  // One token and how sure the model is of it: an index for ConfidenceAt.
  struct Saying {
    TokenId token = 0;
    int confidence = AcceptanceProcess::kConfidences - 1;
  };
  struct Slot {
    int length = 0;
    std::size_t request = 0;  // whose name its first tokens are
    std::array<TokenId, RequestBook::kNameTokens> name{};
    int start = -1;  // where in a request's text that is; for who looks for it, -1 when they change
  };
  // What follows the token at `position` of the slot.
  virtual Saying Next(Slot& slot, SlotId id, int position);

  const SimulatedWorld& world() const { return world_; }

 private:
  const Slot& SlotAt(SlotId slot) const { return slots_[static_cast<std::size_t>(slot)]; }
  void Append(Slot& slot, TokenId token);

  ModelInfo info_;
  SimulatedWorld world_;
  PassCost cost_;
  std::vector<Slot> slots_;
  std::vector<Saying> said_;  // by row of the last Forward
  std::vector<int> rows_by_slot_;
  std::vector<float> peaks_;  // by confidence: zeros, the token's logit, zeros
};

// Agrees with the target's text as the acceptance process says. `target` tells whose text a slot is
// and how far it is committed, hence the depth of a guess; it outlives the draft. A slot may hold a
// text from the middle on.
class SimulatedDraft final : public SimulatedModel {
 public:
  SimulatedDraft(const SimulatedModelOptions& options, const SimulatedWorld& world, PassCost cost,
                 const SimulatedModel& target)
      : SimulatedModel(options, world, std::move(cost)), target_(target) {}

 protected:
  Saying Next(Slot& slot, SlotId id, int position) override;

 private:
  int FindStart(const Slot& slot, std::size_t request, int committed, int position) const;

  const SimulatedModel& target_;
};

}  // namespace turbospec
