// The port to inference on libllama: one context over shared weights, with its KV memory cut into
// slots. Owned by the engine or the draft proposer and called by one thread at a time, as the port
// says. Creating it allocates the KV memory, runs a warm-up pass and tries out whether the memory
// can be truncated. Forward allocates nothing once the largest batch has been seen.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "model/gap_fill.h"
#include "model/llama/llama_weights.h"
#include "model/model.h"

struct ggml_tensor;
struct llama_context;
struct llama_context_params;

namespace turbospec {

struct LlamaModelOptions {
  int slots = 4;
  int context_per_slot = 0;     // tokens; 0 = what the model was trained on, at most 4,096
  int threads = 0;              // for passes of one row; 0 = all hardware threads
  int threads_batch = 0;        // for larger passes; 0 = as threads
  std::string kv_type = "f16";  // f32, f16, bf16, q8_0, q5_1, q5_0, q4_1, q4_0
  // One KV memory for all slots: ragged batches are one pass, but every row scans all cells.
  bool unified_kv = false;
  bool flash_attention = true;
  int max_rows_per_forward = 512;
  int max_rows_per_pass = 0;       // 0 = max_rows_per_forward; at least `slots`
  int max_logits_per_forward = 0;  // 0 = max_rows_per_forward; bounds the logits buffer
  bool check_memory = true;        // refuse what will not fit instead of trying
  // Diagnostic for tests: computed_passes() counts. Slows every pass a little.
  bool count_passes = false;
  // Asked during a computation, on its threads (CPU only): true makes Forward fail with kCancelled.
  std::function<bool()> cancelled = {};
};

Status Validate(const LlamaModelOptions& options);

class LlamaModel final : public Model {
 public:
  static Result<std::unique_ptr<LlamaModel>> Create(std::shared_ptr<const LlamaWeights> weights,
                                                    const LlamaModelOptions& options);
  ~LlamaModel() override;
  LlamaModel(const LlamaModel&) = delete;
  LlamaModel& operator=(const LlamaModel&) = delete;

  const ModelInfo& info() const override { return info_; }
  // Where memory cannot be truncated, a failure inside a computation empties the slots it named.
  Status Forward(std::span<const Row> rows) override;
  std::span<const float> Logits(int row) const override;
  int Length(SlotId slot) const override;
  Status Truncate(SlotId slot, int length) override;
  std::vector<Pass> Passes(std::span<const int> rows_by_slot) const override;

  // Fills gaps from now on where these prices say that it saves time (gap_fill.h); without prices
  // never. It pays where rows are nearly free beside a pass (AMX, GPUs, weights far larger than the
  // cache). Without effect where memory cannot be truncated, which dummy rows need to leave no
  // trace, and under kOnePass, which knows no gaps.
  void FillGaps(PassCost prices);

  // Graph computations that libllama made since creation; 0 unless count_passes is set.
  std::int64_t computed_passes() const { return computed_passes_; }
  // Computations since creation that reused the graph of the one before.
  std::int64_t reused_graphs() const;

 private:
  LlamaModel(std::shared_ptr<const LlamaWeights> weights, const LlamaModelOptions& options);

  Status Open();
  std::uint64_t Describe();
  llama_context_params ContextParams(std::uint64_t cells);
  void ReserveBuffers();
  Status WarmUp();
  Status Probe();
  void BuildBatch(std::span<const Row> rows, std::span<const int> fillers);
  void Append(SlotId slot, int position, TokenId token, bool wants_logits);
  int Decode();
  Error DecodeError(int code, const std::string& log) const;
  void Restore(std::span<const int> fillers);
  std::vector<int> PlanFillers(std::span<const int> rows_by_slot) const;
  int rows_per_pass() const;

  static bool OnNode(ggml_tensor* node, bool ask, void* self);
  static bool OnAbort(void* self);

  std::shared_ptr<const LlamaWeights> weights_;
  LlamaModelOptions options_;
  ModelInfo info_;
  llama_context* context_ = nullptr;
  PassCost prices_;           // for filling gaps; empty = never
  std::vector<int> lengths_;  // by slot

  // The batch under construction, as libllama takes it.
  std::vector<TokenId> tokens_;
  std::vector<std::int32_t> positions_;
  std::vector<std::int32_t> slot_counts_;
  std::vector<SlotId> slots_;
  std::vector<SlotId*> slot_pointers_;
  std::vector<std::int8_t> wants_logits_;

  std::vector<int> rows_by_slot_;
  std::vector<int> batch_index_;  // by row of the last Forward; -1 = no logits
  std::int64_t computed_passes_ = 0;
  std::string first_node_;  // name of the node that every computation begins with
};

}  // namespace turbospec
